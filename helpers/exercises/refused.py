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
LOOKED_AT = 9  # words of a command that may be keys, its name among them
OF_WHAT_IS_THERE = ("WRONGTYPE", "NOGROUP", "BUSYGROUP", "no such key")
_IN_A_PIPELINE = re.compile(r"Command # \d+ \((.*)\) of pipeline caused error: ", re.S)
NOTHING = "nothing"
_KINDS = {"zset": "a sorted set", "none": NOTHING}


async def told_of(error: BaseException | None, side: Redis) -> str:
    """Say what met an error of the broker, or nothing; `side` looks what is there."""
    cause = errors_within(error)[0] if error else None
    if not isinstance(cause, ResponseError) or "needs a real server" in str(cause):
        return ""
    in_a_pipeline = _IN_A_PIPELINE.match(str(cause))  # which its text names already
    words = tuple(in_a_pipeline[1].split()) if in_a_pipeline else met.get(cause, ())
    told = [f"The command was `{_short(words)}`."] if words and not in_a_pipeline else []
    if any(part in str(cause) for part in OF_WHAT_IS_THERE):
        told += [await _told_of_keys(words, side)] if _key(words) else []
    return " ".join(told)


async def _told_of_keys(words: tuple[str, ...], side: Redis) -> str:
    """Say what each key among the words of a command holds, or that its key holds nothing."""
    kinds = {word: await _held(side, word) for word in dict.fromkeys(words[1:LOOKED_AT])}
    there = {word: kind for word, kind in kinds.items() if kind != NOTHING}
    told = there or {_key(words): NOTHING}
    held = [f"`{printable(key)}` holds {kind}" for key, kind in told.items()]
    return f"In this check {' and '.join(held)}."


def _short(words: tuple[str, ...]) -> str:
    command = printable(" ".join(words))
    return command if len(command) <= LONGEST else f"{command[:LONGEST]}…"


def _key(words: tuple[str, ...]) -> str:
    """Return the key that a command is about, or nothing."""
    upper = [word.upper() for word in words]
    place = upper.index("STREAMS") + 1 if "STREAMS" in upper else 1
    place = 2 if upper[:1] in (["XGROUP"], ["XINFO"]) else place
    return words[place] if len(words) > place else ""


async def _held(side: Redis, key: str) -> str:
    kind: Any = await side.type(key)
    if kind == "stream":
        names = [f"`{group['name']}`" for group in await side.xinfo_groups(key)]
        with_groups = f"with the group {' and '.join(names)}" if names else "without a group"
        return f"a stream {with_groups}"
    return _KINDS.get(kind, f"a {kind}")
