"""A cluster with one face, whether its nodes are real or modelled."""

import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from redis.asyncio import Redis

from embedded_redis.cluster import Node, shares, start_model

from ..broker import broker
from ..broker.clients import client
from ..broker.servers import NoServer, find_server, server_version
from ..errors import REAL_SERVER, CourseError
from .real import start_real_nodes
from .waiting import until_settled

REAL = "real nodes"
MODEL = "model"
Watch = Callable[[Redis], Redis]
WORDS = ("no", "one", "two", "three", "four", "five", "six")


class Cluster:
    """A running cluster: its nodes by name, and plain redis-py clients on each of them."""

    def __init__(
        self, kind: str, program: str, nodes: list[Node], stop: Callable[[], None], watch: Watch
    ) -> None:
        self.kind = kind
        self._program = program
        self._nodes = {node.name: node for node in nodes}
        self._stop = stop
        self._watch = watch
        self._clients: list[Redis] = []

    @property
    def nodes(self) -> list[str]:
        """The names of the nodes: A, B, C and so on."""
        return list(self._nodes)

    def describe(self) -> str:
        """Say in one line what the lesson runs on."""
        count = len(self._nodes)
        number = WORDS[count] if count < len(WORDS) else str(count)
        nodes = "node" if count == 1 else "nodes"
        if self.kind == REAL:
            return f"This lesson runs on {number} real {self._program} {nodes}"
        return f"This lesson runs on a model of {number} {nodes}"

    def connect(self, node: str, name: str, **options: Any) -> Redis:
        """Return a plain redis-py client called `name` on one node.

        Options are redis-py's, as in helpers.connect. Raises CourseError for a node that is not
        there.
        """
        opened = client(self._node(node).options, **({"client_name": name} | options))
        self._clients.append(opened)
        return self._watch(opened)

    def address(self, node: str) -> tuple[str, int]:
        """Return host and port of a node; on the model nothing listens there."""
        return self._node(node).host, self._node(node).port

    def slots(self, node: str) -> range:
        """Return the slots that a node holds."""
        return self._node(node).slots

    def node_of(self, slot: int) -> str:
        """Return the name of the node that holds a slot."""
        return next(node.name for node in self._nodes.values() if slot in node.slots)

    def node_at(self, address: tuple[str, int]) -> str:
        """Return the name of the node at an address, such as the `node_addr` of a MovedError."""
        return next(n.name for n in self._nodes.values() if (n.host, n.port) == address)

    async def settled(self, deadline: float = 5.0) -> None:
        """Return once each PUBLISH so far has reached every node; then `read` is complete.

        `deadline` is in seconds. Raises TimeoutError when messages are still under way by then.
        """
        async with AsyncExitStack() as open_clients:
            asked = [client(node.options, client_name="course") for node in self._nodes.values()]
            for asker in asked:
                await open_clients.enter_async_context(asker)
            await until_settled(asked, deadline)

    async def close(self) -> None:
        """Close the clients and end the nodes; calling it again does nothing."""
        while self._clients:
            await self._clients.pop().aclose()
        self._stop()

    def _node(self, name: str) -> Node:
        if name not in self._nodes:
            raise CourseError(f"There is no node {name!r}: take one of {', '.join(self._nodes)}.")
        return self._nodes[name]

    async def __aenter__(self) -> "Cluster":
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


async def start_cluster(
    nodes: int = 3, *, model: bool | None = None, watch: Watch = lambda client: client
) -> Cluster:
    """Start a private cluster of so many primaries, never somebody else's.

    With COURSE_BROKER=embedded it is a model inside this process; otherwise real servers on
    loopback, which takes 2 seconds, or the model where no server can run. `model` decides instead.
    `watch` is handed each client that `connect` makes, before it is used. Keep what is returned:
    real nodes stop when it is dropped. Raises CourseError for a number of nodes that cannot be, and
    when the nodes do not start.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/
    """
    _check_number(nodes)
    if model if model is not None else _needs_model():
        return Cluster(MODEL, "", *start_model(nodes, advice=REAL_SERVER), watch)
    try:
        program = find_server()
        started = await start_real_nodes(nodes, program)
        return Cluster(REAL, server_version(program), *started, watch)
    except NoServer as why:
        problem = str(why)
    raise CourseError(problem)  # outside the handler: one sentence, no trace of another error


def _check_number(nodes: int) -> None:
    """Raise CourseError when nobody can make a cluster of so many nodes."""
    try:
        shares(nodes)
        return
    except ValueError as why:
        problem = str(why)
    raise CourseError(problem)


def _needs_model() -> bool:
    if sys.platform == "emscripten" or broker().kind == "embedded":
        return True
    try:
        find_server()
    except NoServer:
        return True
    return False
