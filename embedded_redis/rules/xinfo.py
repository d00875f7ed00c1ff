"""Rules about what a stream tells of itself: XINFO."""

from itertools import takewhile
from typing import Any

from ..engine._fakeredis import (
    CommandItem,
    Key,
    StreamConsumerInfo,
    StreamEntryKey,
    StreamGroup,
    XStream,
)
from ..engine.arguments import NO_SUCH_KEY, fail, integer, is_word
from ..engine.commands import command, wrong_subcommand
from ..engine.core import EmbeddedSocket
from ..engine.entries import FIRST, LAST, groups_of, ids_between, newest_id, node_ids, stream_in
from .groups import existing_group, now_in_milliseconds, pending_of

ENTRIES_SHOWN = 10  # by XINFO STREAM FULL, unless COUNT says otherwise


class StreamsTellOfThemselves(EmbeddedSocket):
    """XINFO answers the fields of 8.2 in its order, with groups and consumers by name.

    Follows https://redis.io/docs/latest/commands/xinfo-stream/
    """

    @command("xinfo|stream", (Key(),))
    def xinfo_stream(self, key: CommandItem, *options: bytes) -> dict[bytes, Any]:
        stream = stream_in(key)
        if stream is None:
            fail(NO_SUCH_KEY)
        count = read_full(self.typed, options)
        return outline(stream) if count is None else portrait(stream, count or None)

    @command("xinfo|groups", (Key(),))
    def xinfo_groups(self, key: CommandItem) -> list[Any]:
        stream = stream_in(key)
        if stream is None:
            fail(NO_SUCH_KEY)
        return [group_row(group) for group in groups_of(stream)]

    @command("xinfo|consumers", (Key(), bytes))
    def xinfo_consumers(self, key: CommandItem, name: bytes) -> list[Any]:
        if stream_in(key) is None:
            fail(NO_SUCH_KEY)
        _, group = existing_group(key, name)
        return [consumer_row(group, consumer) for consumer in consumers_of(group)]


RULES = (StreamsTellOfThemselves,)


def read_full(typed: list[bytes], options: tuple[bytes, ...]) -> int | None:
    """Read `[FULL [COUNT count]]`: how many entries to show, 0 for all; None for the short form."""
    if not options:
        return None
    if len(options) not in (1, 3) or not is_word(options[0], b"full"):
        raise wrong_subcommand(typed)
    if len(options) == 1:
        return ENTRIES_SHOWN
    if not is_word(options[1], b"count"):
        raise wrong_subcommand(typed)
    count = integer(options[2])
    return count if count >= 0 else ENTRIES_SHOWN


def consumers_of(group: StreamGroup) -> list[StreamConsumerInfo]:
    """List a group's consumers by name."""
    return [group.consumers[name] for name in sorted(group.consumers)]


def heading(stream: XStream) -> dict[bytes, Any]:
    """Describe a stream without its entries."""
    nodes = node_ids(stream)
    first = ids_between(stream, FIRST, LAST, 1)
    return {
        b"length": len(stream),
        b"radix-tree-keys": len(nodes),
        b"radix-tree-nodes": tree_nodes(nodes),
        b"last-generated-id": stream.last_id.encode(),
        b"max-deleted-entry-id": stream.max_deleted_id.encode(),
        b"entries-added": stream.entries_added,
        b"recorded-first-entry-id": (first[0] if first else FIRST).encode(),
    }


def outline(stream: XStream) -> dict[bytes, Any]:
    """Describe a stream in short."""
    first = ids_between(stream, FIRST, LAST, 1)
    return heading(stream) | {
        b"groups": len(groups_of(stream)),
        b"first-entry": stream.format_record(first[0]) if first else None,
        b"last-entry": stream.format_record(newest_id(stream)) if first else None,
    }


def portrait(stream: XStream, count: int | None) -> dict[bytes, Any]:
    """Describe a stream in full; `count` limits the entries of every list."""
    shown = ids_between(stream, FIRST, LAST, count)
    return heading(stream) | {
        b"entries": [stream.format_record(each) for each in shown],
        b"groups": [group_portrait(group, count) for group in groups_of(stream)],
    }


def group_row(group: StreamGroup) -> dict[bytes, Any]:
    """Describe a group for XINFO GROUPS."""
    return {
        b"name": group.name,
        b"consumers": len(group.consumers),
        b"pending": len(group.pel),
        b"last-delivered-id": group.last_delivered_key.encode(),
        b"entries-read": group.entries_read,
        b"lag": group.lag(trim_aware=True),
    }


def group_portrait(group: StreamGroup, count: int | None) -> dict[bytes, Any]:
    """Describe a group for XINFO STREAM FULL."""
    consumers = consumers_of(group)
    return {
        b"name": group.name,
        b"last-delivered-id": group.last_delivered_key.encode(),
        b"entries-read": group.entries_read,
        b"lag": group.lag(trim_aware=True),
        b"pel-count": len(group.pel),
        b"pending": [pending_row(group, each) for each in pending_of(group)[:count]],
        b"consumers": [consumer_portrait(group, consumer, count) for consumer in consumers],
    }


def pending_row(group: StreamGroup, entry_id: StreamEntryKey) -> list[Any]:
    """Describe a pending entry: id, owner, time of delivery, deliveries."""
    entry = group.pel[entry_id]
    return [entry_id.encode(), entry.consumer_name, entry.time_read, entry.times_delivered]


def consumer_row(group: StreamGroup, consumer: StreamConsumerInfo) -> dict[bytes, Any]:
    """Describe a consumer for XINFO CONSUMERS; -1 stands for a read that never was."""
    now = now_in_milliseconds()
    active = consumer.last_success
    return {
        b"name": consumer.name,
        b"pending": len(pending_of(group, consumer.name)),
        b"idle": max(now - consumer.last_attempt, 0),
        b"inactive": max(now - active, 0) if active else -1,
    }


def consumer_portrait(
    group: StreamGroup, consumer: StreamConsumerInfo, count: int | None
) -> dict[bytes, Any]:
    """Describe a consumer for XINFO STREAM FULL."""
    mine = pending_of(group, consumer.name)
    rows = [pending_row(group, each) for each in mine[:count]]
    return {
        b"name": consumer.name,
        b"seen-time": consumer.last_attempt,
        b"active-time": consumer.last_success or -1,
        b"pel-count": len(mine),
        b"pending": [[entry_id, *rest] for entry_id, _, *rest in rows],
    }


def tree_nodes(ids: list[StreamEntryKey]) -> int:
    """Count the nodes of the radix tree in which Redis keeps such ids."""
    return _count([each.ts.to_bytes(8, "big") + each.seq.to_bytes(8, "big") for each in ids])


def _count(words: list[bytes]) -> int:
    if not words or not words[0]:
        return 1
    shared = shared_length(words)
    if shared:  # a run of bytes that all words share is one node
        return 1 + _count([word[shared:] for word in words])
    branches = {word[0] for word in words}
    return 1 + sum(_count([word[1:] for word in words if word[0] == each]) for each in branches)


def shared_length(words: list[bytes]) -> int:
    """Count the bytes with which all words begin."""
    first, last = min(words), max(words)  # the two that differ earliest
    pairs = zip(first, last, strict=True)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
