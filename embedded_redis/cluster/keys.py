"""Which keys a command names, read from the table of Redis 8.2, and which slot a pattern means."""

import re

from redis.crc import key_slot

from ..engine.arguments import is_word
from ..engine.commands import Command

# Where these commands tell how many keys follow, counted behind the name. The ...STORE forms have
# the key that they write before it, which the table knows.
COUNTED = {"eval": 1, "eval_ro": 1, "evalsha": 1, "evalsha_ro": 1, "fcall": 1, "fcall_ro": 1}
COUNTED |= {"lmpop": 0, "zmpop": 0, "sintercard": 0, "zintercard": 0, "blmpop": 1, "bzmpop": 1}
COUNTED |= {"zunion": 0, "zinter": 0, "zdiff": 0}
COUNTED |= {"zunionstore": 1, "zinterstore": 1, "zdiffstore": 1}

SORT_OPTIONS = {b"asc": 0, b"desc": 0, b"alpha": 0, b"limit": 2, b"store": 1, b"by": 1, b"get": 1}
"""How many arguments follow each."""

# To be sure of its slot, Redis reads a pattern up to its first special byte, also an escape.
_ONE_KEY = re.compile(rb"[^*?[\\]*")
_TAGGED = re.compile(rb"[^*?[\\{]*\{([^*?[\\}]+)\}")


def keys_of(command: Command, arguments: list[bytes]) -> list[bytes]:
    """Name the keys, or the sharded channels, of a command; none when it is malformed.

    Follows https://redis.io/docs/latest/develop/reference/key-specs/
    """
    fixed = _fixed(command, arguments)
    if command.name in COUNTED:
        return fixed + _counted(arguments[COUNTED[command.name] :])
    if command.name in ("xread", "xreadgroup"):
        return _streams(arguments)
    if command.name == "sort":
        return fixed + _stored(arguments)
    return fixed


def slot_of_pattern(pattern: bytes) -> int | None:
    """Return the one slot in which all keys that a pattern matches live, if there is one."""
    if tagged := _TAGGED.match(pattern):
        return key_slot(tagged[1])
    return key_slot(pattern) if _ONE_KEY.fullmatch(pattern) else None


def _fixed(command: Command, arguments: list[bytes]) -> list[bytes]:
    if not command.first_key:
        return []
    words = [*command.name.encode().split(b"|"), *arguments]
    end = command.last_key + (len(words) if command.last_key < 0 else 0) + 1
    return words[command.first_key : end : command.key_step]


def _counted(arguments: list[bytes]) -> list[bytes]:
    count = int(arguments[0]) if arguments and arguments[0].isdigit() else 0
    return arguments[1 : 1 + count] if count < len(arguments) else []


def _streams(arguments: list[bytes]) -> list[bytes]:
    lowered = [word.lower() for word in arguments]
    if b"streams" not in lowered:
        return []
    named = arguments[lowered.index(b"streams") + 1 :]
    return named[: len(named) // 2]


def _stored(arguments: list[bytes]) -> list[bytes]:
    """Name the key that SORT writes: the last one of several."""
    stored, at = list[bytes](), 1
    while at < len(arguments):
        if is_word(arguments[at], b"store"):
            stored = arguments[at + 1 : at + 2] or stored
        else:
            at += SORT_OPTIONS.get(arguments[at].lower(), 0)
        at += 1
    return stored
