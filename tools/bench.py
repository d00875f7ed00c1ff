"""How fast messages change hands: the embedded broker beside stock fakeredis and a real server.

And how what a picture costs grows with what happened: ten times the commands should cost ten times
as much. And what a schedule of the explorer costs beside its commands, and a recorder in between.

    python -m tools.bench             all of it
    python -m tools.bench recorder    one part: engines, pictures, explorer or recorder

Figures from one run on one machine say little; the ratios say something. On the embedded broker
every command gives other tasks a turn, as on a network; stock fakeredis answers at once. So it is
measured twice: as it is, and with one turn of the loop at each command.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from multiprocessing import get_context
from operator import truediv
from statistics import median
from typing import Any

import fakeredis
from fakeredis import aioredis
from redis.asyncio import ConnectionPool, Redis

from embedded_redis import EmbeddedConnection, embedded_server
from helpers import explore
from helpers.broker.servers import NoServer, start_server
from helpers.picture import Flow
from helpers.record import Record, Unseen
from helpers.recorder import record

MESSAGES = 1000
SETTINGS = {"decode_responses": True, "socket_timeout": None}  # as the course connects
ROUNDS = 15  # other work on the machine disturbs some

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


async def single(make: Maker) -> None:
    """RPUSH, one after the other, each when the last one is answered."""
    async with make() as shop:
        for number in range(MESSAGES):
            await shop.rpush("jobs", number)


async def pipeline(make: Maker) -> None:
    """RPUSH, a hundred at once."""
    async with make() as shop:
        for start in range(0, MESSAGES, 100):
            async with shop.pipeline(transaction=False) as pipe:
                for number in range(start, start + 100):
                    pipe.rpush("jobs", number)
                await pipe.execute()


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
        yield lambda: Redis(**server.options, **SETTINGS)
    finally:
        server.stop()


@asynccontextmanager
async def at(url: str) -> AsyncIterator[Maker]:
    async with Redis.from_url(url) as side:
        await side.flushall()
    yield lambda: Redis.from_url(url, **SETTINGS)


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


# Each line of a shape is sent once a round, by itself; {0} is the number of the round.
SHAPES = {
    "pushes only": ["RPUSH q {0}"],
    "pushes and pops": ["RPUSH q {0}", "LPOP q"],
    "adds only": ["XADD s {0}-1 a b"],
    "groups": ["XADD s {0}-1 a b", "XREADGROUP GROUP g ann STREAMS s >", "XACK s g {0}-1"],
    "groups that acknowledge nothing": ["XADD s {0}-1 a b", "XREADGROUP GROUP g ann STREAMS s >"],
    "one push to each of N lists": ["RPUSH q{0} a"],
    "one message to each of N names": ["PUBLISH e{0} a"],
}
BEGIN = "XGROUP CREATE s g 0 MKSTREAM"
FEW, MANY = 1_000, 10_000
MOST_GROWTH = 15


async def traffic(shape: list[str], commands: int) -> Record:
    """Return the record of so many commands of a shape."""
    record = Record()
    pool = ConnectionPool(
        connection_class=EmbeddedConnection, server=embedded_server(), client_name="ann", **SETTINGS
    )
    async with record.watch(Redis.from_pool(pool)) as ann:
        await ann.execute_command(*BEGIN.split())
        for number in range(1, commands // len(shape) + 1):
            for line in shape:
                await ann.execute_command(*line.format(number).split())
    return record


def seconds_to_picture(record: Record) -> float:
    """Measure what the first picture of a record costs, in seconds of this process."""
    began = time.process_time()
    steps, earlier = Unseen(record).since_last()
    Flow(steps, record.clients, earlier)._repr_mimebundle_()
    return time.process_time() - began


async def growth(shape: list[str]) -> float:
    """Return how many times as much a picture costs of ten times as many commands."""
    few, many = await traffic(shape, FEW), await traffic(shape, MANY)
    return min(seconds_to_picture(many) for _ in range(3)) / min(
        seconds_to_picture(few) for _ in range(9)
    )


async def measure_growth() -> None:
    """Print for each shape of traffic how the cost of a picture grows."""
    print(f"{'flow() of 10,000 commands to 1,000':36}{'ratio':>8}   (at most {MOST_GROWTH})")
    for name, shape in SHAPES.items():
        ratio = await growth(shape)
        print(f"{name:36}{ratio:8.1f}{'' if ratio < MOST_GROWTH else '   TOO MUCH'}")


JOBS = ("job-1", "job-2", "job-3")
MOST_BESIDE_COMMANDS = 3


async def push(client: Redis, job: str) -> None:
    await client.rpush("orders", job)


async def move_and_handle(client: Redis, name: str, handle: Callable) -> None:
    while await client.lmove(f"taken:{name}", "orders", "RIGHT", "LEFT"):
        pass
    while job := await client.lmove("orders", f"taken:{name}", "LEFT", "LEFT"):
        await handle(job)
        await client.lrem(f"taken:{name}", 1, job)


async def alone() -> None:
    """Send three jobs and let two workers handle them, on a broker of their own."""

    async def handle(job: str) -> None:
        pass

    async with embedded() as make, make() as shop, make() as ann, make() as bob:
        for job in JOBS:
            await push(shop, job)
        for client, name in ((ann, "ann"), (bob, "bob"), (ann, "ann"), (bob, "bob")):
            await move_and_handle(client, name, handle)


async def measure_explorer() -> None:
    """Print what a schedule costs beside its commands: by itself, and where all are explored."""
    await alone()
    began = time.process_time()
    for _ in range(50):
        await alone()
    commands = (time.process_time() - began) / 50
    began = time.process_time()
    await explore(push, move_and_handle, crashes=0, reduce=False, limit=200)
    single = (time.process_time() - began) / 200
    began = time.process_time()
    verdict = await explore(push, move_and_handle)
    whole = time.process_time() - began
    print(f"{'one schedule of the explorer to its commands':46}{'ratio':>8}")
    too_much = "" if single < MOST_BESIDE_COMMANDS * commands else "   TOO MUCH"
    print(f"{'run by itself (at most 3)':46}{single / commands:8.2f}{too_much}")
    print(f"all {verdict.schedules:,} schedules with a crash: {whole:.1f} s of this process")


LEAST_THROUGH = 0.5


async def measure_recorder() -> None:
    """Print how fast messages change hands through a recorder, beside the same server directly.

    Once between clients in a process of their own, as programs are that somebody records; and once
    between clients in the recorder's own process, where both share one interpreter.
    """
    try:
        server = start_server(password="")
    except NoServer as error:
        print(error)
        return
    recorder = await record(server.url)
    columns = f"{'directly':>10}{'recorded':>10}"
    print(f"{'messages per second':26}{'clients in their own process':>28}{'in ours':>26}")
    print(f"{'':26}{columns}{'':16}{columns}")
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        for work in (single, pipeline, queue, pubsub, stream):
            theirs, own = Beside(), Beside()
            for _ in range(ROUNDS):
                for side, url in enumerate((server.url, recorder.url)):
                    job = elsewhere.submit(at_once, work, url)
                    theirs.rates[side].append(await asyncio.wrap_future(job))
                    own.rates[side].append(await per_second(partial(at, url), work))
            too_slow = "" if theirs.ratio >= LEAST_THROUGH else "   TOO SLOW"
            print(f"{LABELS[work]:26}{theirs}        {own}{too_slow}")
    recorder.close()
    server.stop()


class Beside:
    """The rates of one kind of work in messages per second, round by round.

    Each round is a ratio of its own, and the median stands for all: the best of either side may be
    a round in which the system was kind to one side alone.
    """

    def __init__(self) -> None:
        self.rates: tuple[list[float], list[float]] = ([], [])  # directly, and recorded

    @property
    def ratio(self) -> float:
        """Return how fast it is through a recorder, beside directly."""
        directly, recorded = self.rates
        return median(map(truediv, recorded, directly))

    def __str__(self) -> str:
        directly, recorded = map(median, self.rates)
        return f"{directly:10,.0f}{recorded:10,.0f} (x{self.ratio:4.2f})"


def at_once(work: Callable[[Maker], Awaitable[None]], url: str) -> float:
    """Measure one kind of work in this process; return the messages per second."""
    return asyncio.run(per_second(partial(at, url), work))


LABELS = {
    queue: "RPUSH to BLPOP",
    pubsub: "PUBLISH to receive",
    stream: "XADD, XREADGROUP, XACK",
    single: "RPUSH",
    pipeline: "RPUSH, pipelines of 100",
}
PARTS = {
    "engines": measure,
    "pictures": measure_growth,
    "explorer": measure_explorer,
    "recorder": measure_recorder,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    given = parser.parse_args()
    if absent := [part for part in given.parts if part not in PARTS]:
        parser.error(f"there is no part called {absent[0]}, only {', '.join(PARTS)}")
    for part in given.parts or PARTS:
        asyncio.run(PARTS[part]())
