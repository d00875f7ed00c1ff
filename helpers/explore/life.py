"""One process of a program, alone: it is given replies and the time, and asks for more.

What it does depends on nothing else, so what it did once at a moment it does again. Two moments are
one when it stands in the same lines with the same variables, and waits for the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

import redis

from ..errors import CourseError
from ..record import Record, commands_in
from .gate import Wire, commands_of, gated_client
from .likeness import likeness
from .loop import Clock, SteppedLoop, enter
from .novelty import NEW, OLD, Answer, novelty, timeless
from .program import Program

HANDLE = "handle"
MOST_TURNS = 5000
MOST_STEPS = 200
"""How many things may happen to one client before it is taken to go on without end."""
DEEPEST = 40
"""How many coroutines may wait for one another by then; with more it calls itself."""

NOT_AWAITED = (
    "`{}` of a program that is explored should be a coroutine: write `async def`, and `await` "
    "each command; of a worker on redis-py's synchronous client, explore such a copy."
)
NO_JOB = (
    "A program that is explored called handle with `{}`, which is no job that was sent: give it "
    "the job alone, such as `{}`."
)
SHARED = (
    "A program that is explored keeps its client where every worker finds the last one's: pass it "
    "on as a parameter, or keep it in a ContextVar."
)

Words = tuple[str, ...]
Bytes = tuple[tuple[int, bytes | None], ...]


class Role(NamedTuple):
    """Who lives: a name, what it does, which life of that name it is, and when it begins."""

    name: str
    act: str  # send, work, rescue or holds
    number: int
    begins: float

    @property
    def mortal(self) -> bool:
        """Tell whether it may die, and is started again."""
        return self.act == "work"


class Ask(NamedTuple):
    """A step that waits for its turn: one command, one pipeline, or the handling of a job."""

    connection: int  # -1 where it is no command
    data: bytes
    commands: tuple[Words, ...]

    @property
    def handles(self) -> bool:
        """Tell whether this is no command but the handling of a job."""
        return self.connection < 0


class Heard(NamedTuple):
    """What a client reads some time after its step went; `ask` is None for a message."""

    ask: Ask | None
    reply: Any


class Given(NamedTuple):
    """What happens to a life: a step has its turn, bytes come, time passes, all begins anew."""

    what: str  # goes, loses, hears, time, anew
    when: float
    where: int = 0  # among the steps that wait
    heard: Bytes = ()
    anew: bool = False  # whether it handles what nobody has handled, and may ask all again


@dataclass(eq=False, slots=True)
class Moment:
    """Where a life comes to rest once what it was given has had its effect."""

    role: Role
    before: Moment | None  # one way to come here
    given: Given | None
    depth: int = 0
    then: dict[Given, Arrival] = field(default_factory=dict)
    asks: tuple[Ask, ...] = ()
    greetings: tuple[bytes, ...] = ()  # the handshake of each connection
    timer: float | None = None  # when it goes on by itself
    reads: bool = False  # whether it waits for the broker
    done: bool = False
    failed: bool = False
    goes_round: bool = False
    taken: bool = False  # whether it has done anything yet
    asked_again: bool = False  # whether its latest answer said what it knew, numbers aside
    promised: tuple[str, ...] = ()
    result: bool = False
    known: frozenset[Answer] = frozenset()  # its answers, since it did what nobody had done before
    likeness: Hashable = None

    @property
    def over(self) -> bool:
        """Tell whether nothing more can come of it."""
        return self.done and not self.asks and not self.reads and self.timer is None

    def key(self) -> Hashable:
        """Return the same for two moments from which a life goes on in the same way."""
        return (
            *(
                self.role,
                self.likeness,
                self.asks,
                self.greetings,
                self.timer,
                self.reads,
                self.done,
            ),
            *(self.failed, self.goes_round, self.taken, self.asked_again, self.promised),
            *(self.result, self.known),
        )

    def way(self) -> list[Moment]:
        """List all moments from the first to this one."""
        moments = [self]
        while moments[-1].before:
            moments.append(moments[-1].before)
        return moments[::-1]


@dataclass(eq=False, slots=True)
class Arrival:
    """What a life did when it was given something, and where that has brought it."""

    at: Moment
    closed: tuple[int, ...] = ()  # the connections that it closed
    told: tuple[str | Heard, ...] = ()
    answered: bool = False
    answer: Any = None  # to the step that went, if it came at once
    replied: bool = False  # whether it was answered at all, or heard something
    news: int = OLD  # how new any of that is to it


@dataclass(eq=False)
class _Waiting:
    """A step at the gate."""

    ask: Ask
    turn: asyncio.Future[bool]


@lru_cache(maxsize=1000)
def _commands(data: bytes) -> tuple[Words, ...]:
    return tuple(commands_in(data))


class Life:
    """A process that lives: one loop, one client, and what it does."""

    def __init__(
        self, role: Role, program: Program, clock: Clock, record: Record | None = None
    ) -> None:
        self.role, self.clock = role, clock
        self.reading = 0
        self.steps: list[_Waiting] = []
        self.greetings: list[bytes] = []
        self.promised: list[str] = []
        self.result = False
        self._program, self._record = program, record
        self._jobs = tuple(program.all_jobs)
        self._loop = SteppedLoop(clock, self.token)  # type: ignore[abstract] # to mypy; see what it refuses
        self._wires: list[Wire] = []
        self._open: list[tuple[int, Ask]] = []  # steps that went, and were not answered yet
        self._comes: Bytes = ()
        self._tokens = 0
        self._failed = False
        self._forget()

    def begin(self) -> Arrival:
        """Start it, and return where it first comes to rest."""
        enter(self._loop)
        self._task = self._loop.create_task(self._live())
        goes_round = self._settle()
        return self._arrive(None, None, goes_round)

    def go_on(self, moment: Moment, given: Given) -> Arrival:
        """Give it something at a moment, and return where it comes to rest."""
        enter(self._loop)
        self._forget()
        if given.what in ("goes", "loses"):
            self._take(given)
        elif given.what == "hears":
            self._hear(given.heard)
        self._loop.make_ready()
        goes_round = self._settle()
        return self._arrive(moment, given, goes_round)

    def likeness(self) -> Hashable:
        """Return the same for two lives that stand at the same point."""
        return likeness(self, self._loop), self._tokens

    def end(self) -> None:
        """Leave nothing of it behind."""
        enter(self._loop)
        self._loop.end()

    def opened(self, wire: Wire) -> int:
        """Number a connection."""
        self._wires.append(wire)
        self.greetings.append(b"")
        return len(self._wires) - 1

    def greets(self, connection: int, data: bytes) -> None:
        """Note a part of a handshake."""
        self.greetings[connection] += data

    def closed(self, connection: int) -> None:
        """Note that the client has closed a connection."""
        self._closed.append(connection)

    def must_be_running(self) -> None:
        """Refuse a program that uses this life's client in another life."""
        if asyncio.get_running_loop() is not self._loop:
            self.refuse(SHARED)

    async def ask(self, connection: int, data: bytes) -> bool:
        """Wait for a command's turn, and return whether its reply gets lost."""
        return await self._wait(Ask(connection, data, _commands(data)))

    def sent(self) -> None:
        """Let come what comes of the command that has just been sent."""
        comes, self._comes = self._comes, ()
        self._hear(comes)

    def reads(self, connection: int, reply: Any) -> None:
        """Note what the client reads."""
        self._read.append((connection, reply))

    def token(self, size: int) -> bytes:
        """Return bytes that look like chance and are the same in each run."""
        self._tokens += 1
        seed = f"{self.role.name} {self.role.number} {self._tokens}".encode()
        return hashlib.shake_128(seed).digest(size)

    def _forget(self) -> None:
        """Begin to note what comes of the next thing that happens."""
        self._closed: list[int] = []
        self._read: list[tuple[int, Any]] = []
        self._told: list[str | Heard] = []
        self._went: Ask | None = None

    def _take(self, given: Given) -> None:
        step = self.steps.pop(given.where)
        self._went, self._comes = step.ask, given.heard
        if not step.ask.handles:
            self._open.append((step.ask.connection, step.ask))
        step.turn.set_result(given.what == "loses")

    def _hear(self, heard: Bytes) -> None:
        for connection, data in heard:
            self._wires[connection].hear(data)

    def _settle(self) -> bool:
        """Let it go on until it rests; return whether it never does."""
        for _ in range(MOST_TURNS):
            if not self._loop.turn():
                break
        else:
            return True
        if self.clock.refused:
            raise self.clock.refused
        return False

    async def _live(self) -> None:
        try:
            decodes = self._program.decode_responses
            client = gated_client(self, self._record, decode_responses=decodes)
            self.result = bool(await self._awaitable(self._act(), client))
        except Exception as error:
            self._failed = True
            self._tell_of(error)

    def _act(self) -> Callable[[Any], Awaitable[Any]]:
        program, name = self._program, self.role.name
        if self.role.act == "work":
            return lambda client: program.work(client, name, self._handle)
        acts = {"send": self._send, "rescue": program.rescue, "holds": program.holds}
        act = acts[self.role.act]
        assert act is not None, "nobody begins what the program has not"
        return act

    def _awaitable(self, act: Callable[..., Any], *given: Any) -> Awaitable[Any]:
        """Call a part of the program. Refuses one that does its work while it is called."""
        try:
            awaitable = act(*given)
        except Exception:
            awaitable = None
        if not inspect.isawaitable(awaitable):
            self.refuse(NOT_AWAITED.format(self.role.act))
        return awaitable

    async def _handle(self, job: Any) -> None:
        name = job.decode() if isinstance(job, bytes) else str(job)
        if not self._is_job(name):
            self.refuse(NO_JOB.format(name[:60], self._jobs[0]))
        await self._wait(Ask(-1, b"", ((HANDLE, name),)))

    def _is_job(self, name: str) -> bool:
        """Tell whether it was sent, or lies there before all; with `holds`, all may be handled."""
        if name in self._jobs or self._program.holds:
            return True
        there = self._program.given and _commands(commands_of(self._program.given))
        return any(name and name in word for words in there or () for word in words)

    def refuse(self, sentence: str) -> NoReturn:
        """End the exploration with what is wrong. Raises CourseError."""
        self.clock.refused = CourseError(sentence)
        raise self.clock.refused

    async def _send(self, client: Any) -> None:
        for job in self._program.all_jobs:
            try:
                await self._awaitable(self._program.send, client, job)
            except (redis.ConnectionError, redis.TimeoutError) as error:
                self._tell_of(error)  # nobody knows whether it was sent: nothing is promised
            except Exception as error:
                self._tell_of(error)
                self.promised.append(job)
            else:
                self.promised.append(job)

    async def _wait(self, ask: Ask) -> bool:
        step = _Waiting(ask, self._loop.create_future())
        self.steps.append(step)
        try:
            return await step.turn
        finally:
            if step in self.steps:  # its task was cancelled: it will never go
                self.steps.remove(step)

    def _tell_of(self, error: Exception) -> None:
        self._told.append(f"fails: {type(error).__name__}: {error}")

    def _arrive(self, before: Moment | None, given: Given | None, goes_round: bool) -> Arrival:
        moment = Moment(self.role, before, given, before.depth + 1 if before else 0)
        moment.asks = tuple(step.ask for step in self.steps)
        moment.greetings = tuple(self.greetings)
        moment.timer, moment.reads = self._loop.next_timer(), self.reading > 0
        moment.done, moment.failed = self._task.done(), self._failed
        moment.goes_round = goes_round or self._goes_on_without_end(moment.depth)
        moment.promised, moment.result = tuple(self.promised), self.result
        moment.taken = (before is not None and before.taken) or self._went is not None
        arrival = Arrival(moment, tuple(self._closed))
        self._note_answers(arrival, before, given)
        arrival.told = tuple(self._told)
        self.last = moment
        return arrival

    def _goes_on_without_end(self, steps: int) -> bool:
        """Tell whether too much has happened. Raises RecursionError where it calls itself."""
        if steps <= MOST_STEPS:
            return False
        if _depth(self._task.get_coro()) > DEEPEST:
            raise RecursionError  # Python's own comes at a depth that differs with its version
        return True

    def _note_answers(self, arrival: Arrival, before: Moment | None, given: Given | None) -> None:
        """Note what was answered, and whether any of it is new to this life."""
        known = before.known if before and not (given and given.anew) else frozenset()
        moment = arrival.at
        moment.asked_again = before.asked_again if before else False
        seen = list(self._answers(given)) if given else []
        for connection, reply in self._read:
            self._note_answer(arrival, connection, reply)
        if seen:
            now, jobs = self.clock.now, self._jobs
            arrival.replied = True
            arrival.news = max(novelty(answer, known, now, jobs) for answer in seen)
            moment.asked_again = arrival.news < NEW
            seen += [timeless(answer, now) for answer in seen]
        moment.known = known.union(seen) if arrival.news else known

    def _answers(self, given: Given) -> Iterator[Answer]:
        if self._went and (self._went.handles or given.what == "loses"):
            yield Answer(self._went.commands, given.what)
        if not (self._went and self._went.handles):
            for part in given.heard:
                yield self._seen(*part)

    def _seen(self, connection: int, data: bytes | None) -> Answer:
        asked = next((ask.commands for number, ask in self._open if number == connection), None)
        return Answer(asked, data)

    def _note_answer(self, arrival: Arrival, connection: int, reply: Any) -> None:
        open_here = next((o for o in self._open if o[0] == connection), None)
        if self._went and self._went.connection == connection:
            arrival.answer, arrival.answered = reply, True
        elif open_here:
            self._told.append(Heard(open_here[1], reply))
        else:
            self._told.append(Heard(None, reply))
        if open_here:
            self._open.remove(open_here)


def _depth(coroutine: Any) -> int:
    """Count the coroutines that wait for one another, from this one on."""
    depth = 0
    while coroutine is not None:
        coroutine = getattr(coroutine, "cr_await", None)
        depth += 1
    return depth
