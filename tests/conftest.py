"""What all tests share: they choose their brokers themselves, and leave none to the next."""

import os
import random
from collections.abc import Iterator

import pytest
import redis

from helpers import broker
from helpers.broker.servers import Server, start_server

from .real_servers import found_servers


def pytest_configure() -> None:
    # Whoever exported one of these for the lessons must not decide what the tests run on.
    for name in ("BROKER", "SERVER", "RECORD", "CLASS", "NICKNAME"):
        os.environ.pop(f"COURSE_{name}", None)
    # Chosen before any worker starts: all of them must choose the same places.
    os.environ.setdefault("DRIFT_SEED", str(random.randrange(1_000_000)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let long tests begin first, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_report_header() -> str:
    """Say how to repeat a run of the tests that choose by chance."""
    return f"random places: DRIFT_SEED={os.environ['DRIFT_SEED']}"


@pytest.fixture(autouse=True)
def no_broker_is_left() -> Iterator[None]:
    """End the process's broker after each test: another test may choose another one."""
    yield
    broker.close()


@pytest.fixture(params=found_servers().items(), ids=lambda found: found[0].replace(" ", "-"))
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of somebody's; COURSE_BROKER names it."""
    server = start_server(request.param[1], password="")
    monkeypatch.setenv("COURSE_BROKER", server.url)
    yield server
    broker.close()
    server.stop()


@pytest.fixture
def theirs(server: Server) -> Iterator[redis.Redis]:
    """Somebody else on the same server."""
    with redis.Redis(port=server.port, decode_responses=True, client_name="theirs") as client:
        yield client
