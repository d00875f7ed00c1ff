"""One run of a program: one sequence of its steps, from the first to the last."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

import redis

from embedded_redis import embedded_server

from ..errors import CourseError
from ..record import Record
from .gate import HANDLE, LIFE, Asked, Gate, Life, hang_up
from .loop import SteppedLoop, inside
from .program import KEEPER, OBSERVER, SENDER, Handle, Program
from .steps import Event, Happened, Option, Passed, Told
from .touches import touch_of

HOUR = 3600.0  # seconds that pass once nothing happens any more
MOST_STEPS = 500
MOST_TURNS = 5000
SPINS = 3
"""How often a client may see the same again while others wait for their turn."""

PATIENCE = 2, 12
"""How often time passes with nothing new before all are at rest: while exploring, and in peace."""


class Stuck(Exception):
    """A run that somebody never finishes."""


class Endless(Stuck):
    """A run that goes round without end."""


class Redundant(Exception):
    """A run that would only show what another one shows."""


Choose = Callable[[list[Option]], Option]


@dataclass
class Outcome:
    """What a run came to."""

    lost: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    stuck: str = ""
    endless: bool = False
    broken: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        """Return the same for two runs that came to the same, whatever the way."""
        return self.lost, self.repeated, bool(self.stuck), self.broken


@dataclass
class Run:
    """A program on a broker and a loop of its own; `choose` says whose turn it is."""

    program: Program
    choose: Choose
    record: Record | None = None
    events: list[Event] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        self._loop = SteppedLoop()  # type: ignore[abstract] # to mypy; see what it refuses
        self._crashes, self._losses = self.program.crashes, self.program.lost_replies
        self._calm = False
        self._promised: list[str] = []
        self._open: list[Asked] = []
        self._known: dict[tuple[str, Any, str], int] = {}
        self._last: Life | None = None
        self._stale = self._known_before = self._steps = 0

    def go(self) -> Outcome:
        """Run to the end. Raises Redundant as soon as `choose` does."""
        with inside(self._loop):
            self._gate = Gate(embedded_server(), self.record)
            try:
                self._days()
            except Stuck as stuck:
                self.outcome.stuck = str(stuck)
                self.outcome.endless = isinstance(stuck, Endless)
                self.events.append(Told("(stuck)", str(stuck)))
            finally:
                self._gate.close()
                self._loop.end()
        self._judge()
        return self.outcome

    def _days(self) -> None:
        """Play what is explored; then, in peace, what time, the keeper and a new start bring."""
        sender = self._begin(Life(SENDER), self._send)
        for name in self.program.names:
            self._hire(name)
        self._play()
        self._calm = True
        self._pass(HOUR)
        if self.program.rescue:
            self._finish(KEEPER, self.program.rescue)
        for name in self.program.names:
            if not any(life.name == name and _lives(life) for life in self._gate.lives):
                self._hire(name)
        self._play()
        if _lives(sender):
            raise Stuck(f"{SENDER} waits for ever")
        if self.program.holds:
            self.outcome.broken = not self._finish(OBSERVER, self.program.holds)

    def _finish(self, name: str, act: Callable[[Any], Any]) -> Any:
        """Let somebody do one thing to its end, and return what comes of it."""
        came: list[Any] = []

        async def do(life: Life) -> None:
            came.append(await act(self._gate.client(life)))

        life = self._begin(Life(name), do)
        self._play()
        if _lives(life):
            raise Stuck(f"{name} waits for ever")
        return came[0] if came else None

    def _begin(self, life: Life, what: Callable[[Life], Coroutine[Any, Any, None]]) -> Life:
        async def live() -> None:
            try:
                await what(life)
            except Exception as error:
                self._fell(life, error)

        self._gate.lives.append(life)
        context = copy_context()
        context.run(LIFE.set, life)
        life.task = self._loop.create_task(live(), context=context)
        return life

    def _hire(self, name: str) -> None:
        number = 1 + sum(life.name == name for life in self._gate.lives)
        self._begin(Life(name, number, mortal=True), self._work)

    async def _work(self, life: Life) -> None:
        await self.program.work(self._gate.client(life), life.name, self._handle_of(life))

    def _handle_of(self, life: Life) -> Handle:
        async def handle(job: str) -> None:
            step = await self._gate.ask(life, ((HANDLE, job),))
            step.answered = True
            self.handled.append(job)

        return handle

    async def _send(self, life: Life) -> None:
        client = self._gate.client(life)
        for job in self.program.all_jobs:
            try:
                await self.program.send(client, job)
            except (redis.ConnectionError, redis.TimeoutError) as error:
                self._tell(life, error)  # nobody knows whether it was sent: nothing is promised
            except Exception as error:
                self._tell(life, error)
                self._promised.append(job)
            else:
                self._promised.append(job)

    def _tell(self, life: Life, error: Exception) -> None:
        self.events.append(Told(life.name, f"fails: {type(error).__name__}: {error}"))

    def _fell(self, life: Life, error: Exception) -> None:
        self._tell(life, error)
        if life.mortal:
            self._end(life)

    def _end(self, life: Life) -> None:
        """End a process as a power cut does, and start it again."""
        life.alive = False
        life.steps.clear()
        hang_up(life)
        for task, context in list(self._loop.tasks.items()):
            if context.get(LIFE) is life:
                task.cancel()
        if life.number < self.program.lives:
            self.events.append(Told(life.name, "is started again"))
            self._hire(life.name)

    def _play(self) -> None:
        """Give turns until everybody has finished or waits for ever."""
        self._known.clear()  # whoever begins anew may ask the same again
        self._stale = self._known_before = 0
        while True:
            self._drain()
            waiting = list(self._gate.waiting())
            if waiting:
                self._take(self._next(waiting))
            elif self._over() or not self._pass():
                return

    def _drain(self) -> None:
        for _ in range(MOST_TURNS):
            if not self._loop.turn():
                break
        else:
            raise Endless("a client goes round without a command")
        if self._loop.refused:
            raise CourseError(
                "A program that is explored may use no thread, no process and no socket of its "
                "own: use the client that send, work and rescue are given."
            )
        for step in [step for step in self._open if step.answered]:
            self._open.remove(step)
            self._learn(step)

    def _learn(self, step: Asked) -> None:
        """Note whether a step brought anything new."""
        seen = step.life.name, step.commands, repr(step.reply)
        self._known[seen] = self._known.get(seen, 0) + 1
        step.life.repeats += 1
        if self._known[seen] == 1:
            for life in self._gate.lives:
                life.repeats = 0

    def _next(self, waiting: list[Asked]) -> Option:
        fresh = [step for step in waiting if step.life.repeats < SPINS]
        if not fresh and self._pass():  # all go round: time must pass, or nothing ever changes
            self._drain()
            waiting = fresh = list(self._gate.waiting())
        fresh = sorted(fresh or waiting[:1], key=lambda step: step.life is not self._last)
        options = [option for step in fresh for option in self._ways(step)]
        options.sort(key=lambda option: option.fate != "goes")
        return options[0] if self._calm else self.choose(options)

    def _ways(self, step: Asked) -> list[Option]:
        """List what may happen to a step."""
        life, fates = step.life, ["goes"]
        if not self._calm:
            if self._crashes and life.mortal and life.taken and step is life.steps[0]:
                fates += ["dies", "dies inside"] if step.handles else ["dies"]
            if self._losses and not step.handles:
                fates += ["loses"]
        who, where = (life.name, life.number), life.steps.index(step)
        return [Option(who, where, fate, touch_of(step, fate)) for fate in fates]

    def _take(self, option: Option) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Endless("it goes round without end")
        life = self._last = self._gate.life(*option.who)
        step = life.steps.pop(option.where)
        life.taken += 1
        self.events.append(Happened(step, option.fate))
        if option.fate.startswith("dies"):
            self._crashes -= 1
            self._end(life)
            return
        self._losses -= option.fate == "loses"
        self._open.append(step)
        step.turn.set_result(option.fate == "loses")

    def _pass(self, seconds: float = 0) -> bool:
        """Let time pass: so much, or until something happens; return whether anything does."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Endless("it goes round without end")
        self._stale = 0 if len(self._known) > self._known_before else self._stale + 1
        self._known_before = len(self._known)
        for life in self._gate.lives:
            life.repeats = 0
        before = self._loop.time()
        happens = self._loop.leap(seconds) if seconds else self._loop.jump()
        if self._loop.time() > before:
            self.events.append(Passed(self._loop.time() - before))
        return happens

    def _over(self) -> bool:
        """Tell whether those who go on only ask the same again and again, as time passes."""
        alive = [life for life in self._gate.lives if _lives(life)]
        patience = PATIENCE[self._calm]
        return self._stale >= patience and all(
            life.reading or self._asks_again(life) for life in alive
        )

    def _asks_again(self, life: Life) -> bool:
        steps = [e.step for e in self.events if isinstance(e, Happened) and e.step.life is life]
        if not steps:
            return False
        return self._known.get((life.name, steps[-1].commands, repr(steps[-1].reply)), 0) > 1

    def _judge(self) -> None:
        if not self.program.holds:
            self.outcome.lost = tuple(j for j in self._promised if j not in self.handled)
        first = list(dict.fromkeys(self.handled))
        self.outcome.repeated = tuple(j for j in sorted(first) if self.handled.count(j) > 1)
        self.outcome.sequence = tuple(first)


def _lives(life: Life) -> bool:
    return life.alive and life.task is not None and not life.task.done()
