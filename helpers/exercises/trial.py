"""One trial of an answer: a broker of its own, clients that can die, and what is left after it."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import Random
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from embedded_redis import EmbeddedConnection, embedded_server

from ..broker.clients import client
from ..errors import CourseError
from ..explore import explore
from ..sandbox.limits import Budget, is_foreign
from ..sandbox.plain import NotYet, plain
from ..sandbox.runner import DEADLINE, Runner, Running
from .lifetime import JobLog, Lifetime, MortalConnection
from .machine import Function, elsewhere
from .proof import is_stub, swallowed
from .verdict import Schedule, because, counted, expect_same


class Answer:
    """A learner's function, and what the exercise calls it."""

    def __init__(self, name: str, function: Function) -> None:
        self.name = name
        self.function = function
        self._untouched = elsewhere(function)  # never called, so its memory is as it was

    def elsewhere(self) -> Answer:
        """Return the same answer in another process: it shares no memory of Python."""
        return Answer(self.name, elsewhere(self._untouched))


_numbers = itertools.count(1)
BYSTANDER = "invoices"  # somebody else's key in every broker, which no answer may touch
INVOICES = ["invoice-1", "invoice-2"]
HUNDREDS, MANY = 150, 350  # things in a large scene
PATIENCE = 30  # commands, or turns with nothing new, before somebody is held to wait for another
MOST_SCHEDULES = 100  # that one exploration tries
SHORT = 0.05  # seconds: whoever waits for less returns at once


