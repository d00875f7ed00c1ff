"""Lab 11: kill the worker of a task library, and look where its job is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from ...labs.acts import Act, Choice, Control, Finding, Goal
from ...labs.model import Lab
from ...labs.words import few
from ...replay.scene import ordinal
from ...stage.model import Cursor, Link, Place, Stage, Token
from .protocols import DAY, HOUR, MINUTE, PROTOCOLS, Hold, Life, Shelf, Worker, span

WORKERS = ("ann", "bob")
LIBRARY = "Library"
CELERY, LATE, RQ = "Celery", "Celery acks_late", "RQ"
BRINGS_BACK = (LATE, "RQ + Retry", "Dramatiq", "taskiq stream", "streaQ")
SEND = "Send a job"
TURNS = {"A minute passes": MINUTE, "An hour passes": HOUR, "A day passes": DAY}
AN_HOUR = "An hour passes"
PACK = "pack "
CLAIMS_FIRST = "XAUTOCLAIM + XREADGROUP"
TAKES = ("BRPOP", "BLMOVE", "LPOP + SADD", "XREADGROUP", CLAIMS_FIRST)


class Due(NamedTuple):
    """What happens to a worker by itself, at a second of the clock; `does` tells of it in words."""

    at: int
    worker: str
    does: Callable[[str], Awaitable[str]]


class Effect(NamedTuple):
    """A parcel that a customer gets: the outcome of one run of a job."""

    job: str
    worker: str


class Return(NamedTuple):
    """A job that a dead worker had, to be had again; `packed` is how often it was packed before."""

    job: str
    seconds: int  # since the kill
    packed: int


class Sum(NamedTuple):
    """What has become of a library's jobs in all its runs."""

    lost: int = 0
    twice: int = 0
    failed: int = 0
    back: int = 0  # seconds until the first one came back; 0 while none has


@dataclass(frozen=True)
class State:
    """What the broker holds, what the workers have in hand, and what the customers have got."""

    library: str = CELERY
    now: int = 0  # seconds
    sent: int = 0
    shelves: tuple[Shelf, ...] = ()
    alive: tuple[str, ...] = (WORKERS[0],)
    starts: dict[str, int] = field(default_factory=dict)  # how often each worker was started
    hands: dict[str, Hold] = field(default_factory=dict)
    following: dict[str, str] = field(default_factory=dict)  # the next step of each worker
    effects: tuple[Effect, ...] = ()
    returns: tuple[Return, ...] = ()
    moves: tuple[Link, ...] = ()  # what has gone where with the last act
    killed: frozenset[str] = frozenset()  # what dead workers had, and nobody has got back
    is_ripe: bool = False  # whether something that was taken may be handed out again
    sums: dict[str, Sum] = field(default_factory=dict)  # by library

    def packed(self, job: str) -> int:
        """Count how often a job was packed."""
        return sum(effect.job == job for effect in self.effects)

    def copies_of(self, job: str) -> list[str]:
        """Name the places where the broker keeps a job that is in somebody's hands."""
        return [s.name for s in self.shelves if s.is_copy and any(i.job == job for i in s.items)]

    @property
    def waiting(self) -> list[str]:
        """List the jobs that nobody was given yet."""
        return [i.job for s in self.shelves[:1] for i in s.items if i.mark == "held"]

    @property
    def left(self) -> list[str]:
        """List the jobs that the broker keeps for a worker that has them no longer."""
        held = {hold.job for hold in self.hands.values()}
        copies = [i.job for s in self.shelves if s.is_copy for i in s.items]
        return [job for job in dict.fromkeys(copies) if job not in held]

    @property
    def failed(self) -> list[str]:
        """List the jobs that are kept and that nobody will run."""
        return [i.job for s in self.shelves for i in s.items if i.mark == "aside"]

    @property
    def lost(self) -> list[str]:
        """List the jobs that are nowhere and were never packed."""
        kept = {i.job for s in self.shelves for i in s.items if i.mark != "past"}
        kept |= {hold.job for hold in self.hands.values()}
        kept |= {effect.job for effect in self.effects}
        return [job for job in map(_named, range(1, self.sent + 1)) if job not in kept]

    @property
    def twice(self) -> list[str]:
        """List the jobs that were packed more than once."""
        jobs = [effect.job for effect in self.effects]
        return sorted({job for job in jobs if jobs.count(job) > 1})


