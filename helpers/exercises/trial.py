"""One trial of an answer: a broker of its own, clients that can die, and what is left after it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from embedded_redis import EmbeddedConnection, embedded_server, split_command

from ..broker.clients import client
from ..errors import REAL_SERVER
from ..record.handshake import KnowsItsHandshake
from ..sandbox.limits import Budget
from ..sandbox.plain import NotYet, plain
from ..sandbox.runner import DEADLINE, Runner, Running, WorkerDied
from .verdict import expect_same


@dataclass(frozen=True)
class Answer:
    """A learner's function, and what the exercise calls it."""

    name: str
    function: Callable[..., Any]


_numbers = itertools.count(1)
BYSTANDER = "invoices"  # somebody else's key in every broker, which no answer may touch
INVOICES = ["invoice-1", "invoice-2"]


class Lifetime:
    """What becomes of one client: it may lose its power after some commands, and for good."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.dead = False
        self.commands_left: int | None = None

    def before_command(self) -> None:
        """Let one more command pass. Raises PowerCut when the power is gone."""
        self._budget.command()
        if self.commands_left == 0:
            self.dead = True
        if self.dead:
            raise WorkerDied
        if self.commands_left:
            self.commands_left -= 1


class MortalConnection(KnowsItsHandshake, EmbeddedConnection):
    """Meet a lifetime, command by command; a transaction is one command."""

    def __init__(self, *, lifetime: Lifetime, **settings: Any) -> None:
        self._lifetime = lifetime
        super().__init__(**settings)

    async def _pass(self) -> None:
        if not self.shaking_hands:
            await asyncio.sleep(0)  # so that others come between the commands of a pipeline, too
            self._lifetime.before_command()

    async def send_command(self, *words: Any, **options: Any) -> None:
        await self._pass()
        await super().send_command(*words, **options)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        packed = command if isinstance(command, bytes) else b"".join(command)
        for unit in _units(packed):
            await self._pass()
            await super().send_packed_command(unit, check_health)


def _units(packed: bytes) -> Iterator[bytes]:
    """Cut a pipeline into its commands; MULTI to EXEC stays whole, as the broker sees it."""
    held, within = b"", False
    while packed and (found := split_command(packed)):
        words, end = found
        held, packed = held + packed[:end], packed[end:]
        within = words[0].upper() == b"MULTI" or (within and words[0].upper() != b"EXEC")
        if not within:
            yield held
            held = b""
    if held:
        yield held


class JobLog:
    """A handler that does a job by writing it down; at the call that is named, it loses power.

    `dies` says at which call, counted from 1, and whether `before` or `after` the work.
    """

    def __init__(
        self, lifetime: Lifetime | None = None, dies: tuple[int, str] | None = None
    ) -> None:
        self.done: list[Any] = []
        self._calls = 0
        self._lifetime = lifetime
        self._dies = dies or (0, "")

    def __call__(self, job: Any) -> None:
        self._calls += 1
        if self._lifetime and self._lifetime.dead:
            raise WorkerDied
        if self._dies == (self._calls, "before"):
            self._lose_power()
        self.done.append(plain(job))
        if self._dies == (self._calls, "after"):
            self._lose_power()

    def _lose_power(self) -> None:
        if self._lifetime:
            self._lifetime.dead = True
        raise WorkerDied


class Trial:
    """One run of a learner's answer with data of its own, on a broker of its own."""

    def __init__(self, number: int, seed: int | None = None) -> None:
        self.number = number  # 1 to 3: which accident happens
        self.random = Random(number if seed is None else seed)
        self._is_secret = seed is not None
        self.server = embedded_server(advice=REAL_SERVER)
        self.budget = Budget()
        self.runner = Runner(self.budget, self._is_stuck)
        self.side = client({"connection_class": EmbeddedConnection, "server": self.server})
        self._clients: dict[str, Redis] = {}
        self._lifetimes: dict[str, Lifetime] = {}

    def _is_stuck(self) -> bool:
        return bool(len(self.server.room)) and self.server.room.next_deadline() is None

    async def leave(self) -> None:
        """End what runs, and close every connection."""
        await self.runner.leave()
        for each in (self.side, *self._clients.values()):
            await each.aclose()
        self.server.connected = False

    # What an answer is given.

    def client(self, name: str, dies_after: int | None = None) -> Redis:
        """Return a plain client; a second one of the same name is its successor.

        With `dies_after`, it loses its power after that many commands.
        """
        lifetime = self._lifetimes[name] = Lifetime(self.budget)
        lifetime.commands_left = dies_after
        where = {"connection_class": MortalConnection, "server": self.server, "lifetime": lifetime}
        opened = client(where, client_name=name)
        self._clients[f"{name} {len(self._clients)}"] = opened
        return opened

    def handler(self, name: str, dies: tuple[int, str] | None = None) -> JobLog:
        """Return a handler for the worker of this name, which takes the client's power with it."""
        return JobLog(self._lifetimes[name], dies)

    def invent(self, word: str, count: int) -> list[str]:
        """Invent names such as order-17, all different, in no order."""
        return [f"{word}-{number}" for number in self.random.sample(range(10, 100), count)]

    def never_seen(self, word: str, count: int) -> list[str]:
        """Invent names that no trial had before, for answers that remember from check to check."""
        return [f"{word}-{number}" for number in itertools.islice(_numbers, count)]

    def secret(self, limit: int) -> int:
        """Return a number below a limit, and 0 in trials whose data may be shown and copied."""
        return self.random.randrange(1, limit) if self._is_secret else 0

    async def inbox(self, *channels: str, name: str = "") -> PubSub:
        """Return a subscriber of the trial's own, or of the client of this name."""
        inbox = (self.client(name) if name else self.side).pubsub()
        if channels:
            await inbox.subscribe(*channels)
        return inbox

    # How an answer is run.

    def start(self, answer: Answer, *given: Any) -> Running:
        """Start to run an answer."""
        return self.runner.start(answer.name, lambda: answer.function(*given))

    async def finish(self, running: Running, hints: dict[str, str] | None = None) -> Any:
        """Return what a started answer returns, None if it lost power. Raises NotYet."""
        await self.runner.finish(running)
        return running.result(hints or {})

    async def run(self, answer: Answer, *given: Any, hints: dict[str, str] | None = None) -> Any:
        """Run an answer to its end, and return what it returns."""
        return await self.finish(self.start(answer, *given), hints)

    async def together(self, *runs: Running) -> list[Any]:
        """Return what several started answers return."""
        return [await self.finish(running) for running in runs]

    async def until_blocked(self, running: Running, name: str, hint: str) -> None:
        """Return once the client of this name waits in a blocking command. Raises NotYet."""
        end = monotonic() + DEADLINE
        while name not in await self._blocked():
            if running.done:
                found = running.result({"": hint})  # whatever ended it
                raise NotYet(f"{running.name} returned {found!r} instead of waiting. {hint}")
            if monotonic() > end:
                raise NotYet(f"{running.name} does not wait in a blocking command. {hint}")
            await asyncio.sleep(0)  # not a pause: it needs a turn

    async def until_waited_long(self, running: Running, name: str, hint: str) -> None:
        """Let the time limit of a blocking command pass at once. Raises NotYet if that ends it."""
        if deadline := self.server.room.next_deadline():
            self.server.end_waits(deadline)
            await self.until_blocked(running, name, hint)

    async def _blocked(self) -> list[str]:
        return [each["name"] for each in await self.side.client_list() if "b" in each["flags"]]

    async def bury(self, name: str) -> None:
        """Close whatever the clients of this name have open."""
        for key, opened in self._clients.items():
            if key.rpartition(" ")[0] == name:
                await opened.connection_pool.disconnect()

    # What is left.

    async def elements(self, key: str) -> Any:
        """Return the elements of a list, or say what else the key holds."""
        kind: Any = await self.side.type(key)
        return await self.side.lrange(key, 0, -1) if kind == "list" else _instead(kind)

    async def entries(self, key: str) -> Any:
        """Return the entries of a stream, or say what else the key holds."""
        kind: Any = await self.side.type(key)
        return await self.side.xrange(key) if kind == "stream" else _instead(kind)

    async def groups(self, stream: str) -> list[dict[str, Any]]:
        """Describe the consumer groups of a stream; none where there is no stream."""
        is_stream = await self.side.type(stream) == "stream"
        return await self.side.xinfo_groups(stream) if is_stream else []

    async def keys(self) -> list[str]:
        """Name all keys but the bystander's."""
        keys: Any = await self.side.keys()
        return sorted(set(keys) - {BYSTANDER})

    async def only(self, allowed: Iterable[str]) -> None:
        """Raise NotYet when the broker holds a key that nobody asked for."""
        extra = [key for key in await self.keys() if key not in allowed]
        expect_same("keys that nobody asked for", extra, [], "Leave nothing else behind.")

    def cuts(self) -> range:
        """After how many commands the power fails; other trials try what this one leaves out."""
        return range(self.number, 10, 3)

    async def afresh(self) -> None:
        """Empty the broker for the next accident."""
        if harm := await self.harm():
            raise NotYet(harm)
        await self.side.flushall()
        await self.side.rpush(BYSTANDER, *INVOICES)

    async def harm(self) -> str:
        """Say what was done to keys of others, or nothing."""
        if await self.elements(BYSTANDER) == INVOICES:
            return ""
        return f"the list {BYSTANDER} belongs to somebody else, and it was changed or deleted."


def _instead(kind: str) -> Any:
    return [] if kind == "none" else f"a {kind}"


@asynccontextmanager
async def trial(number: int, seed: int | None = None) -> AsyncIterator[Trial]:
    """Open a trial, and leave nothing of it behind. Its data come from `seed`, or are shown."""
    opened = Trial(number, seed)
    await opened.side.rpush(BYSTANDER, *INVOICES)
    with opened.runner.adopting(), opened.budget.watching():
        try:
            yield opened
        finally:
            await opened.leave()
