"""Real cluster nodes on loopback, private to the notebook and gone with it."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from itertools import combinations
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from embedded_redis.cluster import Node, Share, shares

from ..broker.clients import client
from ..broker.servers import Server, start_server
from ..errors import CourseError

LOOPBACK = "127.0.0.1"
JOIN_LIMIT = 15.0  # seconds; it takes 2.1: for its first 2 seconds a node does not trust itself
# Milliseconds. Nodes ping each other, and so tell of their slots, twice in such a time: a short one
# joins six nodes in 2.3 seconds and not in 6. Later a long one keeps a busy machine from taking a
# slow node for a dead one.
TIMEOUT_WHILE_JOINING = 2000
TIMEOUT = 15000
PAUSE = 0.01  # seconds between two questions; spares the processor that the nodes need


async def start_real_nodes(count: int, binary: Path) -> tuple[list[Node], Callable[[], None]]:
    """Start `count` primaries and join them; return them, and what stops them.

    Raises NoServer when a node does not start, CourseError when the nodes do not find each other.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/
    """
    with ExitStack() as begun:
        nodes = []
        for share in shares(count):
            server = _start(binary)
            begun.callback(server.stop)
            nodes.append(_node(share, server))
        await _join(nodes)
        return nodes, begun.pop_all().close


def _start(binary: Path) -> Server:
    return start_server(binary, cluster_enabled="yes", cluster_node_timeout=TIMEOUT_WHILE_JOINING)


def _node(share: Share, server: Server) -> Node:
    return Node(share.name, LOOPBACK, server.port, share.slots, server.options)


async def _join(nodes: list[Node]) -> None:
    async with AsyncExitStack() as open_clients:
        asked = [await open_clients.enter_async_context(client(node.options)) for node in nodes]
        for epoch, (node, asker) in enumerate(zip(nodes, asked, strict=True), start=1):
            await asker.cluster("ADDSLOTSRANGE", node.slots[0], node.slots[-1])
            await asker.cluster("SET-CONFIG-EPOCH", epoch)  # a tie would be settled by chance
        for asker, other in combinations(asked, 2):
            await asker.cluster("MEET", LOOPBACK, *await _ports(other))
        await _until_joined(asked)
        for asker in asked:
            await asker.config_set("cluster-node-timeout", TIMEOUT)


async def _ports(node: Redis) -> list[str]:
    settings: Any = await node.config_get("port", "cluster-port")
    return [settings["port"], settings["cluster-port"]]


async def _until_joined(nodes: list[Redis]) -> None:
    try:
        async with asyncio.timeout(JOIN_LIMIT):
            for node in nodes:
                while not await _is_joined(node, len(nodes)):
                    await asyncio.sleep(PAUSE)
        return
    except TimeoutError:
        pass  # raising outside the handler leaves no trace of it
    raise CourseError(
        f"The {len(nodes)} cluster nodes did not find each other within {JOIN_LIMIT:g} seconds: "
        "run the cell again, or use start_cluster(model=True)."
    )


async def _is_joined(node: Redis, count: int) -> bool:
    """Tell whether a node serves its slots and has a link to each of the others."""
    if (await node.cluster("INFO"))["cluster_state"] != "ok":
        return False
    seen = (await node.cluster("NODES")).values()
    return len(seen) == count and all(
        each["connected"] and "handshake" not in each["flags"] for each in seen
    )
