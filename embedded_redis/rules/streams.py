"""Rules about streams: ids, ranges, reading, deleting, and what a stream tells of itself."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..engine._fakeredis import FLAG_LEAVE_EMPTY_VAL, OK, CommandItem, Key, StreamEntryKey, XStream
from ..engine.arguments import NO_SUCH_KEY, SYNTAX_ERROR, fail, follows, integer, is_word
from ..engine.commands import command, known_commands, wrong_arity
from ..engine.core import EmbeddedSocket
from ..engine.entries import (
    FIRST,
    LAST,
    after,
    before,
    delete_entry,
    ids_backwards,
    ids_between,
    newest_id,
    read_id,
    read_new_id,
    read_range,
    set_history,
    stream_in,
)
from ..engine.reading import ReadRequest, answer_read, read_request
from ..engine.trimming import TrimOptions, delete_with_references, read_policy_and_ids
from ..engine.values import item_at

STREAM_KEY = (Key(),)
_SMALLER = "ERR The ID specified in XSETID is smaller than {}"


class EntryIdsOnlyGrow(EmbeddedSocket):
    """XADD takes the ids that Redis takes, and refuses the others with its texts.

    Options newer than 8.2, such as IDMP, are refused like any wrong id.
    Follows https://redis.io/docs/latest/commands/xadd/
    """

    @command("xadd", STREAM_KEY, flags=FLAG_LEAVE_EMPTY_VAL)
    def xadd(self, key: CommandItem, *arguments: bytes) -> bytes | None:
        options = TrimOptions(adding=True)
        at = options.read(arguments)
        wanted, exact = read_wanted_id(arguments[at : at + 1])
        options.check()
        fields = arguments[at + 1 :]
        if not fields or len(fields) % 2:
            raise wrong_arity(known_commands()["xadd"])
        if wanted == FIRST and exact:
            fail("ERR The ID specified in XADD must be greater than 0-0")
        stream = stream_in(key)
        if stream is None and not options.create:
            return None
        return add_entry(key, stream or XStream(), wanted, exact, fields, options)

    @command("xsetid", STREAM_KEY, flags=FLAG_LEAVE_EMPTY_VAL)
    def xsetid(self, key: CommandItem, *arguments: bytes) -> Any:
        last_id, entries_added, max_deleted = read_history(arguments)
        stream = stream_in(key)
        if stream is None:
            fail(NO_SUCH_KEY)
        check_history(stream, last_id, entries_added)
        set_history(stream, last_id, entries_added, max_deleted)
        return OK


class TrimmingFollowsTheNodes(EmbeddedSocket):
    """XTRIM reads its options as XADD does; `~` removes whole nodes, none with DELREF or ACKED.

    Follows https://redis.io/docs/latest/commands/xtrim/
    """

    @command("xtrim", STREAM_KEY, flags=FLAG_LEAVE_EMPTY_VAL)
    def xtrim(self, key: CommandItem, *arguments: bytes) -> int:
        options = TrimOptions(adding=False)
        if options.read(arguments) < len(arguments):
            fail(SYNTAX_ERROR)
        options.check()
        stream = stream_in(key)
        trimmed = options.trim(stream) if stream is not None else 0
        if trimmed:
            key.updated()
        return trimmed


class RangesAreReadById(EmbeddedSocket):
    """XRANGE and XREVRANGE judge ids, exclusive bounds and COUNT before the key.

    A COUNT of 0 answers nil for a stream, and an empty list for a missing key.
    Follows https://redis.io/docs/latest/commands/xrange/
    """

    @command("xrange", STREAM_KEY)
    def xrange(self, key: CommandItem, start: bytes, end: bytes, *options: bytes) -> Any:
        low, high = read_range(start, end)
        return entries_in_range(key, partial(ids_between, start=low, end=high), options)

    @command("xrevrange", STREAM_KEY)
    def xrevrange(self, key: CommandItem, end: bytes, start: bytes, *options: bytes) -> Any:
        low, high = read_range(start, end)
        return entries_in_range(key, partial(ids_backwards, end=high, start=low), options)


class DeletingNamesTheEntries(EmbeddedSocket):
    """XDEL and XDELEX judge every id before they delete one; XDELEX tells what became of each.

    Follows https://redis.io/docs/latest/commands/xdelex/
    """

    @command("xdel", STREAM_KEY, flags=FLAG_LEAVE_EMPTY_VAL)
    def xdel(self, key: CommandItem, *ids: bytes) -> int:
        stream = stream_in(key)
        if stream is None:
            return 0
        deleted = sum(delete_entry(stream, entry_id) for entry_id in [*map(read_id, ids)])
        if deleted:
            key.updated()
        return deleted

    @command("xdelex", STREAM_KEY, flags=FLAG_LEAVE_EMPTY_VAL)
    def xdelex(self, key: CommandItem, *arguments: bytes) -> list[int]:
        stream = stream_in(key)
        policy, raw_ids = read_policy_and_ids(arguments)
        if stream is None:
            return [-1] * len(raw_ids)
        ids = [read_id(raw) for raw in raw_ids]
        replies = [delete_with_references(stream, entry_id, policy) for entry_id in ids]
        if 1 in replies:
            key.updated()
        return replies


class ReadersKeepTheirOwnPlace(EmbeddedSocket):
    """XREAD reads after an id, after the end (`$`) or from the last entry (`+`), and may wait.

    The end is where it was when the command arrived, the last entry that of the moment of waking.
    Follows https://redis.io/docs/latest/commands/xread/
    """

    @command("xread", ())
    def xread(self, *arguments: bytes) -> Any:
        request = read_request("xread", arguments)
        starts = [resume_after(item_at(self._db, key), raw) for key, raw in request.places()]
        attempt = partial(self._read_streams, request, starts)
        return answer_read(self, request, attempt)

    def _read_streams(self, request: ReadRequest, starts: list[StreamEntryKey | None]) -> Any:
        found = []
        for key, given in zip(request.keys, starts, strict=True):
            stream = stream_in(item_at(self._db, key))
            if stream is None:
                continue
            start = before(newest_id(stream)) if given is None else given
            if newest_id(stream) > start:
                ids = ids_between(stream, after(start), LAST, request.count)
                found.append((key, [stream.format_record(each) for each in ids]))
        return found


RULES = (
    EntryIdsOnlyGrow,
    TrimmingFollowsTheNodes,
    RangesAreReadById,
    DeletingNamesTheEntries,
    ReadersKeepTheirOwnPlace,
)


def read_wanted_id(raw: tuple[bytes, ...]) -> tuple[StreamEntryKey | None, bool]:
    """Read XADD's id: None for `*`, and whether its second part was given."""
    return read_new_id(raw[0]) if raw and raw[0] != b"*" else (None, True)


