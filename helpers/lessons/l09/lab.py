"""Lab 9: one schedule of two workers, step by step, forwards and backwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, cast

from ...labs.acts import Act, Choice, Control, Finding, Goal
from ...labs.model import Lab, NotPossible
from ...stage.model import Link, Place, Stage, Token

WORKERS = ("ann", "bob")
JOBS = ("job-1", "job-2")
DESIGNS = ("pop", "move to one's own list", "move to a shared list")
POP, OWN, SHARED = DESIGNS
KEYS = ("orders", "taken", *(f"taken:{name}" for name in WORKERS))
GOES, DIES = "goes", "dies"
AGAIN = "Restart this design"
STARTS = "start again"
HANDLE = "handle"
RETURNED = "has returned"
COMING = {
    "LPOP": "take a job (LPOP)",
    "LINDEX": "look for a job left unfinished (LINDEX)",
    "LMOVE": "take a job (LMOVE)",
}
BRIEFLY = {
    "LPOP": "takes",
    "LINDEX": "looks",
    "LMOVE": "takes",
    HANDLE: "handles",
    "LREM": "removes",
    STARTS: "starts again",
}

Step = tuple[str, str]  # who, and whether it goes or dies
Life = AsyncIterator[str]  # does a step each time, and names the next one


class Hold(NamedTuple):
    """A job in a worker's hand, then handled; `identity` tells it from the one in a list."""

    job: str
    worker: str
    identity: str


@dataclass(frozen=True)
class State:
    """What the broker holds after some steps, and what each worker does next."""

    design: str = POP
    queue: list[str] = field(default_factory=list)
    taken: dict[str, list[str]] = field(default_factory=dict)  # by the name of the list
    done: tuple[Hold, ...] = ()
    hands: dict[str, Hold] = field(default_factory=dict)
    following: dict[str, str] = field(default_factory=dict)  # the next step of each worker
    steps: tuple[Step, ...] = ()
    told: tuple[str, ...] = ()  # the steps in words

    @property
    def handled(self) -> list[str]:
        """List the jobs that were handled, in this sequence."""
        return [hold.job for hold in self.done]

    @property
    def lost(self) -> list[str]:
        """List the jobs that nobody has done and that are nowhere any more."""
        hands = [hold.job for hold in self.hands.values()]
        places = [self.queue, self.handled, hands, *self.taken.values()]
        somewhere = {job for place in places for job in place}
        return [job for job in JOBS if self.following and job not in somewhere]

    @property
    def twice(self) -> list[str]:
        """List the jobs that were done more than once."""
        return [job for job in JOBS if self.handled.count(job) > 1]

    @property
    def died(self) -> bool:
        """Tell whether a worker has died."""
        return any(fate == DIES for _, fate in self.steps)


