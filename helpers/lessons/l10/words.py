"""What the cells of lesson 10 tell of a verdict, and of a group."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from ...explore import Verdict


def badly(verdict: Verdict) -> str:
    """Return in how many schedules what must hold does not."""
    return f"{verdict.broken.count:,} of {verdict.schedules:,} schedules end badly"


def fate(verdict: Verdict) -> str:
    """Return the worst that happens to a job in any schedule, in a word."""
    return "lost" if verdict.lost else "twice" if verdict.repeated else "kept"


async def owners(client: Redis, stream: str) -> dict[str, tuple[str, int]]:
    """Return who has each pending entry, and how often it was delivered.

    See https://redis.io/docs/latest/commands/xpending/.
    """
    found: Any = await client.xpending_range(stream, "packing", "-", "+", 100)
    return {each["message_id"]: (each["consumer"], each["times_delivered"]) for each in found}
