"""A cluster of modelled nodes, joined by a modelled bus."""

from collections.abc import Callable

from .. import EmbeddedConnection
from ..assembly import RULES, Rules, assemble
from .layout import Node, Share, shares
from .model import HOST, ClusterBus, ModelNode
from .rules import CLUSTER_RULES

__all__ = ["CLUSTER_RULES", "Node", "Share", "shares", "start_model"]


def start_model(
    count: int, rules: Rules = CLUSTER_RULES, advice: str = ""
) -> tuple[list[Node], Callable[[], None]]:
    """Make `count` modelled primaries; return them, and what cuts all their connections.

    A test may leave rules out; `advice` is that of embedded_server. Raises ValueError when there is
    no letter for each node.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
    """
    bus, socket_class = ClusterBus(), assemble((*rules, *RULES), advice)
    nodes = [_node(ModelNode(share, bus, socket_class)) for share in shares(count)]
    return nodes, bus.cut


def _node(node: "ModelNode") -> Node:
    options = {"connection_class": EmbeddedConnection, "server": node}
    return Node(node.share.name, HOST, node.port, node.share.slots, options)
