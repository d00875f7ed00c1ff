"""Lab 6: what a consumer group keeps of each entry, on a board."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...labs.controls import Button, Choice, Control
from ...labs.drawing import Box, Drawing, Shelf, shelves
from ...labs.model import Lab, NotPossible

WORKERS = ("ann", "bob")
GROUP = "packing"
MOST_DELIVERIES = 3
A_MINUTE = 60_000  # milliseconds
IDLE = 30_000  # milliseconds after which an entry may be claimed


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

    @property
    def acknowledged(self) -> list[str]:
        """List the entries that the group has done with, those set aside not among them."""
        open_ones = {*self.new, *(line.entry for line in self.pending)}
        gone = set(self.aside)
        return [e for e, name in self.names.items() if e not in open_ones and name not in gone]

    def of(self, worker: str) -> list[Pending]:
        """List what is pending for a worker."""
        return [line for line in self.pending if line.worker == worker]


class Board(Lab):
    """A lab: hand entries to two workers, crash one, claim what it left, and meet a poison message.

    Follows https://redis.io/docs/latest/commands/xautoclaim/
    """

    number = 6
    title = "The board of a consumer group"
    worker = WORKERS[0]
    state: State

    def begin(self) -> None:
        self.state = State()

    def actions(self) -> list[Control]:
        return [
            Button("Add an order", self.add),
            Button("Add a poison order", self.add_poison),
            Choice("Worker", "worker", WORKERS),
            Button("Take the next", self.take),
            Button("Finish", self.finish),
            Button("Kill", self.crash),
            Button("Restart", self.restart),
            Button("A minute passes", self.age),
            Button("Claim what is idle", self.claim),
        ]

    async def open(self) -> None:
        shop = self.client("shop")
        await shop.xgroup_create(self._orders, GROUP, id="0", mkstream=True)
        for name in WORKERS:
            await shop.xgroup_createconsumer(self._orders, GROUP, name)

    async def add(self) -> None:
        """Add an order."""
        await self._add("order")

    async def add_poison(self) -> None:
        """Add an order that kills whoever works on it."""
        await self._add("poison")

    async def _add(self, kind: str) -> None:
        number = len(self.state.names) + 1
        name = f"{kind}-{number}"
        await self.client("shop").xadd(self._orders, {"name": name}, id=f"{number}-0")

    async def take(self) -> None:
        """Let the chosen worker read one entry that nobody was given yet."""
        if not await self._read(">", count=1):
            raise NotPossible("There is nothing new.")

    async def _read(self, start: str, count: int | None = None) -> list[str]:
        name, client = self._living(), self.client(self.worker)
        reply: Any = await client.xreadgroup(GROUP, name, {self._orders: start}, count=count)
        entries = [entry for _, entries in reply for entry, _ in entries]
        self.state.hands[name] += entries
        return entries

    async def finish(self) -> None:
        """Let the chosen worker do its oldest job and acknowledge it; poison kills it first."""
        name = self._living()
        if not self.state.hands[name]:
            raise NotPossible(f"{name} has nothing in hand.")
        entry = self.state.hands[name][0]
        job = self.state.names[entry]
        if job.startswith("poison"):
            await self.crash()
            raise NotPossible(f"{job} has killed {name}.")
        await self.client(name).xack(self._orders, GROUP, entry)
        self.state.hands[name].remove(entry)

    async def crash(self) -> None:
        """Kill the chosen worker: it forgets what it had, the broker does not."""
        name = self._living()
        await self.drop(name)
        self.state.hands[name] = []
        self.state.dead.add(name)

    async def restart(self) -> None:
        """Start the chosen worker again; it asks for its own unfinished entries first."""
        if self.worker not in self.state.dead:
            raise NotPossible(f"{self.worker} is alive.")
        self.state.dead.discard(self.worker)
        await self._set_aside(await self._read("0"))

    async def age(self) -> None:
        """Make every pending entry a minute older than it is; nobody has to wait."""
        for line in self.state.pending:
            await self.client("shop").xclaim(
                self._orders, GROUP, line.worker, 0, [line.entry], idle=A_MINUTE, justid=True
            )

    async def claim(self) -> None:
        """Let the chosen worker take over what has been idle for half a minute."""
        name, client = self._living(), self.client(self.worker)
        reply = await client.xautoclaim(self._orders, GROUP, name, IDLE)
        claimed = [entry for entry, _ in reply[1]]
        if not claimed:
            raise NotPossible("Nothing has been idle for 30 seconds.")
        for hands in self.state.hands.values():
            hands[:] = [entry for entry in hands if entry not in claimed]
        self.state.hands[name] += claimed
        await self._set_aside(claimed)

    async def _set_aside(self, entries: Iterable[str]) -> None:
        """Move what was delivered too often to the dead-letter stream."""
        client = self.client(self.worker)
        too_often = {p.entry for p in await self._pending(client) if p.deliveries > MOST_DELIVERIES}
        for entry in [entry for entry in entries if entry in too_often]:
            await client.xadd(self.key("dead"), {"name": self.state.names[entry]})
            await client.xack(self._orders, GROUP, entry)
            self.state.hands[self.worker].remove(entry)

    def _living(self) -> str:
        if self.worker in self.state.dead:
            raise NotPossible(f"{self.worker} is dead: restart {self.worker} first.")
        return self.worker

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
                line["time_since_delivered"] >= IDLE,
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
            dead: Any = await asker.xrange(self.key("dead"))
            self.state.aside = [fields["name"] for _, fields in dead]

    def picture(self) -> Drawing:
        state = self.state
        return shelves(
            self.title,
            [
                Shelf("new", [Box(state.names[entry]) for entry in state.new]),
                *self._workers(),
                Shelf("acknowledged", [Box(state.names[e], "done") for e in state.acknowledged]),
                Shelf("dead letter", [Box(name, "aside") for name in state.aside]),
            ],
        )

    def _workers(self) -> Iterator[Shelf]:
        for name in WORKERS:
            boxes = [self._box(name, line) for line in self.state.of(name)]
            yield Shelf(f"pending, {name}", boxes, self._health(name))

    def _health(self, worker: str) -> str:
        return "dead" if worker in self.state.dead else "alive"

    def _box(self, worker: str, line: Pending) -> Box:
        times = f" x{line.deliveries}" if line.deliveries > 1 else ""
        idle = ", idle" if line.is_idle else ""
        mark = "hand" if line.entry in self.state.hands[worker] else "held"
        return Box(f"{self.state.names[line.entry]}{times}{idle}", mark)

    def summary(self) -> str:
        state = self.state
        told = [
            f"{name} is {self._health(name)} with {len(state.of(name))} pending" for name in WORKERS
        ]
        return (
            f"Added {len(state.names)}: {len(state.new)} new, {len(state.pending)} pending, "
            f"{len(state.acknowledged)} acknowledged, {len(state.aside)} set aside. "
            f"{'; '.join(told)}."
        )


LAB = Board
