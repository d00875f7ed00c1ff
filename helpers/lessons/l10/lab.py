"""Lab 10: jobs become due, fail, come back later and give up, by a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from typing import Any, NamedTuple

from ...labs.acts import Act, Choice, Control, Finding, Goal
from ...labs.model import Lab, NotPossible
from ...labs.words import few
from ...stage.model import Cursor, Link, Place, Stage, Token

WORKERS = ("ann", "bob")
GROUP = "packing"
DEAD = "orders:dead"
STEP = 10  # seconds that a turn of the clock takes
DELAY = 10  # seconds until a new job is due
BACK_OFF = {1: 10, 2: 20}  # seconds that a job waits, by how often it has failed
LEASE = 20  # seconds without a sign of life, after which a job may be claimed
SOME: dict[str, Any] = {"byscore": True, "offset": 0, "num": 10}  # what one move takes
PAST, SHOWN = 10, 30  # seconds of the axis: before now, and in all
ADD = f"Add a job due in {DELAY} s"
TURN = f"Turn the clock {STEP} s"
MOVE = "Move what is due"
REPLAY = "Replay a dead letter"
ONE_STEP, TWO_MOVERS = "one MULTI", "two commands"
MOVERS = ("mover", "mover-2")
NO_NEW = "Nothing in orders is new."
NONE_IDLE = f"Nothing has been idle for {LEASE} s."


class Pending(NamedTuple):
    """One line of the group's pending list; `idle` is in seconds of the lab's clock."""

    entry: str
    worker: str
    deliveries: int
    idle: int


class Done(NamedTuple):
    """A job that a worker has finished, as which entry."""

    entry: str
    worker: str
    job: str


@dataclass(frozen=True)
class State:
    """What the broker holds, what the workers have in hand, and what time it is."""

    now: int = 0  # seconds
    later: dict[str, int] = field(default_factory=dict)  # when each is due, the next one first
    entries: dict[str, str] = field(default_factory=dict)  # the jobs in orders, by id
    new: tuple[str, ...] = ()
    pending: tuple[Pending, ...] = ()
    failures: dict[str, int] = field(default_factory=dict)  # of each job
    dead_letters: dict[str, str] = field(default_factory=dict)  # the jobs given up, by id
    added: int = 0
    hands: dict[str, str] = field(default_factory=dict)  # the entry that each worker works on
    began: dict[str, int] = field(default_factory=dict)  # when each worker was given it
    dead: frozenset[str] = frozenset()
    done: tuple[Done, ...] = ()
    way_down: tuple[int, ...] = ()  # when the first dead letter had failed
    replayed: dict[str, str] = field(default_factory=dict)  # the first entry of each job
    doubled: frozenset[str] = frozenset()  # entries of a second mover
    moves: tuple[Link, ...] = ()  # what has gone where with the last act

    @property
    def due(self) -> list[str]:
        """List what waits no longer, but for the mover."""
        return [job for job, due in self.later.items() if due <= self.now]

    @property
    def idle(self) -> list[Pending]:
        """List what may be claimed."""
        return [line for line in self.pending if line.idle >= LEASE]

    @property
    def living(self) -> list[str]:
        """Name the workers that are alive."""
        return [name for name in WORKERS if name not in self.dead]

    def line_of(self, entry: str) -> Pending | None:
        """Return the line of an entry, None when it is not pending."""
        return next((line for line in self.pending if line.entry == entry), None)

    def owner_of(self, entry: str) -> str:
        """Name the worker for whom an entry is pending, "" for none."""
        line = self.line_of(entry)
        return line.worker if line else ""

    def job_of(self, worker: str) -> str:
        """Name the job that a worker has in hand."""
        return self.entries[self.hands[worker]]

    @property
    def lost(self) -> list[str]:
        """List the jobs that are nowhere and that nobody has done."""
        known = {*self.later, *self.dead_letters.values(), *(done.job for done in self.done)}
        known |= {self.entries[entry] for entry in [*self.new, *(p.entry for p in self.pending)]}
        return [name for name in map(_named, range(1, self.added + 1)) if name not in known]

    @property
    def twice(self) -> list[str]:
        """List the jobs that were finished more than once."""
        names = [done.job for done in self.done]
        return sorted({name for name in names if names.count(name) > 1})


class Timeline(Lab):
    """A lab: turn the clock, move what is due, let it fail, renew a lease, and replay.

    Follows https://redis.io/docs/latest/commands/zrange/ and
    https://redis.io/docs/latest/commands/xclaim/
    """

    number = 10
    title = "Jobs on a timeline"
    way = ONE_STEP
    state: State

    def begin(self) -> None:
        self.state = State()
        self.way = ONE_STEP
        self.headline = (
            "The clock stands at 0 s, and goes on when you turn it. Add a job for later."
        )
        self._now = self._added = 0
        self._hands: dict[str, str] = {}
        self._began: dict[str, int] = {}
        self._dead: set[str] = set()
        self._signs: dict[str, int] = {}  # when each pending entry was idle for 0 s
        self._done: list[Done] = []
        self._failed_at: dict[str, list[int]] = {}  # of each job
        self._given_up = 0
        self._way_down: tuple[int, ...] = ()
        self._replayed: dict[str, str] = {}
        self._moves: list[Link] = []
        self._doubled: set[str] = set()  # entries whose job two movers have moved

    def acts(self) -> list[Control]:
        state = self.state
        none_waits = "later is empty." if not state.later else "Nothing is due: turn the clock."
        is_still = "Nothing waits and nothing is pending." * (not state.later and not state.pending)
        return [
            Act(ADD, self.add, "shop", spoken=ADD),
            Act(TURN, self.turn, why_not=is_still),
            Choice("Move with", "way", (ONE_STEP, TWO_MOVERS), self.say_the_way),
            Act(MOVE, self.move, "mover", spoken=MOVE, why_not="" if state.due else none_waits),
            Act(
                REPLAY,
                self.replay,
                DEAD,
                spoken=REPLAY,
                why_not=f"{DEAD} is empty." * (not state.dead_letters),
            ),
            *(act for name in WORKERS for act in self._acts_of(name)),
        ]

    def _acts_of(self, name: str) -> Iterator[Act]:
        state = self.state
        dead = f"{name} is dead: restart {name} first." * (name in state.dead)
        alive = f"{name} is alive." * (name not in state.dead)
        busy = f"{name} has a job in hand." * (name in state.hands)
        free = f"{name} has nothing in hand." * (name not in state.hands)
        no_new = NO_NEW * (not state.new)
        none_idle = NONE_IDLE * (not state.idle)
        own = free or self._not_renewable(name)
        yield Act("Take", partial(self.take, name), name, why_not=dead or busy or no_new)
        yield Act("Finish", partial(self.finish, name), name, why_not=dead or free)
        yield Act("Handler raises", partial(self.fail, name), name, why_not=dead or free)
        yield Act("Heartbeat", partial(self.renew, name), name, why_not=dead or own)
        yield Act("Claim idle", partial(self.claim, name), name, why_not=dead or busy or none_idle)
        yield Act("Restart", partial(self.restart, name), name, why_not=alive)
        killed = f"{name} is dead already." * (name in state.dead)
        yield Act("Kill", partial(self.kill, name), name, danger=True, why_not=killed)

    def _not_renewable(self, worker: str) -> str:
        """Say why a worker has no lease to renew."""
        if worker not in self.state.hands:
            return ""
        line = self.state.line_of(self.state.hands[worker])
        if line is None or line.worker != worker:
            return f"{self.state.job_of(worker)} is not pending for {worker} any more."
        return "" if line.idle else f"{self.state.job_of(worker)} has been idle for 0 s."

    async def open(self) -> None:
        setup = self.client("setup")
        await setup.xgroup_create(self._orders, GROUP, id="0", mkstream=True)

    # The clock, the shop, the mover.

    async def turn(self) -> None:
        """Turn the clock, and make what is pending as much older: nobody has to wait."""
        self._now += STEP
        for line in self.state.pending:
            idle = 1000 * (self._now - self._signs[line.entry])
            await self.client("clock").xclaim(
                self._orders, GROUP, line.worker, 0, [line.entry], idle=idle, justid=True
            )
        self._moves.clear()
        self.headline = f"Now {self._now} s. {self._what_time_has_brought()}"

    def _what_time_has_brought(self) -> str:
        state = self.state
        due = [job for job, due in state.later.items() if due == self._now]
        idle = [p.entry for p in state.pending if self._now - self._signs[p.entry] == LEASE]
        news = [_are(due, "due: the mover has to ask." if not idle else "due.")] if due else []
        if idle:
            names = [state.entries[entry] for entry in idle]
            news.append(_are(names, f"idle for {LEASE} s: others may claim."))
        return " ".join(news) or self._what_is_to_come()

    def _what_is_to_come(self) -> str:
        """Say what will be due next, or what is pending, where time has changed nothing else."""
        state = self.state
        for job, due in state.later.items():
            if due > self._now:
                return f"Nothing new is due before {due} s, when {job} is."
        for line in state.pending:
            idle = self._now - self._signs[line.entry]
            return f"{state.entries[line.entry]} is pending for {line.worker}, idle for {idle} s."
        return "What is due waits for the mover."

    async def add(self) -> None:
        """Add a job for later."""
        self._added += 1
        job, due = _named(self._added), self._now + DELAY
        await self.client("shop").zadd(self._later, {job: due})
        self._went("shop", "later", "ZADD")
        self.headline = f"{job} waits in later. Its score is the time when it is due, {due} s."

    async def say_the_way(self) -> None:
        """Say how jobs are moved from now on."""
        self._moves.clear()
        self.headline = {
            ONE_STEP: "However many movers: XADD and ZREM are one MULTI, which WATCH guards.",
            TWO_MOVERS: "Two movers at the same time: both read later, then XADD, then ZREM.",
        }[self.way]

    async def move(self) -> None:
        """Move what is due."""
        await (self._move_in_one_step() if self.way == ONE_STEP else self._move_twice())

    async def _move_in_one_step(self) -> None:
        """Move what is due in a transaction: if another mover was faster, it begins again."""
        moved: list[str] = []

        async def move_some(both: Any) -> None:
            moved[:] = await both.zrange(*self._due(), **SOME)
            both.multi()
            for job, entry in zip(moved, self._next_ids(), strict=False):
                both.xadd(self._orders, {"job": job}, id=entry).zrem(self._later, job)

        await self.client("mover").transaction(move_some, self._later)
        self._went("later", "orders", "XADD + ZREM", len(moved))
        self.headline = (
            f"The mover has moved {few(moved)}: into orders and out of later, in one MULTI."
        )

    async def _move_twice(self) -> None:
        """Let two movers read what is due before either removes it."""
        movers, ids = [self.client(name) for name in MOVERS], self._next_ids()
        found: list[Any] = [await mover.zrange(*self._due(), **SOME) for mover in movers]
        for mover, jobs in zip(movers, found, strict=True):
            for job in jobs:
                await mover.xadd(self._orders, {"job": job}, id=next(ids))
        for mover, jobs in zip(movers, found, strict=True):
            await mover.zrem(self._later, *jobs)
        one, both = len(found[0]), len(found[0]) + len(found[1])
        self._doubled.update(islice(self._next_ids(), one, both))
        self._went("later", "orders", "XADD, ZREM", both)
        self.headline = (
            f"{few(found[0])} came into orders twice: both movers had read before any ZREM."
        )

    def _due(self) -> tuple[str, int, int]:
        return self._later, 0, self._now

    async def replay(self) -> None:
        """Move a dead letter back into the stream, in one step."""
        letter, job = next(iter(self.state.dead_letters.items()))
        entry = next(self._next_ids())
        async with self.client("desk").pipeline() as both:
            both.xadd(self._orders, {"job": job}, id=entry)
            both.xdel(self.key(DEAD), letter)
            await both.execute()
        self._replayed.setdefault(job, entry)
        self._went(DEAD, "orders", "XADD + XDEL")
        self.headline = f"{job} is in orders again, and out of {DEAD}: XADD and XDEL in one MULTI."

    def _next_ids(self) -> Iterator[str]:
        """Number the next entries: ids of the clock would differ in each run."""
        return (f"{number}-0" for number in count(len(self.state.entries) + 1))

    # The workers.

    async def take(self, worker: str) -> None:
        """Let a worker read one entry that nobody was given yet."""
        reply: Any = await self.client(worker).xreadgroup(
            GROUP, worker, {self._orders: ">"}, count=1
        )
        entries = [entry for _, entries in reply for entry, _ in entries]
        if not entries:
            raise NotPossible(NO_NEW)
        self._give(worker, entries[0])
        self._went("orders", worker, "XREADGROUP")
        job = self.state.entries[entries[0]]
        self.headline = f"{worker} was given {job}: it is pending for {worker}, idle for 0 s."

    def _give(self, worker: str, entry: str) -> None:
        self._hands[worker] = entry
        self._began[worker] = self._signs[entry] = self._now

    async def finish(self, worker: str) -> None:
        """Let a worker finish its job, acknowledge it, and forget its failures."""
        entry = self._hands.pop(worker)
        job, owner = self.state.entries[entry], self.state.owner_of(entry)
        async with self.client(worker).pipeline() as both:
            both.xack(self._orders, GROUP, entry)
            both.hdel(self.key("failures"), job)
            await both.execute()
        self._done.append(Done(entry, worker, job))
        self._moves.clear()
        times = sum(done.job == job for done in self._done)
        again = f" It is done {_times(times)}." * (times > 1)
        self.headline = (
            f"{worker} has finished {job}: XACK and HDEL, one MULTI.{_of(worker, owner)}{again}"
        )

    async def fail(self, worker: str) -> None:
        """Let a worker's handler raise: the job is due again later, or is given up."""
        entry, failures = self._hands.pop(worker), self.key("failures")
        job, owner = self.state.entries[entry], self.state.owner_of(entry)
        count = int(await self.client(worker).hget(failures, job) or 0) + 1
        self._failed_at.setdefault(job, []).append(self._now)
        async with self.client(worker).pipeline() as step:
            step.xack(self._orders, GROUP, entry)
            if count in BACK_OFF:
                step.hset(failures, job, count)
                step.zadd(self._later, {job: self._now + BACK_OFF[count]})
            else:
                step.hdel(failures, job)
                step.xadd(self.key(DEAD), {"job": job}, id=f"{self._given_up + 1}-0")
            await step.execute()
        self._tell_failure(worker, job, count)
        self.headline += _of(worker, owner)

    def _tell_failure(self, worker: str, job: str, count: int) -> None:
        """Say what has become of a job that has failed."""
        if count in BACK_OFF:
            self._went(worker, "later", "XACK + ZADD")
            self.headline = (
                f"Failure {count} of {job}: due again in {BACK_OFF[count]} s. "
                "XACK, HSET and ZADD in one MULTI."
            )
            return
        self._given_up += 1
        self._way_down = self._way_down or tuple(self._failed_at[job])
        self._went(worker, DEAD, "XACK + XADD")
        self.headline = (
            f"Failure {count} of {job}: a dead letter. XACK, HDEL and XADD in one MULTI."
        )

    async def renew(self, worker: str) -> None:
        """Let a worker claim what it has in hand, so that nobody else does."""
        entry = self._hands[worker]
        await self.client(worker).xclaim(self._orders, GROUP, worker, 0, [entry], justid=True)
        self._signs[entry] = self._now
        self._went(worker, "pending", "XCLAIM")
        self.headline = (
            f"{worker} claims its own {self.state.entries[entry]}: idle for 0 s again. "
            "JUSTID counts no delivery."
        )

    async def claim(self, worker: str) -> None:
        """Let a worker take over what nobody has renewed for long enough."""
        line = self.state.idle[0]
        reply: Any = await self.client(worker).xautoclaim(
            self._orders, GROUP, worker, 1000 * LEASE, start_id=line.entry, count=1
        )
        if not reply[1]:
            raise NotPossible(NONE_IDLE)
        self._give(worker, line.entry)
        self._went("pending", worker, "XAUTOCLAIM")
        self.headline = (
            f"{worker} has claimed {self.state.entries[line.entry]}{self._whose(line, worker)}: "
            f"delivery {line.deliveries + 1}."
        )

    def _whose(self, line: Pending, worker: str) -> str:
        """Say from whom an entry was claimed."""
        if line.worker == worker:
            return ", pending under its own name"
        is_at_it = self.state.hands.get(line.worker) == line.entry
        return f" from {line.worker}, who {'is still' if is_at_it else 'is not'} working on it"

    async def restart(self, worker: str) -> None:
        """Start a worker again, under its name."""
        self._dead.discard(worker)
        self._moves.clear()
        left = [self.state.entries[p.entry] for p in self.state.pending if p.worker == worker]
        still = f" {few(left)} {_be(left)} still pending for {worker}." * bool(left)
        self.headline = f"{worker} is back, with nothing in hand.{still}"

    async def kill(self, worker: str) -> None:
        """Kill a worker: it forgets what it had, the broker does not."""
        entry = self._hands.pop(worker, "")
        owner = self.state.owner_of(entry)
        await self.drop(worker)
        self._dead.add(worker)
        self._moves.clear()
        job = self.state.entries.get(entry, "")
        left = f"{job} stays pending for {owner}" if owner else f"{job} is not pending any more"
        self.headline = f"{worker} is dead. {left if entry else 'Nothing was in hand'}."

    def _went(self, start: str, end: str, words: str, count: int = 1) -> None:
        self._moves = [Link(start, end, count, words)]

    @property
    def _orders(self) -> str:
        return self.key("orders")

    @property
    def _later(self) -> str:
        return self.key("later")

    async def look(self) -> None:
        async with self.asker() as asker:
            later: Any = await asker.zrange(self._later, 0, -1, withscores=True)
            entries: Any = await asker.xrange(self._orders)
            [group] = await asker.xinfo_groups(self._orders)
            new: Any = await asker.xrange(self._orders, min=f"({group['last-delivered-id']}")
            lines: Any = await asker.xpending_range(self._orders, GROUP, "-", "+", 10_000)
            failures: Any = await asker.hgetall(self.key("failures"))
            letters: Any = await asker.xrange(self.key(DEAD))
        self.state = State(
            now=self._now,
            later={job: int(due) for job, due in later},
            entries={entry: fields["job"] for entry, fields in entries},
            new=tuple(entry for entry, _ in new),
            pending=tuple(map(self._line, lines)),
            failures={job: int(failed) for job, failed in failures.items()},
            dead_letters={entry: fields["job"] for entry, fields in letters},
            added=self._added,
            hands=dict(self._hands),
            began=dict(self._began),
            dead=frozenset(self._dead),
            done=tuple(self._done),
            way_down=self._way_down,
            replayed=dict(self._replayed),
            doubled=frozenset(self._doubled),
            moves=tuple(self._moves),
        )

    def _line(self, line: dict[str, Any]) -> Pending:
        """Read a line; its idle time is the one that the lab has set, not the broker's clock's."""
        entry = line["message_id"]
        idle = self._now - self._signs.setdefault(entry, self._now)
        return Pending(entry, line["consumer"], line["times_delivered"], idle)

    def stage(self) -> Stage:
        state = self.state
        places = [
            Place("shop", "client", "sends"),
            Place("mover", "client", "sends"),
            self._timeline(),
            Place("orders", "stream", "broker", self._entries(), cursors=self._given()),
            Place("pending", "stream", "broker", list(self._lines())),
            Place("failures", "list", "broker", list(self._counts())),
            Place(DEAD, "stream", "broker", list(self._letters())),
            *self._workers(),
            Place("done", "outcome", "after", list(self._finished())),
        ]
        return Stage(self.title, places, state.moves, is_one_move=True)

    def _timeline(self) -> Place:
        """Show the sorted set along the time, with now a third of the way or before."""
        now, start = self.state.now, max(0, self.state.now - PAST)
        tokens = [
            Token(f"{job} later", f"{due} s {job}", at=_share(due - start))
            for job, due in self.state.later.items()
        ]
        cursor = Cursor("now", at=_share(now - start), is_time=True)
        labels = range(start, start + SHOWN + 1, STEP)
        axis = [(_share(second - start), f"{second} s") for second in labels]
        words = f"now {now} s"
        return Place("later", "list", "broker", tokens, words, cursors=[cursor], axis=axis)

    def _given(self) -> list[Cursor]:
        return [Cursor(GROUP, len(self.state.entries) - len(self.state.new))]

    def _entries(self) -> list[Token]:
        """Show the stream: what is new, what was given to a worker, what is acknowledged."""
        doubled = self.state.doubled
        marks = {entry: "again" if entry in doubled else "held" for entry in self.state.new}
        marks |= dict.fromkeys((line.entry for line in self.state.pending), "given")
        entries = self.state.entries.items()
        return [Token(entry, job, marks.get(entry, "past")) for entry, job in entries]

    def _lines(self) -> Iterator[Token]:
        for line in self.state.pending:
            job = self.state.entries[line.entry]
            sign = (
                self.state.now - line.idle
            )  # of life, the last one: what has a new one stands out
            words = f"{job} {line.worker} idle {line.idle} s"
            yield Token(f"{line.entry}→{GROUP} {sign}", words)

    def _counts(self) -> Iterator[Token]:
        for job, failed in self.state.failures.items():
            yield Token(f"{job} failed {failed}", f"{job}: {failed}")

    def _letters(self) -> Iterator[Token]:
        for letter, job in self.state.dead_letters.items():
            yield Token(f"{letter} dead", job, "aside")

    def _workers(self) -> Iterator[Place]:
        for name in WORKERS:
            entry = self.state.hands.get(name)
            job = self.state.entries.get(entry or "", "")
            hand = [Token(f"{entry}→{name}", job, "hand")] if entry else []
            state = "dead" if name in self.state.dead else "alive"
            yield Place(name, "client", "receives", hand, state, self._warning(name))

    def _warning(self, worker: str) -> str:
        """Say that what a worker has in hand is not its own any more."""
        entry = self.state.hands.get(worker)
        owner = self.state.owner_of(entry) if entry else worker
        if owner == worker:
            return ""
        return f"claimed by {owner}" if owner else "not pending any more"

    def _finished(self) -> Iterator[Token]:
        seen: set[str] = set()
        for done in self.state.done:
            mark = "again" if done.job in seen else "done"
            seen.add(done.job)
            yield Token(f"{done.entry}→{done.worker}", f"{done.job} by {done.worker}", mark)

    def goals(self) -> list[Goal]:
        state = self.state
        return [
            Goal(
                "Add a job for later; move it when it is due",
                bool(state.entries),
                self._to_an_entry(),
            ),
            Goal(
                "Let it fail twice: the second wait is longer",
                any(state.failures.get(job, 0) > 1 for job in state.later),
                self._to_a_failure(),
            ),
            Goal(
                "Let it fail a third time: a dead letter",
                bool(state.dead_letters),
                self._to_a_failure(),
            ),
            Goal(
                f"Keep a job for {LEASE} s by a heartbeat",
                any(map(self._is_kept, state.hands)),
                self._to_a_heartbeat(),
            ),
            Goal(
                "Replay the dead letter, and finish the job",
                any(map(self._was_replayed, state.done)),
                self._to_the_end(),
            ),
        ]

    def _is_kept(self, worker: str) -> bool:
        """Tell whether a worker has had a job for as long as a lease, and nobody may claim it."""
        line = self.state.line_of(self.state.hands[worker])
        is_long = self.state.now - self.state.began[worker] >= LEASE
        return line is not None and line.worker == worker and is_long and line.idle < LEASE

    def _was_replayed(self, done: Done) -> bool:
        """Tell whether a job was finished as the entry of a replay, or as a later one."""
        first = self.state.replayed.get(done.job)
        return first is not None and _number(done.entry) >= _number(first)

    def _to_an_entry(self) -> str:
        """Name the act that leads to something new in orders."""
        if self.state.due:
            return MOVE
        return TURN if self.state.later else ADD

    def _to_a_hand(self) -> str:
        """Name the act that leads to a job in the hands of a living worker, all of them free."""
        state = self.state
        if not state.living:
            return f"Restart {WORKERS[0]}"
        if state.idle:
            return f"Claim idle {state.living[0]}"
        if state.new:
            return f"Take {state.living[0]}"
        if state.due or state.later:
            return self._to_an_entry()
        if state.pending:
            return TURN
        return REPLAY if state.dead_letters else ADD

    def _to_a_failure(self) -> str:
        busy = next(iter(self.state.hands), "")
        return f"Handler raises {busy}" if busy else self._to_a_hand()

    def _to_a_heartbeat(self) -> str:
        """Name the act that leads to a lease that was renewed."""
        state = self.state
        own = [name for name, entry in state.hands.items() if state.owner_of(entry) == name]
        for worker in own:
            line = state.line_of(state.hands[worker])
            return f"Heartbeat {worker}" if line and line.idle else TURN
        return self._to_the_end()

    def _to_the_end(self) -> str:
        busy = next(iter(self.state.hands), "")
        if busy:
            return f"Finish {busy}"
        return REPLAY if self.state.dead_letters else self._to_a_hand()

    def finding(self) -> Finding:
        state = self.state
        span = state.way_down[-1] - state.way_down[0] if state.way_down else 0
        return Finding(
            f"{len(state.way_down)} failures in {span} s, then a dead letter · "
            f"{len(state.lost)} lost · {len(state.twice)} done twice",
            "XACK, then ZADD, as two commands: the worker dies in between. Where is the job?",
            {
                "Nowhere: it is lost": (
                    "XACK has ended the delivery, and nothing waits in later. The other way round "
                    "it comes twice. In one MULTI both happen, or neither."
                ),
                "It is pending, and another worker claims it": (
                    "Only what is not acknowledged is pending: after XACK there is nothing to "
                    "claim."
                ),
                "In orders, so the group hands it out again": (
                    "The entry is still in the stream, but a group hands out each entry once, "
                    "and claims only move what is pending."
                ),
            },
        )

    def summary(self) -> str:
        state = self.state
        twice = f", {len(state.twice)} of them twice" * bool(state.twice)
        done = len({each.job for each in state.done})
        return (
            f"Now {state.now} s. Added {state.added}: {len(state.later)} in later, "
            f"{len(state.new)} new in orders, {len(state.pending)} pending, "
            f"{len(state.dead_letters)} in {DEAD}, {done} done{twice}."
        )


def _named(number: int) -> str:
    return f"order-{number}"


def _number(entry: str) -> int:
    return int(entry.partition("-")[0])


def _share(seconds: int) -> float:
    """Say where on the axis something is, so many seconds after its beginning."""
    return round(min(max(seconds / SHOWN, 0.0), 1.0), 3)


def _be(several: Sequence[str]) -> str:
    return "is" if len(several) == 1 else "are"


def _are(names: Sequence[str], what: str) -> str:
    """Say what jobs are; of many, how many."""
    told = names[0] if len(names) == 1 else f"{len(names)} jobs"
    return f"{told} {_be(names)} {what}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _of(worker: str, owner: str) -> str:
    """Say for whom an entry was pending that a worker has acknowledged, if not for itself."""
    if owner == worker:
        return ""
    return f" It was pending for {owner}." if owner else " It was not pending."


LAB = Timeline
