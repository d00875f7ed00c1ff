"""What a shop asks its server, past the recorder: who waits there, and where jobs lie."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

from redis.asyncio import Redis

SOON = 3.5  # seconds: a wait that has not ended by then has no end soon
LENGTHS = {"list": "LLEN", "zset": "ZCARD", "hash": "HLEN", "set": "SCARD", "stream": "XLEN"}


class Waits(NamedTuple):
    """How many clients wait at the server, and how many waits have ended so far."""

    now: int
    ended: int


async def fresh_wait(server: Redis, command: str) -> None:
    """Return when somebody's wait in `command` has just begun, or has no end soon."""
    since, waits = time.monotonic(), await _waits(server, command)
    while time.monotonic() < since + SOON or not waits.now:
        before, waits = waits, await _waits(server, command)
        if waits.now and waits.ended > before.ended:
            return
        await asyncio.sleep(0.01)  # the server sends no word of it


async def _waits(server: Redis, command: str) -> Waits:
    stats = (await server.info("commandstats")).get(f"cmdstat_{command.lower()}")
    now = (await server.info("clients"))["blocked_clients"]
    return Waits(now, stats["calls"] if stats else 0)


async def lengths(server: Redis, keys: dict[str, str]) -> dict[str, int]:
    """Count what is under each of these keys; those under which nothing is are left out."""
    found = {name: await _length(server, key) for name, key in keys.items()}
    return {name: count for name, count in found.items() if count}


async def _length(server: Redis, key: str) -> int:
    kind = await server.type(key)
    return await server.execute_command(LENGTHS[kind], key) if kind in LENGTHS else 0
