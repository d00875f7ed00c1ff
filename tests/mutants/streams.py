"""Lies about streams."""

from typing import Any

from embedded_redis.engine import entries
from embedded_redis.engine._fakeredis import StreamEntryKey, XStream
from embedded_redis.engine.core import EmbeddedSocket
from embedded_redis.engine.entries import FIRST
from embedded_redis.engine.trimming import TrimOptions
from embedded_redis.engine.waiting_room import WaitingRoom
from embedded_redis.rules import streams
from embedded_redis.rules.streams import (
    DeletingNamesTheEntries,
    ReadersKeepTheirOwnPlace,
    TrimmingFollowsTheNodes,
)
from embedded_redis.rules.waiting import WaitersAreServedFirstComeFirstServed

from .lie import lie

XADD = "commands/xadd/"
XREAD = "commands/xread/"
XRANGE = "commands/xrange/"
XTRIM = "commands/xtrim/"
STREAMS = "develop/data-types/streams/"


@lie(ReadersKeepTheirOwnPlace, "_read_streams", XREAD, lesson="01")
def xread_removes(truth: Any, self: Any, request: Any, starts: Any) -> Any:
    """XREAD leaves the entries in the stream."""
    found = truth(self, request, starts)
    for key, records in found:
        for record in records:
            entries.delete_entry(self._db[key].value, entries.read_id(record[0]))
    return found


@lie(ReadersKeepTheirOwnPlace, "_read_streams", XREAD, lesson="05")
def xread_reads_the_id_itself(truth: Any, self: Any, request: Any, starts: Any) -> Any:
    """XREAD reads what comes after the id."""
    return truth(
        self, request, [start if start == FIRST else entries.before(start) for start in starts]
    )


@lie(ReadersKeepTheirOwnPlace, "_read_streams", XREAD, lesson="05")
def xread_ignores_count(truth: Any, self: Any, request: Any, starts: Any) -> Any:
    """XREAD answers at most COUNT entries."""
    request.count = None
    return truth(self, request, starts)


@lie(streams, "resume_after", XREAD, lesson="05", waits=True)
def dollar_is_the_beginning(truth: Any, item: Any, raw: bytes) -> Any:
    """`$` is the end of the stream as it is when the command arrives."""
    return FIRST if raw == b"$" else truth(item, raw)


@lie(WaitingRoom, "_serve_queue", XREAD, lesson="05", waits=True)
def an_entry_wakes_one_reader(truth: Any, self: Any, place: Any, change: Any) -> None:
    """An entry reaches every client that waits for it in XREAD."""
    queue = self._queues.get(place, {})
    others = [*queue][1:] if isinstance(place[0].get(place[1]).value, XStream) else []
    for waiter in others:
        queue.pop(waiter)
    truth(self, place, change)
    queue.update(dict.fromkeys(others))


@lie(WaitersAreServedFirstComeFirstServed, "_blocking", XREAD, lesson="05", waits=True)
def xread_does_not_wait(truth: Any, self: Any, timeout: Any, func: Any, shape: Any = None) -> Any:
    """XREAD with BLOCK waits for the next entry."""
    if self.running[0] != "xread":
        return truth(self, timeout, func, shape)
    return func(True)


@lie(XStream, "next_id", XADD, lesson="05")
def ids_may_go_back(truth: Any, self: Any, requested: Any, seq_given: bool = True) -> Any:
    """XADD refuses an id that is not greater than the last one."""
    return truth(self, requested, seq_given) or requested


@lie(XStream, "next_id", XADD, lesson="05")
def the_sequence_does_not_count(
    truth: Any, self: Any, requested: Any, seq_given: bool = True
) -> Any:
    """`ms-*` takes the next sequence number of that millisecond."""
    return truth(self, requested, True)


@lie(TrimOptions, "trim", XADD, lesson="05")
def maxlen_is_ignored(truth: Any, self: Any, stream: Any) -> int:
    """MAXLEN removes the oldest entries beyond that many."""
    return 0 if self.maxlen is not None else truth(self, stream)


@lie(TrimOptions, "trim", XTRIM, lesson="05")
def minid_is_ignored(truth: Any, self: Any, stream: Any) -> int:
    """MINID removes the entries before that id."""
    return 0 if self.minid is not None else truth(self, stream)


