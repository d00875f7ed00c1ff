"""Rules about claiming: how pending entries change hands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine._fakeredis import (
    CommandItem,
    Key,
    PelEntry,
    SimpleError,
    StreamConsumerInfo,
    StreamEntryKey,
    StreamGroup,
    XStream,
)
from ..engine.arguments import (
    MAX_INTEGER,
    SYNTAX_ERROR,
    fail,
    follows,
    integer,
    integer_between,
    is_word,
    text_of,
)
from ..engine.commands import command
from ..engine.core import EmbeddedSocket
from ..engine.entries import FIRST, read_id, read_start
from .groups import now_in_milliseconds, pending_of, required_group, see_consumer
from .pending import acknowledge


class ClaimedEntriesChangeHands(EmbeddedSocket):
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


RULES = (ClaimedEntriesChangeHands,)


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
        # Without a minimum no time is compared: the clock may have gone back since.
        if entry is not None and min_idle and now - entry.time_read < min_idle:
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
    """Read the ids and the options of XCLAIM; the first argument that is not an id is an option."""
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