class Trial:
    """One run of a learner's answer with data of its own, on a broker of its own."""

    def __init__(self, number: int, seed: int | None = None) -> None:
        self.number = number  # 1 to 3: which accident happens
        self.random = Random(number if seed is None else seed)
        self._is_secret = seed is not None
        self.server = embedded_server()
        self.budget = Budget()
        self.waits = _waits_of(self.server.room)
        self.runner = Runner(self.budget, self._is_stuck)
        self.side = client({"connection_class": EmbeddedConnection, "server": self.server})
        self._clients: dict[str, Redis] = {}
        self._lifetimes: dict[str, Lifetime] = {}
        self._by_pool: dict[int, Lifetime] = {}
        self._processes: dict[tuple[str, int], Answer] = {}
        self._runs: list[_Run] = []
        self._others: dict[str, list[str]] = {}

    def _is_stuck(self) -> bool:
        return bool(len(self.server.room)) and self.server.room.next_deadline() is None

    async def leave(self) -> None:
        """End what runs, and close every connection."""
        await self.runner.leave()
        self.budget.raised.clear()
        for each in (self.side, *self._clients.values()):
            await each.aclose()
        self.server.connected = False

    # What an answer is given.

    def client(
        self,
        name: str,
        dies_after: int | None = None,
        stops_after: int | None = None,
        refused_after: int | None = None,
    ) -> Redis:
        """Return a plain client, in a process of its own; a second one of a name is its successor.

        After so many commands it loses its power, stops until it may go on, or finds that the
        broker's memory is full: what needs more is refused, and a transaction with it.
        """
        lifetime = Lifetime(self.budget, dies_after, stops_after, refused_after)
        where = {"connection_class": MortalConnection, "server": self.server, "lifetime": lifetime}
        opened = client(where, client_name=name)
        self._lifetimes[name] = self._by_pool[id(opened.connection_pool)] = lifetime
        self._clients[f"{name} {len(self._clients)}"] = opened
        return opened

    def lifetime(self, client: Any) -> Lifetime | None:
        """Return the lifetime of a client or an inbox of this trial."""
        return self._by_pool.get(id(getattr(client, "connection_pool", None)))

    def handler(self, name: str, dies: tuple[int, str] | None = None, raises: int = 0) -> JobLog:
        """Return a handler for the worker of this name, which takes the client's power with it."""
        return JobLog(self._lifetimes[name], dies, raises)

    def invent(self, word: str, count: int) -> list[str]:
        """Invent names such as order-17, all different, in no order.

        In the trial whose data nobody is shown they have one to five digits.
        """
        if not self._is_secret:
            return [f"{word}-{number}" for number in self.random.sample(range(10, 100), count)]
        numbers: set[int] = set()
        while len(numbers) < count:
            numbers.add(self.random.randrange(10 ** self.random.randint(1, 5)))
        return [f"{word}-{number}" for number in self.random.sample(sorted(numbers), count)]

    def texts(self, word: str, count: int) -> list[str]:
        """Invent texts of every shape, all different: spaces, signs, letters of other languages."""
        shapes = (
            "{word} {number}",
            "{number}",
            "{word}-{number}: a, b; c",
            "주문 {number} ✓",
            "{word}:{number}",
            "'{number}' \"{word}\"",
        )
        numbers = self.random.sample(range(1, 10_000), count)
        return [self.random.choice(shapes).format(word=word, number=each) for each in numbers]

    def never_seen(self, word: str, count: int) -> list[str]:
        """Invent names that no trial had before, for answers that remember from check to check."""
        return [f"{word}-{number}" for number in itertools.islice(_numbers, count)]

    def many(self, word: str, most: int = MANY) -> list[str]:
        """Invent hundreds of texts, so that no answer reads or keeps all of them by chance."""
        return self.texts(word, self.random.randint(HUNDREDS, most))

    def shuffled(self, fields: dict[Any, Any]) -> dict[Any, Any]:
        """Return the same fields in another sequence."""
        return dict(self.random.sample(list(fields.items()), len(fields)))

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
        """Start to run an answer, in the process of the client that it is given.

        Each client is a process: none finds what another one keeps in Python.
        """
        return self._begin(answer, [given], lambda function: function(*given))

    def _begin(
        self, answer: Answer, calls: list[tuple[Any, ...]], do: Callable[[Function], Any]
    ) -> Running:
        lifetimes = [found for each in calls[0] if (found := self.lifetime(each))]
        function = self._process(answer, lifetimes).function
        running = self.runner.start(answer.name, lambda: do(function))
        # A subscriber may listen, and send nothing.
        senders = [] if any(isinstance(each, PubSub) for each in calls[0]) else lifetimes
        sent = {id(lifetime): len(lifetime.sent) for lifetime in lifetimes}
        self._runs.append(_Run(answer, running, senders, sent))
        for lifetime in lifetimes:
            lifetime.at_work += 1
            running.task.add_done_callback(partial(_is_free, lifetime))
        return running

    def _process(self, answer: Answer, lifetimes: list[Lifetime]) -> Answer:
        """Return the answer in the process of these; the first one is the notebook's own."""
        if not lifetimes:
            return answer
        is_first = not any(name == answer.name for name, _ in self._processes)
        place = answer.name, id(lifetimes[0])
        if place not in self._processes:
            self._processes[place] = answer if is_first else answer.elsewhere()
        return self._processes[place]

    async def finish(self, running: Running, hints: dict[str, str] | None = None) -> Any:
        """Return what a started answer returns, None if it lost power. Raises NotYet."""
        await self._end_waits(running)
        await self.runner.finish(running)
        return running.result(MEANINGS | (hints or {}))

    async def settle(self, running: Running) -> BaseException | None:
        """Wait for the end of a started answer, and return the error that it raised, if any."""
        await self._end_waits(running)
        await self.runner.finish(running)
        if self.budget.spent:
            running.result(MEANINGS)
        return running.error

    async def _end_waits(self, running: Running) -> None:
        """Let the time of a blocking command pass at once while nothing else happens."""
        turns, before = 0, self._progress()
        while not running.done and turns < PATIENCE:
            await asyncio.sleep(0)
            turns, before, now = turns + 1, self._progress(), before
            if now != before:
                turns = 0
            elif turns > PATIENCE // 2 and (deadline := self.server.room.next_deadline()):
                self.server.end_waits(deadline)
                turns = 0

    def _progress(self) -> tuple[int, int, int]:
        return self.budget.steps, self.budget.calls, self.budget.commands

    async def run(self, answer: Answer, *given: Any, hints: dict[str, str] | None = None) -> Any:
        """Run an answer to its end, and return what it returns."""
        return await self.finish(self.start(answer, *given), hints)

    async def run_each(self, answer: Answer, calls: list[tuple[Any, ...]]) -> list[Any]:
        """Run an answer many times, one after the other, and return what it returns.

        All calls have the same client.
        """

        async def call_each(function: Function) -> list[Any]:
            return [await _whole(function(*given)) for given in calls]

        return list(await self.finish(self._begin(answer, calls, call_each)))

    async def together(self, *runs: Running) -> list[Any]:
        """Return what several started answers return."""
        return [await self.finish(running) for running in runs]

    async def in_gap(self, running: Running, client: Redis) -> bool:
        """Return once a client that stops stands; False when its answer has ended before."""
        lifetime = self._by_pool[id(client.connection_pool)]
        await self._until(running, lambda: lifetime.stands)
        for _ in range(PATIENCE if len(self.runner.tasks()) > 1 else 0):
            await asyncio.sleep(0)  # what the answer does beside it comes as far as it can
        return lifetime.stands

    def go_on(self, client: Redis) -> None:
        """Let a client that stands go on."""
        self._by_pool[id(client.connection_pool)].may_go_on.set()

    async def overtake(
        self,
        first: Running,
        client: Redis,
        answer: Answer,
        *given: Any,
        hints: dict[str, str] | None = None,
    ) -> tuple[bool, list[Any]]:
        """Run an answer whole while the client of the first one stands, then let that go on.

        When the second waits for the first, the first goes on. Returns whether the first stood, or
        had ended before it could be overtaken, and what both return.
        """
        stood = await self.in_gap(first, client)
        behind = self.start(answer, *given)
        await self._until(behind, lambda: False, patience=PATIENCE)
        self.go_on(client)
        return stood, [await self.finish(first, hints), await self.finish(behind, hints)]

    async def _until(
        self, running: Running, is_so: Callable[[], bool], patience: int | None = None
    ) -> None:
        """Wait until it is so, or an answer has ended, or has only waited for so many turns."""
        end, turns = monotonic() + DEADLINE, 0
        before, commands = self._progress(), self.budget.commands
        while not (running.done or is_so() or monotonic() > end):
            await asyncio.sleep(0)
            now, before = before, self._progress()
            turns = turns + 1 if now == before else 0
            if patience and (turns > patience or commands - self.budget.commands > patience):
                return

    async def explored(
        self,
        what: str,
        act: Callable[[Answer, Redis, str], Awaitable[object]],
        answer: Answer,
        holds: Callable[[Redis], Awaitable[bool]],
        hint: str,
        **bounds: Any,
    ) -> None:
        """Let two workers run in every sequence of their steps; raise NotYet for the shortest.

        `act` runs the answer with a client and the worker's name; `bounds` go to `explore`. An
        answer that cannot be explored, as it uses threads, is not judged here.
        """

        async def nobody_sends(client: Redis, job: str) -> None: ...

        async def work(client: Redis, name: str, handle: object) -> None:
            is_foreign.set(True)
            await act(answer.elsewhere(), client, name)

        bounds = {"workers": 2, "jobs": 1, "crashes": 0, "limit": MOST_SCHEDULES} | bounds
        try:
            verdict = await explore(nobody_sends, work, holds=holds, **bounds)
        except CourseError:
            return
        if self.budget.spent:
            raise NotYet(f"{answer.name} {self.budget.spent}.")
        if verdict.broken:
            raise Schedule(what, verdict.broken.steps, hint)

    def gaps(self) -> range:
        """After how many commands somebody stops; other trials try what this one leaves out.

        The first three trials try all, so that the last one, of other data, tries none.
        """
        return range(0) if self._is_secret else range(self.number - 1, 12, 3)

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
        """Name all keys but those of the bystanders."""
        keys: Any = await self.side.keys()
        return sorted(set(keys) - set(self._others))

    async def state(self, *but: str) -> dict[str, Any]:
        """Return what all keys hold but these and the bystanders', with groups and time limits."""
        return {key: await self._held(key) for key in await self.keys() if key not in but}

    async def _held(self, key: str) -> Any:
        kind: Any = await self.side.type(key)
        held = await _READS[kind](self.side, key) if kind in _READS else kind
        more = [f"group {group['name']}" for group in await self.groups(key)]
        more += ["it will expire"] if await self.side.ttl(key) >= 0 else []
        return [plain(held), *more] if more else plain(held)

    async def lasting(self, seconds: int | None = None) -> None:
        """Raise NotYet when a key is forgotten by itself, or before so many seconds."""
        for key in await self.keys():
            left = await self.side.ttl(key)
            if left >= 0 and (seconds is None or left < seconds - 1):
                raise NotYet(
                    f"`{key}` is forgotten after {counted(left, 'second')}, whoever needs it then."
                )

    def returned_at_once(self, name: str) -> None:
        """Raise NotYet when anybody has waited in a blocking command."""
        if longest := max(self.waits, default=0):
            raise NotYet(
                f"{name} should return at once, and it waited in a blocking command for "
                f"{longest:g} seconds."
            )

    def sent(self, *names: str) -> int:
        """Count the commands of these names that answers have sent."""
        lives = self._by_pool.values()
        return sum(name in names for life in lives for unit in life.sent for name in unit)

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
        self._others = {}
        await self.others({BYSTANDER: INVOICES})

    async def others(self, lists: dict[str, list[str]]) -> None:
        """Add lists that belong to others, which no answer may touch."""
        for key, elements in lists.items():
            self._others[key] = elements
            await self.side.rpush(key, *elements)

    async def push(self, key: str, elements: list[str]) -> None:
        """Push many elements, and allow an answer the commands that they need."""
        self.budget.allow(len(elements))
        await self.side.rpush(key, *elements)

    async def add(self, stream: str, entries: list[dict[Any, Any]]) -> list[str]:
        """Add many entries, and allow an answer the commands that they need; return the ids."""
        self.budget.allow(len(entries))
        async with self.side.pipeline(transaction=False) as adding:
            for fields in entries:
                adding.xadd(stream, fields)
            return await adding.execute()

    async def harm(self) -> str:
        """Say what was done to keys of others, or nothing."""
        for key, elements in self._others.items():
            if await self.elements(key) != elements:
                return f"the list {key} belongs to somebody else, and it was changed or deleted."
        return ""

    async def late(self) -> str:
        """Say that an answer returned before its commands were sent, or nothing."""
        for _ in range(PATIENCE if self.runner.tasks() else 0):
            await asyncio.sleep(0)
        for run in self._runs:
            if any(life.is_late for life in run.lifetimes):
                name = run.answer.name
                return f"`{name}` returned before a command of its own was sent: await it."
        return ""

    async def explained(self, why: NotYet) -> NotYet:
        """Put in front of an advice what is proved: no command came, or an error was swallowed."""
        if late := await self.late():
            return because(why, late, is_all=True)
        said, is_slip = swallowed(self.budget, [run.running for run in self._runs])
        was_refused = any(life.was_refused for life in self._by_pool.values())
        if said and not was_refused:
            return because(why, said, is_slip)
        for answer in {run.answer.name: run.answer for run in self._runs}.values():
            runs = [run for run in self._runs if run.answer.name == answer.name]
            if not is_stub(answer.function) and all(run.sent_nothing for run in runs):
                said = f"No command came over the client that `{answer.name}` was given."
                return because(why, said, is_all=True)
        return why


