"""Lab 6: what a consumer group keeps of each entry, on a board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from ...labs.acts import Act, Control, Finding, Goal
from ...labs.model import Lab, NotPossible
from ...stage.model import Cursor, Link, Place, Stage, Token

WORKERS = ("ann", "bob")
GROUP = "packing"
DEAD = "dead-letters"
POISON = "poison"
LIMIT = 3  # deliveries, as in the lesson: whoever gets the last of them handles it no more
TO_ASIDE = f"Go on: whoever gets delivery {LIMIT} sets it aside"
FEW = 3  # that are told one by one
A_MINUTE = 60_000  # milliseconds, after which an entry may be claimed


Way = tuple[str, str]
"""From which place to which an entry has gone."""


class Pending(NamedTuple):
    """One line of the group's pending list."""

    entry: str
    worker: str
    deliveries: int
    is_idle: bool


@dataclass
class State:
    """Where each entry is: new, pending, acknowledged, or in the dead-letter stream."""

    names: dict[str, str] = field(default_factory=dict)  # of the entries, by id
    new: list[str] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    hands: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in WORKERS})
    dead: set[str] = field(default_factory=set)
    went: dict[Way, int] = field(default_factory=dict)  # entries so far, the latest way last
    killed: int = 0  # workers, by poison

    @property
    def done(self) -> list[str]:
        """List the entries that the group is done with, those set aside not among them."""
        open_ones = {*self.new, *(line.entry for line in self.pending)}
        gone = set(self.aside)
        return [e for e, name in self.names.items() if e not in open_ones and name not in gone]

    def line_of(self, entry: str) -> Pending | None:
        """Return the line of an entry, None when it is not pending."""
        return next((line for line in self.pending if line.entry == entry), None)

    def of(self, worker: str) -> list[Pending]:
        """List what is pending for a worker."""
        return [line for line in self.pending if line.worker == worker]

    @property
    def poison(self) -> Pending | None:
        """Return the line of the first poison that is pending."""
        poisons = (p for p in self.pending if self.names[p.entry].startswith(POISON))
        return next(poisons, None)

    @property
    def idle(self) -> list[Pending]:
        """List what has been pending for so long that it may be claimed."""
        return [line for line in self.pending if line.is_idle]

    @property
    def living(self) -> list[str]:
        """Name the workers that are alive."""
        return [name for name in WORKERS if name not in self.dead]


