"""Lab 7: what crosses the bus between the nodes of a cluster when somebody publishes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import cos, pi, sin
from string import ascii_uppercase

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import MovedError

from ...cluster import Cluster, start_cluster
from ...labs.controls import Button, Choice, Control, Number
from ...labs.drawing import Drawing, Figure, Shelf, shelves
from ...labs.model import Lab, NotPossible
from ...picture.paper import write_at
from ...waiting import read

FEWEST, MOST = 3, 12
WAYS = ("PUBLISH", "SPUBLISH")
AT_ONCE = 10  # messages
ASKER = "asker"
RADIUS, MIDDLE = 120, 150  # pixels; the second from the top
RECEIVED = "cluster_stats_messages_publish_received"

Link = tuple[str, str]


@dataclass
class State:
    """What crossed each link of the bus, and what the subscribers heard."""

    nodes: list[str] = field(default_factory=lambda: list(ascii_uppercase[:FEWEST]))
    published: int = 0
    counted: int = 0
    links: dict[Link, int] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)  # by node, where somebody listens

    def sent_by(self, node: str) -> int:
        """Count what a node has sent over the bus."""
        return sum(count for (start, _), count in self.links.items() if start == node)

    @property
    def on_the_bus(self) -> int:
        """Count what all nodes have sent over the bus."""
        return sum(self.links.values())


class Bus(Lab):
    """A lab: publish on one node of a modelled cluster, plainly or sharded, and count the links.

    Follows https://redis.io/docs/latest/develop/pubsub/#sharded-pubsub
    """

    number = 7
    title = "What crosses the bus"
    count = FEWEST
    node = "A"
    way = WAYS[0]
    state: State

    def begin(self) -> None:
        self.state = State(list(ascii_uppercase[: self.count]))
        self._cluster: Cluster | None = None
        self._askers: dict[str, Redis] = {}
        self._speakers: dict[str, Redis] = {}
        self._inboxes: dict[str, PubSub] = {}

    def actions(self) -> list[Control]:
        return [
            Number("Nodes", "count", FEWEST, MOST, self.start_over),
            Choice("Node", "node", ascii_uppercase[:MOST]),
            Choice("With", "way", WAYS),
            Button("Subscribe there", self.subscribe),
            Button(f"Publish {AT_ONCE} there", self.publish),
        ]

    async def open(self) -> None:
        nodes = len(self.state.nodes)
        self._cluster = await start_cluster(nodes, model=True, watch=self._watch)
        self._askers = {node: self._cluster.connect(node, ASKER) for node in self.state.nodes}

    def _watch(self, client: Redis) -> Redis:
        is_asker = client.connection_pool.connection_kwargs["client_name"] == ASKER
        return client if is_asker else self.record.watch(client)

    async def shut(self) -> None:
        if self._cluster:
            await self._cluster.close()

    async def subscribe(self) -> None:
        """Let a client subscribe on the chosen node."""
        node = self._chosen()
        if node in self._inboxes:
            raise NotPossible(f"Somebody listens on {node} already.")
        inbox = self._on(node, "listener").pubsub()
        what = inbox.subscribe if self.way == "PUBLISH" else inbox.ssubscribe
        await what(self.key("news"))
        with self._moved():
            await read(inbox)
            self._inboxes[node] = inbox
            self.state.heard[node] = 0

    async def publish(self) -> None:
        """Publish some messages on the chosen node."""
        node, before = self._chosen(), await self._received()
        client = self._on(node, "publisher")
        say = client.publish if self.way == "PUBLISH" else client.spublish
        with self._moved():
            for _ in range(AT_ONCE):
                self.state.counted += await say(self.key("news"), "hello")
                self.state.published += 1
        for other, after in (await self._received()).items():
            if crossed := after - before[other]:
                link = node, other
                self.state.links[link] = self.state.links.get(link, 0) + crossed

    def _chosen(self) -> str:
        if self.node not in self.state.nodes:
            raise NotPossible(
                f"There is no node {self.node}: the last one is {self.state.nodes[-1]}."
            )
        return self.node

    def _on(self, node: str, role: str) -> Redis:
        assert self._cluster
        name = self.named(f"{role}-{node}")
        if name not in self._speakers:
            self._speakers[name] = self._cluster.connect(node, name)
        return self._speakers[name]

    @contextmanager
    def _moved(self) -> Iterator[None]:
        assert self._cluster
        try:
            yield
        except MovedError as error:
            owner = self._cluster.node_at(error.node_addr)
            raise NotPossible(
                f"MOVED: the channel's slot {error.slot_id} lives on node {owner}."
            ) from None

    async def _received(self) -> dict[str, int]:
        """Ask each node how many messages the bus has brought it; a counter at 0 is left out."""
        told = {node: await asker.cluster("INFO") for node, asker in self._askers.items()}
        return {node: int(info.get(RECEIVED, 0)) for node, info in told.items()}

    async def look(self) -> None:
        for node, inbox in self._inboxes.items():
            self.state.heard[node] += len(await read(inbox))

    def picture(self) -> Drawing:
        rows = [Shelf(f"node {node}", note=self._told(node)) for node in self.state.nodes]
        return shelves(self.title, rows, Figure(310, self._network))

    def _network(self, width: int) -> Iterator[str]:
        yield from self._links(width)
        yield from self._nodes(width)

    def _told(self, node: str) -> str:
        state = self.state
        to = [f"{end} {count}" for (start, end), count in state.links.items() if start == node]
        told = [f"sent {state.sent_by(node)} over the bus" + (f": {', '.join(to)}" if to else "")]
        if node in state.heard:
            told.append(f"a listener heard {state.heard[node]}")
        return "; ".join(told)

    def _links(self, width: int) -> Iterator[str]:
        """Draw every link, and the counters of those on which the chosen node has sent."""
        nodes, links = self.state.nodes, self.state.links
        for i, start in enumerate(nodes):
            for end in nodes[i + 1 :]:
                used = (start, end) in links or (end, start) in links
                line = 'class="rf-message" stroke-width="2"' if used else 'class="rf-lane"'
                places = (_at(self._place(node, width)) for node in (start, end))
                yield f'<path {line} d="M{"L".join(places)}"/>'
        for end in nodes:
            if count := links.get((self.node, end)):
                yield from self._counter(end, count, width)

    def _counter(self, end: str, count: int, width: int) -> Iterator[str]:
        (x, y), (to_x, to_y) = (self._place(node, width) for node in (self.node, end))
        x, y = round(x + 0.6 * (to_x - x), 1), round(y + 0.6 * (to_y - y), 1)
        yield f'<rect class="rf-card" x="{x - 18}" y="{y - 10}" width="36" height="20" rx="4"/>'
        yield write_at(x, y + 4, str(count), "", ' text-anchor="middle"')

    def _nodes(self, width: int) -> Iterator[str]:
        for node in self.state.nodes:
            x, y = self._place(node, width)
            listens = ' stroke-dasharray="4 3"' if node in self.state.heard else ""
            yield f'<circle class="rf-store" cx="{x}" cy="{y}" r="17" stroke-width="2"{listens}/>'
            yield write_at(x, y + 4, node, "rf-b", ' text-anchor="middle"')

    def _place(self, node: str, width: int) -> tuple[float, float]:
        turn = 2 * pi * self.state.nodes.index(node) / len(self.state.nodes) - pi / 2
        return round(width / 2 + RADIUS * cos(turn), 1), round(MIDDLE + RADIUS * sin(turn), 1)

    def summary(self) -> str:
        state = self.state
        return (
            f"{len(state.nodes)} nodes. Published {state.published}; the replies counted "
            f"{state.counted} deliveries; {state.on_the_bus} messages crossed the bus; "
            f"{sum(state.heard.values())} were heard."
        )


def _at(place: tuple[float, float]) -> str:
    return f"{place[0]} {place[1]}"


LAB = Bus
