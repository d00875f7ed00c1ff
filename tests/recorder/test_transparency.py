"""Every byte that a client sends reaches the server, and every answer the client, as they were."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from helpers.broker.servers import Server
from helpers.recorder import record

from .tap import Tap, port_of, tap

HERE = Path(__file__).parent
LIBRARIES = Path(os.environ.get("COURSE_LIBRARIES", HERE.parents[1] / ".venv-libraries")) / "bin"
needs_libraries = pytest.mark.skipif(
    not LIBRARIES.exists(), reason="Celery and RQ are not here: make libraries installs them"
)


@asynccontextmanager
async def both_sides(server: Server) -> AsyncIterator[tuple[Tap, Tap]]:
    """Stand at both sides of a recorder: before it, and between it and the server."""
    async with tap(server.port) as behind:
        recorder = await record(f"redis://127.0.0.1:{behind.port}")
        try:
            async with tap(port_of(recorder.url)) as before:
                yield before, behind
        finally:
            recorder.close()


async def assert_equal(before: Tap, behind: Tap, least: int) -> None:
    """Compare all bytes of all connections; fewer than `least` bytes would prove nothing."""
    await before.is_over()
    await behind.is_over()
    here, there = before.bytes(), behind.bytes()
    assert len(here) == len(there)
    assert sum(len(asked) for asked, _ in here) > least
    for (asked, answered), (passed, came) in zip(here, there, strict=True):
        assert asked == passed
        assert answered == came


async def commands(client: Redis) -> None:
    """Send commands of every kind that redis-py writes in a way of its own."""
    await client.flushall()
    await client.set("binary", bytes(range(256)))
    await client.set("large", b"\r\n$5\r\n" * 200_000)
    await client.get("large")
    await client.hset("h", mapping={"a": "1", "b": ""})
    await client.hgetall("h")
    await client.zadd("z", {"a": 1.5, "b": 2})
    await client.zrange("z", 0, -1, withscores=True)
    await client.xadd("s", {"a": "ü"})
    await client.xread({"s": 0})
    await client.eval("return {1, 'a', {err='no'}, false}", 0)
    await client.info()


async def pipelines(client: Redis) -> None:
    """Send many commands at once, in transactions too, with errors within."""
    async with client.pipeline(transaction=False) as pipe:
        for number in range(3_000):
            pipe.rpush("many", f"order-{number}" * (1 + number % 40))
        await pipe.execute()
    async with client.pipeline() as pipe:
        pipe.lrange("many", 0, -1).hget("many", "a").lpop("many", 7)
        await pipe.execute(raise_on_error=False)


async def messages(client: Redis) -> None:
    """Subscribe, by pattern too, and receive."""
    async with client.pubsub() as inbox:
        await inbox.subscribe("news")
        await inbox.psubscribe("n*")
        for _ in range(2):
            await inbox.get_message(timeout=10)
        for number in range(50):
            await client.publish("news", f"sale {number}" * 50)
        for _ in range(100):
            assert await inbox.get_message(timeout=10)
        await inbox.unsubscribe()


async def waits(client: Redis) -> None:
    """Wait for elements and entries, also in vain."""
    assert await client.blpop(["nothing"], 0.05) is None
    async with asyncio.TaskGroup() as group:
        group.create_task(client.blpop(["jobs"], 10))
        group.create_task(client.xread({"later": "$"}, block=10_000))
        while (await client.info("clients"))["blocked_clients"] < 2:
            await asyncio.sleep(0)
        await client.rpush("jobs", "order-1")
        await client.xadd("later", {"a": "b"})


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("work", [commands, pipelines, messages, waits])
async def test_redis_py(
    work: Callable[[Redis], Awaitable[None]], protocol: int, server: Server
) -> None:
    async with both_sides(server) as (before, behind):
        async with Redis(port=before.port, protocol=protocol) as client:
            await work(client)
        await assert_equal(before, behind, least=100)


async def run(before: Tap, *command: str | Path) -> asyncio.subprocess.Process:
    """Start a program of a library, whose broker is at the tap."""
    url = f"redis://127.0.0.1:{before.port}/0"
    return await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=HERE / "programs",
        env=os.environ | {"BROKER_URL": url, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def succeeds(program: asyncio.subprocess.Process) -> None:
    """Wait for the end of a program; its output is told where it fails."""
    async with asyncio.timeout(120):
        output, _ = await program.communicate()
    assert program.returncode == 0, output.decode()


@pytest.mark.long
@needs_libraries
async def test_celery(server: Server) -> None:
    async with both_sides(server) as (before, behind):
        worker = await run(before, LIBRARIES / "celery", "-A", "celery_shop", "worker", "-c1")
        try:
            await succeeds(await run(before, LIBRARIES / "python", "celery_shop.py"))
        finally:
            worker.send_signal(signal.SIGTERM)
            await succeeds(worker)
        await assert_equal(before, behind, least=100_000)


@needs_libraries
async def test_rq(server: Server) -> None:
    async with both_sides(server) as (before, behind):
        await succeeds(await run(before, LIBRARIES / "python", "rq_shop.py"))
        url = f"redis://127.0.0.1:{before.port}/0"
        await succeeds(await run(before, LIBRARIES / "rq", "worker", "--burst", "--url", url))
        await assert_equal(before, behind, least=10_000)
