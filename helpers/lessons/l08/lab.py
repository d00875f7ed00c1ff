"""Lab 8: four designs with the same bad luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, NamedTuple, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from ...labs.acts import Act, Choice, Control, Finding, Goal, Number
from ...labs.model import Lab
from ...labs.words import few
from ...picture.rows import Note, Row, parts_of
from ...record import Step
from ...stage.model import Bar, Place, Stage, Token
from ...waiting import read
from .designs import Design, Handler, PowerCut

TEAM = "team"
AT_ONCE = 5  # jobs that are sent before the worker looks
MOST_CALLS = 200  # from then on nobody dies, so that every run ends
MANY = 20  # runs
MOST_RUNS = 60
MOST_ROWS, ROWS_BEFORE = 8, 3  # of the log, for each design, and those before its death
RATES = {"never": 0, "in 1 of 4 tries": 25, "in 1 of 2 tries": 50}  # deaths in 100 tries
NEVER = "never"
DIES = "The worker dies"
MOMENTS = ("before", "after")
A_TRY = "A try is one job begun: whoever loses jobs has fewer."
HOW = {
    "Pop": "LPOP: once taken, gone",
    "Move": "a second list keeps it until LREM",
    "Publish": "sent to whoever listens",
    "Group": "pending until XACK",
}
"""What each design is, in a few words."""
AGAIN = "nothing lost, done later"
EARLY = {
    "Pop": "lost the job",
    "Move": AGAIN,
    "Publish": "lost the job and those waiting",
    "Group": AGAIN,
}
"""What the deaths before the work have done to a design."""
LATE = {"Pop": "no harm", "Publish": "lost those waiting"}
"""What the deaths after the work have done to it; the other two did jobs twice."""


@dataclass(frozen=True)
class Outcome:
    """How one design came through: which jobs were lost, and which were done twice.

    A try is a call of the handler, so a job that is handed over again is tried again.
    """

    tries: int
    early: int  # deaths before the work
    late: int  # deaths after it
    lost: list[str]
    twice: list[str]
    more_often: list[str]  # of those done twice, the ones done three times or more


@dataclass
class Run:
    """One seed: how many jobs, which tries end in a death, and how each design came through."""

    seed: int
    jobs: int
    falls: dict[int, str]
    outcomes: dict[str, Outcome] = field(default_factory=dict)


class Score(NamedTuple):
    """What a design has lost and done twice in some runs, and what befell it there."""

    lost: int
    twice: int
    early: int
    late: int
    more_often: int


@dataclass
class State:
    """All runs with the luck that is chosen, and what the runs before them have shown."""

    runs: list[Run] = field(default_factory=list)
    is_calm_seen: bool = False  # a run in which nobody was to die
    judged: list[Run] = field(default_factory=list)  # the last so many runs, for good

    @property
    def jobs(self) -> int:
        """Count the jobs that each design was given."""
        return sum(run.jobs for run in self.runs)


class _WithShop(Design):
    """A design that sends with a client of the lab, which the lesson's picture does not show."""

    def __init__(self, key: str, shop: Redis) -> None:
        super().__init__(key)
        self.shop = shop


class Pop(_WithShop):
    """A design that takes a job off the list, then does it."""

    async def send(self, job: str) -> None:
        await self.shop.rpush(self.key, job)

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        while job := cast(str, await worker.lpop(self.key)):
            await handle(job)


class Move(Pop):
    """A design that moves a job to a list of its own, does it, then removes it there."""

    async def open(self, worker: Redis, team: str, name: str) -> None:
        while await worker.lmove(f"{self.key}:{name}", self.key, "RIGHT", "LEFT"):
            pass

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        own = f"{self.key}:{name}"
        while job := cast(str, await worker.lmove(self.key, own, "LEFT", "RIGHT")):
            await handle(job)
            await worker.lrem(own, 1, job)


class Publish(_WithShop):
    """A design that publishes to whoever is subscribed."""

    inbox: PubSub

    async def open(self, worker: Redis, team: str, name: str) -> None:
        self.inbox = worker.pubsub(ignore_subscribe_messages=True)
        await self.inbox.subscribe(self.key)
        await read(self.inbox)

    async def send(self, job: str) -> None:
        await self.shop.publish(self.key, job)

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        for message in await read(self.inbox):
            await handle(message["data"])


