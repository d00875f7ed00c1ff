"""Lab 9: one schedule of two workers, step by step, forwards and backwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from ...labs.controls import Button, Choice, Control
from ...labs.drawing import Box, Drawing, Shelf, shelves
from ...labs.model import Lab, NotPossible

WORKERS = ("ann", "bob")
JOBS = ("job-1", "job-2")
DESIGNS = ("pop", "move to one's own list", "move to a shared list")
KEYS = ("orders", "taken", *(f"taken:{name}" for name in WORKERS))
STARTS = "start again"
RETURNED = "has returned"

Step = tuple[str, str]  # who, and whether it goes or dies
Life = AsyncIterator[str]  # does a step each time, and names the next one


@dataclass(frozen=True)
class State:
    """What the broker holds after some steps, and what each worker does next."""

    queue: list[str] = field(default_factory=list)
    taken: dict[str, list[str]] = field(default_factory=dict)  # by the name of the list
    done: tuple[str, ...] = ()
    hands: dict[str, str] = field(default_factory=dict)
    following: dict[str, str] = field(default_factory=dict)  # the next step of each worker
    steps: tuple[Step, ...] = ()
    undone: int = 0

    @property
    def lost(self) -> list[str]:
        """List the jobs that nobody has done and that are nowhere any more."""
        places = [self.queue, self.done, self.hands.values(), *self.taken.values()]
        somewhere = {job for place in places for job in place}
        return [job for job in JOBS if self.following and job not in somewhere]

    @property
    def twice(self) -> list[str]:
        """List the jobs that were done more than once."""
        return [job for job in JOBS if self.done.count(job) > 1]


class Schedule(Lab):
    """A lab: choose who goes next and who dies, and take steps back to try another way.

    Follows https://redis.io/docs/latest/commands/lmove/
    """

    number = 9
    title = "One schedule, step by step"
    worker = WORKERS[0]
    design = DESIGNS[0]
    state: State

    def begin(self) -> None:
        self.state = State()
        self._steps: list[Step] = []
        self._undone: list[Step] = []
        self._set_out()

    def _set_out(self) -> None:
        self._done: list[str] = []
        self._hands: dict[str, str] = {}
        self._lives: dict[str, Life] = {}
        self._following: dict[str, str] = {}

    def actions(self) -> list[Control]:
        return [
            Choice("Design", "design", DESIGNS, self.from_the_start),
            Choice("Worker", "worker", WORKERS),
            Button("Next step", self.go),
            Button("Dies here", self.die),
            Button("Back", self.back),
            Button("Forward", self.forward),
        ]

    async def open(self) -> None:
        await self._play([])

    async def from_the_start(self) -> None:
        """Begin again with another design."""
        self._undone = []
        await self._play([])

    async def go(self) -> None:
        """Let the chosen worker take its next step."""
        await self._choose("goes")

    async def die(self) -> None:
        """Let the chosen worker die before its next step."""
        await self._choose("dies")

    async def back(self) -> None:
        """Take the last step back: play all the others again."""
        if not self._steps:
            raise NotPossible("This is the beginning.")
        self._undone.append(self._steps[-1])
        await self._play(self._steps[:-1])

    async def forward(self) -> None:
        """Take the step again that was taken back."""
        if not self._undone:
            raise NotPossible("No step was taken back.")
        await self._take(self._undone.pop())

    async def _choose(self, fate: str) -> None:
        following = self._following[self.worker]
        if following == RETURNED:
            raise NotPossible(f"{self.worker} has returned: let the other go on.")
        if fate == "dies" and following == STARTS:
            raise NotPossible(f"{self.worker} is dead already: its next step starts it again.")
        self._undone = []
        await self._take((self.worker, fate))

    async def _play(self, steps: list[Step]) -> None:
        """Put two jobs into an empty queue, and take these steps."""
        await self.client("shop").delete(*map(self.key, KEYS))
        await self.client("shop").rpush(self.key("orders"), *JOBS)
        self._steps = []
        self._set_out()
        for name in WORKERS:
            await self._start(name)
        for step in steps:
            await self._take(step)

    async def _take(self, step: Step) -> None:
        name, fate = step
        if fate == "dies":
            self._hands.pop(name, None)
            self._following[name] = STARTS
        elif self._following[name] == STARTS:
            await self._start(name)
        else:
            await self._advance(name)
        self._steps.append(step)

    async def _start(self, name: str) -> None:
        self._lives[name] = self._pop(name) if self.design == DESIGNS[0] else self._move(name)
        await self._advance(name)

    async def _advance(self, name: str) -> None:
        self._following[name] = await anext(self._lives[name], RETURNED)

    async def _pop(self, name: str) -> Life:
        yield "LPOP"
        while job := cast(str, await self.client(name).lpop(self.key("orders"))):
            yield self._in_hand(name, job)
            self._handle(name)
            yield "LPOP"

    async def _move(self, name: str) -> Life:
        client, taken = self.client(name), self._taken(name)
        while True:
            yield "LINDEX"
            job: Any = await client.lindex(taken, 0)
            if not job:
                yield "LMOVE"
                job = await client.lmove(self.key("orders"), taken)
            if not job:
                return
            yield self._in_hand(name, job)
            self._handle(name)
            yield f"LREM {job}"
            await client.lrem(taken, 1, job)

    def _in_hand(self, name: str, job: str) -> str:
        self._hands[name] = job
        return f"handle {job}"

    def _handle(self, name: str) -> None:
        self._done.append(self._hands.pop(name))

    def _taken(self, name: str) -> str:
        return self.key("taken" if self.design == DESIGNS[2] else f"taken:{name}")

    async def look(self) -> None:
        async with self.asker() as asker:
            lists = sorted({self._taken(name) for name in WORKERS}) * (self.design != DESIGNS[0])
            queue: Any = await asker.lrange(self.key("orders"), 0, -1)
            taken: Any = {key: await asker.lrange(key, 0, -1) for key in lists}
        self.state = State(
            queue=queue,
            taken={key.removeprefix(self.key("")): jobs for key, jobs in taken.items()},
            done=tuple(self._done),
            hands=dict(self._hands),
            following=dict(self._following),
            steps=tuple(self._steps),
            undone=len(self._undone),
        )

    def picture(self) -> Drawing:
        return shelves(self.title, [*self._of_the_broker(), *self._of_the_workers()])

    def _of_the_broker(self) -> Iterator[Shelf]:
        yield Shelf("orders", [Box(job) for job in self.state.queue], "the queue")
        for name, jobs in self.state.taken.items():
            yield Shelf(name, [Box(job) for job in jobs])

    def _of_the_workers(self) -> Iterator[Shelf]:
        state = self.state
        for name in WORKERS:
            hand = [Box(state.hands[name], "hand")] if name in state.hands else []
            yield Shelf(name, hand, self._doing(name))
        again = [job in state.done[:place] for place, job in enumerate(state.done)]
        marks = ["twice" if twice else "done" for twice in again]
        yield Shelf("handled", list(map(Box, state.done, marks)))
        yield Shelf("lost", [Box(job, "lost") for job in state.lost])
        yield Shelf("schedule", [], ", ".join(map(_said, state.steps)) or "no step yet")

    def _doing(self, name: str) -> str:
        following = self.state.following.get(name, "")
        if following in ("", RETURNED):
            return following or "not started"
        return f"{'dead, ' * (following == STARTS)}next: {following}"

    def summary(self) -> str:
        state = self.state
        taken = sum(map(len, state.taken.values()))
        return (
            f"{len(state.steps)} steps, {state.undone} taken back: "
            f"{len(state.queue)} in the queue, {taken} taken, {len(state.done)} handled, "
            f"{len(state.lost)} lost, {len(state.twice)} done twice. "
            f"{'; '.join(f'{name} {self._doing(name)}' for name in WORKERS)}."
        )


def _said(step: Step) -> str:
    name, fate = step
    return f"{name} {fate}" if fate == "dies" else name


LAB = Schedule
