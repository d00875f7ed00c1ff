"""Rules about consumer groups: how they are made, and how their consumers read."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from ..engine._fakeredis import (
    FLAG_LEAVE_EMPTY_VAL,
    OK,
    CommandItem,
    Key,
    PelEntry,
    StreamConsumerInfo,
    StreamEntryKey,
    StreamGroup,
    XStream,
)
from ..engine.arguments import fail, follows, integer, is_word, text_of
from ..engine.clock import broker_time as time
from ..engine.commands import command, wrong_subcommand
from ..engine.core import EmbeddedSocket
from ..engine.entries import (
    FIRST,
    LAST,
    after,
    ids_between,
    mark_delivered,
    newest_id,
    read_id,
    stream_in,
)
from ..engine.reading import ReadRequest, answer_read, read_request
from ..engine.values import item_at

NO_STREAM = (
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use "
    "the MKSTREAM option to create an empty stream automatically."
)
_MEANINGLESS = (
    "ERR The {0} ID is meaningless in the context of XREADGROUP: you want to read the history of "
    "this consumer by specifying a proper ID, or use the > ID to get new messages. "
    "The {0} ID would just return an empty result set."
)


class GroupsAreMadeOnce(EmbeddedSocket):
    """XGROUP judges its options before the key, and the key before the group.

    Since 8.2.3 a group cannot claim to have read more than was ever added.
    Follows https://redis.io/docs/latest/commands/xgroup-create/
    """

    @command("xgroup|create", (Key(), bytes, bytes), flags=FLAG_LEAVE_EMPTY_VAL)
    def xgroup_create(self, key: CommandItem, name: bytes, start: bytes, *options: bytes) -> Any:
        make, entries_read = read_group_options(self.typed, options)
        stream = stream_in(key)
        if stream is None and not make:
            fail(NO_STREAM)
        refuse_repeated_options(self.typed, at_most=3)
        last_id = read_group_start(stream, start)
        if stream is None:
            stream = XStream()
            key.update(stream)
        if stream.group_get(name) is not None:
            fail("BUSYGROUP Consumer Group name already exists")
        stream.group_add(name, last_id, known_count(stream, entries_read))
        return OK

    @command("xgroup|setid", (Key(), bytes, bytes), flags=FLAG_LEAVE_EMPTY_VAL)
    def xgroup_setid(self, key: CommandItem, name: bytes, start: bytes, *options: bytes) -> Any:
        _, entries_read = read_group_options(self.typed, options)
        stream, group = existing_group(key, name)
        refuse_repeated_options(self.typed, at_most=2)
        last_id = stream.last_id if start == b"$" else read_loose_id(start)
        group.set_id(last_id, known_count(stream, entries_read))
        return OK

    @command("xgroup|destroy", (Key(), bytes), flags=FLAG_LEAVE_EMPTY_VAL)
    def xgroup_destroy(self, key: CommandItem, name: bytes) -> int:
        destroyed = existing_stream(key).group_delete(name)
        if destroyed:  # who waits in this group must hear of it; who watches the key need not
            self._server.room.key_changed(self._db, key.key)
        return destroyed

    @command("xgroup|createconsumer", (Key(), bytes, bytes), flags=FLAG_LEAVE_EMPTY_VAL)
    def xgroup_createconsumer(self, key: CommandItem, name: bytes, consumer: bytes) -> int:
        _, group = existing_group(key, name)
        is_new = consumer not in group.consumers
        if is_new:
            add_consumer(group, consumer)
        return int(is_new)

    @command("xgroup|delconsumer", (Key(), bytes, bytes), flags=FLAG_LEAVE_EMPTY_VAL)
    def xgroup_delconsumer(self, key: CommandItem, name: bytes, consumer: bytes) -> int:
        _, group = existing_group(key, name)
        return group.del_consumer(consumer)


class ConsumersReadWhatIsNew(EmbeddedSocket):
    """XREADGROUP delivers with and without COUNT, waits with BLOCK, and re-reads history by id.

    Reading makes the consumer, even when there is nothing to read.
    Follows https://redis.io/docs/latest/commands/xreadgroup/
    """

    @command("xreadgroup")
    def xreadgroup(self, *arguments: bytes) -> Any:
        request = read_request("xreadgroup", arguments)
        return answer_read(self, request, partial(self._read_groups, request))

    def _read_groups(self, request: ReadRequest) -> list[tuple[bytes, Any]]:
        places = [self._read_place(request, key, raw) for key, raw in request.places()]
        found = ((place.key, place.read(request)) for place in places)
        return [(key, entries) for key, entries in found if entries is not None]

    def _read_place(self, request: ReadRequest, key: bytes, raw: bytes) -> "Place":
        stream = stream_in(item_at(self._db, key))
        name = request.group or b""
        group = None if stream is None else stream.group_get(name)
        if stream is None or group is None:
            fail(
                f"NOGROUP No such key '{text_of(key)}' or consumer group "
                f"'{text_of(name)}' in XREADGROUP with GROUP option"
            )
        if raw in (b"$", b"+"):
            fail(_MEANINGLESS.format(raw.decode()))
        start = LAST if raw == b">" else read_id(raw)
        return Place(key, stream, group, start)


RULES = (
    GroupsAreMadeOnce,
    ConsumersReadWhatIsNew,
)


def now_in_milliseconds() -> int:
    """Return the time that pending entries are stamped with."""
    return int(time.time() * 1000)


def find_group(key: CommandItem, name: bytes) -> tuple[XStream | None, StreamGroup | None]:
    """Return the stream of a key and its group, each None where there is none."""
    stream = stream_in(key)
    return stream, None if stream is None else stream.group_get(name)


def required_group(key: CommandItem, name: bytes) -> tuple[XStream, StreamGroup]:
    """Return a stream and its group, or answer NOGROUP."""
    stream, group = find_group(key, name)
    if stream is None or group is None:
        fail(f"NOGROUP No such key '{text_of(key.key)}' or consumer group '{text_of(name)}'")
    return stream, group


def existing_stream(key: CommandItem) -> XStream:
    """Return the stream that an XGROUP subcommand needs."""
    stream = stream_in(key)
    if stream is None:
        fail(NO_STREAM)
    return stream


def existing_group(key: CommandItem, name: bytes) -> tuple[XStream, StreamGroup]:
    """Return the stream and the group that an XGROUP subcommand needs."""
    stream = existing_stream(key)
    group = stream.group_get(name)
    if group is None:
        fail(f"NOGROUP No such consumer group '{text_of(name)}' for key name '{text_of(key.key)}'")
    return stream, group


def read_group_options(typed: list[bytes], options: tuple[bytes, ...]) -> tuple[bool, int | None]:
    """Read `[MKSTREAM] [ENTRIESREAD number]`; only CREATE makes a stream."""
    make, entries_read, at = False, None, 0
    while at < len(options):
        if is_word(options[at], b"mkstream") and is_word(typed[1], b"create"):
            make = True
            at += 1
        elif is_word(options[at], b"entriesread") and follows(options, at):
            entries_read = read_entries_read(options[at + 1])
            at += 2
        else:
            raise wrong_subcommand(typed)
    return make, entries_read


def refuse_repeated_options(typed: list[bytes], at_most: int) -> None:
    """Refuse more words of options than an XGROUP subcommand has."""
    if len(typed) - 5 > at_most:
        raise wrong_subcommand(typed)


def read_entries_read(raw: bytes) -> int | None:
    """Read how many entries a group has read; -1 is unknown."""
    number = integer(raw)
    if number < -1:
        fail("ERR value for ENTRIESREAD must be positive or -1")
    return None if number == -1 else number


def read_group_start(stream: XStream | None, raw: bytes) -> StreamEntryKey:
    """Read after which id a new group reads; `$` is the end of the stream as it is now."""
    if raw != b"$":
        return read_id(raw)
    return FIRST if stream is None else stream.last_id


def known_count(stream: XStream, entries_read: int | None) -> int | None:
    """Cap what a group says it has read at what the stream ever held."""
    return None if entries_read is None else min(entries_read, stream.entries_added)


def read_loose_id(raw: bytes) -> StreamEntryKey:
    """Read the id of XGROUP SETID, which alone may be `-` or `+`."""
    return {b"-": FIRST, b"+": LAST}.get(raw) or read_id(raw)


def add_consumer(group: StreamGroup, name: bytes) -> StreamConsumerInfo:
    """Make a consumer that has been seen, and has not read yet."""
    consumer = group.consumers[name] = StreamConsumerInfo(name)
    consumer.last_success = 0
    return consumer


def see_consumer(group: StreamGroup, name: bytes) -> StreamConsumerInfo:
    """Return a consumer, made if need be, and note that it was seen now."""
    consumer = group.consumers.get(name) or add_consumer(group, name)
    consumer.last_attempt = now_in_milliseconds()
    return consumer


def pending_of(group: StreamGroup, consumer: bytes | None = None) -> list[StreamEntryKey]:
    """List the ids that are pending, in order; of one consumer, or of all."""
    return sorted(
        each for each, entry in group.pel.items() if consumer in (None, entry.consumer_name)
    )


@dataclass
class Place:
    """One stream that an XREADGROUP reads: the history after an id, or what is new after LAST."""

    key: bytes
    stream: XStream
    group: StreamGroup
    start: StreamEntryKey

    def read(self, request: ReadRequest) -> list[Any] | None:
        """Deliver entries to the consumer; None when there is nothing new."""
        consumer = see_consumer(self.group, request.consumer)
        if self.start != LAST:
            return self._read_history(consumer, request.count)
        if newest_id(self.stream) <= self.group.last_delivered_key:
            return None
        return self._read_new(consumer, request)

    def _read_new(self, consumer: StreamConsumerInfo, request: ReadRequest) -> list[Any]:
        now = now_in_milliseconds()
        start = after(self.group.last_delivered_key)
        ids = ids_between(self.stream, start, LAST, request.count)
        for each in ids:
            mark_delivered(self.group, each)
            if not request.noack:
                self.group.pel[each] = PelEntry(consumer.name, now, 1)
                consumer.last_success = now
        return [self.stream.format_record(each) for each in ids]

    def _read_history(self, consumer: StreamConsumerInfo, count: int | None) -> list[Any]:
        mine = [each for each in pending_of(self.group, consumer.name) if each > self.start]
        return [self._deliver_again(each) for each in mine[:count]]

    def _deliver_again(self, entry_id: StreamEntryKey) -> list[Any]:
        if entry_id not in self.stream:
            return [entry_id.encode(), None]
        entry = self.group.pel[entry_id]
        self.group.pel[entry_id] = entry._replace(
            time_read=now_in_milliseconds(), times_delivered=entry.times_delivered + 1
        )
        return self.stream.format_record(entry_id)