class TaskLibrary(Lab):
    """A lab: play what a task library says to the broker, kill its worker, and turn the clock.

    Follows https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html
    """

    number = 11
    title = "Kill a library's worker"
    library = CELERY
    state: State

    def begin(self) -> None:
        self.library = CELERY
        self.state = State()
        self._sums: dict[str, Sum] = {}
        self.headline = (
            "Send a job, let ann take it one step at a time, and kill her wherever you like."
        )
        self._set_out()

    def _set_out(self) -> None:
        """Begin with a library that has said nothing yet."""
        self._protocol = PROTOCOLS[self.library](self.key, lambda: self._now)
        self._now = self._sent = 0
        self._workers: dict[str, Worker] = {}
        self._lives: dict[str, Life] = {}
        self._following: dict[str, str] = {}
        self._starts: dict[str, int] = {}
        self._looked: dict[str, int] = {}  # when each worker last looked for what the dead left
        self._killed: dict[str, int] = {}  # when the last worker of each job was killed
        self._effects: list[Effect] = []
        self._returns: list[Return] = []
        self._moves: list[Link] = []

    def acts(self) -> list[Control]:
        nothing = "Nothing was sent yet." * (not self.state.sent)
        return [
            Act(SEND, self.send, "shop", spoken=SEND),
            Choice(LIBRARY, "library", tuple(PROTOCOLS), self.change),
            *(
                Act(name, partial(self.turn, seconds), why_not=nothing)
                for name, seconds in TURNS.items()
            ),
            *(act for name in WORKERS for act in self._acts_of(name)),
        ]

    def _acts_of(self, name: str) -> Iterator[Act]:
        is_alive = name in self.state.alive
        gone = f"{name} is not running: start {name}." * (not is_alive)
        running = f"{name} is running." * is_alive
        yield Act("Next step", partial(self.go, name), name, why_not=gone or self._nothing(name))
        yield Act("Start", partial(self.start_worker, name), name, why_not=running)
        yield Act("Kill", partial(self.kill, name), name, danger=True, why_not=gone)

    def _nothing(self, worker: str) -> str:
        """Say why there is nothing to take for a worker whose next step that is."""
        state = self.state
        following = state.following.get(worker, TAKES[0])
        if state.waiting or following not in TAKES:
            return ""
        if following == CLAIMS_FIRST and state.is_ripe:
            return ""
        return f"{self._protocol.queue} has nothing new."

    # The library, the shop, the clock.

    async def open(self) -> None:
        await self._protocol.open(self.client("setup"))
        await self._begin(WORKERS[0])

    async def change(self) -> None:
        """Begin anew with another library: an empty broker, and ann."""
        for name in WORKERS:
            await self.drop(name)
        await self._remove_keys()
        self._set_out()
        await self.open()
        self.headline = f"{self.library}: an empty queue, and ann. The clock stands at 0 s."

    async def send(self) -> None:
        """Send a job as the library does."""
        self._sent += 1
        job = _named(self._sent)
        command = await self._protocol.send(self.client("shop"), job)
        self._moves = [Link("shop", self._protocol.queue, 1, command)]
        self.headline = f"{job} waits in {self._protocol.queue}: {command}."

    async def turn(self, seconds: int) -> None:
        """Turn the clock; meanwhile the living do what their library does from time to time."""
        end, found = self._now + seconds, ""
        self._moves = []
        while due := self._next_due(end):
            self._now, name, does = due
            await self._renew()
            found = await does(name) or found
        self._now = end
        await self._renew()
        await self._protocol.age(self.client("clock"))
        self.headline = f"Now {span(end)}. {found or self._what_stays()}"

    def _next_due(self, end: int) -> Due | None:
        """Say what happens next by itself, when, and to which worker."""
        due = [each for each in (*self._stops(), *self._looks()) if each.at <= end]
        return min(due, key=lambda each: each.at, default=None)

    def _stops(self) -> Iterator[Due]:
        """Yield when jobs that are not packed yet will have taken too long."""
        limit = self._protocol.limit
        for worker in self._workers.values() if limit else ():
            if worker.hand and self._following[worker.name].startswith(PACK):
                yield Due(worker.since + limit, worker.name, self._stop)

    def _looks(self) -> Iterator[Due]:
        """Yield when each worker will look and find something."""
        for name in self._lookers():
            if ripe := self._ripe():
                yield Due(self._look_after(min(ripe), name), name, self._look)

    async def _stop(self, name: str) -> str:
        """Stop the job of a worker, who goes on with the next one; say what has become of it."""
        worker, protocol = self._workers[name], self._protocol
        assert worker.hand
        job = worker.hand.job
        await protocol.stop(worker)
        [(start, end, command)] = worker.moved
        self._moves = [Link(start, end, 1, command)]
        await self._set_to_work(worker)
        became = "failed" if end == "failed" else f"back in {end}"
        return f"{job} ran for {protocol.limit} s, the time limit, and was stopped: it is {became}."

    def _ripe(self) -> list[int]:
        """List from when on a look would find something that nobody renews."""
        hands = [worker.hand.token for worker in self._workers.values() if worker.hand]
        kept = hands if self._protocol.has_heartbeat else []
        return [at for token, at in self._protocol.ripe.items() if token not in kept]

    def _lookers(self) -> list[str]:
        """Name the workers that look because time passes."""
        protocol = self._protocol
        free = [w.name for w in self._workers.values() if protocol.looks_when_busy or not w.hand]
        return free if protocol.interval else []

    def _look_after(self, ripe: int, name: str) -> int:
        """Say when a worker looks for the first time from a moment on."""
        looked, interval = self._looked[name], self._protocol.interval
        if self._protocol.by_a_dice:
            return max(ripe, looked) + interval
        return looked + interval * max(1, -((looked - ripe) // interval))

    async def _look(self, name: str) -> str:
        """Let a worker look for what the dead left; say what has become of it."""
        worker = self._workers[name]
        self._looked[name] = self._now
        jobs = await self._protocol.look(worker)
        if not jobs:
            return ""
        [(start, end, command)] = worker.moved
        self._moves = [Link(start, end, len(jobs), command)]
        if end == "failed":
            return f"{name} cleaned up at {span(self._now)}: {self._written_off(jobs)}."
        for job in jobs:
            self._note_return(job)
        return f"{name} looked: {_are(jobs)} back in {end}{self._how_late(jobs[0])}."

    def _written_off(self, jobs: list[str]) -> str:
        """Say which jobs count as failed, and whether they were done."""
        done = [job for job in jobs if self._times(job)]
        if not done:
            return f"{_are(jobs)} failed, and not run"
        everyone = "it" if len(jobs) == 1 else "they"
        which = everyone if done == jobs else few(done)
        return f"{_are(jobs)} failed, though {which} {'were' if len(done) > 1 else 'was'} packed"

    def _times(self, job: str) -> int:
        return sum(effect.job == job for effect in self._effects)

    def _note_return(self, job: str) -> None:
        if job in self._killed:
            packed = self._times(job)
            self._returns.append(Return(job, self._now - self._killed.pop(job), packed))

    def _how_late(self, job: str) -> str:
        """Say how long a job was away, or that somebody is still working on it."""
        for worker in self._workers.values():
            if worker.hand and worker.hand.job == job:
                return f", though {worker.name} still has it"
        dice = ", on average" * self._protocol.by_a_dice
        return f", {span(self._returns[-1].seconds)} after the kill{dice}" if self._returns else ""

    async def _renew(self) -> None:
        """Let the living say that they live, or work on what they have begun."""
        for worker in self._workers.values():
            await self._protocol.beat(worker)

    def _what_stays(self) -> str:
        """Say why time has brought nothing back."""
        if not self.state.left:
            return self._what_is_kept()
        job = self.state.left[0]
        stays = f"{job} stays in {self.state.copies_of(job)[0]}"
        if self._protocol.asleep:
            return f"{stays}. {self._protocol.asleep}."
        if not self._workers:
            return f"{stays}: nobody is running who could look."
        if not self._protocol.interval:
            return f"{job} is idle: the next step of a free worker claims it."
        return f"{stays}{self._when_somebody_looks()}."

    def _when_somebody_looks(self) -> str:
        protocol, lookers = self._protocol, self._lookers()
        if not lookers:
            return ": a busy worker does not look"
        ripe, dice = min(self._ripe()), ", on average" * protocol.by_a_dice
        ahead = min(self._look_after(ripe, name) for name in lookers) - self._now
        return f". The look that finds it comes in {span(ahead)}{dice}"

    def _what_is_kept(self) -> str:
        """Say that no dead worker has left anything, or what it is lost for."""
        if self.state.lost:
            return f"{_stay(self.state.lost)} lost: the broker has no copy."
        if self.state.hands and self._protocol.has_heartbeat:
            left_out = f" {self._protocol.left_out}." * bool(self._protocol.left_out)
            return f"Who is at work has renewed its lease.{left_out}"
        return "No dead worker has left anything in the broker."

    # The workers.

    async def start_worker(self, name: str) -> None:
        """Start a process, which may look at once for what the dead left."""
        await self._begin(name)
        self._moves = []
        found = await self._look(name) if self._protocol.looks_at_start else ""
        self.headline = f"{name} is running. {found or self._what_left()}".rstrip()

    def _what_left(self) -> str:
        left = self.state.left
        return f"{_stay(left)} in {self.state.copies_of(left[0])[0]}." if left else ""

    async def _begin(self, name: str) -> None:
        start = self._starts[name] = self._starts.get(name, 0) + 1
        consumer = name if start == 1 else f"{name}-{start}"
        worker = self._workers[name] = Worker(name, consumer, self.client(name))
        await worker.client.ping()  # as libraries do: it is connected before it takes anything
        self._looked[name] = self._now
        await self._set_to_work(worker)

    async def _set_to_work(self, worker: Worker) -> None:
        """Let a worker begin with nothing in hand."""
        life = self._lives[worker.name] = self._protocol.live(worker)
        self._following[worker.name] = (await anext(life)).then

    async def go(self, name: str) -> None:
        """Let a worker do its next step."""
        worker = self._workers[name]
        worker.moved = []
        packing = self._following[name].startswith(PACK) and worker.hand
        did = self._pack(name, packing.job) if packing else ""
        step = await anext(self._lives[name])
        self._following[name] = step.then
        self._moves = [Link(start, end, 1, command) for start, end, command in worker.moved]
        if worker.hand and worker.moved and worker.moved[0][2] == "XAUTOCLAIM":
            self._note_return(worker.hand.job)
        self.headline = did or f"{name} {step.did}"

    def _pack(self, name: str, job: str) -> str:
        """Pack a job, which its customer notices; say how often it was done."""
        self._effects.append(Effect(job, name))
        times = self._times(job)
        which = {2: "second", 3: "third"}.get(times, ordinal(times))
        again = f" for the {which} time" * (times > 1)
        copies = self.state.copies_of(job)
        still = f" The broker still has it in {copies[0]}." if copies else ""
        return f"{name} packed {job}{again}.{still}"

    async def kill(self, name: str) -> None:
        """Kill a worker: what it had in hand is gone, unless the broker has a copy."""
        worker = self._workers.pop(name)
        await self.drop(name)
        self._following[name] = ""
        self._moves = []
        if worker.hand:
            self._killed[worker.hand.job] = self._now
        self.headline = f"{name} is dead. {self._epitaph(worker.hand)}"

    def _epitaph(self, hand: Hold | None) -> str:
        if not hand:
            return "Nothing was in hand."
        job, copies = hand.job, self.state.copies_of(hand.job)
        packed = "packed" if self.state.packed(job) else "not packed"
        if others := [
            w for w, held in self.state.hands.items() if held.job == job and held != hand
        ]:
            return f"{job} is {packed}, and {others[0]} has it too."
        if copies:
            return f"{job} is {packed}, and stays in {copies[0]}."
        if job in self.state.waiting:
            return f"{job} is {packed}, and waits in {self._protocol.queue} again."
        if self.state.packed(job):
            return f"{job} is packed, and no copy is left: no harm."
        return f"{job} is lost: not packed, and the broker has no copy."

    async def look(self) -> None:
        async with self.asker() as asker:
            shelves = await self._protocol.held(asker)
        state = State(
            library=self.library,
            now=self._now,
            sent=self._sent,
            shelves=tuple(shelves),
            alive=tuple(self._workers),
            starts=dict(self._starts),
            hands={w.name: w.hand for w in self._workers.values() if w.hand},
            following=dict(self._following),
            effects=tuple(self._effects),
            returns=tuple(self._returns),
            moves=tuple(self._moves),
            killed=frozenset(self._killed),
            is_ripe=any(at <= self._now for at in self._protocol.ripe.values()),
        )
        self._sums[self.library] = _added(self._sums.get(self.library, Sum()), state)
        self.state = replace(state, sums=dict(self._sums))

    def stage(self) -> Stage:
        state = self.state
        places = [
            Place("shop", "client", "sends", state=f"with {state.library}"),
            *map(_shelf, state.shelves),
            *map(self._worker, WORKERS),
            Place("packed", "outcome", "after", list(self._parcels())),
            Place("lost", "outcome", "after", [Token(j, j, "lost") for j in state.lost]),
        ]
        return Stage(self.title, places, state.moves, is_one_move=True)

    def _worker(self, name: str) -> Place:
        state, hand = self.state, self.state.hands.get(name)
        tokens = [Token(hand.identity, hand.job, "hand")] if hand else []
        following = state.following.get(name, "")
        gone = "dead" if name in state.starts else "not started"
        doing = f"next: {following}" if following else "next: BRPOP"
        return Place(name, "client", "receives", tokens, doing if name in state.alive else gone)

    def _parcels(self) -> Iterator[Token]:
        seen: list[str] = []
        for job, worker in self.state.effects:
            seen.append(job)
            times = seen.count(job)
            mark = "done" if times == 1 else "again"
            yield Token(f"{job} packed {times}", f"{job} by {worker}", mark)

    def goals(self) -> list[Goal]:
        state = self.state
        is_safe = any(r.packed == 0 and state.packed(r.job) == 1 for r in state.returns)
        return [
            Goal(
                "Celery: lose a job",
                state.library == CELERY and bool(state.lost),
                self._with(CELERY, self._to_a_death(0)),
            ),
            Goal(
                "acks_late: the same kill, packed later",
                state.library == LATE and is_safe,
                self._with(LATE, self._to_a_death(0)),
            ),
            Goal(
                "Pack one job twice",
                bool(state.twice),
                self._to_a_death(1) if state.library in BRINGS_BACK else LIBRARY,
            ),
            Goal(
                "RQ: find the job of a killed worker",
                state.library == RQ and not state.killed.isdisjoint(state.failed),
                self._with(RQ, self._to_a_death(0)),
            ),
        ]

    def _with(self, library: str, act: str) -> str:
        return act if self.state.library == library else LIBRARY

    def _to_a_death(self, packed: int) -> str:
        """Name the act that leads to a kill when a job was packed so often, and beyond it."""
        state = self.state
        for worker, hand in state.hands.items():
            is_time = self._is_time(worker, hand.job, packed)
            return f"{'Kill' if is_time else 'Next step'} {worker}"
        if not state.alive:
            return f"Start {min(WORKERS, key=lambda name: state.starts.get(name, 0))}"
        if state.left and (self._protocol.interval or not state.is_ripe):
            return AN_HOUR
        can_go_on = not self._nothing(state.alive[0])
        return f"Next step {state.alive[0]}" if can_go_on else SEND

    def _is_time(self, worker: str, job: str, packed: int) -> bool:
        """Tell whether to kill a worker now, which has come to a job for the first time."""
        state = self.state
        has_come_back = any(r.job == job and r.packed == packed for r in state.returns)
        is_begun = state.following[worker].startswith(PACK) or packed > 0
        return state.packed(job) == packed and is_begun and not (state.left or has_come_back)

    def finding(self) -> Finding:
        sums = self.state.sums
        lost, late = sums.get(CELERY, Sum()).lost, sums.get(LATE, Sum())
        failed = sums.get(RQ, Sum()).failed
        return Finding(
            f"Celery: {lost} lost · acks_late: back after {span(late.back)}, "
            f"{late.twice} more than once · RQ: {failed} failed",
            "With acks_late, a job takes two hours and nobody dies. What happens?",
            {
                "After an hour it is handed out again, and runs twice": (
                    "unacked_index has the time of the delivery, and nothing renews it. Set "
                    "visibility_timeout longer than the longest job, and notice a repeat."
                ),
                "Nothing, since its worker is alive": (
                    "Nobody asks the worker. RQ and streaQ do: a living worker renews its lease."
                ),
                "Nothing, since it was acknowledged when it began": (
                    "That is the default. With acks_late the copy stays until the job has ended."
                ),
            },
        )

    def summary(self) -> str:
        state = self.state
        if not state.sent:
            return f"Nothing sent yet with {state.library}."
        packed = len({effect.job for effect in state.effects})
        failed = f", {len(state.failed)} failed" * bool(state.failed)
        often = "twice" if len(state.effects) == packed + len(state.twice) else "more than once"
        twice = f", {len(state.twice)} of them {often}" * bool(state.twice)
        return (
            f"Now {span(state.now)}. Sent {state.sent}: {len(state.waiting)} waiting, "
            f"{len(state.hands)} in hand, {len(state.left)} left by the dead{failed}, "
            f"{packed} packed{twice}, {len(state.lost)} lost."
        )


def _shelf(shelf: Shelf) -> Place:
    tokens = [Token(item.identity, item.text, item.mark) for item in shelf.items]
    cursors = [Cursor(*shelf.read)] if shelf.read[0] else []
    return Place(shelf.name, shelf.kind, "broker", tokens, shelf.words, cursors=cursors)


def _added(before: Sum, state: State) -> Sum:
    """Keep the worst that has come of a library, and how long the first return took."""
    back = state.returns[0].seconds if state.returns else 0
    return Sum(
        lost=max(before.lost, len(state.lost)),
        twice=max(before.twice, len(state.twice)),
        failed=max(before.failed, len(state.failed)),
        back=before.back or back,
    )


def _are(jobs: list[str]) -> str:
    return f"{few(jobs)} {'is' if len(jobs) == 1 else 'are'}"


def _stay(jobs: list[str]) -> str:
    return f"{few(jobs)} {'stays' if len(jobs) == 1 else 'stay'}"


def _named(number: int) -> str:
    return f"order-{number}"


LAB = TaskLibrary