def add_entry(
    key: CommandItem,
    stream: XStream,
    wanted: StreamEntryKey | None,
    exact: bool,
    fields: tuple[bytes, ...],
    options: TrimOptions,
) -> bytes:
    """Append an entry, then trim."""
    if stream.last_id == LAST:
        fail("ERR The stream has exhausted the last possible ID, unable to add more items")
    entry_id = stream.next_id(wanted, exact)
    if entry_id is None:
        fail("ERR The ID specified in XADD is equal or smaller than the target stream top item")
    stream.add(fields, entry_id)
    options.trim(stream)
    key.update(stream)
    return entry_id.encode()


def read_history(
    arguments: tuple[bytes, ...],
) -> tuple[StreamEntryKey, int | None, StreamEntryKey]:
    """Read XSETID's `last-id [ENTRIESADDED number] [MAXDELETEDID id]`."""
    last_id, entries_added, max_deleted = read_id(arguments[0]), None, FIRST
    for at in range(1, len(arguments), 2):
        if is_word(arguments[at], b"entriesadded") and follows(arguments, at):
            entries_added = integer(arguments[at + 1])
            if entries_added < 0:
                fail("ERR entries_added must be positive")
        elif is_word(arguments[at], b"maxdeletedid") and follows(arguments, at):
            max_deleted = read_id(arguments[at + 1])
            if last_id < max_deleted:
                fail(_SMALLER.format("the provided max_deleted_entry_id"))
        else:
            fail(SYNTAX_ERROR)
    return last_id, entries_added, max_deleted


def check_history(stream: XStream, last_id: StreamEntryKey, entries_added: int | None) -> None:
    """Refuse a history that contradicts the entries."""
    if last_id < stream.max_deleted_id:
        fail(_SMALLER.format("current max_deleted_entry_id"))
    if last_id < newest_id(stream):
        fail(_SMALLER.format("the target stream top item"))
    if entries_added is not None and len(stream) > entries_added:
        fail("ERR The entries_added specified in XSETID is smaller than the target stream length")


def entries_in_range(
    key: CommandItem, ids: Callable[..., list[StreamEntryKey]], options: tuple[bytes, ...]
) -> Any:
    """Answer XRANGE or XREVRANGE."""
    count = None
    for at in range(0, len(options), 2):
        if not is_word(options[at], b"count") or not follows(options, at):
            fail(SYNTAX_ERROR)
        count = max(integer(options[at + 1]), 0)
    stream = stream_in(key)
    if stream is None:
        return []
    if count == 0:
        return None
    return [stream.format_record(each) for each in ids(stream, count=count)]


def resume_after(item: CommandItem, raw: bytes) -> StreamEntryKey | None:
    """Return the id after which XREAD reads, or None for `+`: from whatever entry is the last."""
    stream = stream_in(item)
    if raw == b">":
        fail(
            "ERR The > ID can be specified only when calling XREADGROUP "
            "using the GROUP <group> <consumer> option."
        )
    if raw == b"+":
        return None
    if raw == b"$":
        return FIRST if stream is None else stream.last_id
    return read_id(raw)
