"""The embedded broker under redis-py: what the wire alone does not show."""

import asyncio
import gc
import subprocess
import sys
import threading
import warnings
from typing import Any

import pytest
import redis
from redis.asyncio import Redis

from embedded_redis import _proved_on, embedded_server
from tests.broker.brokers import (
    DEADLINE,
    Maker,
    blocking_client,
    embedded_client,
    until_blocked,
)
from tests.broker.brokers import engine as engine
from tests.broker.brokers import make as make
from tests.waiting import until

CLOSED = "Connection closed by server."


async def test_a_killed_waiter_is_told_so(make: Maker) -> None:
    shop, ann = make(), make(client_name="ann")
    waiter = asyncio.create_task(ann.blpop("jobs", timeout=0))
    await until_blocked(shop, "ann")
    await shop.client_kill_filter(_id=(await shop.client_list())[-1]["id"])
    with pytest.raises(redis.ConnectionError) as error:
        await asyncio.wait_for(waiter, DEADLINE)
    assert str(error.value) == CLOSED
    assert await shop.rpush("jobs", "1") == 1
    assert await shop.llen("jobs") == 1


@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_killed_subscriber_is_told_so(make: Maker, protocol: int) -> None:
    shop, ann = make(), make(protocol=protocol)
    async with ann.pubsub() as subscription:
        await subscription.subscribe("event1")
        await subscription.parse_response()
        assert await shop.client_kill_filter(_type="pubsub") == 1
        with pytest.raises(redis.ConnectionError) as error:
            await asyncio.wait_for(subscription.connection.read_response(), DEADLINE)
        assert str(error.value) == CLOSED
        assert await shop.publish("event1", "x") == 0


async def test_an_idle_client_that_was_killed_connects_again(make: Maker) -> None:
    shop, ann = make(), make(client_name="ann")
    await ann.set("k", "v")
    identity = await ann.client_id()
    connection = await ann.connection_pool.get_connection()
    await ann.connection_pool.release(connection)
    assert await shop.client_kill_filter(_id=identity) == 1
    await until(connection.can_read, "the news that the connection is closed")
    assert await ann.get("k") == "v"
    assert await ann.client_id() != identity


COMMANDS = {
    "BLPOP": lambda client: client.blpop("jobs", timeout=0),
    "BLMOVE": lambda client: client.blmove("jobs", "done", 0),
    "BLMPOP": lambda client: client.blmpop(0, 1, "jobs", direction="LEFT"),
}


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_cancelled_waiter_takes_nothing(make: Maker, command: str) -> None:
    shop, ann = make(), make(client_name="ann")
    waiter = asyncio.create_task(COMMANDS[command](ann))
    await until_blocked(shop, "ann")
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter

    async def is_gone() -> bool:
        return all(client["name"] != "ann" for client in await shop.client_list())

    await until(is_gone, "the cancelled client to be gone")
    assert await shop.rpush("jobs", "1") == 1
    assert await ann.lpop("jobs") == "1"


async def test_a_cancelled_consumer_leaves_its_entry(make: Maker) -> None:
    shop, ann = make(), make(client_name="ann")
    await shop.xgroup_create("orders", "mail", "0", mkstream=True)
    waiter = asyncio.create_task(ann.xreadgroup("mail", "ann", {"orders": ">"}, block=0))
    await until_blocked(shop, "ann")
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter

    async def is_gone() -> bool:
        return all(client["name"] != "ann" for client in await shop.client_list())

    await until(is_gone, "the cancelled client to be gone")
    await shop.xadd("orders", {"id": 1}, id="1-1")
    assert (await shop.xpending("orders", "mail"))["pending"] == 0
    [(_, entries)] = await ann.xreadgroup("mail", "ann", {"orders": ">"})
    assert entries == [("1-1", {"id": "1"})]


@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_closed_subscription_counts_no_more(make: Maker, protocol: int) -> None:
    shop, ann = make(), make(protocol=protocol)
    subscription = ann.pubsub()
    await subscription.subscribe("event1")
    await subscription.psubscribe("event*")
    await subscription.parse_response()
    await subscription.parse_response()
    assert await shop.publish("event1", "x") == 2
    await subscription.aclose()

    async def is_forgotten() -> bool:
        return await shop.publish("event1", "y") == 0

    await until(is_forgotten, "the subscriptions to be forgotten")
    assert await shop.pubsub_numpat() == 0
    assert await shop.pubsub_numsub("event1") == [("event1", 0)]