@lie(TrimOptions, "trim", XTRIM, lesson="05")
def trimming_is_always_exact(truth: Any, self: Any, stream: Any) -> int:
    """`~` removes whole nodes only."""
    self.approximate = False
    return truth(self, stream)


@lie(TrimOptions, "trim", XTRIM, lesson="05")
def trimming_is_never_exact(truth: Any, self: Any, stream: Any) -> int:
    """Without `~` exactly as many entries are left as was asked for."""
    self.approximate, self.limit = True, None
    return truth(self, stream)


@lie(XStream, "trim", XTRIM, lesson="05")
def the_newest_are_trimmed(truth: Any, self: Any, maxlen: int | None, *others: Any) -> int:
    """Trimming removes the oldest entries."""
    if maxlen is None:
        return truth(self, maxlen, *others)
    return sum(entries.delete_entry(self, each) for each in self._ids[maxlen:])


@lie(entries, "_start_at", XRANGE, lesson="05")
def a_parenthesis_includes(truth: Any, raw: bytes, entry_id: Any) -> Any:
    """`(id` begins after this id."""
    return entry_id


@lie(streams, "ids_between", XRANGE, lesson="05")
def xrange_ignores_count(truth: Any, stream: Any, start: Any, end: Any, count: Any = None) -> Any:
    """XRANGE answers at most COUNT entries."""
    return truth(stream, start, end)


@lie(entries, "_start_at", XRANGE, lesson="05")
def the_start_of_a_range_is_excluded(truth: Any, raw: bytes, entry_id: Any) -> Any:
    """XRANGE includes its start."""
    return entry_id if raw == b"-" else entries.after(entry_id)


@lie(entries, "_end_at", XRANGE, lesson="06")
def the_end_of_a_range_is_excluded(truth: Any, raw: bytes, entry_id: Any) -> Any:
    """XRANGE includes its end."""
    return entry_id if raw == b"+" else entries.before(entry_id)


@lie(entries, "_read_bound", XRANGE, lesson="05")
def an_end_without_sequence_means_0(truth: Any, raw: bytes, missing_part: int) -> Any:
    """An end without a second part means the whole millisecond."""
    return truth(raw, 0)


@lie(streams, "ids_backwards", "commands/xrevrange/", lesson="05")
def xrevrange_goes_forward(truth: Any, stream: Any, end: Any, start: Any, count: Any = None) -> Any:
    """XREVRANGE begins with the newest entry."""
    return entries.ids_between(stream, start, end, count)


@lie(TrimmingFollowsTheNodes, "xtrim", STREAMS, lesson="05")
def an_emptied_stream_disappears(truth: Any, self: Any, key: Any, *arguments: bytes) -> int:
    """A stream stays when its last entry goes."""
    removed = truth(self, key, *arguments)
    if not len(key.value):
        key.update(None)
    return removed


@lie(TrimmingFollowsTheNodes, "xtrim", XADD, lesson="05")
def an_emptied_stream_forgets_its_last_id(
    truth: Any, self: Any, key: Any, *arguments: bytes
) -> int:
    """An emptied stream goes on with ids greater than its last one."""
    removed = truth(self, key, *arguments)
    if not len(key.value):
        entries.set_history(key.value, FIRST, None, FIRST)
    return removed


@lie(streams, "delete_entry", "commands/xdel/", lesson="05")
def xdel_always_answers_1(truth: Any, stream: Any, entry_id: Any) -> bool:
    """XDEL does not count an entry that is not there."""
    truth(stream, entry_id)
    return True


@lie(XStream, "next_id", XADD, lesson="05")
def an_id_may_come_twice(truth: Any, self: Any, requested: Any, seq_given: bool = True) -> Any:
    """XADD refuses an id that is equal to the last one."""
    again = requested if requested == self.last_id else None
    return truth(self, requested, seq_given) or again


@lie(XStream, "next_id", XADD, lesson="05")
def ids_are_compared_as_text(truth: Any, self: Any, requested: Any, seq_given: bool = True) -> Any:
    """Ids are compared part by part, as numbers."""
    entry_id = truth(self, requested, seq_given)
    follows = entry_id and entry_id.encode() > self.last_id.encode()
    return entry_id if follows or not len(self) else None