class Schedule(Lab):
    """A lab: choose who goes next and who dies, and go back to try another way.

    Follows https://redis.io/docs/latest/commands/lmove/
    """

    number = 9
    title = "One schedule, step by step"
    can_go_on = True
    design = POP
    state: State

    def begin(self) -> None:
        self.design = POP
        self.state = State()
        self.headline = "Two jobs, two workers. You say who goes next, and who dies."
        self._moments: dict[int, tuple[str, tuple[Step, ...]]] = {1: (POP, ())}
        self._steps: list[Step] = []
        self._set_out()

    def _set_out(self) -> None:
        self._done: list[Hold] = []
        self._hands: dict[str, Hold] = {}
        self._lives: dict[str, Life] = {}
        self._following: dict[str, str] = {}
        self._told: list[str] = []

    def acts(self) -> list[Control]:
        steps = [act for name in WORKERS for act in self._acts_of(name)]
        return [
            Choice("Design", "design", DESIGNS, self.from_the_start),
            Act(AGAIN, self.from_the_start),
            *steps,
        ]

    def _acts_of(self, worker: str) -> list[Act]:
        following = self.state.following.get(worker, "")
        returned = f"{worker} has returned: let the other go on." * (following == RETURNED)
        dead = f"{worker} is dead already: its next step starts it again." * (following == STARTS)
        return [
            Act("Next step", partial(self.go, worker), worker, why_not=returned),
            Act("Dies here", partial(self.die, worker), worker, danger=True, why_not=returned or dead),
        ]

    async def open(self) -> None:
        await self._play(())

    async def from_the_start(self) -> None:
        """Put two jobs into the queue again, for two workers of the chosen design."""
        await self._play(())
        self.headline = f"Two jobs in the queue, and nobody has begun. The design: {self.design}."

    async def go(self, worker: str) -> None:
        """Let a worker take its next step."""
        following = self._following[worker]
        await self._take((worker, GOES))
        self.headline = f"{worker} {self._did(worker, following)} {self._then(worker, following)}"

    def _did(self, worker: str, step: str) -> str:
        """Say what a step was, and what it has brought."""
        command, _, job = step.partition(" ")
        now = self._following[worker]
        got = now.removeprefix(f"{HANDLE} ") if now.startswith(HANDLE) else ""
        if command == "LINDEX":
            found = f"{got} lies there" if got else "nothing unfinished"
            return f"looks into {self._list_of(worker)} (LINDEX): {found}."
        if command in COMING:
            return f"takes {got} ({command})." if got else f"asks for a job ({command})."
        where = f" from {self._list_of(worker)} (LREM)" if command == "LREM" else ""
        return f"{BRIEFLY[step] if step == STARTS else f'{BRIEFLY[command]} {job}{where}'}."

    def _then(self, worker: str, step: str) -> str:
        """Say what follows a step, or that it has done harm or found nothing."""
        now = self._following[worker]
        if step.startswith(HANDLE) and self._times(self._done[-1].job) > 1:
            return "It is done for the second time."
        return "Nothing is left, so it returns." if now == RETURNED else f"Next: {_coming(now)}."

    def _list_of(self, worker: str) -> str:
        return "the shared list" if self.design == SHARED else "its own list"

    def _times(self, job: str) -> int:
        return sum(hold.job == job for hold in self._done)

    async def die(self, worker: str) -> None:
        """Let a worker die before its next step."""
        following = self._following[worker]
        held = self._hands.get(worker)
        await self._take((worker, DIES))
        self.headline = self._epitaph(worker, held.job if held else "", following)

    def _epitaph(self, worker: str, held: str, following: str) -> str:
        if not held:
            return f"{worker} died with nothing in hand. Still to be done: {_coming(following)}."
        if self.design == POP:
            return f"{held} died with {worker}: nobody has it."
        kept = self._taken(worker).removeprefix(self.key(""))
        return f"{worker} died, and {held} is still in the list {kept}."

    async def go_on_from(self, number: int) -> None:
        """Bring everything back to an earlier moment, by its steps: from there go another way."""
        if number not in self._moments:
            raise NotPossible("That step is not known any more.")
        self.design, steps = self._moments[number]
        await self._play(steps)
        self.headline = f"Back at step {number}: two new jobs, and the same steps again."

    async def _play(self, steps: Sequence[Step]) -> None:
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
        self._told.append(f"{name} {_briefly(self._following[name], fate)}")
        if fate == DIES:
            self._hands.pop(name, None)
            self._following[name] = STARTS
        elif self._following[name] == STARTS:
            await self._start(name)
        else:
            await self._advance(name)
        self._steps.append(step)

    async def _start(self, name: str) -> None:
        self._lives[name] = self._pop(name) if self.design == POP else self._move(name)
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
        self._hands[name] = Hold(job, name, self._identity(name, job))
        return f"{HANDLE} {job}"

    def _identity(self, name: str, job: str) -> str:
        if self.design == POP:
            return job
        before = sum((hold.job, hold.worker) == (job, name) for hold in self._done)
        return f"{job}→{name}, {before + 1}"

    def _handle(self, name: str) -> None:
        self._done.append(self._hands.pop(name))

    def _taken(self, name: str) -> str:
        return self.key("taken" if self.design == SHARED else f"taken:{name}")

    async def look(self) -> None:
        async with self.asker() as asker:
            lists = sorted({self._taken(name) for name in WORKERS}) * (self.design != POP)
            queue: Any = await asker.lrange(self.key("orders"), 0, -1)
            taken: Any = {key: await asker.lrange(key, 0, -1) for key in lists}
        self._moments[self.frames[-1].number + 1] = self.design, tuple(self._steps)
        self.state = State(
            design=self.design,
            queue=queue,
            taken={key.removeprefix(self.key("")): jobs for key, jobs in taken.items()},
            done=tuple(self._done),
            hands=dict(self._hands),
            following=dict(self._following),
            steps=tuple(self._steps),
            told=tuple(self._told),
        )

    def stage(self) -> Stage:
        places = [*self._lists(), *self._workers(), *self._outcomes()]
        return Stage(self.title, places, list(self._links()))

    def _links(self) -> Iterator[Link]:
        """Join each living worker with the list from which a job comes into its hands."""
        for name in self._going():
            if self.state.design == POP:
                yield Link("orders", name, words="LPOP")
            else:
                shared = self.state.design == SHARED
                yield Link("taken" if shared else f"taken:{name}", name, words="reads")
        for taken in self.state.taken:
            yield Link("orders", taken, words="LMOVE")

    def _going(self) -> list[str]:
        """Name the workers that are alive and have not returned."""
        following = self.state.following
        return [name for name in WORKERS if following.get(name, "") not in ("", STARTS, RETURNED)]

    def _lists(self) -> Iterator[Place]:
        for name, jobs in {"orders": self.state.queue, **self.state.taken}.items():
            is_to_come = name == "orders" and not self.state.following
            note = "2 jobs will be here" if is_to_come else ""
            yield Place(name, "list", "broker", [Token(job, job) for job in jobs], note=note)

    def _workers(self) -> Iterator[Place]:
        for name in WORKERS:
            held = self.state.hands.get(name)
            hand = [Token(held.identity, held.job, "hand")] if held else []
            yield Place(name, "client", "receives", hand, self._doing(name))

    def _outcomes(self) -> Iterator[Place]:
        state = self.state
        seen = [hold.job in state.handled[:place] for place, hold in enumerate(state.done)]
        marks = ["twice" if again else "done" for again in seen]
        done = zip(state.done, marks, strict=True)
        tokens = [Token(hold.identity, f"{hold.job} by {hold.worker}", mark) for hold, mark in done]
        yield Place("handled", "outcome", "after", tokens)
        yield Place("lost", "outcome", "after", [Token(job, job, "lost") for job in state.lost])
        schedule = " · ".join(state.told) or "no step yet"
        yield Place("schedule", "outcome", "after", (), "", schedule)

    def _doing(self, name: str) -> str:
        following = self.state.following.get(name, "")
        if following in ("", RETURNED):
            return following or "not started"
        return "dead, will start again" if following == STARTS else f"next: {following}"

    def goals(self) -> list[Goal]:
        state = self.state
        is_whole = sorted(state.handled) == sorted(JOBS)
        return [
            Goal(
                "Pop: lose a job",
                state.design == POP and bool(state.lost),
                self._to(POP, self._to_a_death()),
            ),
            Goal(
                "A list of one's own: let a worker die with a job, and have both jobs handled once",
                state.design == OWN and state.died and is_whole,
                self._to(OWN, self._to_a_rescue()),
            ),
            Goal(
                "A shared list: handle a job twice, though nobody dies",
                state.design == SHARED and bool(state.twice) and not state.died,
                self._to(SHARED, self._to_a_double()),
            ),
        ]

    def _to(self, design: str, act: str) -> str:
        """Name what leads to this design, or the act that follows."""
        return act if self.design == design else "Design"

    def _to_a_death(self) -> str:
        """Name the act that leads to ann's death with a job in hand."""
        if self.state.following.get("ann") == RETURNED:
            return AGAIN
        return "Dies here ann" if "ann" in self.state.hands else "Next step ann"

    def _to_a_rescue(self) -> str:
        """Name the act that leads to a death and then to the end."""
        following = self.state.following
        if self.state.twice:
            return AGAIN
        if not self.state.died:
            return self._to_a_death()
        going = [name for name in WORKERS if following[name] != RETURNED]
        return f"Next step {going[0]}" if going else AGAIN

    def _to_a_double(self) -> str:
        """Name the act with which bob finds what ann has in hand, and both handle it."""
        state = self.state
        if state.died or state.following.get("ann") == RETURNED:
            return AGAIN
        has_bob_to_go = "ann" in state.hands and "bob" not in state.hands
        is_ann_ahead = state.hands.keys() == {"bob"}
        return f"Next step {'bob' if has_bob_to_go or is_ann_ahead else 'ann'}"

    def finding(self) -> Finding:
        return Finding(
            "Own list: 0 done twice → shared list: 1 done twice",
            "With the shared list, nobody died, and a job was handled twice. Why?",
            {
                "Each mistakes a job in the shared list for one it left unfinished": (
                    "A list of its own tells a worker what it has begun itself. "
                    "In a shared one that cannot be seen."
                ),
                "LMOVE gave the job to both": (
                    "LMOVE runs as a unit: each job goes to one worker. The second found it with "
                    "LINDEX, which takes nothing away."
                ),
                "LREM failed": (
                    "It was sent after the work, as it must be. By then the other had looked."
                ),
            },
        )

    def summary(self) -> str:
        state = self.state
        taken = sum(map(len, state.taken.values()))
        steps = "1 step" if len(state.steps) == 1 else f"{len(state.steps)} steps"
        return (
            f"{steps}: {len(state.queue)} in the queue, {taken} taken, "
            f"{len(state.done)} handled, {len(state.lost)} lost, {len(state.twice)} done twice. "
            f"{'; '.join(f'{name} {self._doing(name)}' for name in WORKERS)}."
        )


def _coming(step: str) -> str:
    """Say a step that is still to be done, with its command."""
    command, _, job = step.partition(" ")
    return f"remove {job} (LREM)" if command == "LREM" else COMING.get(step, step)


def _briefly(step: str, fate: str) -> str:
    """Say a step in one word, for the schedule."""
    return fate if fate == DIES else BRIEFLY.get(step, BRIEFLY.get(step.partition(" ")[0], step))


LAB = Schedule