class Group(_WithShop):
    """A design that adds to a stream, reads as a group, and acknowledges after the work."""

    async def open(self, worker: Redis, team: str, name: str) -> None:
        if not await worker.exists(self.key):
            await worker.xgroup_create(self.key, team, id="0", mkstream=True)

    async def send(self, job: str) -> None:
        await self.shop.xadd(self.key, {"job": job})

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        for start in ("0", ">"):
            while entries := await self._take(worker, team, name, start):
                await handle(entries[0][1]["job"])
                await worker.xack(self.key, team, entries[0][0])

    async def _take(
        self, worker: Redis, team: str, name: str, start: str
    ) -> list[tuple[str, dict[str, str]]]:
        reply: Any = await worker.xreadgroup(team, name, {self.key: start}, count=1)
        return reply[0][1] if reply else []


DESIGNS: tuple[type[_WithShop], ...] = (Pop, Move, Publish, Group)
NAMES = [kind.__name__ for kind in DESIGNS]


class _Books(Handler):
    """The work of a job: counting it in a hash of the broker."""

    def __init__(self, falls: dict[int, str], shop: Redis, key: str) -> None:
        super().__init__(falls)
        self.shop = shop
        self.key = key

    async def work(self, job: str) -> None:
        await self.shop.hincrby(self.key, job, 1)


