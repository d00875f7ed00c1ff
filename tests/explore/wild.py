"""Consumers as people write them in services: pollers with the time in hand, and the like."""

import asyncio
import time
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from helpers.explore.program import Handle

GROUP = ("orders", "packing")


async def join(client: Redis) -> None:
    """Make the group, unless somebody has made it."""
    try:
        await client.xgroup_create(*GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


async def later(client: Redis, job: str) -> None:
    await client.zadd("later", {job: time.time()})


async def move_what_is_due(client: Redis, name: str, handle: Handle) -> None:
    while True:
        for job in await client.zrangebyscore("later", 0, time.time()):
            if await client.zrem("later", job):
                await client.rpush("orders", job)
        job = await client.lpop("orders")
        if job:
            await handle(job)
        else:
            await asyncio.sleep(1)


async def beat(client: Redis, name: str) -> None:
    while True:
        await client.set(f"seen:{name}", datetime.now(UTC).isoformat(), ex=15)
        await asyncio.sleep(5)


async def work_and_beat(client: Redis, name: str, handle: Handle) -> None:
    beating = asyncio.create_task(beat(client, name))
    while not beating.done():
        job = await client.blmove("orders", f"taken:{name}", 5)
        if job:
            await handle(job)
            await client.lrem(f"taken:{name}", 1, job)


async def look_at_ages(client: Redis, name: str, handle: Handle) -> None:
    await join(client)
    while True:
        await client.xinfo_consumers(*GROUP)
        reply: Any = await client.xreadgroup(GROUP[1], name, {GROUP[0]: ">"}, count=1, block=5000)
        for _, entries in reply or []:
            for entry_id, fields in entries:
                await handle(fields["job"])
                await client.xack(*GROUP, entry_id)


async def count_polls(client: Redis, name: str, handle: Handle) -> None:
    while True:
        await client.incr(f"polls:{name}")
        job = await client.lpop("orders")
        if job:
            await handle(job)
        else:
            await asyncio.sleep(1)


async def ask_much(client: Redis, name: str, handle: Handle) -> None:
    while True:
        for setting in ("paused", "limit", "level"):
            await client.get(setting)
        job = await client.lpop("orders")
        if job:
            await handle(job)
        else:
            await asyncio.sleep(1)


async def read_what_is_mine(client: Redis, name: str, handle: Handle) -> None:
    await join(client)
    for start in ("0", ">"):
        while (reply := await client.xreadgroup(GROUP[1], name, {GROUP[0]: start})) and reply[0][1]:
            for entry_id, fields in reply[0][1]:
                await handle(fields["job"])
                await client.xack(*GROUP, entry_id)


async def read_as_a_pod(client: Redis, name: str, handle: Handle) -> None:
    await read_what_is_mine(client, f"pod-{uuid.uuid4()}", handle)


CURRENT: ContextVar[Redis] = ContextVar("client")


async def take_from_context(name: str, handle: Handle) -> None:
    while job := await CURRENT.get().lpop("orders"):
        await handle(job)
