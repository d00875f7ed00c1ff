"""Every command gives other tasks a turn, and the order of turns is that of a network.

What is the same every time on the embedded broker is nearly always so on a real server: there the
machine may do something else for a moment, so that a rule holds for most of several tries.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import redis
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from embedded_redis import embedded_server
from embedded_redis.engine.outlets import StreamOutlet
from embedded_redis.engine.server import EmbeddedDatabase
from embedded_redis.engine.waiting_room import WaitingRoom
from tests.broker.brokers import (
    DEADLINE,
    Maker,
    blocking_client,
    embedded_client,
    until_blocked,
)
from tests.broker.brokers import engine as engine
from tests.broker.brokers import make as make
from tests.differential.engines import EMBEDDED
from tests.waiting import until

JOBS = 100
TRIES = 21
NAMES = ("ann", "bob", "carol")


async def list_worker(worker: Redis, done: list[str]) -> None:
    while job := await worker.lpop("jobs"):
        done.append(job)


async def group_worker(worker: Redis, done: list[str]) -> None:
    name = str(id(worker))
    while reply := await worker.xreadgroup("team", name, {"orders": ">"}, count=1):
        [(_, [(entry_id, _)])] = reply
        done.append(entry_id)
        await worker.xack("orders", "team", entry_id)


async def fill(shop: Redis) -> None:
    await shop.flushall()
    await shop.rpush("jobs", *range(JOBS))
    await shop.xgroup_create("orders", "team", id="0", mkstream=True)
    for number in range(1, JOBS + 1):
        await shop.xadd("orders", {"n": number}, id=f"{number}-0")


@pytest.mark.parametrize("work", [list_worker, group_worker])
async def test_two_workers_share_a_queue(make: Maker, work: Callable, engine: str) -> None:
    await fill(make())
    done: tuple[list[str], list[str]] = ([], [])
    await asyncio.gather(*(work(make(), each) for each in done))
    assert sum(map(len, done)) == len({*done[0], *done[1]}) == JOBS
    assert min(map(len, done)) >= (JOBS // 2 - 1 if engine == EMBEDDED else 1)


async def add_one(client: Redis) -> None:
    number = int(await client.get("n") or 0)
    await client.set("n", number + 1)


async def add_one_unless_changed(client: Redis) -> None:
    async with client.pipeline() as pipe:
        while True:
            with suppress(redis.WatchError):
                await pipe.watch("n")
                number = int(await pipe.get("n") or 0)
                pipe.multi()
                await pipe.set("n", number + 1).execute()
                return


@pytest.mark.parametrize(("add", "loses"), [(add_one, True), (add_one_unless_changed, False)])
async def test_a_race_shows_and_watch_ends_it(make: Maker, add: Callable, loses: bool) -> None:
    async def add_many(client: Redis) -> None:
        for _ in range(20):
            await add(client)

    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(add_many(make()), add_many(make()))
    assert (int(await make().get("n")) < 40) == loses


async def of_waiters(make: Maker, said: list[str]) -> None:
    """Three clients wait for jobs, and one command brings three."""
    shop, tasks = make(), []
    workers = {name: make(client_name=name) for name in NAMES}

    async def wait(name: str) -> None:
        await workers[name].blpop("jobs", timeout=0)
        said.append(name)

    for name in NAMES:
        tasks.append(asyncio.create_task(wait(name)))
        await until_blocked(shop, name)
    await shop.rpush("jobs", 1, 2, 3)
    said.append("shop")
    await asyncio.gather(*tasks)
    for client in (shop, *workers.values()):
        await client.aclose()


async def of_subscribers(make: Maker, said: list[str]) -> None:
    """Three clients subscribe, one after the other, and one message is published."""
    shop, inboxes = make(), [make().pubsub() for _ in NAMES]
    for inbox in inboxes:
        await inbox.subscribe("event1")
        await inbox.parse_response()

    async def hear(name: str, inbox: PubSub) -> None:
        await inbox.parse_response()
        said.append(name)

    tasks = [asyncio.create_task(hear(*each)) for each in zip(NAMES, inboxes, strict=True)]
    await shop.publish("event1", "x")
    said.append("shop")
    await asyncio.gather(*tasks)
    for inbox in inboxes:
        await inbox.aclose()


async def of_commands(make: Maker, said: list[str]) -> None:
    """Three clients ask twice, all at the same time."""
    clients = {name: make() for name in NAMES}
    for client in clients.values():
        await client.ping()

    async def ask(name: str) -> None:
        for _ in range(2):
            await clients[name].get("k")
            said.append(name)

    await asyncio.gather(*map(ask, NAMES))


# What Redis wrote last in one go it sends first (clients_pending_write, see networking.c).
ORDERS = {
    of_waiters: ("carol", "bob", "ann", "shop"),  # wrote to the shop, then to who was served
    of_subscribers: ("shop", "carol", "bob", "ann"),  # wrote to subscribers, then to the shop
    of_commands: NAMES * 2,
}


@pytest.mark.parametrize("happens", ORDERS, ids=lambda happens: happens.__name__)
async def test_replies_arrive_in_the_order_of_redis(
    make: Maker, happens: Callable[..., Awaitable[None]], engine: str
) -> None:
    orders: list[tuple[str, ...]] = []
    for _ in range(TRIES):
        said: list[str] = []
        await happens(make, said)
        orders.append(tuple(said))
    if engine == EMBEDDED:
        assert orders == [ORDERS[happens]] * TRIES
    else:  # the order of subscribers is that of a hash table, and the machine may pause anywhere
        assert Counter(map(_place, orders)).most_common(1)[0][0] == _place(ORDERS[happens])


def _place(order: tuple[str, ...]) -> int:
    """Tell where the shop stands among those whom its command served."""
    return order.index("shop") if "shop" in order else len(order)


async def test_a_push_hands_the_job_over_before_it_returns(make: Maker) -> None:
    """Who is cancelled just after the push has the job: awaiting the push gave it a turn."""
    shop, ann, got = make(), make(client_name="ann"), []
    for number in range(TRIES):
        task = asyncio.create_task(ann.blpop("jobs", timeout=DEADLINE))
        await until_blocked(shop, "ann")
        await shop.rpush("jobs", number)
        task.cancel()
        with suppress(asyncio.CancelledError):
            got.append(await task)
    assert len(got) + await shop.llen("jobs") == TRIES


async def test_a_cancelled_subscriber_still_finds_its_message(make: Maker) -> None:
    shop, inbox = make(), make().pubsub()
    await inbox.subscribe("event1")
    await inbox.get_message(timeout=DEADLINE)
    task = asyncio.create_task(inbox.get_message(timeout=None))
    await asyncio.sleep(0)
    await shop.publish("event1", "x")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    message = await inbox.get_message(timeout=DEADLINE)
    assert message and message["data"] == "x"
    await inbox.aclose()


async def test_a_reply_is_not_there_in_the_moment_of_the_command(make: Maker) -> None:
    inbox = make().pubsub()
    await inbox.subscribe("event1")
    assert await inbox.get_message() is None
    message = await inbox.get_message(timeout=DEADLINE)
    assert message and message["type"] == "subscribe"
    await inbox.aclose()


async def count_turns(happens: Awaitable[Any]) -> int:
    """Count the turns of the loop that pass while something happens."""
    task, turns = asyncio.ensure_future(happens), 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_a_command_takes_one_turn_of_the_loop_and_no_more() -> None:
    server = embedded_server()
    shop, inbox = embedded_client(server), embedded_client(server).pubsub()
    await shop.ping()
    await inbox.subscribe("event1")
    await inbox.parse_response()

    async def work(commands: int) -> None:
        for number in range(commands):
            await shop.publish("event1", number)

    few, many = await count_turns(work(10)), await count_turns(work(110))
    assert many - few == 100
    await inbox.aclose()


async def test_a_message_that_lies_there_is_read_without_waiting(make: Maker) -> None:
    """The time since it came counts, however it was spent, and not when somebody first looks."""
    shop, inbox = make(), make().pubsub()
    await inbox.subscribe("event1")
    await shop.ping()
    assert (await inbox.get_message(timeout=DEADLINE) or {})["type"] == "subscribe"
    await shop.publish("event1", "x")
    await asyncio.sleep(0.05)
    assert (await inbox.get_message() or {})["data"] == "x"
    await inbox.aclose()


async def test_a_pipeline_takes_one_turn(make: Maker) -> None:
    clients = {name: make() for name in "ab"}
    for client in clients.values():
        await client.ping()

    async def push(name: str) -> None:
        for _ in range(2):
            async with clients[name].pipeline(transaction=False) as pipe:
                await pipe.rpush("jobs", name).rpush("jobs", name).rpush("jobs", name).execute()

    await asyncio.gather(push("a"), push("b"))
    pushed = "".join(await make().lrange("jobs", 0, -1))
    assert pushed.replace("aaa", "A").replace("bbb", "B").isupper(), pushed


async def test_the_same_program_takes_the_same_turns_fifty_times() -> None:
    async def program() -> list[Any]:
        server, said = embedded_server(), []

        def make(**settings: Any) -> Redis:
            return embedded_client(server, **settings)

        async def work(name: str) -> None:
            worker = make(client_name=name)
            while (job := await worker.blpop(["high", "low"], timeout=0))[1] != "end":
                said.append((name, *job))
                await worker.publish("done", f"{name} {job[1]}")
                await add_one(worker)

        async def send(shop: Redis, queue: str) -> None:
            for number in range(10):
                async with shop.pipeline(transaction=number % 2 == 0) as pipe:
                    await pipe.rpush(queue, number).llen(queue).execute()

        async def hear() -> None:
            async with make().pubsub() as inbox:
                await inbox.subscribe("done")
                for _ in range(21):
                    said.append((await inbox.parse_response())[1:])

        async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as tasks:
            tasks.create_task(hear())
            for name in NAMES:
                tasks.create_task(work(name))
            await asyncio.gather(send(make(), "high"), send(make(), "low"))
            await make().rpush("low", *["end"] * len(NAMES))
        return [*said, await make().get("n")]

    first = await program()
    assert len(first) > 40
    assert len({name for name, *_ in first[:-1] if name in NAMES}) == len(NAMES)
    for _ in range(49):
        assert await program() == first


def test_threads_share_a_queue() -> None:
    server = embedded_server()
    blocking_client(server).rpush("jobs", *range(JOBS))
    workers = [blocking_client(server) for _ in range(2)]
    done: list[list[str]] = [[], []]

    def work(worker: redis.Redis, mine: list[str]) -> None:
        while job := worker.lpop("jobs"):
            mine.append(job)

    threads = [threading.Thread(target=work, args=each) for each in zip(workers, done, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert sorted(map(int, done[0] + done[1])) == list(range(JOBS))
    assert min(map(len, done)) >= JOBS // 10


def test_a_thread_that_waits_hears_of_an_expired_stream() -> None:
    server, errors = embedded_server(), []
    shop, ann = blocking_client(server), blocking_client(server, client_name="ann")
    shop.xgroup_create("orders", "team", mkstream=True)

    def wait() -> None:
        try:
            ann.xreadgroup("team", "ann", {"orders": ">"}, block=0)
        except redis.ResponseError as error:
            errors.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    while not any("b" in each["flags"] for each in shop.client_list()):
        pass
    shop.pexpire("orders", 20)
    thread.join(DEADLINE)
    assert len(errors) == 1
    assert errors[0].startswith("NOGROUP")


async def test_a_stream_expires_while_nobody_sends_a_command(make: Maker) -> None:
    shop, ann = make(), make(client_name="ann")
    await shop.xgroup_create("orders", "team", mkstream=True)
    task = asyncio.create_task(ann.xreadgroup("team", "ann", {"orders": ">"}, block=0))
    await until_blocked(shop, "ann")
    await shop.pexpire("orders", 20)
    with pytest.raises(redis.ResponseError, match=r"NOGROUP|UNBLOCKED"):
        await asyncio.wait_for(task, DEADLINE)


async def test_a_wait_that_ended_is_not_woken_by_expiry(make: Maker) -> None:
    shop, ann = make(), make(client_name="ann")
    await shop.xgroup_create("orders", "team", mkstream=True)
    await shop.pexpire("orders", 300)
    assert not await ann.xreadgroup("team", "ann", {"orders": ">"}, block=1)

    async def is_gone() -> bool:
        return not await shop.exists("orders")

    await until(is_gone, "the stream to expire")
    assert await ann.ping()


async def test_the_clock_goes_back_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim without a minimum compares no time; nothing expires early or is delivered twice."""
    server = embedded_server()
    ann, bob = embedded_client(server), embedded_client(server)
    await ann.xgroup_create("orders", "team", id="0", mkstream=True)
    for number in range(1, 4):
        await ann.xadd("orders", {"n": number})
    await ann.xreadgroup("team", "ann", {"orders": ">"})
    await ann.set("k", "v", ex=100)
    [(last, _)] = await ann.xrevrange("orders", count=1)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    ids = [entry for entry, _ in await bob.xrange("orders")]
    assert [entry for entry, _ in await bob.xclaim("orders", "team", "bob", 0, ids[:1])] == ids[:1]
    assert [entry for entry, _ in (await bob.xautoclaim("orders", "team", "bob", 0))[1]] == ids
    assert await bob.xautoclaim("orders", "team", "bob", 60_000) == ["0-0", [], []]
    rows = await bob.xpending_range("orders", "team", "-", "+", 9)
    assert all(0 <= row["time_since_delivered"] < 60_000 for row in rows)
    assert await bob.xadd("orders", {"n": 4}) > last
    assert await bob.get("k") == "v"
    [*_, line] = await bob.client_list()
    assert int(line["idle"]) >= 0


