"""The script that lesson 10 prints, for a janitor, does what the lesson says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from embedded_redis import embedded_server
from helpers.broker.servers import start_server
from publish.lesson import read
from tests.broker.brokers import blocking_client

from ...real_servers import each_server

ROOT = Path(__file__).parents[3]
KEYS_AND_ARGUMENTS = (1, "orders", "packing", "ann")


def printed() -> str:
    """Return the script as it stands in the lesson."""
    [path] = (ROOT / "notebooks").glob("10_*.ipynb")
    [cell] = [cell for cell in read(path).cells if cell.id == "l10-watch-told"]
    [script] = re.findall(r"(?s)```lua\n(.+?)```", cell.source)
    return str(script)


def with_one_entry_pending(client: Redis) -> Redis:
    """Let Ann have one entry pending."""
    client.xadd("orders", {"job": "job-1"}, id="1-0")
    client.xgroup_create("orders", "packing", id="0")
    client.xreadgroup("packing", "ann", {"orders": ">"})
    return client


@pytest.fixture
def redis(program: Path) -> Iterator[Redis]:
    """Start a server."""
    server = start_server(program, password="")
    with Redis(port=server.port, decode_responses=True) as client:
        yield with_one_entry_pending(client)
    server.stop()


@pytest.fixture
def embedded() -> Iterator[Redis]:
    with blocking_client(embedded_server()) as client:
        yield with_one_entry_pending(client)


def names(redis: Redis) -> list[str]:
    """Name the consumers of the group."""
    return [consumer["name"] for consumer in redis.xinfo_consumers("orders", "packing")]


@each_server()
def test_whoever_has_something_pending_stays(redis: Redis) -> None:
    assert redis.eval(printed(), *KEYS_AND_ARGUMENTS) is None
    assert names(redis) == ["ann"] and redis.xpending("orders", "packing")["pending"] == 1


@each_server()
def test_whoever_has_nothing_pending_goes(redis: Redis) -> None:
    redis.xack("orders", "packing", "1-0")
    assert redis.eval(printed(), *KEYS_AND_ARGUMENTS) == 0
    assert names(redis) == []


def test_the_embedded_broker_does_so_too(embedded: Redis) -> None:
    assert embedded.eval(printed(), *KEYS_AND_ARGUMENTS) is None
    assert names(embedded) == ["ann"]
    embedded.xack("orders", "packing", "1-0")
    assert embedded.eval(printed(), *KEYS_AND_ARGUMENTS) == 0
    assert names(embedded) == []
