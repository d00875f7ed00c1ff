"""Claims about redis-py and about settings that neither a cell nor a line of redis-cli can show."""

import asyncio
import inspect
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio

from helpers.broker.servers import Server, start_server
from tests.real_servers import each_server

Inbox = redis.asyncio.client.PubSub
SOON = 10.0  # seconds, for what a sound broker does at once


@pytest.fixture
def server(program: Path) -> Iterator[Server]:
    server = start_server(program)
    yield server
    server.stop()


@pytest.fixture
async def shop(server: Server) -> AsyncIterator[redis.asyncio.Redis]:
    async with client(server) as shop:
        yield shop


def client(server: Server, **options: Any) -> redis.asyncio.Redis:
    return redis.asyncio.Redis(**server.options | {"decode_responses": True} | options)


async def cut(shop: redis.asyncio.Redis, inbox: Inbox) -> None:
    """Close the connection of an inbox, as a server does."""
    assert inbox.connection is not None
    await inbox.connection.send_command("CLIENT", "ID")
    await shop.client_kill_filter(_id=await inbox.connection.read_response())


@each_server()
async def test_await_belongs_to_python(server: Server) -> None:
    with redis.Redis(**server.options) as plain:
        assert plain.ping() is True
    async with client(server) as shop:
        assert inspect.isawaitable(reply := shop.ping()) and await reply is True


@each_server()
async def test_listen_waits_and_get_message_does_not(shop: redis.asyncio.Redis) -> None:
    async with shop.pubsub(ignore_subscribe_messages=True) as inbox:
        await inbox.subscribe("news")
        assert await inbox.get_message(timeout=SOON) is None  # the confirmation
        assert await inbox.get_message() is None
        waiting = asyncio.ensure_future(anext(inbox.listen()))
        await shop.ping()
        assert not waiting.done()
        await shop.publish("news", "sale")
        async with asyncio.timeout(SOON):
            assert (await waiting)["data"] == "sale"


@each_server()
async def test_where_confirmations_are_ignored_nothing_tells_of_a_reconnection(
    shop: redis.asyncio.Redis,
) -> None:
    async with shop.pubsub(ignore_subscribe_messages=True) as inbox:
        await inbox.subscribe("news")
        assert await inbox.get_message(timeout=SOON) is None  # the confirmation
        await cut(shop, inbox)
        assert await shop.publish("news", "fire") == 0
        assert await inbox.get_message(timeout=SOON) is None  # the confirmation of the second
        assert await shop.publish("news", "sale") == 1
        assert (await inbox.get_message(timeout=SOON))["data"] == "sale"


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let redis-py's pauses between two tries take no time, and note how long they are."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("redis.asyncio.retry.sleep", pause)
    monkeypatch.setattr("redis.backoff.random.random", lambda: 0.5)
    return pauses


@each_server()
async def test_a_subscriber_gives_up_after_about_four_seconds(
    server: Server, slept: list[float]
) -> None:
    async with client(server).pubsub() as inbox:
        await inbox.subscribe("news")
        await inbox.get_message(timeout=SOON)
        server.stop()
        with pytest.raises(redis.ConnectionError):
            await inbox.get_message(timeout=SOON)
    assert len(slept) == 10
    assert sum(slept) == pytest.approx(4.3, abs=0.1)


@each_server()
async def test_a_subscriber_without_any_answer_gives_up_after_a_minute(
    server: Server, slept: list[float]
) -> None:
    async with client(server, socket_timeout=0.5).pubsub() as inbox:
        await inbox.subscribe("news")
        await inbox.get_message(timeout=SOON)
        slept.clear()
        server.stop()
        tried: list[asyncio.StreamWriter] = []
        async with await asyncio.start_server(lambda _, out: tried.append(out), *address(server)):
            with pytest.raises(redis.TimeoutError):
                await inbox.get_message(timeout=SOON)
            for out in tried:
                out.close()
    with_five_seconds_each = len(tried) * 5 + sum(slept)
    assert with_five_seconds_each == pytest.approx(59, abs=0.5)


def address(server: Server) -> tuple[str, int]:
    return server.options["host"], server.options["port"]


@each_server()
async def test_an_idle_blpop_is_tried_eleven_times(server: Server, slept: list[float]) -> None:
    async with client(server, socket_timeout=0.5) as worker:  # enough to connect on busy cores
        await worker.ping()
        slept.clear()
        with pytest.raises(redis.TimeoutError):
            await worker.blpop("orders", timeout=600)
    assert len(slept) == 10
    with_five_seconds_each = 11 * 5 + sum(slept)
    assert with_five_seconds_each == pytest.approx(59, abs=0.5)


@each_server()
async def test_redis_py_8_made_without_options(shop: redis.asyncio.Redis) -> None:
    connection = shop.connection_pool.make_connection()
    assert connection.retry.get_retries() == 10
    assert connection.socket_timeout == 5
    assert connection.socket_keepalive is True
    assert (await shop.client_info())["resp"] == "3"


@pytest.mark.skipif(sys.platform != "linux", reason="names the settings of Linux")
def test_keepalive_notices_after_45_seconds() -> None:
    options = redis.asyncio.Redis().connection_pool.make_connection().socket_keepalive_options
    probes = options[socket.TCP_KEEPINTVL] * options[socket.TCP_KEEPCNT]
    assert options[socket.TCP_KEEPIDLE] + probes == 45