async def test_a_short_socket_timeout_gives_up_first(make: Maker) -> None:
    ann = make(socket_timeout=0.05)
    with pytest.raises(redis.TimeoutError):
        await ann.blpop("jobs", timeout=1)


async def test_a_message_does_not_mix_with_replies(make: Maker) -> None:
    shop, ann = make(), make(protocol=3)
    async with ann.pubsub() as subscription:
        await subscription.subscribe("event1")
        await subscription.parse_response()
        await shop.publish("event1", "x")
        connection = subscription.connection
        await connection.send_command("GET", "k")
        assert await connection.read_response() is None
        await shop.publish("event1", "y")
        response = await connection.read_response(push_request=True)
        assert response == ["message", "event1", "y"]


async def test_a_pipeline_and_a_transaction(make: Maker) -> None:
    shop = make()
    async with shop.pipeline(transaction=True) as pipe:
        assert await pipe.rpush("jobs", 1, 2).lpop("jobs").llen("jobs").execute() == [2, "1", 1]
    async with shop.pipeline(transaction=True) as pipe:
        await pipe.watch("jobs")
        await shop.rpush("jobs", 3)
        pipe.multi()
        pipe.llen("jobs")
        with pytest.raises(redis.WatchError):
            await pipe.execute()
    async with shop.pipeline(transaction=False) as pipe:
        pipe.set("k", "text").lpop("k").get("k")
        replies = await pipe.execute(raise_on_error=False)
    assert replies[0] is True
    assert isinstance(replies[1], redis.ResponseError)
    assert replies[2] == "text"


async def test_big_and_binary_values_come_back(make: Maker) -> None:
    value = bytes(range(256)) * 1000
    raw = make(decode_responses=False)
    await raw.rpush("jobs", value, b"\r\n", b"")
    assert await raw.lrange("jobs", 0, -1) == [value, b"\r\n", b""]


async def test_a_dropped_client_is_forgotten() -> None:
    server = embedded_server()
    shop, ann = embedded_client(server), embedded_client(server)
    subscription = ann.pubsub()
    await subscription.subscribe("event1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        del subscription, ann
        gc.collect()
    assert await shop.publish("event1", "x") == 0
    assert len(await shop.client_list()) == 1


@pytest.mark.parametrize("pipelined", [False, True])
async def test_asking_again_and_again_lets_other_tasks_run(make: Maker, pipelined: bool) -> None:
    shop, ann = make(), make()
    await ann.ping()
    producer = asyncio.create_task(shop.rpush("jobs", "1"))
    for _ in range(10_000):
        if pipelined:
            async with ann.pipeline(transaction=False) as pipe:
                [length] = await pipe.llen("jobs").execute()
        else:
            length = await ann.llen("jobs")
        if length:
            break
    assert length == 1
    await producer


async def test_a_command_cancelled_on_its_way_leaves_no_reply_behind(make: Maker) -> None:
    pool = make().connection_pool
    shop = Redis(connection_pool=pool, single_connection_client=True)  # no pool to notice
    await shop.mset({"a": "1", "b": "2"})
    asking = asyncio.create_task(shop.get("a"))
    await asyncio.sleep(0)  # the command goes out, and gives way before it reads its reply
    asking.cancel()
    await asyncio.wait([asking])
    assert asking.cancelled()
    assert await shop.get("b") == "2"
    await shop.aclose()


async def test_two_brokers_share_nothing() -> None:
    one, other = embedded_client(embedded_server()), embedded_client(embedded_server())
    await one.set("k", "v")
    assert await other.get("k") is None
    async with other.pubsub() as subscription:
        await subscription.subscribe("event1")
        await subscription.parse_response()
        assert await one.publish("event1", "x") == 0


async def test_an_outage_ends_connections_and_keeps_data() -> None:
    server = embedded_server()
    shop, ann = embedded_client(server), embedded_client(server)
    await shop.set("k", "v")
    waiter = asyncio.create_task(ann.blpop("jobs", timeout=0))
    await until(lambda: asyncio.sleep(0, len(server.room) == 1), "ann to block")
    server.connected = False
    with pytest.raises(redis.ConnectionError, match=CLOSED):
        await asyncio.wait_for(waiter, DEADLINE)
    with pytest.raises(redis.ConnectionError, match="Connection refused"):
        await shop.get("k")
    server.connected = True
    assert await shop.get("k") == "v"


def test_waiting_threads_are_served_first_come_first_served() -> None:
    server = embedded_server()
    shop = blocking_client(server)
    got: dict[str, Any] = {}
    threads = []
    for name in ("ann", "bob", "carol"):
        each = blocking_client(server, client_name=name)

        def wait(ann: redis.Redis = each, name: str = name) -> None:
            got[name] = ann.blpop("jobs", timeout=DEADLINE)

        threads.append(threading.Thread(target=wait))
        threads[-1].start()
        while "b" not in {c["name"]: c["flags"] for c in shop.client_list()}.get(name, ""):
            pass
    shop.rpush("jobs", 1, 2, 3)
    for thread in threads:
        thread.join(DEADLINE)
    assert got == {"ann": ("jobs", "1"), "bob": ("jobs", "2"), "carol": ("jobs", "3")}


def test_a_blocking_client_times_out_and_is_killed() -> None:
    server = embedded_server()
    shop, ann = blocking_client(server), blocking_client(server, client_name="ann")
    assert ann.blpop("jobs", timeout=0.02) is None
    impatient = blocking_client(server, socket_timeout=0.02)
    with pytest.raises(redis.TimeoutError):
        impatient.blpop("jobs", timeout=1)
    errors: list[str] = []

    def wait() -> None:
        try:
            ann.blpop("jobs", timeout=0)
        except redis.ConnectionError as error:
            errors.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    while not (blocked := [c for c in shop.client_list() if "b" in c["flags"]]):
        pass
    shop.client_kill_filter(_id=blocked[0]["id"])
    thread.join(DEADLINE)
    assert errors == [CLOSED]
    assert shop.rpush("jobs", 1) == 1


async def test_a_thread_feeds_a_task() -> None:
    server = embedded_server()
    ann, shop = embedded_client(server), blocking_client(server)
    waiter = asyncio.create_task(ann.blpop("jobs", timeout=0))
    await until(lambda: asyncio.sleep(0, len(server.room) == 1), "ann to block")
    await asyncio.to_thread(shop.rpush, "jobs", "1")
    assert await asyncio.wait_for(waiter, DEADLINE) == ("jobs", "1")


def test_a_broker_outlives_an_event_loop() -> None:
    server = embedded_server()

    async def fill() -> None:
        async with embedded_client(server) as shop:
            await shop.rpush("jobs", "1")
        forgotten = embedded_client(server)
        await forgotten.pubsub().subscribe("event1")

    async def drain() -> Any:
        async with embedded_client(server) as ann:
            await ann.publish("event1", "x")
            return await ann.blpop("jobs", timeout=1)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        asyncio.run(fill())
        assert asyncio.run(drain()) == ("jobs", "1")


def test_another_version_of_fakeredis_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_proved_on.fakeredis, "__version__", "9.9.9")
    with pytest.warns(UserWarning, match=r"proved on fakeredis 2\.41\.0.*pip install"):
        _proved_on.warn_unless_proved()


