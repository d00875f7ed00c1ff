"""Lab 1: the same orders into a list for each service, and into one stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...labs.acts import Act, Control, Finding, Goal
from ...labs.model import Lab
from ...labs.words import few
from ...stage.model import Link, Place, Stage, Token

FIRST = ("mail", "stock")
LATE = "stats"
INTRODUCTION = (
    "Each service has a list of its own, a row of values. "
    "All share one stream, a log of numbered entries."
)
ENOUGH = 15  # orders that the lab sends by itself
ALL = 1000  # elements that one pop may bring


@dataclass
class State:
    """What waits in the lists and in the stream, and what each service got from both."""

    sent: list[str] = field(default_factory=list)
    before_late: list[str] = field(default_factory=list)  # sent before the late service came
    have_read: set[str] = field(default_factory=set)
    queues: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIRST})
    stream: list[str] = field(default_factory=list)
    from_queue: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIRST})
    from_stream: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIRST})
    cursors: dict[str, str] = field(default_factory=dict)  # the last id that each service has got

    @property
    def services(self) -> list[str]:
        """Name the services, in the order in which they came."""
        return list(self.queues)

    def gone(self, service: str) -> list[str]:
        """List the orders that were pushed for it, and are neither in its queue nor with it."""
        there = {*self.queues[service], *self.from_queue[service]}
        there |= {*self.before_late} if service == LATE else set()
        return [order for order in self.sent if order not in there]

    @property
    def late_has_read(self) -> list[str]:
        """List those that the late service has got from the stream all the same."""
        got = set(self.from_stream.get(LATE, ()))
        return [order for order in self.before_late if order in got]


class TwoCopies(Lab):
    """A lab: send orders both ways, add a service that comes late, and see what each gets.

    Follows https://redis.io/docs/latest/develop/data-types/lists/ and
    https://redis.io/docs/latest/develop/data-types/streams/
    """

    number = 1
    title = "The same orders, in lists and in a stream"
    state: State

    def begin(self) -> None:
        self.state = State()
        self.headline = INTRODUCTION

    def acts(self) -> list[Control]:
        return [
            Act("Send an order", self.send, "shop", spoken="Send an order"),
            Act("Everybody reads", self.read),
            Act("Add a late service", self.join, why_not=self._why_nobody_is_late()),
        ]

    def _why_nobody_is_late(self) -> str:
        if LATE in self.state.queues:
            return f"{LATE} is here already: let it read."
        return "" if self.state.sent else "Nobody is late yet: send an order first."

    async def send(self) -> None:
        """Push the next order once for each service, and add it to the stream once."""
        shop, number = self.client("shop"), len(self.state.sent) + 1
        order = f"order-{number}"
        for service in self.state.services:
            await shop.rpush(self._queue(service), order)
        await shop.xadd(self.key("orders"), {"order": order}, id=f"{number}-0")
        self.state.sent.append(order)
        self.headline = f"{order} is in {len(self.state.queues)} lists, and once in the stream."

    async def read(self) -> None:
        """Let each service take what its list holds, and read on in the stream."""
        got = {service: await self._read(service) for service in self.state.services}
        self.headline = _told_of(got)

    async def _read(self, service: str) -> tuple[int, int]:
        client, state = self.client(service), self.state
        taken: Any = await client.lpop(self._queue(service), ALL) or []
        state.from_queue[service] += taken
        cursor = state.cursors.get(service, "0")
        reply: Any = await client.xread({self.key("orders"): cursor})
        entries = [entry for _, found in reply for entry in found]
        state.from_stream[service] += [fields["order"] for _, fields in entries]
        if entries:
            state.cursors[service] = entries[-1][0]
        state.have_read.add(service)
        return len(taken), len(entries)

    async def join(self) -> None:
        """Add a service, with a list of its own that begins empty."""
        state = self.state
        for place in (state.queues, state.from_queue, state.from_stream):
            place[LATE] = []
        state.before_late = list(state.sent)
        self.headline = (
            f"A new service, {LATE}, has joined. "
            f"Its list is empty; the stream holds {len(state.stream)}."
        )

    async def look(self) -> None:
        async with self.asker() as asker:
            for service in self.state.services:
                queue: Any = await asker.lrange(self._queue(service), 0, -1)
                self.state.queues[service] = queue
            entries: Any = await asker.xrange(self.key("orders"))
            self.state.stream = [fields["order"] for _, fields in entries]

    def _queue(self, service: str) -> str:
        return self.key(f"for-{service}")

    def stage(self) -> Stage:
        shop = Place("shop", "client", "sends", state=f"{len(self.state.sent)} sent")
        places = [shop, *self._lists(), self._stream(), *map(self._service, self.state.services)]
        links = [link for link in self._links() if link.count]
        return Stage(self.title, [*places, *self._missing()], links)

    def _lists(self) -> Iterator[Place]:
        for service, orders in self.state.queues.items():
            held = [Token(f"{order}→{service}", order) for order in orders]
            yield Place(f"for-{service}", "list", "broker", held, "list")

    def _stream(self) -> Place:
        held = [Token(order, order) for order in self.state.stream]
        return Place("orders", "stream", "broker", held, "stream")

    def _readers(self) -> list[str]:
        return [service for service in self.state.services if service in self.state.have_read]

    def _service(self, name: str) -> Place:
        """Show what a service took from its list and read in the stream, and its own cursor."""
        state = self.state
        listed, streamed = state.from_queue[name], state.from_stream[name]
        got = [Token(f"{order}→{name}", f"{order} from list", "done") for order in listed]
        got += [
            Token(f"{order}→{name}, read", f"{order} from stream", "done") for order in streamed
        ]
        counts = f"{len(listed) or 'nothing'} from list, {len(streamed) or 'nothing'} from stream"
        read = counts if name in state.have_read else "has not read"
        cursor = state.cursors.get(name)
        note = f"reads on after id {cursor}" if cursor else ""
        return Place(name, "client", "receives", got, read, note)

    def _missing(self) -> Iterator[Place]:
        """Tell what was pushed and is gone from what was never pushed, which nobody has lost."""
        if LATE in self.state.have_read:
            yield Place(f"never in for-{LATE}", "outcome", "after", note=self._early())
        for service in self.state.services:
            if gone := self.state.gone(service):
                lost = [Token(f"{order}→{service}", order, "lost") for order in gone]
                yield Place(f"gone from for-{service}", "outcome", "after", lost)

    def _early(self) -> str:
        early = self.state.before_late
        were = "was" if len(early) == 1 else "were"
        return f"{few(early)} {were} sent before {LATE} joined"

    def _links(self) -> Iterator[Link]:
        state = self.state
        for service, waiting in state.queues.items():
            taken, read = state.from_queue[service], state.from_stream[service]
            yield Link("shop", f"for-{service}", len(waiting) + len(taken))
            yield Link(f"for-{service}", service, len(taken))
            yield Link("orders", service, len(read))
        yield Link("shop", "orders", len(state.sent))

    def goals(self) -> list[Goal]:
        state, read = self.state, "Everybody reads"
        have_read = all(state.from_queue[s] and state.from_stream[s] for s in FIRST)
        late, sent = state.before_late, min(len(state.sent), 2)
        return [
            Goal(f"Send two orders ({sent} of 2)", sent == 2, "Send an order"),
            Goal("Everybody reads: what is left in lists and stream?", have_read, read),
            Goal("Add a late service", bool(late), "Add a late service"),
            Goal(
                "Everybody reads: what does the late service find?",
                bool(late) and late == state.late_has_read,
                read,
            ),
        ]

    def next_act(self) -> str:
        if len(self.state.queues[FIRST[0]]) > 2:
            return "Everybody reads"
        return "Send an order" if len(self.state.sent) < ENOUGH else ""

    def finding(self) -> Finding:
        late, found = len(self.state.before_late), len(self.state.late_has_read)
        return Finding(
            f"{LATE} got 0 of {late} from its list, {found} of {late} from the stream",
            "100 orders are sent, a new service joins, and 1 more is sent to all. "
            "How many can it read in its list, and in the stream?",
            {
                "1 in its list, 101 in the stream": "Its list gets what is pushed from then on. "
                "In the stream it begins at the start: reading has removed nothing.",
                "101 in its list, 101 in the stream": "Nobody pushes the first 100 again: the list "
                f"begins empty, as that of {LATE} did.",
                "1 in its list, 1 in the stream": f"The first 100 are still in the stream: {LATE} "
                "found there what had been sent before it joined.",
            },
        )

    def summary(self) -> str:
        state = self.state
        if not state.sent:
            return "Nothing sent yet: the lists and the stream are empty."
        held = f"Sent {len(state.sent)}; {self._in_lists()}, the stream holds {len(state.stream)}."
        read = [
            f"{name} {len(state.from_queue[name])} and {len(state.from_stream[name])}"
            for name in self._readers()
        ]
        return f"{held} Read from list and stream: {', '.join(read)}." if read else held

    def _in_lists(self) -> str:
        held = {service: len(orders) for service, orders in self.state.queues.items()}
        if len(set(held.values())) == 1:
            return f"each list holds {held[FIRST[0]]}"
        return ", ".join(f"for-{service} holds {count}" for service, count in held.items())


def _told_of(got: dict[str, tuple[int, int]]) -> str:
    """Say what a read has brought; the latest service is the one to look at."""
    name, (listed, streamed) = list(got.items())[-1]
    if not any(map(any, got.values())):
        return "There is nothing new for anybody."
    if name == LATE:
        return f"{LATE} got {listed} from its list, and {streamed} from the stream."
    return "Reading emptied the lists. The stream kept the orders."


LAB = TwoCopies
