"""Lies about a cluster, told by its model."""

from typing import Any

from embedded_redis.cluster import introspection, rules
from embedded_redis.cluster.model import ClusterBus, ModelNode, _BusEnd
from embedded_redis.cluster.rules import KeysLiveOnTheNodeOfTheirSlot, PublishGoesToEveryNode
from embedded_redis.rules.pubsub import MessagesReachTheirSubscribers

from .lie import lie

CLUSTER = "operate/oss_and_stack/reference/cluster-spec/"
BUS = CLUSTER + "#publishsubscribe"
SLOTS = CLUSTER + "#redirection-and-resharding"
SPUBLISH = "commands/spublish/"


@lie(PublishGoesToEveryNode, "publish", "commands/publish/", lesson="07")
def publish_counts_every_node(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """PUBLISH counts the subscriptions of its own node."""
    others = [node for node in self._server.bus.nodes if node is not self._server]
    elsewhere = sum(len(node.topics["sub"].get(channel, ())) for node in others)
    return truth(self, channel, message) + elsewhere


@lie(ClusterBus, "carry", BUS, lesson="07")
def publish_stays_on_its_node(truth: Any, self: Any, publisher: Any, *words: bytes) -> None:
    """PUBLISH reaches the subscribers of every node."""


@lie(ClusterBus, "carry", BUS, lesson="07")
def the_bus_asks_who_listens(truth: Any, self: Any, publisher: Any, *words: bytes) -> None:
    """A message crosses the bus to every node, whether anybody listens there or not."""
    everybody = self.nodes
    self.nodes = [node for node in everybody if words[0] in node.topics["sub"]]
    truth(self, publisher, *words)
    self.nodes = everybody


@lie(ClusterBus, "carry", BUS, lesson="07", waits=True)
def the_bus_counts_a_message_once(truth: Any, self: Any, publisher: Any, *words: bytes) -> None:
    """A publish costs one message for each other node."""
    before = publisher.sent
    truth(self, publisher, *words)
    publisher.sent = min(publisher.sent, before + 1)


@lie(MessagesReachTheirSubscribers, "spublish", SPUBLISH, lesson="07")
def the_bus_carries_sharded_messages(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """SPUBLISH stays on the node of its channel."""
    self._server.sent += len(self._server.bus.nodes) - 1
    return truth(self, channel, message)


@lie(KeysLiveOnTheNodeOfTheirSlot, "_check_slots", SLOTS, lesson="07")
def nodes_answer_for_each_other(truth: Any, self: Any, keys: list[bytes]) -> None:
    """A node answers MOVED for a key of another node."""
    if len({rules.key_slot(key) for key in keys}) > 1:
        truth(self, keys)


@lie(KeysLiveOnTheNodeOfTheirSlot, "_check_slots", SLOTS, lesson="07")
def keys_of_two_slots_go_together(truth: Any, self: Any, keys: list[bytes]) -> None:
    """A command whose keys are in two slots is refused with CROSSSLOT."""
    truth(self, keys[:1])


@lie(KeysLiveOnTheNodeOfTheirSlot, "_check", "commands/ssubscribe/", lesson="07")
def sharded_channels_live_everywhere(truth: Any, self: Any, handler: Any, words: Any) -> None:
    """SSUBSCRIBE on the wrong node is answered with MOVED."""
    if handler.command.name != "ssubscribe":
        truth(self, handler, words)


@lie(ClusterBus, "owner", SLOTS, lesson="07")
def moved_names_the_wrong_node(truth: Any, self: Any, slot: int) -> ModelNode:
    """MOVED names the node that holds the slot."""
    owner = truth(self, slot)
    return self.nodes[self.nodes.index(owner) - 1]


@lie(rules, "key_slot", CLUSTER + "#hash-tags", lesson="07")
def hash_tags_are_ignored(truth: Any, key: bytes) -> int:
    """Only what is between braces counts for the slot."""
    return truth(key.replace(b"{", b"").replace(b"}", b""))


@lie(introspection, "key_slot", "commands/cluster-keyslot/", lesson="07")
def keyslot_is_off_by_one(truth: Any, key: bytes) -> int:
    """CLUSTER KEYSLOT tells the slot of the key."""
    return truth(key) + 1


@lie(_BusEnd, "publish", BUS, lesson="07")
def the_bus_does_not_reach_patterns(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """PUBLISH reaches the patterns of every node."""
    return self._deliver("sub", channel, [b"message", channel, message])


@lie(KeysLiveOnTheNodeOfTheirSlot, "_check", SPUBLISH, lesson="07")
def spublish_works_on_any_node(truth: Any, self: Any, handler: Any, words: Any) -> None:
    """SPUBLISH on the wrong node is answered with MOVED."""
    if handler.command.name != "spublish":
        truth(self, handler, words)


@lie(MessagesReachTheirSubscribers, "spublish", SPUBLISH, lesson="07")
def spublish_does_not_count(truth: Any, self: Any, channel: bytes, message: bytes) -> int:
    """SPUBLISH answers how many subscribers it reached."""
    truth(self, channel, message)
    return 0


@lie(KeysLiveOnTheNodeOfTheirSlot, "_check_slots", SLOTS, lesson="07")
def keys_of_one_node_go_together(truth: Any, self: Any, keys: list[bytes]) -> None:
    """A command whose keys are in two slots is refused, though one node has both."""
    owners = {self._server.bus.owner(rules.key_slot(key)) is self._server for key in keys}
    truth(self, keys[:1] if owners == {True} else keys)
