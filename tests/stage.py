"""A broker for one test, and recorded clients on it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from helpers import broker
from helpers.broker import Broker, choice
from helpers.broker.servers import Server, start_server
from helpers.picture import Flow
from helpers.record import Command, Record, Step, Unseen, tell
from helpers.waiting import until_blocked

from .real_servers import found_servers

EMBEDDED = {"embedded": None}
REAL: dict[str, Path | None] = {n.replace(" ", "-"): p for n, p in found_servers().items()}
EVERY_ENGINE = EMBEDDED | REAL
# Where engines cannot differ, the quickest and one that was written by others are enough.
TWO_ENGINES = dict(list(EVERY_ENGINE.items())[:2])


class Stage:
    """Give recorded clients on one broker, and tell what they did."""

    def __init__(self) -> None:
        self._clients: list[redis.asyncio.Redis] = []
        self._begin()

    def _begin(self) -> None:
        self.record = Record()
        self.news = Unseen(self.record)

    def client(self, name: str, **options: Any) -> redis.asyncio.Redis:
        return self.record.watch(self.unwatched(name, **options))

    def unwatched(self, name: str, **options: Any) -> redis.asyncio.Redis:
        client = broker.named_client(name, **options)
        self._clients.append(client)
        return client

    def clients(self, *names: str) -> list[redis.asyncio.Redis]:
        return [self.client(name) for name in names]

    async def waiting(
        self, client: redis.asyncio.Redis, command: Coroutine[Any, Any, Any]
    ) -> asyncio.Task[Any]:
        """Start a blocking command of this client and see that it waits."""
        task = asyncio.create_task(command)
        await until_blocked(client)
        return task

    def commands(self) -> list[Command]:
        return self.record.commands

    def steps(self) -> list[Step]:
        return tell(self.record)

    def flow(self) -> Flow:
        steps, earlier = self.news.since_last()
        return Flow(steps, self.record.clients, earlier)

    def text(self) -> str:
        """Picture what is new as text."""
        return repr(self.flow())

    async def restart(self) -> None:
        """Begin anew, as another notebook would, with an empty broker."""
        await self.close()
        async with broker.broker().side_client() as side:
            await side.flushall()
        self._begin()

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
        self._clients.clear()


def staged(engines: dict[str, Path | None]) -> Callable[..., Any]:
    """Make a fixture that gives a stage on each of these engines, one after another."""

    @pytest.fixture(params=engines.values(), ids=list(engines))
    async def stage(
        request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[Stage]:
        chosen = _on(_running(request.param)) if request.param else choice._embedded()
        monkeypatch.setattr(choice, "_chosen", ("embedded", chosen))
        stage = Stage()
        await stage.restart()
        yield stage
        await stage.close()

    return stage


def on_engines_in_turn(name: str, cases: Sequence[Any]) -> pytest.MarkDecorator:
    """Give a test every case on the embedded broker, and on each other engine one of them.

    For a fixture `stage` on every engine, where what a case varies is nothing of the engine's.
    """
    first, *others = EVERY_ENGINE
    pairs = [*((first, case) for case in cases), *zip(others, cycle(cases), strict=False)]
    found = [pytest.param(EVERY_ENGINE[on], case, id=f"{on}-{case}") for on, case in pairs]
    return pytest.mark.parametrize(("stage", name), found, indirect=["stage"])


@cache
def _running(program: Path) -> Server:
    """Start a server once for all tests; it ends with them."""
    return start_server(program)


def _on(server: Server) -> Broker:
    where = server.options
    return Broker("server", server.url, server.version, where, where, lambda: None)
