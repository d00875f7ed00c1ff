"""On a clock that is turned on by hand, time passes for the broker then, and at no other time."""

import threading
import time
from typing import Any

import fakeredis
import pytest
import redis

from embedded_redis import Clock, EmbeddedSyncConnection, embedded_server

NOON = 1_900_000_000.0


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def server(clock: Clock) -> Any:
    return embedded_server(clock=clock)


@pytest.fixture
def client(server: Any) -> redis.Redis:
    return client_of(server)


def client_of(server: Any, **options: Any) -> redis.Redis:
    pool = redis.ConnectionPool(
        connection_class=EmbeddedSyncConnection, server=server, decode_responses=True, **options
    )
    return redis.Redis(connection_pool=pool)


def test_what_the_broker_tells_goes_by_it(client: redis.Redis, clock: Clock) -> None:
    assert client.time() == (NOON, 0) and client.xadd("s", {"f": "v"}) == f"{NOON * 1000:.0f}-0"
    client.set("k", "v", px=1500)
    clock.turn_on(1)
    assert client.time() == (NOON + 1, 0) and client.pttl("k") == 500
    clock.turn_on(0.6)
    assert client.get("k") is None


def test_everybody_else_sees_the_time_of_day(client: redis.Redis, clock: Clock) -> None:
    client.set("k", "v")
    other = fakeredis.FakeRedis()
    before = time.time()
    assert before - 1 <= other.time()[0] <= time.time() and other.time()[0] != NOON
    assert client_of(embedded_server()).time()[0] == other.time()[0]
    assert client.time()[0] == NOON


def wait_in_a_thread(client: redis.Redis, *asks: Any) -> tuple[list[threading.Thread], list[Any]]:
    """Let each ask wait in a thread of its own; return them, and where their answers will be."""
    told: list[Any] = []
    threads = [threading.Thread(target=lambda ask=ask: told.append(ask())) for ask in asks]
    for thread in threads:
        thread.start()
    while client.info("clients")["blocked_clients"] < len(asks):
        pass
    return threads, told


def test_waits_end_each_at_its_moment(client: redis.Redis, clock: Clock) -> None:
    def timed(ask: Any) -> Any:
        return lambda: (ask(), clock.now)

    threads, told = wait_in_a_thread(
        client,
        timed(lambda: client.blpop("jobs", timeout=20)),
        timed(lambda: client.xread({"news": "$"}, block=40_000)),
    )
    clock.turn_on(19)
    assert told == [] and client.info("clients")["blocked_clients"] == 2
    clock.turn_on(1)
    while not told:
        pass
    assert told == [(None, NOON + 20)]
    clock.turn_on(3600)
    for thread in threads:
        thread.join()
    assert not any(answer for answer, _ in told) and len(told) == 2


def test_a_group_whose_stream_expires_wakes_who_waits(client: redis.Redis, clock: Clock) -> None:
    client.xgroup_create("s", "g", mkstream=True)
    client.expire("s", 30)
    errors = []

    def ask() -> None:
        try:
            client.xreadgroup("g", "ann", {"s": ">"}, block=60_000)
        except redis.ResponseError as error:
            errors.append(str(error))

    [thread], _ = wait_in_a_thread(client, ask)
    clock.turn_on(31)
    thread.join()
    assert errors and "NOGROUP" in errors[0]


def test_a_socket_timeout_is_the_client_s_own(server: Any) -> None:
    with pytest.raises(redis.TimeoutError):
        client_of(server, socket_timeout=0.05, retry=None).blpop("jobs", timeout=0)


def test_brokers_share_a_clock(client: redis.Redis, clock: Clock) -> None:
    other = client_of(embedded_server(clock=clock))
    for each in (client, other):
        each.set("k", "v", ex=5)
    clock.turn_on(6)
    assert not client.exists("k") and not other.exists("k")