@dataclass(frozen=True)
class _Run:
    """An answer at work, and how much its clients had sent before."""

    answer: Answer
    running: Running
    lifetimes: list[Lifetime]
    before: dict[int, int]

    @property
    def sent_nothing(self) -> bool:
        """Whether it had a client, came to an end of its own, and sent nothing over it."""
        ended = self.running.done and self.running.error is None
        sent = any(len(life.sent) > self.before[id(life)] for life in self.lifetimes)
        return bool(self.lifetimes) and ended and not sent


async def _told_of_stream(side: Redis, key: str) -> dict[str, Any]:
    """Tell apart what was added, deleted or trimmed, without reading the entries."""
    told: Any = await side.xinfo_stream(key)
    return {name: told[name] for name in ("length", "entries-added", "first-entry", "last-entry")}


_READS: dict[str, Callable[[Redis, str], Any]] = {
    "list": lambda side, key: side.lrange(key, 0, -1),
    "string": lambda side, key: side.get(key),
    "stream": _told_of_stream,
    "hash": lambda side, key: side.hgetall(key),
    "set": lambda side, key: side.smembers(key),
    "zset": lambda side, key: side.zrange(key, 0, -1, withscores=True),
}
_NO_LUA = (
    "A check cannot run scripts in Lua, so it cannot judge this way, right or not: "
    "find another way with plain commands, or a transaction."
)
MEANINGS = {f"'{name}": _NO_LUA for name in ("EVAL", "FCALL", "FUNCTION", "SCRIPT")}


def _is_free(lifetime: Lifetime, task: asyncio.Task[Any]) -> None:
    lifetime.at_work -= 1


async def _whole(value: Any) -> Any:
    while inspect.isawaitable(value):
        value = await value
    return value


def _waits_of(room: Any) -> list[float]:
    """Note for how many seconds somebody waits in a blocking command, but for a moment."""
    waits: list[float] = []
    enter = room.enter

    def noting(waiter: Any, timeout: float | None) -> None:
        if not timeout or timeout > SHORT:
            waits.append(timeout or float("inf"))
        enter(waiter, timeout)

    room.enter = noting
    return waits


def _instead(kind: str) -> Any:
    return [] if kind == "none" else f"a {kind}"


@asynccontextmanager
async def trial(number: int, seed: int | None = None) -> AsyncIterator[Trial]:
    """Open a trial, and leave nothing of it behind. Its data come from `seed`, or are shown."""
    opened = Trial(number, seed)
    await opened.others({BYSTANDER: INVOICES})
    with opened.runner.adopting(), opened.budget.watching():
        try:
            yield opened
        finally:
            await opened.leave()
