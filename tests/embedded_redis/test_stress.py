"""Ten thousand messages through the embedded broker: none lost, none twice, none out of turn."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from redis.asyncio import Redis

from embedded_redis import EmbeddedConnection, embedded_server
from helpers.broker.clients import client

MESSAGES = 10_000
PRODUCERS = 4
CONSUMERS = 4
DEADLINE = 120.0  # seconds; alone on a machine each takes a few
THE_END = "the end"
FEWEST_CANCELLED = 50

Maker = Callable[[], Redis]
Take = Callable[[Redis, str], Coroutine[Any, Any, list[str]]]


@pytest.fixture
async def make() -> AsyncIterator[Maker]:
    server = embedded_server()
    clients: list[Redis] = []

    def make() -> Redis:
        clients.append(client({"connection_class": EmbeddedConnection, "server": server}))
        return clients[-1]

    yield make
    for each in clients:
        await each.aclose()


async def take_with_blpop(ann: Redis, name: str) -> list[str]:
    _, message = await ann.blpop("jobs", timeout=0)
    return [message]


async def take_with_blmove(ann: Redis, name: str) -> list[str]:
    return [await ann.blmove("jobs", f"doing:{name}", 0)]


async def take_one_from_the_group(ann: Redis, name: str) -> list[str]:
    return await read_group(ann, name, count=1)


async def take_all_from_the_group(ann: Redis, name: str) -> list[str]:
    return await read_group(ann, name, count=None)


async def read_group(ann: Redis, name: str, count: int | None) -> list[str]:
    [(_, entries)] = await ann.xreadgroup("g", name, {"orders": ">"}, count=count, block=0)
    await ann.xack("orders", "g", *(identity for identity, _ in entries))
    return [fields["m"] for _, fields in entries]


async def push(shop: Redis, message: str) -> None:
    await shop.rpush("jobs", message)


async def add(shop: Redis, message: str) -> None:
    await shop.xadd("orders", {"m": message})


WAYS = {
    "BLPOP": (push, take_with_blpop),
    "BLMOVE": (push, take_with_blmove),
    "XREADGROUP COUNT 1": (add, take_one_from_the_group),
    "XREADGROUP": (add, take_all_from_the_group),
}


async def produce(make: Maker, send: Callable, producer: int) -> None:
    shop = make()
    for number in range(producer, MESSAGES, PRODUCERS):
        await send(shop, str(number))
        await asyncio.sleep(0)


async def consume(make: Maker, take: Take, name: str, got: list[str]) -> None:
    ann = make()
    while THE_END not in got[-1:]:
        got += await take(ann, name)


async def pass_all(make: Maker, send: Callable, take: Take) -> list[list[str]]:
    """Send every message, then one end for each consumer; return what each consumer got."""
    await make().xgroup_create("orders", "g", "0", mkstream=True)
    got: list[list[str]] = [[] for _ in range(CONSUMERS)]
    consumers = [consume(make, take, f"c{i}", list_) for i, list_ in enumerate(got)]
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as tasks:
        for consumer in consumers:
            tasks.create_task(consumer)
        async with asyncio.TaskGroup() as producers:
            for producer in range(PRODUCERS):
                producers.create_task(produce(make, send, producer))
        await end(make(), send, got)
    return got


async def end(shop: Redis, send: Callable, got: list[list[str]]) -> None:
    """Send ends until every consumer has one; a reader without COUNT may take several at once."""
    while missing := sum(THE_END not in each for each in got):
        for _ in range(missing):
            await send(shop, THE_END)
            await asyncio.sleep(0)


@pytest.mark.parametrize("way", WAYS)
async def test_every_message_arrives_once_and_in_order(make: Maker, way: str) -> None:
    got = await pass_all(make, *WAYS[way])
    assert_whole_and_in_order([[m for m in each if m != THE_END] for each in got])


def assert_whole_and_in_order(got: list[list[str]]) -> None:
    """See every message once, and those of one producer in order for whoever got them."""
    assert Counter(itertools.chain(*got)) == Counter(map(str, range(MESSAGES)))
    for each, producer in itertools.product(got, range(PRODUCERS)):
        of_one_producer = [number for number in map(int, each) if number % PRODUCERS == producer]
        assert of_one_producer == sorted(of_one_producer), "a consumer got messages out of order"


async def test_every_subscriber_gets_every_message_once(make: Maker) -> None:
    subscriptions = [make().pubsub() for _ in range(CONSUMERS)]
    for subscription in subscriptions:
        await subscription.subscribe("event1")
        await subscription.parse_response()

    async def receive(subscription: Any) -> list[str]:
        return [(await subscription.parse_response())[2] for _ in range(MESSAGES)]

    async def publish(shop: Redis, message: str) -> None:
        assert await shop.publish("event1", message) == CONSUMERS

    receivers = [asyncio.create_task(receive(subscription)) for subscription in subscriptions]
    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(*(produce(make, publish, number) for number in range(PRODUCERS)))
        received = await asyncio.gather(*receivers)
    assert Counter(received[0]) == Counter(map(str, range(MESSAGES)))
    assert received.count(received[0]) == CONSUMERS, "subscribers saw different orders"
    for subscription in subscriptions:
        await subscription.aclose()


@pytest.mark.parametrize("way", WAYS)
async def test_cancelled_consumers_lose_nothing_that_waits(make: Maker, way: str) -> None:
    """A consumer that is cancelled while it is blocked takes nothing with it."""
    send, take = WAYS[way]
    shop = make()
    await shop.xgroup_create("orders", "g", "0", mkstream=True)
    got: list[list[str]] = []

    async def work(name: str) -> None:
        ann, mine = make(), list[str]()
        got.append(mine)
        while True:
            mine += await take(ann, name)

    async def all_wait() -> None:
        while await blocked_clients(shop) < CONSUMERS:
            await asyncio.sleep(0)

    assert await send_and_cancel(make, send, work, all_wait) >= FEWEST_CANCELLED
    assert_whole_and_in_order(got)


async def test_cancelled_subscribers_change_nothing_for_the_others(make: Maker) -> None:
    """Each subscriber hears all that is published while it is there, and none is counted after."""
    shop, sent, counts, heard = make(), [], [], []

    async def listen(name: str) -> None:
        mine: list[str] = []
        heard.append(mine)
        async with make().pubsub() as subscription:  # redis-py keeps the connection otherwise
            await subscription.subscribe("event1")
            await subscription.parse_response()
            while True:
                mine.append((await subscription.parse_response())[2])

    async def publish(shop: Redis, message: str) -> None:
        sent.append(message)
        counts.append(await shop.publish("event1", message))

    async def all_have_read() -> None:
        while await shop.pubsub_numsub("event1") != [("event1", CONSUMERS)]:
            await asyncio.sleep(0)
        while sum(map(len, heard)) < sum(counts):
            await asyncio.sleep(0)

    assert await send_and_cancel(make, publish, listen, all_have_read) >= FEWEST_CANCELLED
    assert sum(map(len, heard)) == sum(counts)
    assert set(counts) <= {CONSUMERS - 1, CONSUMERS}, "a cancelled subscriber was counted"
    place = {message: at for at, message in enumerate(sent)}
    for mine in filter(None, heard):
        begin = place[mine[0]]
        assert mine == sent[begin : begin + len(mine)], "a subscriber missed or repeated a message"
    assert sorted(place, key=int) == list(map(str, range(MESSAGES)))


async def send_and_cancel(make: Maker, send: Callable, work: Callable, idle: Callable) -> int:
    """Send every message while workers are cancelled and replaced; return how many were.

    When and whom is seeded. Nothing is sent while one is cancelled, and it is idle then: what any
    server has handed to a client is lost with it.
    """
    gate, chance, names = asyncio.Lock(), random.Random(7), itertools.count()

    async def send_at_the_gate(shop: Redis, message: str) -> None:
        async with gate:
            await send(shop, message)

    workers = [asyncio.create_task(work(f"c{next(names)}")) for _ in range(CONSUMERS)]
    async with asyncio.timeout(DEADLINE):
        await idle()
        producing = asyncio.gather(*(produce(make, send_at_the_gate, n) for n in range(PRODUCERS)))
        while not producing.done():
            async with gate:
                await idle()
                await stop(workers.pop(chance.randrange(CONSUMERS)))
                workers.append(asyncio.create_task(work(f"c{next(names)}")))
            for _ in range(chance.randrange(100)):
                await asyncio.sleep(0)
        await producing
        await idle()
    await stop(*workers)
    return next(names) - CONSUMERS


async def stop(*tasks: asyncio.Task) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def blocked_clients(shop: Redis) -> int:
    return (await shop.info("clients"))["blocked_clients"]


async def test_waiters_are_served_in_turn_a_thousand_times(make: Maker) -> None:
    shop, waiters = make(), [make() for _ in range(5)]
    order: list[tuple[int, int]] = []

    async def wait(number: int) -> None:
        _, turn = await waiters[number].blpop("jobs", timeout=0)
        order.append((int(turn), number))

    chance = random.Random(11)
    async with asyncio.timeout(DEADLINE):
        for _ in range(1000 // len(waiters)):
            numbers = chance.sample(range(len(waiters)), len(waiters))
            tasks = []
            for position, number in enumerate(numbers):
                tasks.append(asyncio.create_task(wait(number)))
                while await blocked_clients(shop) <= position:
                    await asyncio.sleep(0)
            await shop.rpush("jobs", *range(len(waiters)))
            await asyncio.gather(*tasks)
            assert sorted(order) == list(enumerate(numbers))
            order.clear()
