"""Remove from a key of somebody's server what the course wrote there, and nothing else.

Others may have added to a list, a set, a hash or a stream that the course made, or a group to such
a stream, or have written over a string or a field. What is theirs is known by its content: the
course notes a digest of every word it sends, and of every key whose value a command makes up
(INCR, APPEND): of such a key the content says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import redis

IsOurs = Callable[[bytes], bool]
Side = Any  # a client or a transaction: redis-py's types do not know that ours decode nothing
TRIES = 10


class _Group(NamedTuple):
    """A consumer group of a stream: its name tells whose it is."""

    name: bytes


def _entries_and_groups(side: Side, key: bytes) -> dict[Any, Iterable[bytes]]:
    entries = {
        number: [word for pair in (fields or {}).items() for word in pair]
        for number, fields in side.xrange(key)
    }
    return entries | {_Group(group["name"]): [group["name"]] for group in side.xinfo_groups(key)}


def _remove_from_stream(side: Side, key: bytes, ours: list[Any]) -> None:
    for member in ours:
        if isinstance(member, _Group):
            side.xgroup_destroy(key, member.name)
        else:
            side.xdel(key, member)


# How to read the members of a key of each type, each with the words that tell whose it is.
MEMBERS: dict[bytes, Callable[[Side, bytes], dict[Any, Iterable[bytes]]]] = {
    b"string": lambda side, key: {value: [value] for value in [side.get(key)]},
    b"list": lambda side, key: {member: [member] for member in side.lrange(key, 0, -1)},
    b"set": lambda side, key: {member: [member] for member in side.smembers(key)},
    b"zset": lambda side, key: {member: [member] for member in side.zrange(key, 0, -1)},
    b"hash": lambda side, key: {pair[0]: pair for pair in side.hgetall(key).items()},
    b"stream": _entries_and_groups,
}
# Of these keys, when a command made up what they hold: whose a field is, its name tells.
MEMBERS_MADE_UP = MEMBERS | {
    b"string": lambda side, key: {},
    b"hash": lambda side, key: {field: [field] for field in side.hkeys(key)},
}
REMOVE: dict[bytes, Callable[[Side, bytes, list[Any]], object]] = {
    b"list": lambda side, key, ours: [side.lrem(key, 0, member) for member in ours],
    b"set": lambda side, key, ours: side.srem(key, *ours),
    b"zset": lambda side, key, ours: side.zrem(key, *ours),
    b"hash": lambda side, key, ours: side.hdel(key, *ours),
    b"stream": _remove_from_stream,
}


def digest(word: bytes) -> bytes:
    """Return a short digest of a word: what the course sent is nobody else's to read."""
    return hashlib.blake2b(word, digest_size=8).digest()


def made_up(key: bytes) -> bytes:
    """Return the word that notes that a command made up what a key holds."""
    return b"made up:" + key


def remove(side: redis.Redis, key: bytes, is_ours: IsOurs) -> None:
    """Remove a key that the course made; of one that others changed, only our part.

    Nobody else's change comes in between.
    Follows https://redis.io/docs/latest/develop/using-commands/transactions/
    """
    with side.pipeline() as transaction:
        for _ in range(TRIES):
            try:
                transaction.watch(key)
                _queue(transaction, key, is_ours)
                transaction.execute()
                return
            except redis.WatchError:
                continue


def holds_only_ours(side: redis.Redis, key: bytes, is_ours: IsOurs) -> bool:
    """Tell whether each member of a key is the course's; of a string nobody can tell."""
    members = {} if side.type(key) == b"string" else _members(side, key, is_ours)
    return bool(members) and all(_ours(words, is_ours) for words in members.values())


def _members(side: Side, key: bytes, is_ours: IsOurs) -> dict[Any, Iterable[bytes]]:
    """Read the members of a key, none of one whose content says nothing."""
    kind = side.type(key)
    read = (MEMBERS_MADE_UP if is_ours(made_up(key)) else MEMBERS).get(kind)
    return read(side, key) if read else {}


def _queue(transaction: Any, key: bytes, is_ours: IsOurs) -> None:
    kind = transaction.type(key)
    members = _members(transaction, key, is_ours)
    ours = [member for member, words in members.items() if _ours(words, is_ours)]
    transaction.multi()
    if len(ours) == len(members):
        transaction.unlink(key)
    elif ours:
        REMOVE[kind](transaction, key, ours)


def _ours(words: Iterable[bytes], is_ours: IsOurs) -> bool:
    return all(map(is_ours, words))
