"""Read the arguments of a command as Redis reads them, with its own error texts."""

import re
from collections.abc import Sequence
from typing import NoReturn

from ._fakeredis import SimpleError
from .clock import broker_time as time

SYNTAX_ERROR = "ERR syntax error"
WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
NOT_AN_INTEGER = "ERR value is not an integer or out of range"
NOT_POSITIVE = "ERR value is out of range, must be positive"
NO_SUCH_KEY = "ERR no such key"

MAX_INTEGER = 2**63 - 1
_INTEGER = re.compile(rb"0|-?[1-9][0-9]{0,18}")
_FLOAT = re.compile(
    rb"[+-]?(?:inf(?:inity)?|0x[0-9a-f]*\.?[0-9a-f]+\.?(?:p[+-]?[0-9]+)?"
    rb"|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)",
    re.IGNORECASE,
)


def fail(text: str) -> NoReturn:
    """Answer the command with an error of Redis."""
    raise SimpleError(text)


def text_of(raw: bytes) -> str:
    """Decode an argument that an error text repeats."""
    return raw.decode("utf-8", "replace")


def is_word(raw: bytes, *words: bytes) -> bool:
    """Tell whether an argument is one of these words, in any case."""
    return raw.lower() in words


def is_integer(raw: bytes) -> bool:
    """Tell whether a word is a signed 64-bit integer in its one canonical spelling."""
    return bool(_INTEGER.fullmatch(raw)) and -MAX_INTEGER - 1 <= int(raw) <= MAX_INTEGER


def integer(raw: bytes, error: str = NOT_AN_INTEGER) -> int:
    """Read a signed 64-bit integer."""
    if not is_integer(raw):
        fail(error)
    return int(raw)


def integer_between(raw: bytes, low: int, high: int, error: str) -> int:
    """Read an integer within bounds; any other argument gets the one error."""
    value = integer(raw, error)
    if not low <= value <= high:
        fail(error)
    return value


def timeout_in_seconds(raw: bytes) -> float:
    """Read the timeout of a blocking list command: a float of seconds, 0 for ever."""
    if not _FLOAT.fullmatch(raw):
        fail("ERR timeout is not a float or out of range")
    word = raw.decode().lower()
    seconds = float.fromhex(word) if "0x" in word else float(word)
    return _checked_timeout(seconds * 1000) / 1000


def timeout_in_milliseconds(raw: bytes) -> float:
    """Read the BLOCK of XREAD and XREADGROUP: whole milliseconds, 0 for ever; answer seconds."""
    return _checked_timeout(integer(raw, "ERR timeout is not an integer or out of range")) / 1000


def _checked_timeout(milliseconds: float) -> float:
    # Redis adds the present to the timeout, and both together must fit 64 bits.
    if milliseconds > MAX_INTEGER or milliseconds > MAX_INTEGER - time.time() * 1000:
        fail("ERR timeout is out of range")
    if milliseconds < 0:
        fail("ERR timeout is negative")
    return milliseconds


def key_count(raw: bytes) -> int:
    """Read the number of keys that LMPOP and BLMPOP announce."""
    return integer_between(raw, 1, MAX_INTEGER, "ERR numkeys should be greater than 0")


def follows(arguments: Sequence[bytes], index: int, needed: int = 1) -> bool:
    """Tell whether an option at this index has as many arguments after it as it needs."""
    return index + needed < len(arguments)


def read_pop_many(
    arguments: tuple[bytes, ...], first: bytes, last: bytes
) -> tuple[tuple[bytes, ...], bool, int]:
    """Read `numkeys key [key ...] FIRST|LAST [COUNT count]`: the keys, whether first, the count."""
    numkeys, rest = key_count(arguments[0]), arguments[1:]
    if numkeys >= len(rest):
        fail(SYNTAX_ERROR)
    end = rest[numkeys]
    if not is_word(end, first, last):
        fail(SYNTAX_ERROR)
    return rest[:numkeys], is_word(end, first), read_pop_count(rest[numkeys + 1 :])


def read_pop_count(options: tuple[bytes, ...]) -> int:
    """Read `[COUNT count]`, once."""
    if not options:
        return 1
    if not is_word(options[0], b"count") or not follows(options, 0):
        fail(SYNTAX_ERROR)
    count = integer_between(options[1], 1, MAX_INTEGER, "ERR count should be greater than 0")
    if len(options) > 2:
        fail(SYNTAX_ERROR)
    return count