UNTOUCHED = """
import asyncio, sys
import fakeredis, fakeredis._socket, fakeredis._core, fakeredis._commands

def everything():
    modules = [m for name, m in sys.modules.items() if name.startswith("fakeredis")]
    classes = {c for m in modules for c in vars(m).values() if isinstance(c, type)}
    state = {(m.__name__, n): id(v) for m in modules for n, v in vars(m).items()
             if n not in ("_COMMAND_INFO", "__warningregistry__")}
    for c in classes:
        if c.__module__.startswith("fakeredis"):
            state |= {(c.__qualname__, n): id(v) for n, v in vars(c).items() if n[:5] != "_abc_"}
    commands = fakeredis._commands.SUPPORTED_COMMANDS
    return state | {("command", n): (id(s), s.func_name) for n, s in commands.items()}

async def use_stock():
    stock = fakeredis.FakeAsyncRedis(server=fakeredis.FakeServer())
    await stock.set("k", "v")
    try:
        await stock.execute_command("INFO")
    except Exception as error:
        return str(error)

before, answer = everything(), asyncio.run(use_stock())
from embedded_redis import EmbeddedConnection, embedded_server
from redis.asyncio import ConnectionPool, Redis

async def use_ours():
    pool = ConnectionPool(connection_class=EmbeddedConnection, server=embedded_server())
    async with Redis.from_pool(pool) as ours:
        await ours.info()
        await ours.blpop("q", timeout=0.01)
        await ours.xadd("s", {"a": 1})

asyncio.run(use_ours())
after = everything()
assert {k: v for k, v in after.items() if k in before} == before, "fakeredis was changed"
assert asyncio.run(use_stock()) == answer
"""


def test_fakeredis_itself_is_left_alone() -> None:
    subprocess.run([sys.executable, "-c", UNTOUCHED], check=True, timeout=60)
