"""One trial of an answer: the processes in which it runs, and who comes in between."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import PubSub

from ..broker.clients import client
from ..errors import CourseError
from ..record.strangers import only_given
from ..sandbox.limits import is_foreign
from ..sandbox.plain import NotYet
from ..sandbox.runner import DEADLINE, Runner, Running, as_listed
from .exploring import Act, Ours, Says, explored
from .lifetime import JobLog, Lifetime, MortalConnection
from .machine import Function, elsewhere
from .pauses import Pauses
from .proof import forgets_to_execute, is_stub, swallowed
from .refused import told_of
from .scene import BYSTANDER, INVOICES, Scene
from .verdict import because


class Answer:
    """A learner's function, and what the exercise calls it."""

    def __init__(self, name: str, function: Function) -> None:
        self.name = name
        self.function = function
        self._untouched = elsewhere(function)  # never called, so its memory is as it was

    def elsewhere(self) -> Answer:
        """Return the same answer in another process: it shares no memory of Python."""
        return Answer(self.name, elsewhere(self._untouched))


PATIENCE = 30  # commands, or turns with nothing new, before somebody is held to wait for another
SHORT = 0.1  # seconds: whoever waits for less returns at once


class Trial(Scene):
    """One run of a learner's answer with data of its own, on a broker of its own."""

    def __init__(self, number: int, seed: int | None = None) -> None:
        super().__init__(number, seed)
        self.waits = _waits_of(self.server.room)
        self.pauses = Pauses(self.side)
        self.runner = Runner(self.budget, self._is_stuck)
        self._clients: list[Redis] = []
        self._by_client: dict[int, Lifetime] = {}
        self._lifetimes: dict[str, Lifetime] = {}
        self._by_pool: dict[int, Lifetime] = {}
        self._pools: list[tuple[str, ConnectionPool]] = []  # by name; an answer may take one away
        self._processes: dict[tuple[str, int], Answer] = {}
        self._runs: list[_Run] = []
        self.remarks: list[str] = []  # what a learner should know of how it was judged

    def only_given(self) -> AbstractContextManager[None]:
        """Stop an answer that uses a client of the notebook, or one of its own, for a while."""
        return only_given(is_foreign.get, _is_given, self._refuse)

    def _refuse(self, stranger: str) -> None:
        self.budget.end(f"uses {stranger}")
        self.budget.stop_if_spent()

    def _is_stuck(self) -> bool:
        return bool(len(self.server.room)) and self.server.room.next_deadline() is None

    async def leave(self) -> None:
        """End what runs, and close every connection."""
        await self.runner.leave()
        self.budget.raised.clear()
        await self.side.aclose()
        for _, pool in self._pools:
            await pool.disconnect()
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
        self._by_client[id(opened)] = lifetime
        self._clients.append(opened)  # so that no other object takes its id
        self._pools.append((name, opened.connection_pool))
        return opened

    def lifetime(self, client: Any) -> Lifetime | None:
        """Return the lifetime of a client or an inbox of this trial."""
        by_pool = self._by_pool.get(id(getattr(client, "connection_pool", None)))
        return self._by_client.get(id(client), by_pool)

    def handler(self, name: str, dies: tuple[int, str] | None = None, raises: int = 0) -> JobLog:
        """Return a handler for the worker of this name, which takes the client's power with it."""
        return JobLog(self._lifetimes[name], dies, raises)

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
        for each in filter(_is_ours, calls[0]):
            self.runner.shared.watch(type(each))
        running = self.runner.start(answer.name, lambda: do(function))
        sent = {id(lifetime): len(lifetime.sent) for lifetime in lifetimes}
        listens = any(isinstance(each, PubSub) for each in calls[0])
        self._runs.append(_Run(answer, running, lifetimes, sent, listens))
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
        running.remark = await told_of(running.error, self.side)
        return running.result(MEANINGS | (hints or {}))

    async def settle(self, running: Running) -> BaseException | None:
        """Wait for the end of a started answer, and return the error that it raised, if any."""
        await self._end_waits(running)
        await self.runner.finish(running)
        if self.budget.spent:
            running.result(MEANINGS)
        return running.error

    async def _end_waits(self, running: Running) -> None:
        """Let the time of a wait or a pause pass at once while nothing else happens."""
        turns, before = 0, self._progress()
        while not running.done and turns < PATIENCE:
            await asyncio.sleep(0)
            now = self._progress()
            turns = turns + 1 if now == before else 0
            before = now
            if turns > PATIENCE // 2 and await self._jump():
                turns = 0

    async def _jump(self) -> bool:
        """Let the time of a wait, or else a pause, pass at once; return whether there was one."""
        if deadline := self.server.room.next_deadline():
            self.server.end_waits(deadline)
            return True
        return await self.pauses.jump()

    def _progress(self) -> tuple[int, int]:
        return self.budget.steps, self.budget.commands

    async def run(self, answer: Answer, *given: Any, hints: dict[str, str] | None = None) -> Any:
        """Run an answer to its end, and return what it returns."""
        return await self.finish(self.start(answer, *given), hints)

    async def run_each(
        self,
        answer: Answer,
        calls: list[tuple[Any, ...]],
        after: Callable[[], object] = lambda: None,
        hints: dict[str, str] | None = None,
    ) -> list[Any]:
        """Run an answer many times, one after the other, and return what it returns.

        All calls have the same client. `after` is called after each of them.
        """

        async def call_each(function: Function) -> list[Any]:
            returned = []
            for given in calls:
                returned.append(as_listed(await _whole(function(*given))))
                after()
            return returned

        return list(await self.finish(self._begin(answer, calls, call_each), hints))

    async def together(self, *runs: Running) -> list[Any]:
        """Return what several started answers return."""
        return [await self.finish(running) for running in runs]

    async def in_gap(self, running: Running, client: Redis) -> bool:
        """Return once a client that stops stands; False when its answer has ended before."""
        lifetime = self._by_client[id(client)]
        await self._until(running, lambda: lifetime.stands, ends_waits=True)
        for _ in range(PATIENCE if len(self.runner.tasks()) > 1 else 0):
            await asyncio.sleep(0)  # what the answer does beside it comes as far as it can
        return lifetime.stands

    def go_on(self, client: Redis, until: int | None = None) -> None:
        """Let a client that stands go on for good, or until it has sent so many commands."""
        self._by_client[id(client)].go_on(until)

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
        self,
        running: Running,
        is_so: Callable[[], bool],
        patience: int | None = None,
        ends_waits: bool = False,
    ) -> None:
        """Wait until it is so, or an answer has ended, or has only waited for so many turns.

        With `ends_waits` the time of a wait or a pause passes at once.
        """
        end, turns = monotonic() + DEADLINE, 0
        before, commands = self._progress(), self.budget.commands
        while not (running.done or is_so() or monotonic() > end):
            await asyncio.sleep(0)
            now = self._progress()
            turns = turns + 1 if now == before else 0
            before = now
            if ends_waits and turns > PATIENCE // 2 and await self._jump():
                turns = 0
            if patience and (turns > patience or commands - self.budget.commands > patience):
                return

    async def explored(
        self,
        answer: Answer,
        act: Act,
        says: Says,
        given: Any = None,
        ours: Ours | None = None,
        **bounds: Any,
    ) -> None:
        """Let workers run an answer in every sequence of their steps; raise NotYet for a fault.

        See `explored` of this room. An answer that cannot be explored, as it uses threads, is
        judged by the other scenes alone, and its result says so.
        """
        try:
            await explored(answer, act, says, given, ours, **bounds)
        except NotYet:
            self._unless_spent(answer)
            raise
        except Exception as error:  # of whatever kind: the other scenes judge the answer
            why = str(error) if isinstance(error, CourseError) else repr(error)
            self.remarks.append(f"Not tried in every sequence of its steps: {why}")
        self._unless_spent(answer)

    def _unless_spent(self, answer: Answer) -> None:
        if self.budget.spent:
            raise NotYet(f"{answer.name} {self.budget.spent}.")

    @property
    def moment(self) -> str | None:
        """When a worker's power fails: never, before its work, or after it."""
        return {1: None, 2: "before", 3: "after"}[self.number]

    def cuts(self) -> range:
        """After how many commands the power fails; other trials try what this one leaves out."""
        return range(self.number, 10, 3)

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
                found = running.result(MEANINGS | {"": hint})  # whatever ended it
                raise NotYet(f"{running.name} returned {found!r} instead of waiting. {hint}")
            if monotonic() > end:
                raise NotYet(f"{running.name} does not wait in a blocking command. {hint}")
            await asyncio.sleep(0)  # not a pause: it needs a turn

    def is_never_cut_short(self, name: str) -> None:
        """Raise NotYet when an answer waits under a time limit of Python, which cancels it."""
        if self.runner.time_limits.count:
            raise NotYet(
                f"{name} sets a time limit of asyncio round its blocking command: what comes at "
                "that moment is taken for nobody. Give the limit to the command, as its timeout."
            )

    async def goes_on(self, running: Running, name: str) -> bool:
        """Return whether it ends, or works on, without the time limit of a blocking command."""
        await self._until(running, lambda: False, patience=PATIENCE)
        return running.done or name not in await self._blocked()

    async def until_waited_long(self, running: Running, name: str, hint: str) -> None:
        """Let the time limit of a blocking command pass at once. Raises NotYet if that ends it."""
        if deadline := self.server.room.next_deadline():
            self.server.end_waits(deadline)
            await self.until_blocked(running, name, hint)

    async def _blocked(self) -> list[str]:
        return [each["name"] for each in await self.side.client_list() if "b" in each["flags"]]

    async def bury(self, name: str) -> None:
        """Close whatever the clients of this name have open."""
        for owner, pool in self._pools:
            if owner == name:
                await pool.disconnect()

    # What is told of a run.

    def returned_at_once(self, name: str) -> None:
        """Raise NotYet when anybody has waited in a blocking command."""
        if longest := max(self.waits, default=0):
            raise NotYet(
                f"`{name}` should return at once, and it waited in a blocking command, for "
                f"{longest:g} s."
            )

    def sent(self, *names: str) -> int:
        """Count the commands of these names that answers have sent."""
        lives = self._by_pool.values()
        return sum(name in names for life in lives for unit in life.sent for name in unit)

    def trims_nothing(self, *streams: str) -> None:
        """Raise NotYet when an answer bounds a stream, also if it has not met the bound here."""
        trimmed = {name for life in self._by_pool.values() for name in life.trims}
        for stream in streams:
            if stream in trimmed:
                raise NotYet(
                    f"`{stream}` is trimmed to a bound: what waits there beyond it is lost, so "
                    "add without MAXLEN or MINID, and trim nothing."
                )

    async def late(self) -> str:
        """Say that an answer returned before its commands were sent, or nothing."""
        for _ in range(PATIENCE if self.runner.tasks() else 0):
            await asyncio.sleep(0)
        for run in self._runs:
            if not run.running.error and any(life.is_late for life in run.lifetimes):
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
                if forgets_to_execute(answer.function):
                    said += " A pipeline sends what it holds at `await pipeline.execute()`."
                return because(why, said, is_all=True)
        return why