@each_server()
async def test_a_protocol_that_is_written_changes_replies(
    server: Server, shop: redis.asyncio.Redis
) -> None:
    entry = ("1-1", {"order": "order-1"})
    await shop.xadd("orders", entry[1], id=entry[0])
    assert await shop.xread({"orders": 0}) == [["orders", [entry]]]
    async with client(server, protocol=3) as written:
        assert await written.xread({"orders": 0}) == {"orders": [[entry]]}


@each_server()
async def test_a_new_user_may_use_no_channel(server: Server, shop: redis.asyncio.Redis) -> None:
    rules = ["ACL", "SETUSER", "eve", "on", ">secret", "allcommands", "allkeys"]
    await shop.execute_command(*rules)
    async with client(server, username="eve", password="secret") as eve:
        await eve.rpush("orders", "order-1")
        with pytest.raises(redis.exceptions.NoPermissionError):
            await eve.publish("news", "sale")
        await shop.execute_command(*rules, "&news")
        assert await eve.publish("news", "sale") == 0
        with pytest.raises(redis.exceptions.NoPermissionError):
            await eve.publish("alarms", "fire")


@each_server()
async def test_one_inbox_has_one_reader(shop: redis.asyncio.Redis) -> None:
    async with shop.pubsub() as inbox:
        await inbox.subscribe("news")
        await inbox.get_message(timeout=SOON)
        reader = asyncio.ensure_future(anext(inbox.listen()))
        await shop.ping()
        with pytest.raises(RuntimeError, match="another coroutine"):
            await inbox.get_message(timeout=SOON)
        reader.cancel()


@each_server()
async def test_who_listens_on_a_replica_hears_and_is_not_counted(
    program: Path, server: Server, shop: redis.asyncio.Redis
) -> None:
    replica = start_server(program)
    async with client(replica) as side, side.pubsub(ignore_subscribe_messages=True) as inbox:
        await side.config_set("masterauth", server.options["password"])
        await side.replicaof("127.0.0.1", server.port)
        async with asyncio.timeout(SOON):
            while (await side.info("replication"))["master_link_status"] != "up":
                pass
        await inbox.subscribe("news")
        await inbox.get_message(timeout=SOON)
        assert await shop.publish("news", "sale") == 0
        assert (await inbox.get_message(timeout=SOON))["data"] == "sale"
    replica.stop()


@each_server()
async def test_several_patterns_come_in_the_sequence_of_a_hash_table(program: Path) -> None:
    patterns = [f"{'a' * n}*" for n in range(1, 13)]
    seen = {await _sequence(program, patterns) for _ in range(3)}
    assert len(seen) > 1
    assert {frozenset(sequence) for sequence in seen} == {frozenset(patterns)}


async def _sequence(program: Path, patterns: list[str]) -> tuple[str, ...]:
    """Return the patterns as one message came by them, on a server of its own."""
    server = start_server(program)
    async with client(server) as shop, shop.pubsub() as inbox:
        await inbox.psubscribe(*patterns)
        assert await shop.publish("a" * 12, "x") == len(patterns)
        heard = [await inbox.get_message(timeout=SOON) for _ in range(2 * len(patterns))]
    server.stop()
    return tuple(m["pattern"] for m in heard if m["type"] == "pmessage")


@each_server()
async def test_what_happens_to_keys_is_published_once_that_is_switched_on(
    shop: redis.asyncio.Redis,
) -> None:
    async with shop.pubsub(ignore_subscribe_messages=True) as inbox:
        await inbox.subscribe("__keyevent@0__:expired")
        await inbox.get_message(timeout=SOON)
        assert (await shop.config_get("notify-keyspace-events"))["notify-keyspace-events"] == ""
        await shop.config_set("notify-keyspace-events", "Ex")
        await shop.set("cart", "book", px=1)
        assert (await inbox.get_message(timeout=SOON))["data"] == "cart"


@each_server()
async def test_a_full_server_stops_workers_and_sweep(shop: redis.asyncio.Redis) -> None:
    await shop.rpush("orders", "order-1", "order-2")
    await shop.rpush("orders:bob", "order-3")
    await shop.config_set("maxmemory", 1)
    with pytest.raises(redis.OutOfMemoryError):
        await shop.blmove("orders", "orders:ann", timeout=1)
    with pytest.raises(redis.OutOfMemoryError):
        await shop.lmove("orders:bob", "orders", "RIGHT", "LEFT")
    assert await shop.lrem("orders:bob", 1, "order-3") == 1
    assert await shop.lpop("orders") == "order-1"


@each_server()
async def test_a_blocking_pop_that_is_cut_short_loses_the_job(
    server: Server, shop: redis.asyncio.Redis
) -> None:
    async with client(server) as worker:
        waiting = asyncio.create_task(worker.blpop("orders"))
        async with asyncio.timeout(SOON):
            while (await shop.info("clients"))["blocked_clients"] == 0:
                pass
        with redis.Redis(**server.options) as plain:  # the worker's task cannot run meanwhile
            plain.rpush("orders", "order-1")
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
    assert waiting.cancelled()
    assert await shop.exists("orders") == 0