class Crash(Lab):
    """A lab: let the same deaths befall four designs, and count what each lost and did twice.

    Follows https://redis.io/docs/latest/develop/data-types/streams/
    """

    number = 8
    title = "Four designs, the same bad luck"
    jobs = 12
    luck = NEVER
    state: State

    def begin(self) -> None:
        self.luck = NEVER
        self.state = State()
        self._falls: dict[str, list[Note]] = {}  # by the key of a design
        self.headline = "Four designs, each with a worker. Which comes through when it dies?"

    def acts(self) -> list[Control]:
        return [
            Act("Run once", self.run),
            Act("Run ten times", self.run_often),
            Choice(DIES, "luck", list(RATES), partial(self.clear, "the odds")),
            Number("Jobs", "jobs", 1, 40, partial(self.clear, "the number of jobs")),
        ]

    async def clear(self, what: str) -> None:
        """Wipe the scoreboard: sums of different luck would say nothing."""
        why = f"Totals cleared, because {what} changed. " * bool(self.state.runs)
        self.state.runs = []
        self.headline = f"{why}{self._odds}"

    @property
    def _odds(self) -> str:
        return "The worker never dies." if self.luck == NEVER else f"The worker dies {self.luck}."

    async def run_often(self) -> None:
        """Run ten seeds, one after another."""
        for _ in range(10):
            await self.run()
        self.headline = _concluded(self.state.runs)

    async def run(self) -> None:
        """Put each design through the deaths of the next seed, on keys of its own."""
        seed = len(self.state.runs) + 1
        run = Run(seed, self.jobs, deaths(RATES[self.luck], seed))
        for kind in DESIGNS:
            key = self.key(f"{kind.__name__}:{run.seed}")
            run.outcomes[kind.__name__] = await self._run(kind(key, self.client("shop")), run)
        self.state.runs.append(run)
        if not RATES[self.luck]:
            self.state.is_calm_seen = True
        elif seed >= MANY:
            self.state.judged = list(self.state.runs)
        self.headline = _told(run)

    async def _run(self, design: _WithShop, run: Run) -> Outcome:
        names = [f"job-{number}" for number in range(1, run.jobs + 1)]
        await design.shop.delete(design.key, f"{design.key}:{TEAM}", f"{design.key}:done")
        self._falls[design.key] = []  # a run with the same number may have been before
        handle = _Books(run.falls, design.shop, f"{design.key}:done")
        worker = await self._born(design)
        for start in range(0, len(names), AT_ONCE):
            for job in names[start : start + AT_ONCE]:
                await design.send(job)
            while await self._dies(design, worker, handle):
                worker = await self._born(design)
        await self.drop(TEAM)
        async with self.asker() as asker:
            done: Any = await asker.hgetall(handle.key)
            return _outcome(handle, names, done)

    async def _born(self, design: Design) -> Redis:
        await self.drop(TEAM)
        worker = self.client(TEAM)
        await design.open(worker, TEAM, TEAM)
        return worker

    async def _dies(self, design: Design, worker: Redis, handle: Handler) -> bool:
        try:
            await design.work(worker, TEAM, TEAM, handle)
        except PowerCut:
            self._note_fall(design.key, handle)
            return True
        return False

    def _note_fall(self, key: str, handle: Handler) -> None:
        """Keep for the log what no command says."""
        told = f"dies {handle.deaths[handle.calls]} the work, in try {handle.calls}"
        note = self.record.moment(), self.named(TEAM), told
        self._falls[key].append(note)

    def rows(self, steps: list[Step], earlier: Set[int]) -> list[Row]:
        """Tell of each design in the last run, where its worker first died or first worked."""
        found: list[Row] = []
        for run in self.state.runs[-1:]:
            for name in NAMES:
                key = self.key(f"{name}:{run.seed}")
                if own := [step for step in steps if _concerns(step, key)]:
                    found += _around(name, _rows(own, earlier, self._falls[key]))
            found = [Row("gap", "", f"Run {run.seed}:"), *found] if found else []
        return found or super().rows(steps, earlier)  # a run that failed is not among them

    async def look(self) -> None:
        """Nothing to ask: a run has looked at every job."""

    def stage(self) -> Stage:
        return Stage(self.title, [self._place(name) for name in NAMES])

    def _place(self, design: str) -> Place:
        runs = self.state.runs
        if not runs:
            return Place(design, "outcome", "after", (), "not yet run", HOW[design])
        score, outcome = _score(runs, design), runs[-1].outcomes[design]
        return Place(
            design,
            "outcome",
            "after",
            _tokens(design, runs[-1].seed, outcome),
            _deaths_of(design, score),
            HOW[design],
            bars=[
                Bar("lost", score.lost, self.state.jobs, "lost"),
                Bar("twice", score.twice, self.state.jobs, "again"),
            ],
        )

    def goals(self) -> list[Goal]:
        state = self.state
        scores = [_score(state.runs, name) for name in NAMES]
        is_calm = self.luck == NEVER
        again = DIES if is_calm else "Run once"
        so_far = MANY if state.judged else 0 if is_calm else len(state.runs)
        return [
            Goal("Run the four while nobody dies", state.is_calm_seen, "Run once"),
            Goal("Let the worker die until a job is lost", any(s.lost for s in scores), again),
            Goal("Run until a job is done twice", any(s.twice for s in scores), again),
            Goal(
                f"Run {MANY} times: does any stay at 0 and 0? ({so_far} of {MANY})",
                bool(state.judged),
                DIES if is_calm else "Run ten times",
            ),
        ]

    def finding(self) -> Finding:
        runs = self.state.judged
        scores = {name: _score(runs, name) for name in NAMES}
        clean = sum(not score.lost and not score.twice for score in scores.values())
        return Finding(
            f"Designs with 0 lost and 0 twice: {clean} of {len(scores)}",
            "No job may be lost, and a repeat must do no harm. What do you build?",
            {
                "Move or Group, and a handler that may run twice": (
                    "Neither has lost one. The work itself must notice that it is done already, "
                    "for instance by the number of the job."
                ),
                "Pop, for with it nothing was ever done twice": (
                    f"It lost {scores['Pop'].lost} of {sum(run.jobs for run in runs)} jobs instead."
                ),
                "Group, but with its XACK sent before the work": (
                    "Then a death between the two loses the job, as with Pop."
                ),
            },
        )

    def next_act(self) -> str:
        return "Run once" if len(self.state.runs) < MOST_RUNS else ""

    def summary(self) -> str:
        state = self.state
        if not state.runs:
            return f"No design has run yet. {self._odds} {A_TRY}"
        runs = len(state.runs)
        below = f" Below the bars: run {runs}." * (runs > 1)
        a_try = f" {A_TRY}" * (not state.judged)
        return f"A full bar is all {state.jobs} jobs of {_runs(runs)}.{below}{a_try}"


def _concerns(step: Step, key: str) -> bool:
    """Tell whether a command names a key, or one that is made of it."""
    return any(f"{word}:".startswith(f"{key}:") for word in step.command.words)


def _rows(steps: list[Step], earlier: Set[int], notes: Sequence[Note]) -> list[Row]:
    return [row for part in parts_of(steps, earlier, notes) for row in part.rows()]


def _around(design: str, rows: Sequence[Row]) -> list[Row]:
    """Keep the rows around the first death of a worker, else around the first job done."""
    deaths = [at for at, row in enumerate(rows) if row.style == "note"]
    jobs = [at for at, row in enumerate(rows) if row.words.startswith("HINCRBY")]
    # A message stands below the command that has sent it: neither is shown without the other.
    begins = [at for at, row in enumerate(rows) if not row.sender]
    first = max(at for at in begins if at <= max(0, [*deaths, *jobs][0] - ROWS_BEFORE))
    end = max(at for at in [*begins, len(rows)] if at <= first + MOST_ROWS)
    where = f"the first {'death' if deaths else 'job'} ({end - first} of {len(rows)} rows)"
    return [Row("gap", "", f"{design}, around {where}:"), *rows[first:end]]


