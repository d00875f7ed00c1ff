"""Clients of the embedded broker and of every real server found here, for tests of both."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import redis
from redis.asyncio import Connection, Redis

from embedded_redis import (
    EmbeddedConnection,
    EmbeddedServer,
    EmbeddedSyncConnection,
    embedded_server,
)
from helpers.broker import clients
from helpers.broker.clients import client
from tests.differential.engines import EMBEDDED, REAL, real_engine, why_missing
from tests.waiting import until

Maker = Callable[..., Redis]
DEADLINE = 5.0


def embedded_client(server: EmbeddedServer, **settings: Any) -> Redis:
    return client({"connection_class": EmbeddedConnection, "server": server}, **settings)


def blocking_client(server: EmbeddedServer, **settings: Any) -> redis.Redis:
    where = {"connection_class": EmbeddedSyncConnection, "server": server}
    return clients.blocking_client(where, **settings)


@pytest.fixture(params=[EMBEDDED, *REAL])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of a broker; the test runs on the embedded broker and on each real server."""
    return request.param


@pytest.fixture
async def make(engine: str) -> AsyncIterator[Maker]:
    """A maker of clients of one empty broker."""
    if engine == EMBEDDED:
        address: dict[str, Any] = {
            "connection_class": EmbeddedConnection,
            "server": embedded_server(),
        }
    elif why := why_missing(engine):
        pytest.skip(why)
    else:
        port = real_engine(engine).server.port
        address = {"connection_class": Connection, "host": "127.0.0.1", "port": port}
    made: list[Redis] = []

    def make(**settings: Any) -> Redis:
        made.append(client(address, **settings))
        return made[-1]

    await make().flushall()
    yield make
    for each in made:
        await each.aclose()


async def until_blocked(shop: Redis, *names: str) -> None:
    async def all_blocked() -> bool:
        flags = {client["name"]: client["flags"] for client in await shop.client_list()}
        return all("b" in flags.get(name, "") for name in names)

    await until(all_blocked, f"{names} to block")
