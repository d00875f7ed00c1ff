"""Rules by which a node tells of its cluster."""

from typing import Any

from redis.crc import key_slot

from ..engine._fakeredis import FLAG_NO_SCRIPT, SimpleError
from ..engine.arguments import fail, integer
from ..engine.commands import command
from ..engine.wire import Text
from ..rules.clients import HelloNegotiatesTheProtocol
from ..rules.server_info import ConfigTellsWhatHolds, InfoTellsTheTruth
from .layout import SLOTS
from .model import ModelNode, NodeSocket

HEALTHY = {
    "cluster_state": "ok",
    "cluster_slots_assigned": SLOTS,
    "cluster_slots_ok": SLOTS,
    "cluster_slots_pfail": 0,
    "cluster_slots_fail": 0,
}


class NodesTellWhatCrossesTheBus(NodeSocket):
    """CLUSTER INFO tells the state of the cluster and counts the messages between its nodes.

    A counter that is 0 is left out. Only messages of PUBLISH are counted here: modelled nodes do
    not ping each other.
    Follows https://redis.io/docs/latest/commands/cluster-info/
    """

    @command("cluster info")
    def cluster_info(self) -> Text:
        node, count = self._server, len(self._server.bus.nodes)
        facts = HEALTHY | {
            "cluster_known_nodes": count,
            "cluster_size": count,
            "cluster_current_epoch": count,
            "cluster_my_epoch": node.epoch,
            **_counters("sent", node.sent),
            **_counters("received", node.received),
            "total_cluster_links_buffer_limit_exceeded": 0,
        }
        return Text("".join(f"{name}:{value}\r\n" for name, value in facts.items()).encode())


class NodesKnowEachOther(NodeSocket):
    """CLUSTER MYID, NODES, SLOTS and SHARDS tell which node holds which slots.

    Follows https://redis.io/docs/latest/commands/cluster-nodes/
    """

    @command("cluster myid")
    def cluster_myid(self) -> bytes:
        return self._server.id.encode()

    @command("cluster nodes")
    def cluster_nodes(self) -> Text:
        return Text("".join(map(self._line, self._server.bus.nodes)).encode())

    @command("cluster slots")
    def cluster_slots(self) -> list[Any]:
        return [
            [*_bounds(node), [node.host, node.port, node.id, {}]] for node in self._server.bus.nodes
        ]

    @command("cluster shards")
    def cluster_shards(self) -> list[Any]:
        return [
            {"slots": _bounds(node), "nodes": [_member(node)]} for node in self._server.bus.nodes
        ]

    def _line(self, node: ModelNode) -> str:
        first, last = _bounds(node)
        role = "myself,master" if node is self._server else "master"
        link = f"- 0 0 {node.epoch} connected"
        return f"{node.id} {node.address}@{node.bus_port} {role} {link} {first}-{last}\n"


class KeysAreCountedBySlot(NodeSocket):
    """CLUSTER KEYSLOT tells the slot of a key; COUNTKEYSINSLOT counts the keys of a slot here.

    Follows https://redis.io/docs/latest/commands/cluster-keyslot/
    """

    @command("cluster keyslot")
    def cluster_keyslot(self, key: bytes) -> int:
        return key_slot(key)

    @command("cluster countkeysinslot")
    def cluster_countkeysinslot(self, slot: bytes) -> int:
        if not 0 <= (wanted := integer(slot)) < SLOTS:
            fail("ERR Invalid slot")
        return sum(key_slot(key) == wanted for key in self._db)


class NodesSayThatTheyAreClustered(
    NodeSocket, HelloNegotiatesTheProtocol, InfoTellsTheTruth, ConfigTellsWhatHolds
):
    """INFO, HELLO and CONFIG GET say that the server is in cluster mode.

    A command about the cluster that the model lacks needs a real server.
    Follows https://redis.io/docs/latest/commands/info/
    """

    @classmethod
    def missing(cls, name: str) -> SimpleError:
        return cls.needs_real_server(name)

    @command("hello", flags=(FLAG_NO_SCRIPT,))
    def hello(self, *words: bytes) -> dict[str, Any]:
        return super().hello(*words) | {"mode": "cluster"}

    @command("config get")
    def config_get(self, *patterns: bytes) -> dict[bytes, bytes]:
        settings = super().config_get(*patterns)
        return settings | {name: b"yes" for name in settings if name == b"cluster-enabled"}

    def _server_facts(self) -> dict[str, Any]:
        return super()._server_facts() | {"redis_mode": "cluster", "tcp_port": self._server.port}

    def _cluster_facts(self) -> dict[str, Any]:
        return {"cluster_enabled": 1}


RULES = (
    NodesSayThatTheyAreClustered,
    NodesTellWhatCrossesTheBus,
    NodesKnowEachOther,
    KeysAreCountedBySlot,
)


def _counters(direction: str, count: int) -> dict[str, int]:
    kinds = ("publish_", "") if count else ()
    return {f"cluster_stats_messages_{kind}{direction}": count for kind in kinds}


def _bounds(node: ModelNode) -> list[int]:
    return [node.share.slots[0], node.share.slots[-1]]


def _member(node: ModelNode) -> dict[str, Any]:
    return {
        "id": node.id,
        "port": node.port,
        "ip": node.host,
        "endpoint": node.host,
        "role": "master",
        "replication-offset": 0,
        "health": "online",
    }