class Board(Lab):
    """A lab: hand entries to two workers, crash one, claim what it left, and meet a poison message.

    Follows https://redis.io/docs/latest/commands/xautoclaim/
    """

    number = 6
    title = "The board of a consumer group"
    state: State

    def begin(self) -> None:
        self.state = State()
        self.headline = (
            f"ann and bob are the group {GROUP}: each order goes to one of them at a time."
        )

    def acts(self) -> list[Control]:
        nothing_ages = "Nothing is pending, so nothing grows older." * (not self.state.pending)
        return [
            Act("Add an order", self.add, "shop", spoken="Add an order"),
            Act("Add poison", self.add_poison, "shop", spoken="Add poison"),
            Act("A minute passes", self.age, why_not=nothing_ages),
            *(act for name in WORKERS for act in self._acts_of(name)),
        ]

    def _acts_of(self, worker: str) -> list[Act]:
        is_dead = worker in self.state.dead
        dead = f"{worker} is dead: restart {worker} first." * is_dead
        alive = f"{worker} is alive." * (not is_dead)
        idle = f"{worker} has nothing in hand." * (not self.state.hands[worker])
        return [
            Act("Take next", partial(self.take, worker), worker, why_not=dead),
            Act("Work on it", partial(self.finish, worker), worker, why_not=dead or idle),
            Act("Claim idle", partial(self.claim, worker), worker, why_not=dead),
            Act("Restart", partial(self.restart, worker), worker, why_not=alive),
            Act("Kill", partial(self.crash, worker), worker, danger=True, why_not=dead),
        ]

    async def open(self) -> None:
        setup = self.client("setup")
        await setup.xgroup_create(self._orders, GROUP, id="0", mkstream=True)
        for name in WORKERS:
            await setup.xgroup_createconsumer(self._orders, GROUP, name)

    async def add(self) -> None:
        """Add an order."""
        await self._add("order")

    async def add_poison(self) -> None:
        """Add an order that kills whoever works on it."""
        await self._add(POISON)

    async def _add(self, kind: str) -> None:
        number = len(self.state.names) + 1
        name = f"{kind}-{number}"
        await self.client("shop").xadd(self._orders, {"name": name}, id=f"{number}-0")
        what = "It kills whoever works on it" if kind == POISON else "Nobody has it yet"
        self.headline = f"{name} is in the stream. {what}."

    async def take(self, worker: str) -> None:
        """Let a worker read one entry that nobody was given yet."""
        entries = await self._read(worker, ">", "orders", count=1)
        if not entries:
            raise NotPossible("There is nothing new: add an order first.")
        name = self.state.names[entries[0]]
        self.headline = f"{worker} was given {name}, delivery 1: it is pending for {worker}."

    async def _read(
        self, worker: str, start: str, source: str, count: int | None = None
    ) -> list[str]:
        client = self.client(worker)
        reply: Any = await client.xreadgroup(GROUP, worker, {self._orders: start}, count=count)
        entries = [entry for _, entries in reply for entry, _ in entries]
        self.state.hands[worker] += entries
        self._tell(source, worker, len(entries))
        return entries

    def _tell(self, start: str, end: str, count: int) -> None:
        """Remember that entries went this way; the last one is where what is new comes from."""
        if count:
            self.state.went[start, end] = self.state.went.pop((start, end), 0) + count

    async def finish(self, worker: str) -> None:
        """Let a worker do its oldest job and acknowledge it; poison kills it first."""
        entry = self.state.hands[worker][0]
        name = self.state.names[entry]
        if name.startswith(POISON):
            await self._die(worker)
            self.state.killed += 1
            line = self.state.line_of(entry)
            self.headline = (
                f"{name} has killed {worker}: death {self.state.killed}, "
                f"{_delivered(line)}. It stays pending for {worker}."
            )
            return
        await self.client(worker).xack(self._orders, GROUP, entry)
        self.state.hands[worker].remove(entry)
        self.headline = f"{worker} has acknowledged {name}: the group is done with it."

    async def crash(self, worker: str) -> None:
        """Kill a worker: it forgets what it had, the broker does not."""
        hand = self.state.hands[worker]
        left, stay = self._names(hand), "stays" if len(hand) == 1 else "stay"
        await self._die(worker)
        kept = f"{left} {stay} pending for {worker}" if left else "Nothing was in hand"
        self.headline = f"{worker} is dead. {kept}."

    async def _die(self, worker: str) -> None:
        await self.drop(worker)
        self.state.hands[worker] = []
        self.state.dead.add(worker)

    async def restart(self, worker: str) -> None:
        """Start a worker again; it asks for its own unfinished entries first."""
        self.state.dead.discard(worker)
        entries = await self._read(worker, "0", _pending_for(worker))
        got = f", and gets {self._names(entries)} again" if entries else ": nothing"
        times = await self._times(worker)
        self.headline = (
            f"{worker} is back, asks for what is pending for {worker}{got}"
            f"{_which_delivery(entries, times)}."
        )
        await self._set_aside(worker, entries, times)

    async def _times(self, worker: str) -> dict[str, int]:
        """Let a worker ask how often each pending entry was delivered."""
        lines = await self._pending(self.client(worker))
        return {line.entry: line.deliveries for line in lines}

    async def age(self) -> None:
        """Make every pending entry a minute older than it is; nobody has to wait."""
        for line in self.state.pending:
            await self.client("lab").xclaim(
                self._orders, GROUP, line.worker, 0, [line.entry], idle=A_MINUTE, justid=True
            )
        entries = [line.entry for line in self.state.pending]
        it = "it" if len(entries) == 1 else "them"
        self.headline = (
            f"The lab sets the idle time of {self._names(entries)} to 60 s, "
            f"so a claim will take {it}."
        )

    async def claim(self, worker: str) -> None:
        """Let a worker take over what has been idle for a minute."""
        client = self.client(worker)
        reply = await client.xautoclaim(self._orders, GROUP, worker, A_MINUTE)
        claimed = [entry for entry, _ in reply[1]]
        if not claimed:
            raise NotPossible("Nothing has been idle for a minute: let one pass.")
        for hands in self.state.hands.values():
            hands[:] = [entry for entry in hands if entry not in claimed]
        self.state.hands[worker] += claimed
        lines = filter(None, map(self.state.line_of, claimed))
        owners = Counter(line.worker for line in lines)
        for owner, count in owners.items():
            self._tell(_pending_for(owner), worker, count)
        times = await self._times(worker)
        self.headline = (
            f"{worker} has claimed {self._names(claimed)}{' from ' * bool(owners)}"
            f"{' and '.join(owners)}{_which_delivery(claimed, times)}."
        )
        await self._set_aside(worker, claimed, times)

    async def _set_aside(self, worker: str, entries: Iterable[str], times: dict[str, int]) -> None:
        """Move what was delivered too often to the dead-letter stream."""
        client = self.client(worker)
        for entry in [entry for entry in entries if times.get(entry, 0) >= LIMIT]:
            name = self.state.names[entry]
            self.state.aside.append(name)
            number = len(self.state.aside)  # an id of the clock would be another in each run
            await client.xadd(self.key(DEAD), {"name": name}, id=f"{number}-0")
            await client.xack(self._orders, GROUP, entry)
            self.state.hands[worker].remove(entry)
            self._tell(worker, DEAD, 1)
            self.headline = (
                f"Delivery {times[entry]}, and {LIMIT} is the limit: {worker} sets {name} aside in "
                f"{DEAD} and acknowledges it."
            )

    def _names(self, entries: Sequence[str]) -> str:
        if len(entries) > FEW:
            return f"{len(entries)} entries"
        *first, last = [self.state.names[entry] for entry in entries] or [""]
        return " and ".join(filter(None, [", ".join(first), last]))

    @property
    def _orders(self) -> str:
        return self.key("orders")

    async def _pending(self, client: Any) -> list[Pending]:
        lines = await client.xpending_range(self._orders, GROUP, "-", "+", 10_000)
        return [
            Pending(
                line["message_id"],
                line["consumer"],
                line["times_delivered"],
                line["time_since_delivered"] >= A_MINUTE,
            )
            for line in lines
        ]

    async def look(self) -> None:
        async with self.asker() as asker:
            entries: Any = await asker.xrange(self._orders)
            [group] = await asker.xinfo_groups(self._orders)
            new: Any = await asker.xrange(self._orders, min=f"({group['last-delivered-id']}")
            self.state.names = {entry: fields["name"] for entry, fields in entries}
            self.state.new = [entry for entry, _ in new]
            self.state.pending = await self._pending(asker)
            dead: Any = await asker.xrange(self.key(DEAD))
            self.state.aside = [fields["name"] for _, fields in dead]

    def stage(self) -> Stage:
        state = self.state
        given = Cursor(GROUP, len(state.names) - len(state.new))
        return Stage(
            self.title,
            [
                Place("shop", "client", "sends"),
                Place("orders", "stream", "broker", self._entries(), cursors=[given]),
                *self._pending_lists(),
                Place(DEAD, "stream", "broker", self._set_asides()),
                *self._workers(),
                Place("done", "outcome", "after", self._done()),
            ],
            list(self._links()),
        )

    def _links(self) -> Iterator[Link]:
        if self.state.names:
            yield Link("shop", "orders", len(self.state.names))
        for (start, end), count in self.state.went.items():
            yield Link(start, end, count)

    def _entries(self) -> list[Token]:
        """Show the stream: what is new, what was sent to a worker, what the group is done with."""
        marks = dict.fromkeys(self.state.new, "held")
        marks |= dict.fromkeys((line.entry for line in self.state.pending), "given")
        names = self.state.names.items()
        return [Token(name, name, marks.get(entry, "past")) for entry, name in names]

    def _pending_lists(self) -> Iterator[Place]:
        """Show what the group keeps in the broker for each worker, dead or alive."""
        for name in WORKERS:
            lines = self.state.of(name)
            tokens = [
                Token(_of_the_group(n), n) for n in (self.state.names[p.entry] for p in lines)
            ]
            yield Place(_pending_for(name), "stream", "broker", tokens, _deliveries(lines))

    def _workers(self) -> Iterator[Place]:
        for name in WORKERS:
            names = [self.state.names[entry] for entry in self.state.hands[name]]
            tokens = [Token(f"{job}→{name}", job, "hand") for job in names]
            yield Place(name, "client", "receives", tokens, self._health(name))

    def _done(self) -> list[Token]:
        names = [self.state.names[entry] for entry in self.state.done]
        return [Token(_of_the_group(name), name, "done") for name in names]

    def _set_asides(self) -> list[Token]:
        return [Token(_of_the_group(name), name, "aside") for name in self.state.aside]

    def _health(self, worker: str) -> str:
        return "dead" if worker in self.state.dead else "alive"

    def goals(self) -> list[Goal]:
        state = self.state
        poison, names = state.poison, state.names.values()
        has_poison = any(name.startswith(POISON) for name in names)
        is_empty = not state.new and not state.pending
        return [
            Goal(
                "Add three orders, one of them poison",
                len(names) > 2 and has_poison,
                "Add poison" if names and not has_poison else "Add an order",
            ),
            Goal(
                "Let the poison kill a worker",
                poison is not None and poison.worker in state.dead,
                self._to_work(),
            ),
            Goal(
                "Bring what the dead one held to a living worker",
                poison is not None and poison.deliveries > 1,
                self._to_rescue(),
            ),
            Goal(
                TO_ASIDE,
                any(name.startswith(POISON) for name in state.aside),
                self._to_set_aside(),
            ),
            Goal("Finish what is left", is_empty and bool(state.aside), self._to_finish()),
        ]

    def _to_work(self) -> str:
        """Name the act that brings the next entry a step further in a living worker's hands."""
        for worker in self.state.living:
            if self.state.hands[worker]:
                return f"Work on it {worker}"
        return f"Take next {self.state.living[0]}" if self.state.living else "Restart ann"

    def _to_rescue(self) -> str:
        """Name the act that leads to a claim by a worker that is alive."""
        if not self.state.living:
            return "Restart bob"
        return f"Claim idle {self.state.living[0]}" if self.state.idle else "A minute passes"

    def _to_set_aside(self) -> str:
        """Name the act that leads to one more delivery of the poison."""
        poison = self.state.poison
        if poison and poison.entry in self.state.hands[poison.worker]:
            return f"Work on it {poison.worker}"
        return f"Restart {poison.worker}" if poison else self._to_work()

    def _to_finish(self) -> str:
        """Name the act that finishes what is in hand, new, or left by the dead."""
        left = [line.worker for line in self.state.pending if line.worker in self.state.dead]
        return f"Restart {left[0]}" if left else self._to_work()

    def finding(self) -> Finding:
        return Finding(
            f"{_deaths(self.state.killed)}, then none",
            "Nobody finished the poison, and yet the deaths ended. What ended them?",
            {
                "The workers' own rule about the delivery count": (
                    "The group counts deliveries. A worker that gets the entry once more reads "
                    "that number, adds the entry to dead-letters, and acknowledges it."
                ),
                "Redis drops an entry at its third delivery": (
                    "Redis goes on for ever. The limit is a line in the worker's own program."
                ),
                "A minute had passed": (
                    "That only allows a claim. Without a limit, each claim kills one worker more."
                ),
            },
        )

    def summary(self) -> str:
        state = self.state
        told = [
            f"{name} is {self._health(name)} with {len(state.of(name))} pending" for name in WORKERS
        ]
        return (
            f"Added {len(state.names)}: {len(state.new)} new, {len(state.pending)} pending, "
            f"{len(state.done)} done, {len(state.aside)} set aside. "
            f"{'; '.join(told)}."
        )