async def both_work(shop: Redis, ann: Redis) -> bool:
    await fill(shop)
    done: tuple[list[str], list[str]] = ([], [])
    await asyncio.gather(list_worker(shop, done[0]), list_worker(ann, done[1]))
    return bool(done[0] and done[1])


async def a_waiter_hears_of_expiry(shop: Redis, ann: Redis) -> bool:
    await shop.xgroup_create("orders", "team", mkstream=True)
    await shop.pexpire("orders", 100)
    try:
        return bool(await ann.xreadgroup("team", "ann", {"orders": ">"}, block=1000))
    except redis.ResponseError:
        return True


async def expiry_ends_a_transaction(shop: Redis, ann: Redis) -> bool:
    await shop.set("k", "v", px=100)
    async with ann.pipeline() as pipe:
        await pipe.watch("k")
        await shop.blpop("never", timeout=0.3)
        pipe.multi()
        try:
            return not await pipe.set("k", "new").execute()
        except redis.WatchError:
            return True


def tells_nobody(database: EmbeddedDatabase, moment: float) -> None:
    database.time = moment


# No lesson shows these, so that no lesson can notice a lie about them: the checks are here.
LIES: dict[Callable[..., Awaitable[bool]], tuple[type, str, Callable]] = {
    both_work: (StreamOutlet, "deliver", lambda outlet, ahead: outlet.reader.arrive()),
    a_waiter_hears_of_expiry: (WaitingRoom, "key_expired", lambda room, database, key: None),
    expiry_ends_a_transaction: (EmbeddedDatabase, "advance", tells_nobody),
}


@pytest.mark.parametrize("is_true", LIES, ids=lambda is_true: is_true.__name__)
async def test_a_lie_about_turns_or_expiry_is_noticed(
    is_true: Callable[..., Awaitable[bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> bool:
        server = embedded_server()
        return await is_true(embedded_client(server), embedded_client(server))

    assert await ask()
    monkeypatch.setattr(*LIES[is_true])
    assert not await ask()