@lie(XStream, "format_record", XADD, lesson="05")
def fields_are_sorted(truth: Any, self: Any, entry_id: Any) -> Any:
    """The fields of an entry keep their order."""
    name, fields = truth(self, entry_id)
    pairs = sorted(zip(fields[::2], fields[1::2], strict=True))
    return [name, [part for pair in pairs for part in pair]]


@lie(EmbeddedSocket, "xlen", "commands/xlen/", lesson="05")
def xlen_counts_what_was_removed(truth: Any, self: Any, key: Any) -> int:
    """XLEN counts the entries that are still there."""
    return key.value.entries_added if key.value is not None else 0


@lie(streams, "after", XREAD, lesson="05")
def xread_goes_on_with_the_next_millisecond(truth: Any, entry_id: Any) -> Any:
    """XREAD finds what follows the id in the same millisecond."""
    return entry_id if entry_id == FIRST else StreamEntryKey(entry_id.ts + 1, 0)


@lie(streams, "resume_after", XREAD, lesson="05")
def a_cursor_ends_with_its_entry(truth: Any, item: Any, raw: bytes) -> Any:
    """XREAD goes on after an id whose entry is gone."""
    start, stream = truth(item, raw), streams.stream_in(item)
    if raw.strip(b"0-$+") and stream is not None and start not in stream:
        streams.fail("ERR no such entry")
    return start


@lie(ReadersKeepTheirOwnPlace, "_read_streams", XREAD, lesson="05")
def xread_begins_with_the_newest(truth: Any, self: Any, request: Any, starts: Any) -> Any:
    """XREAD answers in the order of the ids."""
    return [(key, records[::-1]) for key, records in truth(self, request, starts)]


@lie(streams, "ids_backwards", "commands/xrevrange/", lesson="05")
def xrevrange_counts_from_the_oldest(
    truth: Any, stream: Any, end: Any, start: Any, count: Any = None
) -> Any:
    """XREVRANGE with COUNT answers the newest entries."""
    return truth(stream, end, start)[::-1][:count][::-1]


@lie(TrimOptions, "trim", XADD, lesson="05")
def maxlen_keeps_one_more(truth: Any, self: Any, stream: Any) -> int:
    """MAXLEN keeps no more than that many entries."""
    self.maxlen = self.maxlen and self.maxlen + 1
    return truth(self, stream)


@lie(TrimOptions, "trim", XTRIM, lesson="05")
def minid_removes_the_id_too(truth: Any, self: Any, stream: Any) -> int:
    """MINID keeps the entry of that id."""
    self.minid = self.minid and entries.after(self.minid)
    return truth(self, stream)


@lie(TrimmingFollowsTheNodes, "xtrim", XTRIM, lesson="05")
def xtrim_answers_what_is_left(truth: Any, self: Any, key: Any, *arguments: bytes) -> int:
    """XTRIM answers how many entries it removed."""
    truth(self, key, *arguments)
    return len(key.value)


@lie(streams, "delete_entry", "commands/xdel/", lesson="05")
def xdel_removes_all_before_it_too(truth: Any, stream: Any, entry_id: Any) -> bool:
    """XDEL removes one entry."""
    for each in entries.ids_between(stream, FIRST, entries.before(entry_id)):
        truth(stream, each)
    return truth(stream, entry_id)


@lie(DeletingNamesTheEntries, "xdel", "commands/xdel/", lesson="05")
def xdel_of_the_last_entry_deletes_the_stream(truth: Any, self: Any, key: Any, *ids: bytes) -> int:
    """A stream stays when its last entry is deleted."""
    deleted = truth(self, key, *ids)
    if key.value is not None and not len(key.value):
        key.update(None)
    return deleted


@lie(DeletingNamesTheEntries, "xdel", "commands/xdel/", lesson="05")
def xdel_of_the_last_entry_gives_its_id_back(truth: Any, self: Any, key: Any, *ids: bytes) -> int:
    """A stream remembers its last id when that entry is deleted."""
    deleted = truth(self, key, *ids)
    if key.value is not None and not len(key.value):
        entries.set_history(key.value, FIRST, None, FIRST)
    return deleted
