"""Read the class's stream as a group, so that nothing is missed and a restart does no harm.

A round takes what the group has been given since this reader's last round, by whomever, then what
was given to it and never acknowledged, then news. So an event may be taken twice, never less than
once: whoever takes it drops the ids that it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import redis
from redis import ResponseError
from redis.asyncio.cluster import RedisCluster

from .address import FAILURES, ClassAddress
from .event import Event, event_of

GROUP = "board"
CONSUMER = "board"  # the same after a restart, so that it finds what it left unacknowledged
MOST = 500  # entries in a reply
BLOCK = 1000  # milliseconds to wait for news
PAUSE = 0.5  # seconds between two tries when there is trouble
GONE = ("NOGROUP", "UNBLOCKED")  # somebody deleted the stream: the next round begins it anew
UNREACHABLE = "The class's Redis cannot be reached: the board tries again."
REFUSED = (
    "The class's Redis refuses what the board asks: "
    "check the user, its permissions, and the key of the class."
)

Entries = Iterable[tuple[str, dict[str, str] | None]]


class Taker(Protocol):
    """Whoever takes events; taking one again changes nothing."""

    def take(self, event: Event, at: int) -> None:
        """Take an event that Redis received at this time, in milliseconds."""


@dataclass(frozen=True)
class Round:
    """What a round brought, and how far the group was behind at its end."""

    taken: int = 0  # entries, with those that were known already
    lag: int | None = None  # entries not given to the group yet; None where Redis cannot tell
    pending: int = 0  # entries given to the group and not acknowledged
    trouble: str = ""  # why there was no round, in one sentence
    now: int = 0  # milliseconds, by the clock that stamps the entries; 0 where there was no round


class Reader:
    """A reader of one class. Two of them may read at once: each takes everything."""

    def __init__(self, address: ClassAddress, taker: Taker) -> None:
        self._redis: Any = address.client()  # a cluster's client has the same commands
        self._stream = address.stream
        self._taker = taker
        self._seen = "0-0"  # up to here everything was taken

    async def rounds(self) -> AsyncIterator[Round]:
        """Read for ever. A round ends with news, or after a second without any."""
        while True:
            try:
                brought = await self._round()
            except FAILURES as error:
                brought = Round(trouble=_told(error))
            yield brought
            if brought.trouble:
                await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        """Close the connection; the group stays, for the next reader."""
        await self._redis.aclose()

    async def _round(self) -> Round:
        await self._join()
        taken = await self._history((await self._group())["last-delivered-id"])
        taken += await self._read("0")
        taken += await self._read(">", None if taken else BLOCK)
        group = await self._group()
        return Round(taken, group.get("lag"), group["pending"], now=await self._now())

    async def _now(self) -> int:
        """Ask the server that holds the stream for its time: a cluster has several clocks."""
        where = {}
        if isinstance(self._redis, RedisCluster):
            where = {"target_nodes": self._redis.get_node_from_key(self._stream)}
        seconds, microseconds = await self._redis.time(**where)
        return seconds * 1000 + microseconds // 1000

    async def _join(self) -> None:
        """Make the group where there is none, from the beginning of the stream."""
        try:
            await self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def _group(self) -> dict[str, Any]:
        groups = await self._redis.xinfo_groups(self._stream)
        return next(group for group in groups if group["name"] == GROUP)

    async def _history(self, newest: str) -> int:
        """Take what was given to the group since the last round, whoever asked for it."""
        taken = 0
        while entries := await self._redis.xrange(
            self._stream, f"({self._seen}", newest, count=MOST
        ):
            taken += len(self._take(entries))
            self._seen = entries[-1][0]
        return taken

    async def _read(self, after: str, block: int | None = None) -> int:
        """Take what the group gives, news or what was not acknowledged; then acknowledge it."""
        asked = {self._stream: after}
        given = await self._redis.xreadgroup(GROUP, CONSUMER, asked, count=MOST, block=block)
        ids = self._take(entries for _, entries in given for entries in entries)
        if ids:
            await self._redis.xack(self._stream, GROUP, *ids)
        return len(ids)

    def _take(self, entries: Entries) -> list[str]:
        ids = []
        for entry_id, fields in entries:
            ids.append(entry_id)
            try:
                event = event_of(fields or {})
            except ValueError:  # somebody else's: it is acknowledged, and counts for nothing
                continue
            self._taker.take(event, int(entry_id.partition("-")[0]))
        return ids


def _told(error: Exception) -> str:
    if str(error).startswith(GONE):
        return ""
    is_answer = isinstance(error, ResponseError) and not isinstance(error, redis.ConnectionError)
    return REFUSED if is_answer else UNREACHABLE
