"""Rules of strings as rows of bits."""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from ..engine._fakeredis import CommandItem, Key
from ..engine.arguments import SYNTAX_ERROR, fail, integer, integer_between, is_word
from ..engine.commands import command
from ..engine.core import EmbeddedSocket

Rows = list[int]  # each row of bits as a number


class BitsAreCombinedAsIn82(EmbeddedSocket):
    """BITOP has DIFF, DIFF1, ANDOR and ONE, and judges how many keys each of its ways takes.

    Follows https://redis.io/docs/latest/commands/bitop/
    """

    @command("bitop", (bytes, Key(), Key(bytes)), (Key(bytes),))
    def bitop(self, way: bytes, target: CommandItem, *keys: CommandItem) -> int:
        combine = WAYS.get(way.lower())
        if combine is None:
            return super().bitop(way, target, *keys)
        values = [key.value or b"" for key in keys]
        size = max(map(len, values))
        rows = [int.from_bytes(value.ljust(size, b"\0"), "big") for value in values]
        target.value = combine(rows).to_bytes(size, "big") or None
        return size


class BitsMayBeReadOnly(EmbeddedSocket):
    """BITFIELD_RO is BITFIELD that only gets.

    Follows https://redis.io/docs/latest/commands/bitfield_ro/
    """

    @command("bitfield_ro", (Key(bytes),))
    def bitfield_ro(self, key: CommandItem, *words: bytes) -> Any:
        return super().bitfield(key, *words)


RULES = (BitsAreCombinedAsIn82, BitsMayBeReadOnly)


def others(rows: Rows) -> int:
    """Combine all rows but the first: a bit is set where any of them has it."""
    return reduce(or_, rows[1:], 0)


def in_one_row(rows: Rows) -> int:
    """Set the bits that exactly one row has."""
    once, twice = 0, 0
    for row in rows:
        once, twice = once | row, twice | once & row
    return once & ~twice


WAYS: dict[bytes, Callable[[Rows], int]] = {
    b"diff": lambda rows: rows[0] & ~others(rows),
    b"diff1": lambda rows: ~rows[0] & others(rows),
    b"andor": lambda rows: rows[0] & others(rows),
    b"one": in_one_row,
}
OLD_WAYS = (b"and", b"or", b"xor", b"not")
STEPS = {
    b"get": 3,
    b"set": 4,
    b"incrby": 4,
    b"overflow": 2,
}  # words that each step of BITFIELD takes
BITS_OF_A_STRING = 2**32  # in the 512 MB that a string may have
_FIELD_TYPE = re.compile(rb"i(?:[1-9]|[1-5][0-9]|6[0-4])|u(?:[1-9]|[1-5][0-9]|6[0-3])")


def judge_bitop(arguments: Sequence[bytes]) -> None:
    """Judge which way BITOP goes, and how many keys that takes."""
    way, sources = arguments[0], len(arguments) - 2
    if not is_word(way, *OLD_WAYS, *WAYS):
        fail(SYNTAX_ERROR)
    if is_word(way, b"not") and sources != 1:
        fail("ERR BITOP NOT must be called with a single source key.")
    if is_word(way, b"diff", b"diff1", b"andor") and sources < 2:
        fail(f"ERR BITOP {way.decode().upper()} must be called with at least two source keys.")


def judge_bitcount(arguments: Sequence[bytes]) -> None:
    """Judge the range of BITCOUNT: two ends and a unit, or nothing."""
    ends = arguments[1:]
    if ends and not 2 <= len(ends) <= 3:
        fail(SYNTAX_ERROR)
    for end in ends[:2]:
        integer(end)
    judge_unit(ends)


def judge_bitpos(arguments: Sequence[bytes]) -> None:
    """Judge the bit that BITPOS looks for, then the range."""
    if integer(arguments[1]) not in (0, 1):
        fail("ERR The bit argument must be 1 or 0.")
    ends = arguments[2:]
    if len(ends) > 3:
        fail(SYNTAX_ERROR)
    for start in ends[:1]:
        integer(start)
    judge_unit(ends)
    for end in ends[1:2]:
        integer(end)


def judge_unit(ends: Sequence[bytes]) -> None:
    """Judge the BIT or BYTE that may follow the two ends of a range."""
    if len(ends) > 2 and not is_word(ends[2], b"bit", b"byte"):
        fail(SYNTAX_ERROR)


def judge_bitfield(arguments: Sequence[bytes]) -> None:
    """Judge the steps of BITFIELD one after the other."""
    at = 1
    while at < len(arguments):
        at += _judge_step(arguments[at:])


def judge_bitfield_ro(arguments: Sequence[bytes]) -> None:
    """Judge the steps of BITFIELD_RO, then refuse one that would write."""
    judge_bitfield(arguments)
    at = 1
    while at < len(arguments):
        if is_word(arguments[at], b"set", b"incrby"):
            fail("ERR BITFIELD_RO only supports the GET subcommand")
        at += _judge_step(arguments[at:])


def _judge_step(words: Sequence[bytes]) -> int:
    """Judge one step of BITFIELD, and return how many words it takes."""
    needed = STEPS.get(words[0].lower())
    if needed is None or needed > len(words):
        fail(SYNTAX_ERROR)
    if is_word(words[0], b"overflow"):
        if not is_word(words[1], b"wrap", b"sat", b"fail"):
            fail("ERR Invalid OVERFLOW type specified")
        return needed
    _judge_place(words[1], words[2])
    for value in words[3:needed]:
        integer(value)
    return needed


def _judge_place(kind: bytes, offset: bytes) -> None:
    """Judge the type of a field and where it begins."""
    if not _FIELD_TYPE.fullmatch(kind):
        fail(
            "ERR Invalid bitfield type. Use something like i16 u8. "
            "Note that u64 is not supported but i64 is."
        )
    error = "ERR bit offset is not an integer or out of range"
    if offset.startswith(b"#"):
        integer_between(offset[1:], 0, BITS_OF_A_STRING // int(kind[1:]) - 1, error)
    else:
        integer_between(offset, 0, BITS_OF_A_STRING - 1, error)
