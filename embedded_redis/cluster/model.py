"""Cluster nodes inside this process, joined by a modelled bus; for where no server can run.

What the model leaves out: time, failures, replicas and moving slots. Its nodes know each other from
the start, and a message crosses the bus before PUBLISH returns.
"""

from hashlib import sha1

from ..engine.core import EmbeddedSocket
from ..engine.server import EmbeddedServer
from ..rules.pubsub import MessagesReachTheirSubscribers
from .layout import Share

HOST = "127.0.0.1"
FIRST_PORT = 7000  # as in the tutorial on redis.io; nothing listens there
BUS_DISTANCE = 10000  # between a node's port and its port on the bus


class ModelNode(EmbeddedServer):
    """An embedded broker that holds a share of the slots and hears of its peers over the bus."""

    def __init__(self, share: Share, bus: "ClusterBus", socket_class: type[EmbeddedSocket]) -> None:
        super().__init__(socket_class)
        self.share = share
        self.bus = bus
        self.sent = 0  # messages on the bus, each to one other node
        self.received = 0
        bus.join(self)
        self.epoch = len(bus.nodes)
        self.port = FIRST_PORT + self.epoch - 1
        self.id = sha1(f"node {share.name}".encode()).hexdigest()
        self.lock = bus.nodes[0].lock  # one for all, or two threads could wait for each other

    @property
    def host(self) -> str:
        """Where all nodes of the model would be."""
        return HOST

    @property
    def bus_port(self) -> int:
        """The port that only nodes use."""
        return self.port + BUS_DISTANCE

    @property
    def address(self) -> str:
        """What MOVED names."""
        return f"{HOST}:{self.port}"


class ClusterBus:
    """What carries a publish on one node to all others, whether anybody listens there or not.

    Follows https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#publishsubscribe
    """

    def __init__(self) -> None:
        self.nodes: list[ModelNode] = []

    def join(self, node: ModelNode) -> None:
        """Take in one more node."""
        self.nodes.append(node)

    def owner(self, slot: int) -> ModelNode:
        """Return the node that holds a slot."""
        return next(node for node in self.nodes if slot in node.share.slots)

    def carry(self, publisher: ModelNode, channel: bytes, message: bytes) -> None:
        """Publish on every other node what was published on this one."""
        for node in self.nodes:
            if node is not publisher:
                publisher.sent += 1
                node.received += 1
                _BusEnd(node).publish(channel, message)
                node.send_replies()

    def cut(self) -> None:
        """Cut every connection to every node, as when the servers stop."""
        for node in self.nodes:
            node.connected = False


class NodeSocket(EmbeddedSocket):
    """One client's connection to a node."""

    _server: ModelNode


class _BusEnd(MessagesReachTheirSubscribers):
    """Where the bus arrives at a node: what comes is published there, and goes no further."""

    def __init__(self, node: ModelNode) -> None:
        self._server = node
