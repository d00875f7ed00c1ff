"""Lab 7: what crosses the bus between the nodes of a cluster when somebody publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from string import ascii_uppercase
from typing import NamedTuple

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import MovedError

from ...cluster import Cluster, start_cluster
from ...labs.acts import Act, Choice, Control, Finding, Goal
from ...labs.model import Lab
from ...picture.rows import Row
from ...stage.model import Link, Place, Stage
from ...waiting import read

SIZES = ("3", "6", "12")
FEWEST, MOST = int(SIZES[0]), int(SIZES[-1])
WAYS = ("PUBLISH", "SPUBLISH")
PLAIN, SHARDED = WAYS
AT_ONCE = 10  # messages
ASKER = "asker"
CHANNEL = "news"  # without the lab's mark: the cluster is its own, and the slot is that of the name
SHOP = "shop"
CLIENT = re.compile(r"\b(shop|(?:sharded-)?listener)-([A-L])\b")
REFUSAL = re.compile(r"error: (MOVED \d+)")
RECEIVED = "cluster_stats_messages_publish_received"
FEW = 2  # listeners that a headline names
SUBSCRIBES = {PLAIN: "SUBSCRIBE", SHARDED: "SSUBSCRIBE"}
CARRIES = {
    PLAIN: "every node takes it, and sends it to all the others",
    SHARDED: "only the node that owns the channel's slot carries it",
}
HEARS = {
    PLAIN: "SUBSCRIBE: it hears what any node is sent with PUBLISH",
    SHARDED: "SSUBSCRIBE: it hears what is sent with SPUBLISH",
}

Pair = tuple[str, str]
Ear = tuple[str, str]  # of a listener: its node, and the way in which it has subscribed
Crossed = dict[str, int]  # messages over the bus, by the node that received them
Heard = dict[Ear, int]  # messages by listener


@dataclass(frozen=True)
class Round:
    """What publishing some messages came to: how, in which cluster, and what was counted."""

    way: str
    nodes: int
    counted: int
    crossed: int
    heard: int


class Refusal(NamedTuple):
    """What a node has refused, as the channel belongs to another one: who had asked."""

    asker: str
    node: str


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
    now: dict[Pair, int] = field(default_factory=dict)  # what the last act sent along each line
    last: dict[Ear, str] = field(default_factory=dict)  # what came of the last round, by listener
    refused: Refusal | None = None  # by the last act

    def forget_now(self) -> None:
        """Forget what the last act did: another one begins."""
        self.now, self.refused = {}, None

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
        self.headline = (
            "A cluster of three nodes. Each is connected to every other: these links are the "
            "cluster bus. Nobody listens yet."
        )

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
        heard = f"Somebody listens on node {node} already." * ((node, self.way) in self.state.heard)
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
        alike = ", all alike: only nodes A, B and C have buttons" * (len(self.state.nodes) > FEWEST)
        self.headline = f"A new cluster of {self.count} nodes{alike}. Nobody listens yet."

    async def switch(self) -> None:
        """Say that another command is chosen; nothing is sent."""
        self.state.forget_now()
        is_used = self.way in {r.way for r in self.state.rounds} or self.state.owner
        self.headline = f"{self.way}: {CARRIES[self.way]}." + " Nothing sent yet." * (not is_used)

    async def subscribe(self, node: str) -> None:
        """Let a client subscribe on a node, in the way that is chosen."""
        ear = node, self.way
        self.state.forget_now()
        inbox = self._on(node, "listener" if self.way == PLAIN else "sharded-listener").pubsub()
        what = inbox.subscribe if self.way == PLAIN else inbox.ssubscribe
        await what(CHANNEL)
        try:
            await read(inbox)
        except MovedError as moved:
            owner = self._refused(_listener(ear), node, moved)
            self.headline = f"Node {node} refuses SSUBSCRIBE: {owner}."
            return
        self._inboxes[ear] = inbox
        self.state.heard[ear] = 0
        self._found(node)
        self.headline = f"A listener on node {node} has sent {HEARS[self.way]}."

    async def publish(self, node: str) -> None:
        """Publish some messages on a node, in the way that is chosen."""
        self.state.forget_now()
        before = await self._received()
        try:
            counted = await self._say(node)
        except MovedError as moved:
            owner = self._refused(SHOP, node, moved)
            unsent = f"The other {AT_ONCE - 1} were not sent."
            self.headline = f"Node {node} refuses the first SPUBLISH: {owner}. {unsent}"
            return
        self._found(node)
        told = {end: after - before[end] for end, after in (await self._received()).items()}
        crossed = {end: count for end, count in told.items() if count}
        self._note(node, counted, crossed)
        over, heard = sum(crossed.values()), await self._hear()
        self._note_heard(heard)
        all_heard = sum(heard.values())
        self.state.rounds.append(Round(self.way, len(self.state.nodes), counted, over, all_heard))
        told_of = _told_plain if self.way == PLAIN else _told_sharded
        self.headline = told_of(node, counted, crossed, heard)

    async def _say(self, node: str) -> int:
        """Publish, and add up what the replies count."""
        client = self._on(node, SHOP)
        say = client.publish if self.way == PLAIN else client.spublish
        counts = [await say(CHANNEL, "hello") for _ in range(AT_ONCE)]
        return sum(counts)

    def _found(self, node: str) -> None:
        """Remember who owns the channel, when a node has not refused a sharded command."""
        if self.way == SHARDED:
            self.state.owner = node

    def _refused(self, asker: str, node: str, moved: MovedError) -> str:
        """Remember who was refused by a node that does not own the channel, and say who does."""
        assert self._cluster
        self.state.owner = owner = self._cluster.node_at(moved.node_addr)
        self.state.refused = Refusal(asker, node)
        return f"the channel belongs to node {owner}, which holds slot {moved.slot_id}"

    def _note(self, node: str, counted: int, crossed: dict[str, int]) -> None:
        """Add up what was published on a node and where it crossed to."""
        state = self.state
        state.now = {(SHOP, node): AT_ONCE, **{(node, end): n for end, n in crossed.items()}}
        state.published[node] = state.published.get(node, 0) + AT_ONCE
        state.counted += counted
        for end, count in crossed.items():
            state.links[node, end] = state.links.get((node, end), 0) + count

    def _note_heard(self, heard: dict[Ear, int]) -> None:
        """Note for each listener how many of the messages it heard, and why none."""
        for (node, way), count in heard.items():
            used = "" if count or way == self.way else f": it used {SUBSCRIBES[way]}"
            self.state.last[node, way] = f"heard {count} of the last {AT_ONCE}{used}"
            self.state.now[node, _listener((node, way))] = count

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

    async def _hear(self) -> dict[Ear, int]:
        """Let everybody read, and count what each has heard."""
        heard = {ear: len(await read(inbox)) for ear, inbox in self._inboxes.items()}
        for ear, count in heard.items():
            self.state.heard[ear] += count
        return heard

    async def look(self) -> None:
        await self._hear()

    def without_prefix(self, text: str) -> str:
        return CLIENT.sub(_named, super().without_prefix(text))

    def plain_row(self, row: Row) -> Row:
        """Name the node that has refused, and in place of its address the one that it names."""
        row = super().plain_row(row)
        if not self.state.refused:
            return row
        _, node = self.state.refused
        told = rf"error from node {node}: \1 (the address of node {self.state.owner})"
        return replace(row, outcome=REFUSAL.sub(told, row.outcome))

    def stage(self) -> Stage:
        state = self.state
        return Stage(
            self.title,
            [
                Place(SHOP, "client", "sends"),
                *(Place(node, "node", "broker", (), self._told(node)) for node in state.nodes),
                *self._listeners(),
            ],
            list(self._links()),
            is_one_move=True,
        )

    def _listeners(self) -> Iterator[Place]:
        """Return who listens, and who was just refused."""
        state = self.state
        for ear in state.heard:
            told = state.last.get(ear, "heard nothing yet")
            yield Place(_listener(ear), "client", "receives", (), told)
        if state.refused and state.refused.asker != SHOP:
            told = f"refused: go to node {state.owner}"
            yield Place(state.refused.asker, "client", "receives", (), told)

    def _links(self) -> Iterator[Link]:
        """Join what the last act sent, and each listener with its node."""
        state = self.state
        for pair, count in state.now.items():
            if count:
                yield Link(*pair, count)
        for ear in state.heard:
            pair = ear[0], _listener(ear)
            if not state.now.get(pair):
                yield Link(*pair)
        if state.refused:
            yield Link(*state.refused, 1, f"✕ MOVED: to {state.owner}")

    def _told(self, node: str) -> str:
        return "owns the channel's slot" if node == self.state.owner else ""

    def goals(self) -> list[Goal]:
        state, rounds = self.state, self.state.rounds
        plain = [r for r in rounds if r.way == PLAIN and r.heard and not r.counted]
        own = [r for r in rounds if r.way == PLAIN and r.counted and r.nodes == MOST]
        sharded = [r for r in rounds if r.way == SHARDED and r.heard]
        return [
            Goal("Let somebody listen on one node", bool(state.heard), "Subscribe A"),
            Goal(
                "Publish on another node: heard, but not counted",
                bool(plain),
                f"Publish {AT_ONCE} B",
            ),
            Goal(
                "Do the same in a cluster of 12 nodes",
                any(r.nodes == MOST for r in plain),
                self._to_a_large_one(),
            ),
            Goal(
                "Publish on the listener's own node: what changes?",
                bool(own),
                self._to_its_own(),
            ),
            Goal(
                "SPUBLISH: try B, then go where it sends you",
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
            f"{AT_ONCE} sent, on the bus: PUBLISH {plain}, SPUBLISH {sharded}",
            f"With PUBLISH a node sent to all {MOST - 1} others, though most had no listener. Why?",
            {
                "A node does not know who listens on the others": (
                    "So it tells every node, and each looks for subscribers of its own. "
                    "With SPUBLISH the slot says where they must be."
                ),
                "Every node is to keep a copy of each message": (
                    "Nothing is kept: a node without subscribers drops the message."
                ),
                "A reply of 0 made it ask all the other nodes": (
                    "It tells them all in any case. A reply counts only the node's own subscribers."
                ),
            },
        )

    def summary(self) -> str:
        state, heard = self.state, sum(self.state.heard.values())
        crossed = f"So far {state.on_the_bus} messages crossed the bus, {heard} were heard."
        return f"{len(state.nodes)} nodes. {crossed}"


def _told_plain(node: str, counted: int, crossed: Crossed, heard: Heard) -> str:
    """Say what publishing on a node came to: on the bus, at the listeners, in the replies."""
    ears = sum(count > 0 for count in heard.values())
    who = "1 listener" if ears == 1 else f"{ears} listeners"
    in_all = sum(heard.values())
    listened = f"{who} heard {in_all}" + " in all" * (ears > 1) if ears else "Nobody heard them"
    return (
        f"Node {node} sent {_sent_on(crossed)}: {sum(crossed.values())} on the bus. {listened}. "
        f"Each reply counts only node {node}'s own: {counted / AT_ONCE:g}."
    )


def _sent_on(crossed: Crossed) -> str:
    others = f"{len(crossed)} other nodes"
    return (
        f"all {AT_ONCE} to the {others}" if set(crossed.values()) == {AT_ONCE} else f"to {others}"
    )


def _told_sharded(node: str, counted: int, crossed: Crossed, heard: Heard) -> str:
    """Say what a sharded publish came to: on the bus, and at each listener while they are few."""
    sharded_first = sorted(heard.items(), key=lambda one: one[0][1] != SHARDED)
    each = [f"the {_listener(ear)} {_number(count)}" for ear, count in sharded_first]
    in_all = f"{counted} counted by the replies, {sum(heard.values())} heard"
    told = ", ".join(each) if len(each) <= FEW else in_all
    over = f"SPUBLISH on node {node}: {sum(crossed.values())} crossed the bus"
    return f"{over}; {told or 'nobody listens'}."


def _named(client: re.Match[str]) -> str:
    """Write the name of a client with the node to which it is connected."""
    role, node = client.groups()
    return f"shop to {node}" if role == SHOP else f"{role} on {node}".replace("-", " ")


def _number(count: int) -> str:
    return f"heard {count}" if count else "none"


def _listener(ear: Ear) -> str:
    node, way = ear
    return f"{'sharded ' * (way == SHARDED)}listener on {node}"


LAB = Bus
