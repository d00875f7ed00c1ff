"""Lab 1: the same orders into a list for each service, and into one stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...labs.controls import Button, Control
from ...labs.drawing import Box, Drawing, Shelf, shelves
from ...labs.model import Lab, NotPossible

FIRST = ("mail", "stock")
LATE = ("stats", "audit")
ALL = 1000  # elements or entries that one read may bring


@dataclass
class State:
    """What waits in the lists and in the stream, and what each service got from both."""

    sent: list[str] = field(default_factory=list)
    queues: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIRST})
    stream: list[str] = field(default_factory=list)
    from_queue: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIRST})
    from_stream: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIRST})

    @property
    def services(self) -> list[str]:
        """Name the services, in the order in which they came."""
        return list(self.queues)

    def never_queued(self, service: str) -> list[str]:
        """List the orders that its queue neither holds nor has handed out."""
        there = {*self.queues[service], *self.from_queue[service]}
        return [order for order in self.sent if order not in there]


class TwoCopies(Lab):
    """A lab: send orders both ways, add a service that comes late, and see what each gets.

    Follows https://redis.io/docs/latest/develop/data-types/lists/ and
    https://redis.io/docs/latest/develop/data-types/streams/
    """

    number = 1
    title = "The same orders, queued and streamed"
    state: State

    def begin(self) -> None:
        self.state = State()
        self._cursors: dict[str, str] = {}

    def actions(self) -> list[Control]:
        return [
            Button("Send an order", self.send),
            Button("Everybody reads", self.read),
            Button("Add a late service", self.join),
        ]

    async def send(self) -> None:
        """Push the next order once for each service, and add it to the stream once."""
        shop, number = self.client("shop"), len(self.state.sent) + 1
        order = f"order-{number}"
        for service in self.state.services:
            await shop.rpush(self._queue(service), order)
        await shop.xadd(self.key("orders"), {"order": order}, id=f"{number}-0")
        self.state.sent.append(order)

    async def read(self) -> None:
        """Let each service take what its queue holds, and read on in the stream."""
        for service in self.state.services:
            await self._read(service)

    async def _read(self, service: str) -> None:
        client, state = self.client(service), self.state
        taken: Any = await client.lpop(self._queue(service), ALL)
        state.from_queue[service] += taken or []
        cursor = self._cursors.get(service, "0")
        reply: Any = await client.xread({self.key("orders"): cursor}, count=ALL)
        for _, entries in reply:
            state.from_stream[service] += [fields["order"] for _, fields in entries]
            self._cursors[service] = entries[-1][0]

    async def join(self) -> None:
        """Add a service, with a queue of its own that begins empty."""
        left = [name for name in LATE if name not in self.state.services]
        if not left:
            raise NotPossible("No more services will come.")
        places = (self.state.queues, self.state.from_queue, self.state.from_stream)
        for place in places:
            place[left[0]] = []

    async def look(self) -> None:
        async with self.asker() as asker:
            for service in self.state.services:
                queue: Any = await asker.lrange(self._queue(service), 0, -1)
                self.state.queues[service] = queue
            entries: Any = await asker.xrange(self.key("orders"))
            self.state.stream = [fields["order"] for _, fields in entries]

    def _queue(self, service: str) -> str:
        return self.key(f"for-{service}")

    def picture(self) -> Drawing:
        queues = [
            Shelf(f"for-{service}", [Box(order) for order in orders], "list")
            for service, orders in self.state.queues.items()
        ]
        stream = Shelf("orders", [Box(order) for order in self.state.stream], "stream")
        return shelves(self.title, [*queues, stream, *self._services()])

    def _services(self) -> Iterator[Shelf]:
        state = self.state
        for service in state.services:
            never = [Box(order, "lost") for order in state.never_queued(service)]
            queued = [Box(order, "done") for order in state.from_queue[service]]
            yield Shelf(f"{service}, list", [*never, *queued], f"{len(queued)} received")
            streamed = [Box(order, "done") for order in state.from_stream[service]]
            yield Shelf(f"{service}, stream", streamed, f"{len(streamed)} received")

    def summary(self) -> str:
        state = self.state
        in_lists = sum(map(len, state.queues.values()))
        got = [
            f"{s} got {len(state.from_queue[s])} from its list and {len(state.from_stream[s])} "
            "from the stream"
            for s in state.services
        ]
        return (
            f"Sent {len(state.sent)}; the lists hold {in_lists}, the stream {len(state.stream)}. "
            f"{'; '.join(got)}."
        )


LAB = TwoCopies
