"""The options that XADD and XTRIM share: how far to trim a stream, and what groups keep.

Follows https://redis.io/docs/latest/commands/xtrim/
"""

from dataclasses import dataclass

from ._fakeredis import StreamEntryKey, XStream
from .arguments import MAX_INTEGER, SYNTAX_ERROR, fail, integer, integer_between, is_word
from .entries import delete_entry, forget_entry, is_referenced, read_id

REFERENCE_POLICIES = (b"keepref", b"delref", b"acked")
NODE_ENTRIES = 100  # entries that one node of a stream holds
LIMIT_BY_DEFAULT = 100 * NODE_ENTRIES  # entries that one approximate trimming removes at most


@dataclass
class TrimOptions:
    """The options of one XADD or XTRIM, read in any order."""

    adding: bool
    maxlen: int | None = None
    minid: StreamEntryKey | None = None
    approximate: bool = False
    limit: int | None = None
    references: bytes | None = None
    create: bool = True

    @property
    def trims(self) -> bool:
        """Tell whether a strategy was given."""
        return self.maxlen is not None or self.minid is not None

    def read(self, arguments: tuple[bytes, ...]) -> int:
        """Read options up to the first argument that is none; return its index."""
        at = 0
        while at < len(arguments) and (words := self._read_one(arguments[at:])):
            at += words
        return at

    def check(self) -> None:
        """Refuse options that do not belong together."""
        if self.limit and not self.trims:
            fail("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
        if not self.adding and not self.trims:
            fail("ERR syntax error, XTRIM must be called with a trimming strategy")
        if self.limit is not None and not self.approximate:
            fail("ERR syntax error, LIMIT cannot be used without the special ~ option")

    def trim(self, stream: XStream) -> int:
        """Remove the oldest entries; an approximate trimming removes whole nodes only."""
        policy = (self.references or b"keepref").upper()
        if not self.trims or (self.approximate and policy != b"KEEPREF"):
            return 0
        limit = LIMIT_BY_DEFAULT if self.limit is None and self.approximate else self.limit or 0
        return stream.trim(self.maxlen, self.minid, self.approximate, limit, policy)

    def _read_one(self, rest: tuple[bytes, ...]) -> int:
        """Read the option in front; return how many words it took, 0 if it is no option."""
        word, more = rest[0].lower(), len(rest) - 1
        if word in (b"maxlen", b"minid") and more:
            return self._read_strategy(word, rest[1:])
        if word == b"limit" and more:
            error = "ERR The LIMIT argument must be >= 0."
            self.limit = _not_negative(rest[1], error)
            return 2
        if word in REFERENCE_POLICIES and self.references is None:
            self.references = word
            return 1
        if word == b"nomkstream" and self.adding:
            self.create = False
            return 1
        return 0

    def _read_strategy(self, word: bytes, rest: tuple[bytes, ...]) -> int:
        if self.trims:
            fail("ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
        has_sign = len(rest) > 1 and is_word(rest[0], b"~", b"=")
        self.approximate = has_sign and rest[0] == b"~"
        value = rest[1] if has_sign else rest[0]
        if word == b"maxlen":
            self.maxlen = _not_negative(value, "ERR The MAXLEN argument must be >= 0.")
        else:
            self.minid = read_id(value)
        return 3 if has_sign else 2


def _not_negative(raw: bytes, error: str) -> int:
    number = integer(raw)
    if number < 0:
        fail(error)
    return number


def read_policy_and_ids(arguments: tuple[bytes, ...]) -> tuple[bytes, tuple[bytes, ...]]:
    """Read `[KEEPREF | DELREF | ACKED] IDS numids id [id ...]`, in either order."""
    policy: bytes | None = None
    ids: tuple[bytes, ...] = ()
    at = 0
    while at < len(arguments):
        word = arguments[at].lower()
        if word in REFERENCE_POLICIES and policy is None:
            policy = word
            at += 1
        elif word == b"ids" and at + 1 < len(arguments):
            ids = _announced_ids(arguments[at + 1 :])
            at += 2 + len(ids)
        else:
            fail(SYNTAX_ERROR)
    if not ids:
        fail(SYNTAX_ERROR)
    return (policy or b"keepref").upper(), ids


def _announced_ids(words: tuple[bytes, ...]) -> tuple[bytes, ...]:
    error = "ERR Number of IDs must be a positive integer"
    numids = integer_between(words[0], 1, MAX_INTEGER, error)
    if numids >= len(words):
        fail("ERR The `numids` parameter must match the number of arguments")
    return words[1 : 1 + numids]


def delete_with_references(stream: XStream, entry_id: StreamEntryKey, policy: bytes) -> int:
    """Delete one entry; answer 1, or -1 when it is not there, or 2 when a group still needs it."""
    if policy == b"ACKED" and is_referenced(stream, entry_id):
        return 2
    if policy == b"DELREF":
        forget_entry(stream, entry_id)
    return 1 if delete_entry(stream, entry_id) else -1
