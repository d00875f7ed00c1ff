"""Lab 7: what crosses the bus between the nodes of a cluster when somebody publishes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from string import ascii_uppercase

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import MovedError

from ...cluster import Cluster, start_cluster
from ...labs.acts import Act, Choice, Control, Finding, Goal
from ...labs.model import Lab
from ...stage.model import Link, Place, Stage
from ...waiting import read

SIZES = ("3", "6", "12")
FEWEST, MOST = int(SIZES[0]), int(SIZES[-1])
WAYS = ("PUBLISH", "SPUBLISH")
PLAIN, SHARDED = WAYS
AT_ONCE = 10  # messages
ASKER = "asker"
SHOP = "shop"
RECEIVED = "cluster_stats_messages_publish_received"

Pair = tuple[str, str]
Ear = tuple[str, str]  # of a listener: its node, and the way in which it has subscribed


@dataclass(frozen=True)
class Round:
    """What publishing some messages came to: how, in which cluster, and what was counted."""

    way: str
    nodes: int
    counted: int
    crossed: int
    heard: int


@dataclass
class State:
    """What crossed each link of the bus, and what the subscribers heard."""

    nodes: list[str] = field(default_factory=lambda: list(ascii_uppercase[:FEWEST]))
    published: dict[str, int] = field(default_factory=dict)  # by node
    counted: int = 0
    links: dict[Pair, int] = field(default_factory=dict)
    heard: dict[Ear, int] = field(default_factory=dict)  # by listener
    owner: str = ""  # the node of the channel's slot, once a reply has named it
    rounds: list[Round] = field(default_factory=list)
    earlier: dict[Pair, int] = field(default_factory=dict)  # the traffic before the last act

    @property
    def traffic(self) -> dict[Pair, int]:
        """Count what went from the shop to a node, from node to node, and to who listens."""
        return {
            **{(SHOP, node): count for node, count in self.published.items()},
            **self.links,
            **{(ear[0], _listener(ear)): count for ear, count in self.heard.items()},
        }

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
    count = SIZES[0]
    way = PLAIN
    state: State

    def begin(self) -> None:
        self.count = SIZES[0]
        self.way = PLAIN
        self._forget_cluster([])
        self.headline = "Three nodes, each joined to each. Nobody listens yet."

    def _forget_cluster(self, rounds: list[Round]) -> None:
        self.state = State(list(ascii_uppercase[: int(self.count)]), rounds=rounds)
        self._cluster: Cluster | None = None
        self._askers: dict[str, Redis] = {}
        self._speakers: dict[str, Redis] = {}
        self._inboxes: dict[Ear, PubSub] = {}

    def acts(self) -> list[Control]:
        return [
            Choice("Nodes", "count", SIZES, self.resize),
            Choice("With", "way", WAYS, self.switch),
            *(act for node in self._to_use() for act in self._acts_of(node)),
        ]

    def _to_use(self) -> list[str]:
        """Name the nodes that can be used: the first ones, for all are alike, and the owner."""
        owner = self.state.owner
        first = self.state.nodes[:FEWEST]
        return first if owner in ("", *first) else [*first, owner]

    def _acts_of(self, node: str) -> list[Act]:
        heard = f"Somebody listens on {node} already." * ((node, self.way) in self.state.heard)
        return [
            Act("Subscribe", partial(self.subscribe, node), node, why_not=heard),
            Act(f"Publish {AT_ONCE}", partial(self.publish, node), node),
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

    async def resize(self) -> None:
        """Start a cluster of the chosen size in place of this one."""
        await self.shut()
        self._forget_cluster(self.state.rounds)
        await self.open()
        self.headline = f"A new cluster of {self.count} nodes. Nobody listens yet."

    async def switch(self) -> None:
        """Say that another command is chosen; nothing is sent."""
        self.state.earlier = self.state.traffic
        self.headline = f"From now on {self.way}. Nothing was sent with it yet."

    async def subscribe(self, node: str) -> None:
        """Let a client subscribe on a node, in the way that is chosen."""
        ear = node, self.way
        self.state.earlier = self.state.traffic
        inbox = self._on(node, "listener" if self.way == PLAIN else "sharded-listener").pubsub()
        what = inbox.subscribe if self.way == PLAIN else inbox.ssubscribe
        await what(self.key("news"))
        try:
            await read(inbox)
        except MovedError as moved:
            return self._refused(node, moved)
        self._inboxes[ear] = inbox
        self.state.heard[ear] = 0
        self._found(node)
        self.headline = f"A listener on {node} waits for what is sent with {self.way}."

    async def publish(self, node: str) -> None:
        """Publish some messages on a node, in the way that is chosen."""
        self.state.earlier = self.state.traffic
        before = await self._received()
        try:
            counted = await self._say(node)
        except MovedError as moved:
            return self._refused(node, moved)
        self._found(node)
        crossed = {end: after - before[end] for end, after in (await self._received()).items()}
        self._note(node, counted, {end: count for end, count in crossed.items() if count})
        over, heard = sum(crossed.values()), await self._hear()
        self.state.rounds.append(Round(self.way, len(self.state.nodes), counted, over, heard))
        self.headline = (
            f"{self.way} on {node}: the replies counted {counted}; "
            f"{over} crossed the bus; {heard} were heard."
        )

    async def _say(self, node: str) -> int:
        """Publish, and add up what the replies count."""
        client = self._on(node, SHOP)
        say = client.publish if self.way == PLAIN else client.spublish
        counts = [await say(self.key("news"), "hello") for _ in range(AT_ONCE)]
        return sum(counts)

    def _found(self, node: str) -> None:
        """Remember who owns the channel, when a node has not refused a sharded command."""
        if self.way == SHARDED:
            self.state.owner = node

    def _refused(self, node: str, moved: MovedError) -> None:
        """Say what a node answered that does not own the channel."""
        assert self._cluster
        self.state.owner = owner = self._cluster.node_at(moved.node_addr)
        self.headline = (
            f"{node} refuses (MOVED): the channel belongs to {owner}, with slot {moved.slot_id}."
        )

    def _note(self, node: str, counted: int, crossed: dict[str, int]) -> None:
        """Add up what was published on a node and where it crossed to."""
        state = self.state
        state.published[node] = state.published.get(node, 0) + AT_ONCE
        state.counted += counted
        for end, count in crossed.items():
            state.links[node, end] = state.links.get((node, end), 0) + count

    def _on(self, node: str, role: str) -> Redis:
        assert self._cluster
        name = self.named(f"{role}-{node}")
        if name not in self._speakers:
            self._speakers[name] = self._cluster.connect(node, name)
        return self._speakers[name]

    async def _received(self) -> dict[str, int]:
        """Ask each node how many messages the bus has brought it; a counter at 0 is left out."""
        told = {node: await asker.cluster("INFO") for node, asker in self._askers.items()}
        return {node: int(info.get(RECEIVED, 0)) for node, info in told.items()}

    async def _hear(self) -> int:
        """Let everybody read, and count what they heard."""
        heard = {ear: len(await read(inbox)) for ear, inbox in self._inboxes.items()}
        for ear, count in heard.items():
            self.state.heard[ear] += count
        return sum(heard.values())

    async def look(self) -> None:
        await self._hear()

    def stage(self) -> Stage:
        state = self.state
        listeners = [
            Place(_listener(ear), "client", "receives", (), f"heard {count} in all")
            for ear, count in state.heard.items()
        ]
        told = f"sent {sum(state.published.values())} in all, replies counted {state.counted}"
        return Stage(
            self.title,
            [
                Place(SHOP, "client", "sends", (), told if state.published else ""),
                *(Place(node, "node", "broker", (), self._told(node)) for node in state.nodes),
                *listeners,
            ],
            list(self._links()),
        )

    def _links(self) -> Iterator[Link]:
        for pair, count in self.state.traffic.items():
            yield Link(*pair, count, now=count - self.state.earlier.get(pair, 0))

    def _told(self, node: str) -> str:
        sent = self.state.sent_by(node)
        told = ["owns the channel's slot"] if node == self.state.owner else []
        return ", ".join([*told, f"sent {sent} over the bus in all"] if sent else told)

    def goals(self) -> list[Goal]:
        state, rounds = self.state, self.state.rounds
        plain = [r for r in rounds if r.way == PLAIN and r.heard and not r.counted]
        own = [r for r in rounds if r.way == PLAIN and r.counted and r.nodes == MOST]
        sharded = [r for r in rounds if r.way == SHARDED and r.heard]
        return [
            Goal("Let somebody listen on one node", bool(state.heard), "Subscribe A"),
            Goal(
                "Publish on another node: heard, though the replies count nobody",
                bool(plain),
                f"Publish {AT_ONCE} B",
            ),
            Goal(
                "Do the same in a cluster of 12 nodes",
                any(r.nodes == MOST for r in plain),
                self._to_a_large_one(),
            ),
            Goal(
                "Publish on the listener's own node: as many cross the bus",
                bool(own),
                self._to_its_own(),
            ),
            Goal(
                "Try SPUBLISH on B, which refuses. Then listen and publish on the channel's owner",
                any(r.nodes == MOST for r in sharded),
                self._to_sharded(),
            ),
        ]

    def _to_a_large_one(self) -> str:
        """Name the act that leads to a message heard across a large cluster."""
        if len(self.state.nodes) < MOST:
            return "Nodes"
        if self.way != PLAIN:
            return "With"
        is_heard = any(way == PLAIN for _, way in self.state.heard)
        return f"Publish {AT_ONCE} B" if is_heard else "Subscribe A"

    def _to_its_own(self) -> str:
        """Name the act that leads to a message that the node itself can deliver."""
        listening = [node for node, way in self.state.heard if way == PLAIN]
        if len(self.state.nodes) < MOST or self.way != PLAIN or not listening:
            return self._to_a_large_one()
        return f"Publish {AT_ONCE} {listening[0]}"

    def _to_sharded(self) -> str:
        """Name the act that leads to a sharded message that is heard."""
        owner = self.state.owner
        if self.way != SHARDED:
            return "With"
        if (owner, SHARDED) in self.state.heard or not owner:
            return f"Publish {AT_ONCE} {owner or 'B'}"
        return f"Subscribe {owner}"

    def finding(self) -> Finding:
        plain, sharded = (
            max((r.crossed for r in self.state.rounds if r.way == way), default=0) for way in WAYS
        )
        return Finding(
            f"On the bus: PUBLISH {plain}, SPUBLISH {sharded}",
            "One node has a listener, and PUBLISH went to all the others. Why?",
            {
                "The node that is asked does not know who listens where": (
                    "So it tells every node, and each looks for subscribers of its own. "
                    "With SPUBLISH the slot says where they must be."
                ),
                "Every node keeps a copy": (
                    "Nothing is kept: a node without subscribers drops the message."
                ),
                "The replies counted nobody, so it tried the other nodes": (
                    "It tells them all in any case. The replies count only its own subscribers."
                ),
            },
        )

    def summary(self) -> str:
        state = self.state
        return (
            f"{len(state.nodes)} nodes. Published {sum(state.published.values())}; "
            f"the replies counted {state.counted} deliveries; "
            f"{state.on_the_bus} messages crossed the bus; {sum(state.heard.values())} were heard."
        )


def _listener(ear: Ear) -> str:
    node, way = ear
    return f"{'sharded ' * (way == SHARDED)}listener on {node}"


LAB = Bus
