"""Say by which command an answer came upon an error of the broker, and what the key held."""

from __future__ import annotations

import re
from typing import Any

from redis import ResponseError
from redis.asyncio import Redis

from ..record import printable
from ..sandbox.runner import errors_within
from .lifetime import met

LONGEST = 80  # characters of a command
_IN_A_PIPELINE = re.compile(r"Command # \d+ \((.*)\) of pipeline caused error: ", re.S)
_KINDS = {"zset": "a sorted set", "none": "nothing"}


async def told_of(error: BaseException | None, side: Redis) -> str:
    """Say what met an error of the broker, or nothing; `side` looks what is there."""
    cause = errors_within(error)[0] if error else None
    if not isinstance(cause, ResponseError) or "needs a real server" in str(cause):
        return ""
    if found := _IN_A_PIPELINE.match(str(cause)):
        words: tuple[str, ...] = tuple(found[1].split())
    else:
        words = met.get(cause, ())
    if len(words) < 2:
        return ""
    command = printable(" ".join(words))
    short = command if len(command) <= LONGEST else f"{command[:LONGEST]}…"
    held = [f"`{printable(key)}` holds {await _held(side, key)}" for key in await _keys(words, side)]
    return f"The command was `{short}`, and in this check {' and '.join(held)}."


async def _keys(words: tuple[str, ...], side: Redis) -> list[str]:
    """List which keys of a command are there; if none is, the one that it is about."""
    there = [word for word in dict.fromkeys(words[1:]) if await side.exists(word)]
    upper = [word.upper() for word in words]
    place = upper.index("STREAMS") + 1 if "STREAMS" in upper else 1
    place = 2 if words[0].upper() in ("XGROUP", "XINFO") else place
    return there or [*words[place : place + 1]]


async def _held(side: Redis, key: str) -> str:
    kind: Any = await side.type(key)
    if kind == "stream":
        names = [f"`{group['name']}`" for group in await side.xinfo_groups(key)]
        with_groups = f"with the group {' and '.join(names)}" if names else "without a group"
        return f"a stream {with_groups}"
    return _KINDS.get(kind, f"a {kind}")
