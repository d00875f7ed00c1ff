"""The broker of one trial: what lies there for an answer, what belongs to others, what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from redis.asyncio import Redis

from embedded_redis import EmbeddedConnection, embedded_server

from ..broker.clients import client
from ..sandbox.limits import Budget
from ..sandbox.plain import NotYet, plain
from .inventions import Inventions
from .verdict import counted, expect_same, missing

BYSTANDER = "invoices"  # somebody else's key in every broker, which no answer may touch
INVOICES = ["invoice-1", "invoice-2"]


class Scene(Inventions):
    """A broker, the trial's own client on it, and the keys that belong to others."""

    def __init__(self, number: int, seed: int | None = None) -> None:
        super().__init__(number, seed)
        self.server = embedded_server()
        self.side = client({"connection_class": EmbeddedConnection, "server": self.server})
        self.budget = Budget()
        self._others: dict[str, list[str]] = {}

    # What lies there.

    async def afresh(self) -> None:
        """Empty the broker for the next accident."""
        if harm := await self.harm():
            raise NotYet(harm)
        await self.side.flushall()
        self._others = {}
        await self.others({BYSTANDER: INVOICES})

    async def others(self, lists: dict[str, list[str]]) -> None:
        """Add lists that belong to others, which no answer may touch."""
        for key, elements in lists.items():
            self._others[key] = elements
            await self.side.rpush(key, *elements)

    async def push(self, key: str, elements: list[str]) -> None:
        """Push many elements, and allow an answer the commands that they need."""
        self.budget.allow(len(elements))
        await self.side.rpush(key, *elements)

    async def add(self, stream: str, entries: list[dict[Any, Any]]) -> list[str]:
        """Add many entries, and allow an answer the commands that they need; return the ids."""
        self.budget.allow(len(entries))
        async with self.side.pipeline(transaction=False) as adding:
            for fields in entries:
                adding.xadd(stream, fields)
            return await adding.execute()

    async def harm(self) -> str:
        """Say what was done to keys of others, or nothing."""
        for key, elements in self._others.items():
            if await self.elements(key) != elements:
                return f"the list {key} belongs to somebody else, and it was changed or deleted."
        return ""

    # What is left.

    async def elements(self, key: str) -> Any:
        """Return the elements of a list, or say what else the key holds."""
        kind: Any = await self.side.type(key)
        return await self.side.lrange(key, 0, -1) if kind == "list" else _instead(kind)

    async def lost(self, things: list[str], handled: list[Any]) -> list[str]:
        """List what is neither handled nor in any list."""
        return missing(things, handled, *[await self.elements(key) for key in await self.keys()])

    async def entries(self, key: str) -> Any:
        """Return the entries of a stream, or say what else the key holds."""
        kind: Any = await self.side.type(key)
        return await self.side.xrange(key) if kind == "stream" else _instead(kind)

    async def scores(self, key: str) -> Any:
        """Return the members of a sorted set with their scores, or say what else the key holds."""
        kind: Any = await self.side.type(key)
        if kind not in ("zset", "none"):
            return _instead(kind)
        members: Any = await self.side.zrange(key, 0, -1, withscores=True)
        return dict(members)

    async def groups(self, stream: str) -> list[dict[str, Any]]:
        """Describe the consumer groups of a stream; none where there is no stream."""
        is_stream = await self.side.type(stream) == "stream"
        return await self.side.xinfo_groups(stream) if is_stream else []

    async def keys(self) -> list[str]:
        """Name all keys but those of the bystanders."""
        keys: Any = await self.side.keys()
        return sorted(set(keys) - set(self._others))

    async def state(self, *but: str) -> dict[str, Any]:
        """Return what all keys hold but these and the bystanders', with groups and time limits."""
        return {key: await self._held(key) for key in await self.keys() if key not in but}

    async def _held(self, key: str) -> Any:
        kind: Any = await self.side.type(key)
        held = await _READS[kind](self.side, key) if kind in _READS else kind
        more = [f"the group {group['name']}" for group in await self.groups(key)]
        more += ["a time limit"] if await self.side.ttl(key) >= 0 else []
        return [plain(held), *more] if more else plain(held)

    async def lasting(self, seconds: int | None = None) -> None:
        """Raise NotYet when a key is forgotten by itself, or before so many seconds."""
        for key in await self.keys():
            left = await self.side.ttl(key)
            if left >= 0 and (seconds is None or left < seconds - 1):
                raise NotYet(
                    f"`{key}` is forgotten after {counted(left, 'second')}, whoever needs it then."
                )

    async def only(self, allowed: Iterable[str]) -> None:
        """Raise NotYet when the broker holds a key that nobody asked for."""
        extra = [key for key in await self.keys() if key not in allowed]
        expect_same("keys that nobody asked for", extra, [], "Leave nothing else behind.")


async def _told_of_stream(side: Redis, key: str) -> dict[str, Any]:
    """Tell apart what was added, deleted or trimmed, without reading the entries."""
    told: Any = await side.xinfo_stream(key)
    ends = [entry and entry[0] for entry in (told["first-entry"], told["last-entry"])]
    return {"entries": told["length"], "ever added": told["entries-added"], "from, to": ends}


_READS: dict[str, Callable[[Redis, str], Any]] = {
    "list": lambda side, key: side.lrange(key, 0, -1),
    "string": lambda side, key: side.get(key),
    "stream": _told_of_stream,
    "hash": lambda side, key: side.hgetall(key),
    "set": lambda side, key: side.smembers(key),
    "zset": lambda side, key: side.zrange(key, 0, -1, withscores=True),
}


def _instead(kind: str) -> Any:
    return [] if kind == "none" else f"a {kind}"
