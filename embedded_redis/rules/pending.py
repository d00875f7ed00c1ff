"""Rules about pending entries: acknowledging and listing them."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..engine._fakeredis import (
    FLAG_LEAVE_EMPTY_VAL,
    CommandItem,
    Key,
    StreamEntryKey,
    StreamGroup,
    XStream,
)
from ..engine.arguments import SYNTAX_ERROR, fail, integer, is_word
from ..engine.commands import command
from ..engine.core import EmbeddedSocket
from ..engine.entries import read_id, read_range
from ..engine.trimming import delete_with_references, read_policy_and_ids
from .groups import find_group, now_in_milliseconds, pending_of, required_group


class AcknowledgedEntriesAreForgotten(EmbeddedSocket):
    """XACK judges every id before it acknowledges one; XACKDEL tells what became of each.

    Follows https://redis.io/docs/latest/commands/xack/
    """

    @command("xack", (Key(), bytes), flags=FLAG_LEAVE_EMPTY_VAL)
    def xack(self, key: CommandItem, name: bytes, *ids: bytes) -> int:
        _, group = find_group(key, name)
        if group is None:
            return 0
        return sum(acknowledge(group, entry_id) for entry_id in [*map(read_id, ids)])

    @command("xackdel", (Key(), bytes), flags=FLAG_LEAVE_EMPTY_VAL)
    def xackdel(self, key: CommandItem, name: bytes, *arguments: bytes) -> list[int]:
        stream, group = find_group(key, name)
        policy, raw_ids = read_policy_and_ids(arguments)
        if stream is None or group is None:
            return [-1] * len(raw_ids)
        ids = [read_id(raw) for raw in raw_ids]
        before = len(stream)
        replies = [acknowledge_and_delete(stream, group, entry_id, policy) for entry_id in ids]
        if len(stream) < before:
            key.updated()
        return replies


class PendingEntriesAreListed(EmbeddedSocket):
    """XPENDING sums up by consumer, or lists entries by id; its arguments come before the key.

    Follows https://redis.io/docs/latest/commands/xpending/
    """

    @command("xpending", (Key(), bytes))
    def xpending(self, key: CommandItem, name: bytes, *arguments: bytes) -> list[Any]:
        request = read_pending(arguments)
        _, group = required_group(key, name)
        return request.listing(group) if request else summary(group)


RULES = (AcknowledgedEntriesAreForgotten, PendingEntriesAreListed)


def acknowledge(group: StreamGroup, entry_id: StreamEntryKey) -> bool:
    """Forget a pending entry; False when it was not pending."""
    return group.pel.pop(entry_id, None) is not None


def acknowledge_and_delete(
    stream: XStream, group: StreamGroup, entry_id: StreamEntryKey, policy: bytes
) -> int:
    """Answer 1 when nothing is left of an entry, 2 when a group still needs it, -1 if unknown."""
    if not acknowledge(group, entry_id):
        return -1
    return abs(delete_with_references(stream, entry_id, policy))


@dataclass
class PendingRequest:
    """The long form of XPENDING."""

    low: StreamEntryKey
    high: StreamEntryKey
    count: int
    min_idle: int = 0
    consumer: bytes | None = None

    def listing(self, group: StreamGroup) -> list[Any]:
        """List id, consumer, idle time in milliseconds and deliveries of each entry."""
        now = now_in_milliseconds()
        rows = (self._row(group, each, now) for each in pending_of(group, self.consumer))
        return [*islice((row for row in rows if row is not None), self.count)]

    def _row(self, group: StreamGroup, entry_id: StreamEntryKey, now: int) -> list[Any] | None:
        entry = group.pel[entry_id]
        idle = max(now - entry.time_read, 0)
        if not self.low <= entry_id <= self.high or idle < self.min_idle:
            return None
        return [entry_id.encode(), entry.consumer_name, idle, entry.times_delivered]


def read_pending(arguments: tuple[bytes, ...]) -> PendingRequest | None:
    """Read `[[IDLE min-idle-time] start end count [consumer]]`."""
    if not arguments:
        return None
    if not 3 <= len(arguments) <= 6:
        fail(SYNTAX_ERROR)
    min_idle = 0
    if is_word(arguments[0], b"idle"):
        min_idle, arguments = integer(arguments[1]), arguments[2:]
    if len(arguments) < 3:
        fail(SYNTAX_ERROR)
    count = max(integer(arguments[2]), 0)
    low, high = read_range(arguments[0], arguments[1])
    return PendingRequest(low, high, count, min_idle, *arguments[3:4])


def summary(group: StreamGroup) -> list[Any]:
    """Sum up what is pending: how many, the first and last id, and how many of whom."""
    if not group.pel:
        return [0, None, None, None]
    owners = Counter(entry.consumer_name for entry in group.pel.values())
    shares = [[name, b"%d" % owners[name]] for name in sorted(owners)]
    return [len(group.pel), min(group.pel).encode(), max(group.pel).encode(), shares]