def _told(run: Run) -> str:
    """Say what one run has shown, and what befell all four designs alike."""
    longest = max(outcome.tries for outcome in run.outcomes.values())
    falls = {call: moment for call, moment in run.falls.items() if call <= longest}
    if not falls:
        return f"Run {run.seed}: nobody died, and every design has done each job once."
    moments = [_moment(falls, moment) for moment in MOMENTS if moment in falls.values()]
    luck = f"Run {run.seed}: death {', '.join(moments)}."
    return f"{luck} {_said('Lost', run)}. {_said('Twice', run)}."


def _moment(falls: Mapping[int, str], moment: str) -> str:
    """Say in which tries the worker died before or after the work."""
    tries = [str(call) for call, when in falls.items() if when == moment]
    return f"{moment} the work in {'try' if len(tries) == 1 else 'tries'} {few(tries)}"


def _concluded(runs: Sequence[Run]) -> str:
    """Say what all runs together have shown."""
    scores = {name: _score(runs, name) for name in NAMES}
    losing = [name for name, score in scores.items() if score.lost]
    doubling = [name for name, score in scores.items() if score.twice]
    clean = [name for name in NAMES if name not in (*losing, *doubling)]
    if len(clean) == len(NAMES):
        return f"After {_runs(len(runs))}: every design has done each job once."
    harm = [f"{few(losing)} lost jobs"] if losing else []
    harm += [f"{few(doubling)} did jobs twice"] if doubling else []
    whole = f"{few(clean)} stayed" if clean else "None is"
    return f"After {_runs(len(runs))}: {', '.join(harm)}. {whole} at 0 and 0."


def _deaths_of(design: str, score: Score) -> str:
    """Say how often the worker died before the work and after it, and what that has done."""
    early, late = EARLY[design], LATE.get(design) or _repeated(score)
    return (
        f"deaths before the work: {score.early}{f' ({early})' * bool(score.early)}; "
        f"after it: {score.late}{f' ({late})' * bool(score.late)}"
    )


def _repeated(score: Score) -> str:
    jobs = "1 job" if score.twice == 1 else f"{score.twice} jobs"
    return f"{jobs} done twice" + ", some more often" * bool(score.more_often)


def _said(what: str, run: Run) -> str:
    """Name the designs that lost jobs or did them twice, with how many."""
    counts = {name: len(getattr(o, what.lower())) for name, o in run.outcomes.items()}
    return f"{what}: {', '.join(f'{name} {n}' for name, n in counts.items() if n) or 'none'}"


def _score(runs: Sequence[Run], design: str) -> Score:
    """Add up how a design came through."""
    outcomes = [run.outcomes[design] for run in runs]
    return Score(
        lost=sum(len(o.lost) for o in outcomes),
        twice=sum(len(o.twice) for o in outcomes),
        early=sum(o.early for o in outcomes),
        late=sum(o.late for o in outcomes),
        more_often=sum(len(o.more_often) for o in outcomes),
    )


def _tokens(design: str, seed: int, outcome: Outcome) -> list[Token]:
    """Write which jobs a design lost or did twice in its last run."""
    marked = {job: "again" for job in outcome.twice} | {job: "lost" for job in outcome.lost}
    return [
        Token(f"{design} {seed} {job}", f"run {seed}: {job}", mark) for job, mark in marked.items()
    ]


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def deaths(rate: int, luck: int) -> dict[int, str]:
    """Say at which calls of the handler the power fails, and when; the same for the same luck."""
    random = Random(luck)
    moments = [
        (random.random() * 100, random.choice(("before", "after"))) for _ in range(MOST_CALLS)
    ]
    return {call: moment for call, (dice, moment) in enumerate(moments, 1) if dice < rate}


def _outcome(handle: Handler, jobs: Sequence[str], done: Mapping[str, str]) -> Outcome:
    moments = [moment for call, moment in handle.deaths.items() if call <= handle.calls]
    return Outcome(
        tries=handle.calls,
        early=moments.count("before"),
        late=moments.count("after"),
        lost=[job for job in jobs if job not in done],
        twice=[job for job in jobs if int(done.get(job, 0)) > 1],
        more_often=[job for job in jobs if int(done.get(job, 0)) > 2],
    )


LAB = Crash
