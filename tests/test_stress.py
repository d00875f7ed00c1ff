"""Ten thousand messages through the embedded broker: none lost, none twice, none out of turn."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from redis.asyncio import Redis

from helpers.clients import client
from helpers.fidelity import EmbeddedConnection, embedded_server

MESSAGES = 10_000
PRODUCERS = 4
CONSUMERS = 4
DEADLINE = 30.0
THE_END = "the end"

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
    messages = [message for each in got for message in each if message != THE_END]
    assert Counter(messages) == Counter(map(str, range(MESSAGES)))
    for each, producer in itertools.product(got, range(PRODUCERS)):
        numbers = [int(message) for message in each if message != THE_END]
        of_one_producer = [number for number in numbers if number % PRODUCERS == producer]
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


@pytest.mark.parametrize("way", ["BLPOP", "BLMOVE", "XREADGROUP COUNT 1"])
async def test_cancelled_consumers_lose_nothing_that_waits(make: Maker, way: str) -> None:
    """A consumer that is cancelled while it is blocked takes nothing with it.

    The choice of whom to cancel is seeded. A consumer is cancelled only while the broker says that
    it waits, and is gone before the next message, so whatever it took before was handed to it.
    """
    send, take = WAYS[way]
    shop, chance = make(), random.Random(7)
    await shop.xgroup_create("orders", "g", "0", mkstream=True)
    got: list[str] = []

    async def work(name: str) -> None:
        ann = make()
        while True:
            got.extend(await take(ann, name))

    workers = {number: asyncio.create_task(work(str(number))) for number in range(CONSUMERS)}
    names = itertools.count(CONSUMERS)
    async with asyncio.timeout(DEADLINE):
        for number in range(MESSAGES // 10):
            while await blocked_clients(shop) < CONSUMERS:
                await asyncio.sleep(0)
            if chance.random() < 0.5:
                await stop(workers.pop(chance.choice(sorted(workers))))
                name = next(names)
                workers[name] = asyncio.create_task(work(str(name)))
            await send(shop, str(number))
        while len(got) < MESSAGES // 10:
            await asyncio.sleep(0)
    await stop(*workers.values())
    assert Counter(got) == Counter(map(str, range(MESSAGES // 10)))


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
