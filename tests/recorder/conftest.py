"""A real server, and a recorder before it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from helpers.broker.servers import Server, start_server
from helpers.recorder import Recorder, record
from tests.real_servers import found_servers

SERVERS = found_servers()


@pytest.fixture(scope="module", params=SERVERS.values(), ids=list(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Start a server without a password, for every client that the tests know."""
    started = start_server(request.param, password="", enable_debug_command="yes")
    yield started
    started.stop()


@pytest.fixture
async def recorder(server: Server) -> AsyncIterator[Recorder]:
    """Stand before that server."""
    started = await record(server.url)
    yield started
    started.close()
