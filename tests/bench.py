"""How fast messages change hands: the embedded broker beside stock fakeredis and a real server.

    python -m tests.bench

Figures from one run on one machine say little; the ratios say something. On the embedded broker
every command gives other tasks a turn, as on a network; stock fakeredis answers at once. So it is
measured twice: as it is, and with one turn of the loop at each command.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import fakeredis
from fakeredis import aioredis
from redis.asyncio import ConnectionPool, Redis

from helpers.fidelity import EmbeddedConnection, embedded_server
from helpers.servers import NoServer, start_server

MESSAGES = 1000
SETTINGS = {"decode_responses": True, "socket_timeout": None}  # as the course connects
ROUNDS = 15  # other work on the machine disturbs some; the best of few would be luck

Maker = Callable[[], Redis]


async def queue(make: Maker) -> None:
    """RPUSH hands a job to a client that waits in BLPOP."""
    async with make() as shop, make() as ann:

        async def consume() -> None:
            for _ in range(MESSAGES):
                await ann.blpop("jobs", timeout=10)

        consumer = asyncio.create_task(consume())
        for number in range(MESSAGES):
            await shop.rpush("jobs", number)
        await consumer


async def pubsub(make: Maker) -> None:
    """PUBLISH reaches one subscriber."""
    async with make() as shop, make() as ann, ann.pubsub() as subscription:
        await subscription.subscribe("event1")
        await subscription.parse_response()

        async def receive() -> None:
            for _ in range(MESSAGES):
                await subscription.parse_response()

        receiver = asyncio.create_task(receive())
        for number in range(MESSAGES):
            await shop.publish("event1", number)
        await receiver


async def stream(make: Maker) -> None:
    """XADD, XREADGROUP, XACK: one after the other, as stock fakeredis cannot wait in XREADGROUP."""
    async with make() as shop, make() as ann:
        await shop.xgroup_create("orders", "mail", "0", mkstream=True)
        for number in range(MESSAGES):
            await shop.xadd("orders", {"number": number})
            [(_, [(entry, _)])] = await ann.xreadgroup("mail", "ann", {"orders": ">"}, count=1)
            await ann.xack("orders", "mail", entry)


@asynccontextmanager
async def embedded() -> AsyncIterator[Maker]:
    server = embedded_server()
    yield lambda: Redis.from_pool(
        ConnectionPool(connection_class=EmbeddedConnection, server=server, **SETTINGS)
    )


@asynccontextmanager
async def stock() -> AsyncIterator[Maker]:
    server = fakeredis.FakeServer(version=(8, 2))
    yield lambda: fakeredis.FakeAsyncRedis(server=server, **SETTINGS)


class TurnConnection(aioredis.FakeAsyncRedisConnection):
    """Connect to stock fakeredis, and give others one turn at each command."""

    async def send_packed_command(self, *arguments: Any, **options: Any) -> None:
        await super().send_packed_command(*arguments, **options)
        await asyncio.sleep(0)


@asynccontextmanager
async def stock_with_turns() -> AsyncIterator[Maker]:
    server = fakeredis.FakeServer(version=(8, 2))
    settings = SETTINGS | {"connection_class": TurnConnection}
    yield lambda: fakeredis.FakeAsyncRedis(server=server, **settings)


@asynccontextmanager
async def real() -> AsyncIterator[Maker]:
    server = start_server()
    try:
        yield lambda: Redis.from_url(server.url, **SETTINGS)
    finally:
        server.stop()


async def per_second(engine: Callable, work: Callable[[Maker], Awaitable[None]]) -> float:
    async with engine() as make:
        began = time.perf_counter()
        await work(make)
        return MESSAGES / (time.perf_counter() - began)


async def measure() -> None:
    """Measure every engine in turn, several times, and show the best: other work only slows."""
    engines = {
        "embedded": embedded,
        "stock with turns": stock_with_turns,
        "stock fakeredis": stock,
        "real server": real,
    }
    others = "".join(f"{name:>18}" for name in [*engines][1:])
    print(f"{'hand-offs per second':32}{'embedded':>10}{others}")
    for work in (queue, pubsub, stream):
        runs: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(ROUNDS):
            for name, engine in engines.items():
                try:
                    runs[name].append(await per_second(engine, work))
                except NoServer:
                    runs[name].append(float("nan"))
        ours, *others = (max(rates) for rates in runs.values())
        beside = " ".join(f"{rate:9,.0f} (x{ours / rate:4.2f})" for rate in others)
        print(f"{LABELS[work]:32}{ours:10,.0f} {beside}")


LABELS = {
    queue: "RPUSH to BLPOP",
    pubsub: "PUBLISH to receive",
    stream: "XADD, XREADGROUP, XACK",
}

if __name__ == "__main__":
    asyncio.run(measure())