@dataclass(frozen=True)
class _Run:
    """An answer at work, and how much its clients had sent before."""

    answer: Answer
    running: Running
    lifetimes: list[Lifetime]
    before: dict[int, int]
    listens: bool  # a subscriber may listen, and send nothing

    @property
    def sent_nothing(self) -> bool:
        """Whether it had a client, came to an end of its own, and sent nothing over it."""
        ended = self.running.done and self.running.error is None
        sent = any(len(life.sent) > self.before[id(life)] for life in self.lifetimes)
        return bool(self.lifetimes) and not self.listens and ended and not sent


_NO_LUA = (
    "A script in Lua needs the package lupa, which is not here (no browser has it). So the check "
    "cannot judge this way, right or not: find another way with plain commands, or a transaction."
)
_NO_FUNCTIONS = (
    "A check cannot run functions of Redis, so it cannot judge this way, right or not: "
    "find another way with plain commands, a script, or a transaction."
)
_TOO_MANY = "Each command at work has a connection of its own, so run fewer of them at once."
MEANINGS = {"or the package lupa": _NO_LUA, "'FCALL": _NO_FUNCTIONS, "'FUNCTION": _NO_FUNCTIONS}
MEANINGS["MaxConnectionsError"] = _TOO_MANY
MEANINGS["class retrieval"] = (
    "After `multi()` a command is queued and has no reply yet: read before it."
)
MEANINGS["concatenate str"] = MEANINGS["instances of 'str' and 'int'"] = (
    "What Redis returns is text: `int()` makes a number of it."
)
MEANINGS["not a valid float"] = "ZADD takes members, each with its score: `{job: time}`."
MEANINGS["Invalid input of type: 'NoneType'"] = (
    "It sends None, which is what a key that is not there, or a wait whose time is over, returns."
)
MEANINGS["WatchError"] = (
    "Somebody was faster, as the check lets happen: catch it, and look again with WATCH, "
    "or use `client.transaction`, which does so."
)
MEANINGS["embedded broker. Connection refused"] = (
    "That client belongs to an earlier call, whose broker has gone: use the one that is given."
)


def _is_given(pool: Any) -> bool:
    """Say whether a check has made this pool, for a trial or for an exploration."""
    return bool({"lifetime", "life"} & pool.connection_kwargs.keys())


def _is_ours(given: object) -> bool:
    """Say whether an answer was given an object whose class belongs to the course or to redis."""
    return type(given).__module__.startswith(("helpers.", "redis."))


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


@asynccontextmanager
async def trial(number: int, seed: int | None = None) -> AsyncIterator[Trial]:
    """Open a trial, and leave nothing of it behind. Its data come from `seed`, or are shown."""
    opened = Trial(number, seed)
    await opened.others({BYSTANDER: INVOICES})
    with (
        opened.pauses.watching(),
        opened.only_given(),
        opened.runner.adopting(),
        opened.budget.watching(),
    ):
        try:
            yield opened
        finally:
            await opened.leave()
