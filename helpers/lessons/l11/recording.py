"""Play plain commands on the broker of a trial, and give what a recorder would have noted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from embedded_redis import EmbeddedConnection

from ...broker.clients import client
from ...exercises.trial import Trial
from ...exercises.verdict import Difference, show
from ...record import Record
from ...sandbox.plain import NotYet, plain

Noted = tuple[Any, ...]  # (client, words, reply), or (second, client, words, reply)


class Recording:
    """What some clients say, each by its name; `now` is the time, in seconds."""

    def __init__(self, trial: Trial) -> None:
        self.now = 1_790_000_000 + trial.random.randrange(9_000_000) / 1000
        self._server = trial.server
        self._record = Record()
        self._clients: dict[str, Redis] = {}
        self._seconds: list[float] = []

    def client(self, name: str) -> Redis:
        """Return the client of this name."""
        if name not in self._clients:
            where = {"connection_class": EmbeddedConnection, "server": self._server}
            self._clients[name] = self._record.watch(client(where, client_name=name))
        return self._clients[name]

    def tick(self, seconds: float) -> None:
        """Let time pass for what follows."""
        sent = len(self._record.commands)
        self._seconds += [round(self.now, 3)] * (sent - len(self._seconds))
        self.now += seconds

    async def in_vain(self, waiting: Coroutine[Any, Any, Any]) -> None:
        """Wait in a blocking command until its time is over."""
        task = asyncio.ensure_future(waiting)
        while not task.done():
            await asyncio.sleep(0)  # not a pause: it needs a turn
            if deadline := self._server.room.next_deadline():
                self._server.end_waits(deadline)
        await task

    def commands(self) -> list[Noted]:
        """Return each command as (client, words, reply), in the broker's sequence."""
        return [(each.client, [*each.words], plain(each.reply)) for each in self._record.commands]

    def timed(self) -> list[Noted]:
        """Return each command as (second, client, words, reply)."""
        self.tick(0)
        return [(at, *each) for at, each in zip(self._seconds, self.commands(), strict=True)]

    async def close(self) -> None:
        """Close every client."""
        for each in self._clients.values():
            await each.aclose()


@asynccontextmanager
async def recording(trial: Trial) -> AsyncIterator[Recording]:
    """Begin a recording on an empty broker."""
    await trial.afresh()
    opened = Recording(trial)
    try:
        yield opened
    finally:
        await opened.close()


class Misread(Difference):
    """A verdict on recorded traffic; `values` has the commands that prove it, numbered."""

    def __init__(self, what: str, told: list[Noted], advice: str) -> None:
        self.what, self.advice = what, advice
        self.values = {f"{number}": _line(each) for number, each in enumerate(told, start=1)}
        NotYet.__init__(self, " ".join([what, *self.values.values(), advice]))


def _line(noted: Noted) -> str:
    *before, words, reply = noted
    return " ".join([*map(str, before), *words, "→", show(reply)])