def _deaths(count: int) -> str:
    return "1 death" if count == 1 else f"{count} deaths"


def _pending_for(worker: str) -> str:
    return f"pending: {worker}"


def _delivered(line: Pending | None) -> str:
    times = line.deliveries if line else 0
    return "delivered once" if times == 1 else f"delivered {times} times"


def _which_delivery(entries: Sequence[str], times: dict[str, int]) -> str:
    """Say how often an entry was delivered by now; of several, nothing."""
    return f": delivery {times.get(entries[0], 0)}" if len(entries) == 1 else ""


def _deliveries(lines: Sequence[Pending]) -> str:
    """Say how often each was delivered, in the sequence of the entries, and what is idle."""
    counts = [line.deliveries for line in lines]
    told = ", ".join(map(str, counts))
    if len(lines) > FEW:
        told = f"{min(counts)} to {max(counts)}" if len(set(counts)) > 1 else f"{counts[0]} each"
    idle = sum(line.is_idle for line in lines)
    if len(lines) < 2:
        return f"delivery {told}{', idle' * idle}" if lines else ""
    return f"deliveries {told}{f'; {idle} idle' if idle else ''}"


def _of_the_group(name: str) -> str:
    """Name the group's line about an entry, which moves while the entry stays in the stream."""
    return f"{name}→{GROUP}"


LAB = Board
