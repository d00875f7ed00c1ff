"""The clock by which a board tells for how long somebody is stuck: that of the class's Redis."""

from pathlib import Path

from helpers.broker.clients import client
from helpers.broker.servers import start_server
from helpers.classroom.address import ClassAddress, read_class_address
from helpers.classroom.reader import Reader
from helpers.classroom.state import ClassState
from helpers.cluster.real import start_real_nodes
from tests.real_servers import each_server

from .kit import answer
from .pretend import MINUTE

pytestmark = each_server()


async def age_of_an_event(address: ClassAddress) -> int:
    """Return how old an event is that was just added, in milliseconds by the reader's clock."""
    state, learner = ClassState(), address.client()
    reader = Reader(address, state)
    try:
        await learner.xadd(address.stream, answer().fields())
        now = (await anext(reader.rounds())).now
    finally:
        await reader.close()
        await learner.aclose()
    (standing,) = state.standings()
    return now - standing.seen_at


async def test_a_round_tells_the_time_of_the_server(program: Path) -> None:
    server = start_server(program, password="")
    try:
        age = await age_of_an_event(read_class_address(f"redis://127.0.0.1:{server.port}"))
    finally:
        server.stop()
    assert 0 <= age < MINUTE


async def test_a_round_tells_the_time_of_the_node_that_holds_the_stream(program: Path) -> None:
    nodes, stop = await start_real_nodes(3, program)
    try:
        password, port = nodes[0].options["password"], nodes[0].port
        for node in nodes:  # a cluster has one password; these nodes had one each
            async with client(node.options) as owner:
                await owner.config_set("requirepass", password)
        url = f"redis+cluster://:{password}@127.0.0.1:{port}"
        age = await age_of_an_event(read_class_address(url))
    finally:
        stop()
    assert 0 <= age < MINUTE
