"""Rules about consumer groups: reading, pending entries, acknowledging and claiming."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ._fakeredis import (
    FLAG_LEAVE_EMPTY_VAL,
    OK,
    CommandItem,
    Key,
    PelEntry,
    SimpleError,
    StreamConsumerInfo,
    StreamEntryKey,
    StreamGroup,
    XStream,
)
from .arguments import (
    MAX_INTEGER,
    SYNTAX_ERROR,
    fail,
    follows,
    integer,
    integer_between,
    is_word,
    text_of,
)
from .commands import command, wrong_subcommand
from .entries import (
    FIRST,
    LAST,
    after,
    ids_between,
    mark_delivered,
    newest_id,
    read_id,
    read_range,
    read_start,
    stream_in,
)
from .reading import ReadRequest, answer_read, item_at, read_request
from .trimming import delete_with_references, read_policy_and_ids

STREAM_KEY = (Key(),)
NO_STREAM = (
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use "
    "the MKSTREAM option to create an empty stream automatically."
)


class GroupsAreMadeOnce:
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


class ConsumersReadWhatIsNew:
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
        group = stream and stream.group_get(request.group)
        if group is None:
            fail(
                f"NOGROUP No such key '{text_of(key)}' or consumer group "
                f"'{text_of(request.group)}' in XREADGROUP with GROUP option"
            )
        if raw in (b"$", b"+"):
            fail(_MEANINGLESS.format(raw.decode()))
        start = LAST if raw == b">" else read_id(raw)
        return Place(key, stream, group, start)


_MEANINGLESS = (
    "ERR The {0} ID is meaningless in the context of XREADGROUP: you want to read the history of "
    "this consumer by specifying a proper ID, or use the > ID to get new messages. "
    "The {0} ID would just return an empty result set."
)


class AcknowledgedEntriesAreForgotten:
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
        if group is None:
            return [-1] * len(raw_ids)
        ids = [read_id(raw) for raw in raw_ids]
        before = len(stream)
        replies = [acknowledge_and_delete(stream, group, entry_id, policy) for entry_id in ids]
        if len(stream) < before:
            key.updated()
        return replies


class PendingEntriesAreListed:
    """XPENDING sums up by consumer, or lists entries by id; its arguments come before the key.

    Follows https://redis.io/docs/latest/commands/xpending/
    """

    @command("xpending", (Key(), bytes))
    def xpending(self, key: CommandItem, name: bytes, *arguments: bytes) -> list[Any]:
        request = read_pending(arguments)
        _, group = required_group(key, name)
        return request.listing(group) if request else summary(group)


class ClaimedEntriesChangeHands:
    """XCLAIM and XAUTOCLAIM move pending entries, and drop those that are gone from the stream.

    Follows https://redis.io/docs/latest/commands/xclaim/
    """

    @command("xclaim", (Key(), bytes, bytes, bytes))
    def xclaim(
        self, key: CommandItem, name: bytes, consumer: bytes, min_idle: bytes, *arguments: bytes
    ) -> list[Any]:
        stream, group = required_group(key, name)
        idle = read_min_idle(min_idle, "XCLAIM")
        ids, claim = read_claim(arguments)
        group.last_delivered_key = max(group.last_delivered_key, claim.last_id)
        owner = see_consumer(group, consumer)
        claimed = [each for each in ids if claim.take(stream, group, owner, each, idle)]
        return claim.show(stream, claimed)

    @command("xautoclaim", (Key(), bytes, bytes, bytes, bytes))
    def xautoclaim(
        self,
        key: CommandItem,
        name: bytes,
        consumer: bytes,
        min_idle: bytes,
        start: bytes,
        *options: bytes,
    ) -> list[Any]:
        idle = read_min_idle(min_idle, "XAUTOCLAIM")
        first = read_start(start)
        count, just_id = read_autoclaim(options)
        stream, group = required_group(key, name)
        scan = Scan(stream, group, see_consumer(group, consumer), Claim(just_id=just_id))
        cursor = scan.run(first, idle, count)
        return [cursor.encode(), scan.claim.show(stream, scan.claimed), scan.deleted]


RULES = (
    GroupsAreMadeOnce,
    ConsumersReadWhatIsNew,
    AcknowledgedEntriesAreForgotten,
    PendingEntriesAreListed,
    ClaimedEntriesChangeHands,
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
    if group is None:
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
        wanted = (row for row in rows if row is not None)
        return [row for row, _ in zip(wanted, range(self.count), strict=False)]

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
    owners = sorted(entry.consumer_name for entry in group.pel.values())
    shares = [[name, b"%d" % owners.count(name)] for name in dict.fromkeys(owners)]
    return [len(group.pel), min(group.pel).encode(), max(group.pel).encode(), shares]


def read_min_idle(raw: bytes, name: str) -> int:
    """Read a minimal idle time in milliseconds; a negative one is 0."""
    return max(integer(raw, f"ERR Invalid min-idle-time argument for {name}"), 0)


@dataclass
class Claim:
    """How entries are claimed: the options of XCLAIM."""

    delivered_at: int | None = None
    retry_count: int = -1
    force: bool = False
    just_id: bool = False
    last_id: StreamEntryKey = FIRST

    def take(
        self,
        stream: XStream,
        group: StreamGroup,
        owner: StreamConsumerInfo,
        entry_id: StreamEntryKey,
        min_idle: int,
    ) -> bool:
        """Hand one entry to a new owner; drop it instead when it is gone from the stream."""
        now = now_in_milliseconds()
        if entry_id not in stream:
            acknowledge(group, entry_id)
            return False
        entry = group.pel.get(entry_id)
        if entry is None and not self.force:
            return False
        if entry is not None and now - entry.time_read < min_idle:
            return False
        count = self._deliveries(entry.times_delivered if entry else 1)
        group.pel[entry_id] = PelEntry(owner.name, self._stamp(now), count)
        owner.last_success = now
        return True

    def show(self, stream: XStream, ids: Sequence[StreamEntryKey]) -> list[Any]:
        """Answer the claimed entries, or only their ids."""
        return [each.encode() if self.just_id else stream.format_record(each) for each in ids]

    def _deliveries(self, before: int) -> int:
        if self.retry_count >= 0:
            return self.retry_count
        return before if self.just_id else before + 1

    def _stamp(self, now: int) -> int:
        if self.delivered_at is None or not 0 <= self.delivered_at <= now:
            return now
        return self.delivered_at


def read_claim(arguments: tuple[bytes, ...]) -> tuple[list[StreamEntryKey], Claim]:
    """Read the ids and the options of XCLAIM; the first argument that is no id is an option."""
    ids = list(_leading_ids(arguments))
    claim, at = Claim(), len(ids)
    while at < len(arguments):
        at += _read_claim_option(claim, arguments[at:])
    return ids, claim


def _leading_ids(arguments: tuple[bytes, ...]) -> Iterator[StreamEntryKey]:
    for raw in arguments:
        try:
            yield read_id(raw)
        except SimpleError:
            return


def _read_claim_option(claim: Claim, rest: tuple[bytes, ...]) -> int:
    """Read the option in front; return how many words it took."""
    word, value = rest[0].upper(), rest[1] if len(rest) > 1 else None
    if word == b"FORCE":
        claim.force = True
        return 1
    if word == b"JUSTID":
        claim.just_id = True
        return 1
    if value is None or word not in (b"IDLE", b"TIME", b"RETRYCOUNT", b"LASTID"):
        fail(f"ERR Unrecognized XCLAIM option '{text_of(rest[0])}'")
    if word == b"LASTID":
        claim.last_id = read_id(value)
        return 2
    number = integer(value, f"ERR Invalid {word.decode()} option argument for XCLAIM")
    if word == b"RETRYCOUNT":
        claim.retry_count = number
    else:
        claim.delivered_at = number if word == b"TIME" else now_in_milliseconds() - number
    return 2


def read_autoclaim(options: tuple[bytes, ...]) -> tuple[int, bool]:
    """Read `[COUNT count] [JUSTID]`."""
    count, just_id, at = 100, False, 0
    while at < len(options):
        if is_word(options[at], b"count") and follows(options, at):
            count = integer_between(options[at + 1], 1, MAX_INTEGER // 16, "ERR COUNT must be > 0")
            at += 2
        elif is_word(options[at], b"justid"):
            just_id = True
            at += 1
        else:
            fail(SYNTAX_ERROR)
    return count, just_id


class Scan:
    """One XAUTOCLAIM: walk the pending entries, claim the idle ones, drop the deleted ones."""

    ATTEMPTS_PER_ENTRY = 10  # pending entries looked at for each one asked for

    def __init__(
        self, stream: XStream, group: StreamGroup, owner: StreamConsumerInfo, claim: Claim
    ) -> None:
        self.stream, self.group, self.owner, self.claim = stream, group, owner, claim
        self.claimed: list[StreamEntryKey] = []
        self.deleted: list[bytes] = []

    def run(self, start: StreamEntryKey, min_idle: int, count: int) -> StreamEntryKey:
        """Claim up to `count` entries; return where to go on, 0-0 at the end."""
        waiting = [each for each in pending_of(self.group) if each >= start]
        for seen, entry_id in enumerate(waiting):
            found = len(self.claimed) + len(self.deleted)
            if found == count or seen == count * self.ATTEMPTS_PER_ENTRY:
                return entry_id
            self._look_at(entry_id, min_idle)
        return FIRST

    def _look_at(self, entry_id: StreamEntryKey, min_idle: int) -> None:
        if entry_id not in self.stream:
            self.deleted.append(entry_id.encode())
        if self.claim.take(self.stream, self.group, self.owner, entry_id, min_idle):
            self.claimed.append(entry_id)
