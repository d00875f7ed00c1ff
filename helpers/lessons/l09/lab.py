"""Lab 9: one schedule of two workers, step by step, forwards and backwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, cast

from ...labs.acts import Act, Choice, Control, Finding, Goal
from ...labs.model import Lab, NotPossible
from ...stage.model import Link, Place, Stage, Token

WORKERS = ("ann", "bob")
JOBS = ("job-1", "job-2")
DESIGNS = ("pop", "a list per worker", "one list for all")
POP, OWN, SHARED = DESIGNS
KEYS = ("orders", "taken", *(f"taken:{name}" for name in WORKERS))
GOES, DIES = "goes", "dies"
AGAIN = "Restart this design"
STARTS = "start again"
STARTS_AGAIN = "starts again"
HANDLE = "handle"
RETURNED = "has returned"
COMING = {
    "LPOP": "take a job (LPOP)",
    "LINDEX": "look for an unfinished job (LINDEX)",
    "LMOVE": "take a job (LMOVE)",
}
FIRST_TIME = {
    "LINDEX": "LINDEX 0: reads the first, takes nothing out",
    "LMOVE": "LMOVE: off the left end of orders, onto the right end of {list}",
    "LREM": "LREM 1: the first entry that is {job}",
}
"""What a command does, said when it is sent for the first time."""
MOST_TOLD = 8  # steps
BRIEFLY = {
    "LPOP": "takes",
    "LINDEX": "looks",
    "LMOVE": "takes",
    HANDLE: "handles",
    "LREM": "removes",
    STARTS: STARTS_AGAIN,
}

Step = tuple[str, str]  # who, and whether it goes or dies
Move = tuple[str, str, str]  # from where, to where, and with which command
Life = AsyncIterator[str]  # does a step each time, and names the next one


class Harm(NamedTuple):
    """How many jobs were lost, and how many handled twice."""

    lost: int = 0
    twice: int = 0


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
    move: Move | None = None  # what the last step has moved or read
    attempt: int = 0  # how often two new jobs were put in before
    has_died_holding: bool = False
    worst: Mapping[str, Harm] = field(default_factory=dict)  # that each design has come to

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
        """List the jobs that were handled more than once."""
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
        self.headline = (
            "The first press puts two jobs into orders. Then you say who goes next, and who dies."
        )
        self._moments: dict[int, tuple[str, tuple[Step, ...], int]] = {1: (POP, (), 0)}
        self._steps: list[Step] = []
        self._attempts = 0
        self._explained: set[str] = set()
        self._worst = dict.fromkeys(DESIGNS, Harm())
        self._set_out()

    def _set_out(self) -> None:
        self._move_made: Move | None = None
        self._has_died_holding = False
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
            Act(
                "Dies here",
                partial(self.die, worker),
                worker,
                danger=True,
                why_not=returned or dead,
            ),
        ]

    async def open(self) -> None:
        await self._play((), 1)

    async def from_the_start(self) -> None:
        """Put two jobs into orders again, for two workers of the chosen design."""
        await self._play((), self._attempts + 1)
        self.headline = f"Two new jobs in orders, and nobody has begun. The design: {self.design}."

    async def go(self, worker: str) -> None:
        """Let a worker take its next step."""
        following, first = self._following[worker], self._first_words()
        await self._take((worker, GOES))
        told = f"{first}{worker} {self._did(worker, following)}"
        self.headline = f"{told} {self._then(worker, following)}".rstrip()

    def _first_words(self) -> str:
        """Say that the first press has filled orders."""
        return "Two jobs are put into orders. " * (len(self.frames) == 1)

    def _did(self, worker: str, step: str) -> str:
        """Say what a step was, and what it has brought."""
        command, _, job = step.partition(" ")
        now = self._following[worker]
        got = now.removeprefix(f"{HANDLE} ") if now.startswith(HANDLE) else ""
        match command:
            case "LINDEX" if got and (rival := self._rival(worker, got)):
                return f"finds {got} in taken and thinks it left behind. {rival}"
            case "LINDEX":
                found = f"{got} is there" if got else "nothing there"
                how = self._explain(command, worker)
                return f"looks into {self._list_of(worker)} ({how}): {found}."
            case "LPOP" | "LMOVE":
                how = self._explain(command, worker) if got else command
                return f"takes {got} ({how})." if got else f"asks for a job ({command})."
            case "LREM":
                removed = f"removes {job} from {self._list_of(worker)}"
                return f"{removed} ({self._explain(command, worker, job)})."
        return f"{STARTS_AGAIN if step == STARTS else f'{BRIEFLY[command]} {job}'}."

    def _explain(self, command: str, worker: str, job: str = "") -> str:
        """Name a command; the first time, say what it does."""
        if command in self._explained or command not in FIRST_TIME:
            return command
        self._explained.add(command)
        return FIRST_TIME[command].format(list=self._list_of(worker), job=job)

    def _rival(self, worker: str, job: str) -> str:
        """Say what the other one does with a job that this worker has found; "" for nothing."""
        [other] = [name for name in WORKERS if name != worker]
        if other in self._hands and self._hands[other].job == job:
            return f"{other} is still working on it."
        if self._following[other] == f"LREM {job}":
            return f"{other} has handled it already."
        return ""

    def _then(self, worker: str, step: str) -> str:
        """Say what harm a step has done, or that it was the last one; "" for neither."""
        if step.startswith(HANDLE) and self._times(self._done[-1].job) > 1:
            return "It is handled for the second time."
        return "Nothing is left, so it returns." * (self._following[worker] == RETURNED)

    def _list_of(self, worker: str) -> str:
        return self._taken(worker).removeprefix(self.key(""))

    def _times(self, job: str) -> int:
        return sum(hold.job == job for hold in self._done)

    async def die(self, worker: str) -> None:
        """Let a worker die before its next step."""
        following, first = self._following[worker], self._first_words()
        held = self._hands.get(worker)
        await self._take((worker, DIES))
        self.headline = first + self._epitaph(worker, held.job if held else "", following)

    def _epitaph(self, worker: str, held: str, following: str) -> str:
        kept = self._list_of(worker)
        if held and self.design == POP:
            return f"{worker} died holding {held}: it is lost."
        if held:
            return f"{worker} died holding {held}: it is still in {kept}."
        if following.startswith("LREM"):
            job = following.removeprefix("LREM ")
            return f"{worker} died after handling {job}, before LREM: it is still in {kept}."
        return f"{worker} died with nothing in hand. Still to be done: {_coming(following)}."

    async def go_on_from(self, number: int) -> None:
        """Bring everything back to an earlier moment, by its steps: from there go another way."""
        if number not in self._moments:
            raise NotPossible("That moment is not known any more.")
        self.design, steps, attempt = self._moments[number]
        await self._play(steps, attempt)
        self.headline = (
            f"Back at press {number - 1}: two new jobs, and the same steps again."
            if steps
            else f"Two new jobs in orders, and nobody has begun. The design: {self.design}."
        )

    async def _play(self, steps: Sequence[Step], attempt: int) -> None:
        """Put two jobs into orders, which is empty, and take these steps."""
        await self.client("shop").delete(*map(self.key, KEYS))
        await self.client("shop").rpush(self.key("orders"), *JOBS)
        self._steps, self._attempt = [], attempt
        self._attempts = max(self._attempts, attempt)
        self._set_out()
        for name in WORKERS:
            await self._start(name)
        for step in steps:
            await self._take(step)

    async def _take(self, step: Step) -> None:
        name, fate = step
        self._move_made = None
        self._told.append(f"{name} {_briefly(self._following[name], fate)}")
        if fate == DIES:
            held = self._hands.pop(name, None)
            self._has_died_holding |= held is not None
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
            self._move_made = "orders", name, "LPOP"
            yield self._in_hand(name, job)
            self._handle(name)
            yield "LPOP"

    async def _move(self, name: str) -> Life:
        client, taken = self.client(name), self._taken(name)
        while True:
            yield "LINDEX"
            job: Any = await client.lindex(taken, 0)
            move = self._list_of(name), name, "LINDEX"
            if not job:
                yield "LMOVE"
                job = await client.lmove(self.key("orders"), taken)
                move = "orders", self._list_of(name), "LMOVE"
            if not job:
                return
            self._move_made = move
            yield self._in_hand(name, job)
            self._handle(name)
            yield f"LREM {job}"
            await client.lrem(taken, 1, job)

    def _in_hand(self, name: str, job: str) -> str:
        self._hands[name] = Hold(job, name, self._identity(name, job))
        return f"{HANDLE} {job}"

    def _identity(self, name: str, job: str) -> str:
        if self.design == POP:
            return _numbered(job, self._attempt)
        before = sum((hold.job, hold.worker) == (job, name) for hold in self._done)
        return f"{_numbered(job, self._attempt)}→{name}, {before + 1}"

    def _handle(self, name: str) -> None:
        self._done.append(self._hands.pop(name))

    def _taken(self, name: str) -> str:
        return self.key("taken" if self.design == SHARED else f"taken:{name}")

    async def look(self) -> None:
        async with self.asker() as asker:
            lists = sorted({self._taken(name) for name in WORKERS}) * (self.design != POP)
            queue: Any = await asker.lrange(self.key("orders"), 0, -1)
            taken: Any = {key: await asker.lrange(key, 0, -1) for key in lists}
        now = self.design, tuple(self._steps), self._attempt
        self._moments[self.frames[-1].number + 1] = now
        self.state = self._judged(queue, taken)

    def _judged(self, queue: list[str], taken: dict[str, list[str]]) -> State:
        """Return the state, with the worst that each design has come to."""
        state = State(
            design=self.design,
            queue=queue,
            taken={key.removeprefix(self.key("")): jobs for key, jobs in taken.items()},
            done=tuple(self._done),
            hands=dict(self._hands),
            following=dict(self._following),
            steps=tuple(self._steps),
            told=tuple(self._told),
            move=self._move_made,
            attempt=self._attempt,
            has_died_holding=self._has_died_holding,
        )
        lost, twice = self._worst[state.design]
        worst = Harm(max(lost, len(state.lost)), max(twice, len(state.twice)))
        self._worst = self._worst | {state.design: worst}
        return replace(state, worst=self._worst)

    def stage(self) -> Stage:
        places = [*self._lists(), *self._workers(), *self._outcomes()]
        return Stage(self.title, places, self._links(), is_one_move=True)

    def _links(self) -> list[Link]:
        """Join what the last step has moved a job between, or read it from."""
        if not self.state.move:
            return []
        start, end, command = self.state.move
        return [Link(start, end, 1, command)]

    def _lists(self) -> Iterator[Place]:
        for name, jobs in {"orders": self.state.queue, **self.state.taken}.items():
            is_to_come = name == "orders" and not self.state.following
            note = "empty until the first press" if is_to_come else ""
            yield Place(name, "list", "broker", [self._token(job) for job in jobs], note=note)

    def _token(self, job: str, mark: str = "held") -> Token:
        return Token(_numbered(job, self.state.attempt), job, mark)

    def _workers(self) -> Iterator[Place]:
        for name in WORKERS:
            held = self.state.hands.get(name)
            hand = [Token(held.identity, held.job, "hand")] if held else []
            yield Place(name, "client", "receives", hand, self._doing(name))

    def _outcomes(self) -> Iterator[Place]:
        state = self.state
        first: list[Token] = []
        again: list[Token] = []
        for place, hold in enumerate(state.done):
            is_again = hold.job in state.handled[:place]
            token = Token(
                hold.identity, f"{hold.job} by {hold.worker}", "again" if is_again else "done"
            )
            (again if is_again else first).append(token)
        yield Place("handled", "outcome", "after", first)
        if again:
            yield Place("handled again", "outcome", "after", again)
        yield Place("lost", "outcome", "after", [self._token(job, "lost") for job in state.lost])

    def _doing(self, name: str) -> str:
        following = self.state.following.get(name, "")
        if following in ("", RETURNED):
            return following or "not started"
        return "dead, will start again" if following == STARTS else f"next: {following}"

    def goals(self) -> list[Goal]:
        state = self.state
        return [
            Goal(
                "Pop: lose a job",
                state.design == POP and bool(state.lost),
                self._to(POP, self._to_a_death()),
            ),
            Goal(
                "A list per worker: die, yet finish both",
                self._is_rescued(),
                self._to(OWN, self._to_a_rescue()),
            ),
            Goal(
                "One list for all: handle a job twice, no death",
                state.design == SHARED and bool(state.twice) and not state.died,
                self._to(SHARED, self._to_a_double()),
            ),
        ]

    def _is_rescued(self) -> bool:
        """Tell whether both jobs were handled once, and removed, though a worker died with one."""
        state = self.state
        is_whole = sorted(state.handled) == sorted(JOBS) and not any(state.taken.values())
        return state.design == OWN and state.has_died_holding and is_whole

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
        if not self.state.has_died_holding:
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
        worst = [f"{design} {h.lost} and {h.twice}" for design, h in self.state.worst.items()]
        return Finding(
            f"Lost and twice: {' · '.join(worst)}",
            "One list for all: nobody died, and a job was handled twice. Why?",
            {
                "A worker cannot tell a job in work from one left behind": (
                    "A list per worker tells each what it has begun itself. A death between "
                    "handling and LREM has a job handled twice there, too."
                ),
                "LMOVE gave the same job to both of the workers at once": (
                    "LMOVE runs as a unit: each job goes to one worker. The second found it with "
                    "LINDEX, which takes nothing away."
                ),
                "LREM failed, so that the job was left there for both": (
                    "It was sent after the work, as it must be. By then the other had looked."
                ),
            },
        )

    def summary(self) -> str:
        state = self.state
        told = state.told[-MOST_TOLD:]
        earlier = "… · " * (len(state.told) > len(told))
        steps = f"Steps so far: {earlier}{' · '.join(told) or 'none'}."
        return f"{steps} {self._counted()}" if state.following else steps

    def _counted(self) -> str:
        """Say where the jobs are, each in one place."""
        state = self.state
        handled, lost = set(state.handled), len(state.lost)
        queue = len(set(state.queue) - handled)
        begun = len(JOBS) - queue - len(handled) - lost
        again = f", of these {len(state.twice)} twice" * bool(state.twice)
        in_work = sum(hold.job in handled for hold in state.hands.values())
        again += f", of these {in_work} in work again" * bool(in_work)
        return (
            f"{len(JOBS)} jobs: {queue} in orders, {begun} begun, "
            f"{len(handled)} handled{again}, {lost} lost."
        )


def _numbered(job: str, attempt: int) -> str:
    """Identify a job: each time there are two new ones of the same names."""
    return f"{job} #{attempt}"


def _coming(step: str) -> str:
    """Say a step that is still to be done, with its command."""
    command, _, job = step.partition(" ")
    return f"remove {job} (LREM)" if command == "LREM" else COMING.get(step, step)


def _briefly(step: str, fate: str) -> str:
    """Say a step in one word, for the schedule."""
    return fate if fate == DIES else BRIEFLY.get(step, BRIEFLY.get(step.partition(" ")[0], step))


LAB = Schedule
