"""What lessons 6 and 9 wrote in their cells, for those of lesson 10.

redis-py knows replies of two protocols; `Any` is a client whose replies have the shape of RESP2.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import redis
from redis.asyncio import Redis

from ...explore import Verdict
from ...explore.program import Handle


async def push(client: Redis, job: str) -> None:
    """Send a job into a list. See https://redis.io/docs/latest/commands/rpush/."""
    await client.rpush("orders", job)


async def pop(client: Redis, name: str, handle: Handle) -> None:
    """Pop and handle. See https://redis.io/docs/latest/commands/lpop/."""
    while job := await client.lpop("orders"):
        await handle(job)


async def move(client: Redis, name: str, handle: Handle) -> None:
    """Move a job into a list of one's own. See https://redis.io/docs/latest/commands/lmove/."""
    mine = f"taken:{name}"
    while job := await client.lindex(mine, 0) or await client.lmove("orders", mine):
        await handle(job)
        await client.lrem(mine, 1, job)


async def add(client: Redis, job: str) -> None:
    """Send a job into a stream. See https://redis.io/docs/latest/commands/xadd/."""
    await client.xadd("orders", {"job": job})


async def join(client: Redis) -> None:
    """Make sure that the group exists.

    See https://redis.io/docs/latest/commands/xgroup-create/.
    """
    try:
        await client.xgroup_create("orders", "packing", id="0", mkstream=True)
    except redis.ResponseError as error:
        assert "BUSYGROUP" in str(error)


async def entries(client: Any, name: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """Yield what is pending for a name, then what is new.

    See https://redis.io/docs/latest/commands/xreadgroup/.
    """
    await join(client)
    for start in ("0", ">"):
        while reply := await client.xreadgroup("packing", name, {"orders": start}, count=1):
            if not reply[0][1]:
                break
            yield reply[0][1][0]


async def after(client: Redis, name: str, handle: Handle) -> None:
    """Acknowledge after the work. See https://redis.io/docs/latest/commands/xack/."""
    async for entry_id, fields in entries(client, name):
        await handle(fields["job"])
        await client.xack("orders", "packing", entry_id)


async def grow_old(client: Redis, stream: str, owner: str, entry_id: str, seconds: int) -> None:
    """Turn by hand how long an entry has been idle.

    See https://redis.io/docs/latest/commands/xclaim/.
    """
    idle: Any = {"idle": seconds * 1000, "justid": True}
    await client.xclaim(stream, "packing", owner, 0, [entry_id], **idle)


def counts(verdict: Verdict) -> str:
    """Return how many schedules lose a job, and how many do one twice."""
    found = (verdict.schedules, verdict.lost.count, verdict.repeated.count)
    return "{:,} schedules, {:,} lose a job, {:,} do one twice".format(*found)
