"""Stream entries: how their ids are written, ordered and found.

What begins with an underscore here belongs to fakeredis' stream, and is touched nowhere else.
Follows https://redis.io/docs/latest/develop/data-types/streams/#entry-ids
"""

import re
from bisect import bisect_left, bisect_right

from ._fakeredis import CommandItem, StreamEntryKey, StreamGroup, XStream
from .arguments import fail
from .values import value_of

MAX_PART = 2**64 - 1
FIRST = StreamEntryKey(0, 0)
LAST = StreamEntryKey(MAX_PART, MAX_PART)

_INVALID = "ERR Invalid stream ID specified as stream command argument"
_LONGEST = 127  # characters of an id
_SIGNED = re.compile(rb"\s*([+-]?)([0-9]+)")
_NEGATIVE = re.compile(rb"-[1-9][0-9]{0,18}")  # C wraps -01 around, but Redis refuses -1


def stream_in(item: CommandItem) -> XStream | None:
    """Return the stream that a key holds, or None; another type is an error."""
    return value_of(item, XStream)


def read_id(raw: bytes, missing_part: int = 0) -> StreamEntryKey:
    """Read `ms-seq`, or `ms` alone with the missing second part."""
    if len(raw) > _LONGEST:
        fail(_INVALID)
    ms, dash, seq = raw.partition(b"-")
    return StreamEntryKey(_number(ms), _number(seq) if dash else missing_part)


def read_new_id(raw: bytes) -> tuple[StreamEntryKey, bool]:
    """Read the id that XADD is given; False when its second part is left to Redis, as in `5-*`."""
    if raw.endswith(b"-*"):
        return StreamEntryKey(_number(raw[:-2]), 0), False
    return read_id(raw), True


def read_range(start: bytes, end: bytes) -> tuple[StreamEntryKey, StreamEntryKey]:
    """Read both ends of a range: ids, `-` and `+`, or `(id` for all but this one."""
    low, high = _read_bound(start, 0), _read_bound(end, MAX_PART)
    return _start_at(start, low), _end_at(end, high)


def read_start(raw: bytes) -> StreamEntryKey:
    """Read where a scan begins: an id, `-`, or `(id` for the one after it."""
    return _start_at(raw, _read_bound(raw, 0))


def after(entry_id: StreamEntryKey) -> StreamEntryKey:
    """Return the next possible id; after the last one comes the first, as in Redis."""
    if entry_id.seq < MAX_PART:
        return StreamEntryKey(entry_id.ts, entry_id.seq + 1)
    return FIRST if entry_id == LAST else StreamEntryKey(entry_id.ts + 1, 0)


def before(entry_id: StreamEntryKey) -> StreamEntryKey:
    """Return the previous possible id."""
    if entry_id.seq:
        return StreamEntryKey(entry_id.ts, entry_id.seq - 1)
    return LAST if entry_id == FIRST else StreamEntryKey(entry_id.ts - 1, MAX_PART)


def ids_between(
    stream: XStream, start: StreamEntryKey, end: StreamEntryKey, count: int | None = None
) -> list[StreamEntryKey]:
    """List the ids from `start` to `end`, both included, at most `count`."""
    low, high = bisect_left(stream._ids, start), bisect_right(stream._ids, end)
    return stream._ids[low : high if count is None else min(high, low + count)]


def ids_backwards(
    stream: XStream, end: StreamEntryKey, start: StreamEntryKey, count: int | None = None
) -> list[StreamEntryKey]:
    """List the ids from `end` back to `start`, both included, at most `count`."""
    low, high = bisect_left(stream._ids, start), bisect_right(stream._ids, end)
    return stream._ids[low if count is None else max(low, high - count) : high][::-1]


def newest_id(stream: XStream) -> StreamEntryKey:
    """Return the id of the newest entry that is still there, 0-0 in an empty stream."""
    return stream._ids[-1] if stream._ids else FIRST


def delete_entry(stream: XStream, entry_id: StreamEntryKey) -> bool:
    """Delete one entry as XDEL does; False when it is not there."""
    at, found = stream.find_index(entry_id)
    if found:
        stream._delete_at(at)
    return found


def set_history(
    stream: XStream,
    last_id: StreamEntryKey,
    entries_added: int | None,
    max_deleted: StreamEntryKey,
) -> None:
    """Overwrite what a stream remembers beyond its entries, as XSETID does."""
    stream._last_id = last_id
    if entries_added is not None:
        stream._entries_added = entries_added
    if max_deleted != FIRST:
        stream._max_deleted_id = max_deleted


def is_referenced(stream: XStream, entry_id: StreamEntryKey) -> bool:
    """Tell whether a group has the entry pending, or still has to read it."""
    return stream._is_referenced(entry_id)


def forget_entry(stream: XStream, entry_id: StreamEntryKey) -> None:
    """Remove an entry from every group's pending list."""
    stream._drop_references(entry_id)


def mark_delivered(group: StreamGroup, entry_id: StreamEntryKey) -> None:
    """Move a group past an entry, and count it where the count can be known."""
    group._mark_delivered(entry_id)


def groups_of(stream: XStream) -> list[StreamGroup]:
    """List the consumer groups by name."""
    return [stream._groups[name] for name in sorted(stream._groups)]


def node_ids(stream: XStream) -> list[StreamEntryKey]:
    """List the id under which each of the stream's nodes is kept."""
    return [node.master_id for node in stream._nodes]


def _read_bound(raw: bytes, missing_part: int) -> StreamEntryKey:
    if raw == b"-":
        return FIRST
    if raw == b"+":
        return LAST
    return read_id(raw[1:] if _is_exclusive(raw) else raw, missing_part)


def _start_at(raw: bytes, entry_id: StreamEntryKey) -> StreamEntryKey:
    if not _is_exclusive(raw):
        return entry_id
    if entry_id == LAST:
        fail("ERR invalid start ID for the interval")
    return after(entry_id)


def _end_at(raw: bytes, entry_id: StreamEntryKey) -> StreamEntryKey:
    if not _is_exclusive(raw):
        return entry_id
    if entry_id == FIRST:
        fail("ERR invalid end ID for the interval")
    return before(entry_id)


def _is_exclusive(raw: bytes) -> bool:
    return len(raw) > 1 and raw.startswith(b"(")


def _number(raw: bytes) -> int:
    """Read an unsigned 64-bit number with the leniency of C: spaces, a sign, leading zeros."""
    match = None if raw.isdigit() else _SIGNED.fullmatch(raw)
    digits = match[2] if match else raw
    is_negative = match and _NEGATIVE.fullmatch(raw)
    if not digits.isdigit() or int(digits) > MAX_PART or is_negative:
        fail(_INVALID)
    return -int(digits) % 2**64 if match and match[1] == b"-" else int(digits)
