"""Rules about how Redis stores a value: OBJECT."""

from ..engine._fakeredis import CommandItem, ExpiringMembersSet, Hash, Key, ZSet, listpack_size
from ..engine.arguments import fail, is_integer
from ..engine.commands import command
from ..engine.core import EmbeddedSocket

LIST_BYTES = 8192  # of a list's listpack before it becomes a quicklist
LISTPACK_FRAME = 7  # bytes of a listpack without its elements
HASH_ENTRIES = 512  # of a hash's listpack before it becomes a hashtable
MEMBERS = 128  # of the listpack of a set or a sorted set
INTEGERS = 512  # of a set that holds nothing else
VALUE_BYTES = 64  # of one field, value or member in a listpack
EMBEDDED_BYTES = 41  # of a key and its string, to be stored in one piece
EXPIRY_BYTES = 8  # that an expiry takes of them


class ValuesHaveAnEncoding(EmbeddedSocket):
    """OBJECT ENCODING follows the thresholds of Redis 8.2 as it is installed.

    The encoding is worked out from what the key holds now. Redis also remembers what it held: a
    string that was appended to stays `raw`, and a large hash stays a `hashtable` when it shrinks.
    Follows https://redis.io/docs/latest/commands/object-encoding/
    """

    @command("object|encoding", (Key(),))
    def object_encoding(self, key: CommandItem) -> bytes | None:
        return None if key.value is None else encoding(key)

    @command("object|refcount", (Key(),))
    def object_refcount(self, key: CommandItem) -> int | None:
        return None if key.value is None else 1

    @command("object|freq", (Key(),))
    def object_freq(self, key: CommandItem) -> None:
        if key.value is not None:
            fail(
                "ERR An LFU maxmemory policy is not selected, access frequency not tracked. "
                "Please note that when switching between policies at runtime LRU and LFU data "
                "will take some time to adjust."
            )

    @command("object|idletime", (Key(),))
    def object_idletime(self, key: CommandItem) -> None:
        if key.value is not None:
            raise self.needs_real_server("object|idletime")


RULES = (ValuesHaveAnEncoding,)


def encoding(key: CommandItem) -> bytes:
    """Name how Redis stores the value of a key."""
    value = key.value
    if isinstance(value, bytes):
        return _string_encoding(key)
    if isinstance(value, list):
        return _list_encoding(value)
    if isinstance(value, ExpiringMembersSet):
        return _set_encoding([*value])
    if isinstance(value, ZSet):
        return b"listpack" if _fits([*value], MEMBERS) else b"skiplist"
    return _hash_encoding(value) if isinstance(value, Hash) else value.model_type()


def _string_encoding(key: CommandItem) -> bytes:
    if is_integer(key.value):
        return b"int"
    room = EMBEDDED_BYTES - (EXPIRY_BYTES if key.expireat else 0)
    return b"embstr" if len(key.key) + len(key.value) <= room else b"raw"


def _list_encoding(elements: list[bytes]) -> bytes:
    *others, last = elements
    # Redis measures the listpack it has, and adds the length of what is pushed.
    size = LISTPACK_FRAME + sum(map(listpack_size, others)) + len(last)
    return b"listpack" if size <= LIST_BYTES else b"quicklist"


def _set_encoding(members: list[bytes]) -> bytes:
    if len(members) <= INTEGERS and all(map(is_integer, members)):
        return b"intset"
    return b"listpack" if _fits(members, MEMBERS) else b"hashtable"


def _hash_encoding(value: Hash) -> bytes:
    pairs = value.getall()
    is_small = len(pairs) <= HASH_ENTRIES and _fits([*pairs, *pairs.values()], 2 * HASH_ENTRIES)
    if not is_small:
        return b"hashtable"
    has_times = any(value.get_key_expireat(field) is not None for field in pairs)
    return b"listpackex" if has_times else b"listpack"


def _fits(words: list[bytes], limit: int) -> bool:
    return len(words) <= limit and all(len(word) <= VALUE_BYTES for word in words)
