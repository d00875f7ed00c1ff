"""Read the words of stream commands: their options may stand in any order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

Words = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What XREAD or XREADGROUP asks for."""

    streams: dict[str, str]  # the id after which to read, by stream
    blocks: bool = False
    noack: bool = False
    group: str = ""
    consumer: str = ""

    @classmethod
    def of(cls, words: Words) -> Reading:
        """Read the words of XREAD or XREADGROUP."""
        found: dict[str, Any] = {}
        at = 1
        while at < len(words) and (option := words[at].upper()) != "STREAMS":
            if option == "GROUP":
                found |= zip(("group", "consumer"), words[at + 1 : at + 3], strict=False)
            elif option in ("BLOCK", "NOACK"):
                found["blocks" if option == "BLOCK" else "noack"] = True
            at += {"GROUP": 3, "NOACK": 1}.get(option, 2)
        rest = words[at + 1 :]
        half = len(rest) // 2
        return cls(dict(zip(rest[:half], rest[half:], strict=False)), **found)

    @property
    def waits(self) -> bool:
        """Tell whether it waits when nothing is there: a consumer's own history never does."""
        new_only = all(i == ">" for i in self.streams.values())
        return self.blocks and (new_only or not self.group)


@dataclass(frozen=True)
class Trimming:
    """How XADD or XTRIM shortens a stream."""

    by: str = ""  # MAXLEN, MINID or nothing
    limit: str = ""
    exact: bool = True
    touches_groups: bool = False
    end: int = 2  # where the options end

    @classmethod
    def of(cls, words: Words) -> Trimming:
        """Read the options of XADD or XTRIM, which stand after the key."""
        found: dict[str, Any] = {}
        at = 2
        while at < len(words):
            option = words[at].upper()
            if option in ("MAXLEN", "MINID"):
                at += words[at + 1] in ("=", "~")
                found |= {"by": option, "limit": words[at + 1], "exact": words[at] != "~"}
            elif option in ("DELREF", "ACKED"):
                found["touches_groups"] = True
            elif option not in ("LIMIT", "NOMKSTREAM", "KEEPREF"):
                break
            at += 2 if option in ("MAXLEN", "MINID", "LIMIT") else 1
        return cls(**found, end=at)

    def surplus(self, ids: Collection[str]) -> int:
        """Count the oldest of these entries that an exact trimming removes."""
        if self.by == "MAXLEN":
            return max(0, len(ids) - int(self.limit))
        if not self.by:
            return 0
        return sum(1 for _ in takewhile(lambda i: place(i) < place(self.limit), ids))


def place(entry: str) -> tuple[int, int]:
    """Return the place of an entry's id, written in full or as milliseconds alone."""
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence or 0)


def full(entry: str) -> str:
    """Write an id as the server does."""
    return "{}-{}".format(*place(entry))


def entry_ids(entries: Iterable[Any] | None) -> list[str]:
    """Give the ids of entries: each stands before its fields, or alone after JUSTID."""
    return [entry if isinstance(entry, str) else entry[0] for entry in entries or []]


def ids_by_stream(reply: Any) -> dict[str, list[str]]:
    """Give the ids in a reply of XREAD or XREADGROUP."""
    # A map under RESP3, a list of pairs under RESP2.
    pairs = reply.items() if isinstance(reply, dict) else reply or []
    return {stream: entry_ids(entries) for stream, entries in pairs}


def ids_in(name: str, reply: Any) -> list[str]:
    """Give the ids of all entries in the reply of a stream command of this name."""
    if name in ("XREAD", "XREADGROUP"):
        return [entry for ids in ids_by_stream(reply).values() for entry in ids]
    return entry_ids(reply[1] if name == "XAUTOCLAIM" and reply else reply)
