"""Keep passwords out of a record.

What a command of administration says is shown only where it is known to be harmless: a password may
stand in any other place, by a typing error too, and an error quotes it.
See https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import redis

from embedded_redis import known_commands

from ..record import Command

HIDDEN = "(hidden)"
UNKNOWN = "unknown command"

_MAY_HOLD_SECRETS = frozenset(("AUTH", "HELLO", "MIGRATE", "ACL", "CONFIG", "SENTINEL"))
_SECRET_SETTINGS = ("requirepass", "masterauth", "primaryauth", "-pass", "masteruser")
_HARMLESS_SETTINGS = re.compile(
    r"(active|append|busy|client|cluster|hash|latency|lazyfree|list|lua|maxclients|maxmemory|min|"
    r"notify|proactive|proto|repl|save|set|slowlog|stop|stream|timeout|tracking|zset)[a-z-]*|hz"
)
_HARMLESS_RULE = re.compile(r"[+~&%-][\w:*@|~.-]*|[a-z-]*(on|off|reset|all|no)[a-z-]*(keys|pass)?")
_ASKING_ACL = frozenset(("CAT", "DELUSER", "GENPASS", "GETUSER", "LOG"))


def without_secrets(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command with each word hidden that may be a password."""
    name = words[0].upper() if words else ""
    if not is_known(words):
        return without_words(words)
    if name not in _MAY_HOLD_SECRETS:
        return words
    if name == "MIGRATE":
        return tuple(_after_auth(words))
    kind = words[1].upper() if words[1:] else ""
    known = {"ACL": _ASKING_ACL, "CONFIG": ("GET",)}.get(name, ())
    if kind in known:
        return words
    if (name, kind) == ("ACL", "SETUSER"):
        return *words[:3], *_rules(words[3:])
    if (name, kind) == ("CONFIG", "SET"):
        return *words[:2], *_settings(words[2:])
    shown = 1 if name in ("AUTH", "HELLO") else 2
    return *words[:shown], *(HIDDEN for _ in words[shown:])


def is_known(words: tuple[str, ...]) -> bool:
    """Tell whether this is a command of Redis; what is none may be AUTH with a typing error."""
    return not words or words[0].lower() in known_commands()


def without_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Hide all but the name of a command."""
    return *words[:1], *(HIDDEN for _ in words[1:])


def without_secret_reply(command: Command, reply: Any) -> Any:
    """Return the reply to a command, hidden as far as it may hold a password."""
    if isinstance(reply, Exception):
        return _error(command, str(reply))
    return HIDDEN if _asks(command) and reply not in ("OK", "QUEUED") else reply


def without_secret_replies(commands: Sequence[Command], replies: Sequence[Any]) -> list[Any]:
    """Return the replies to a transaction; all are hidden where one may hold a password.

    A server gives no reply to an AUTH in a transaction, so who got which is not sure then.
    """
    if any(map(_asks, commands)):
        return [HIDDEN for _ in replies]
    pairs = zip(commands, replies, strict=False)
    return [without_secret_reply(command, reply) for command, reply in pairs]


def _asks(command: Command) -> bool:
    """Tell whether a command asks for what may be a password."""
    if command.name == "CONFIG":
        return [*map(str.upper, command.words[1:2])] == ["GET"]
    return command.name == "ACL"


def is_unknown(reply: Any) -> bool:
    """Tell whether a server does not know a command."""
    return isinstance(reply, Exception) and str(reply).startswith(UNKNOWN)


def _error(command: Command, text: str) -> redis.ResponseError:
    """Leave out what an error quotes, where that may be a password."""
    if command.name in _MAY_HOLD_SECRETS or text.startswith(UNKNOWN):
        said, quoted, _ = text.partition("'")
        text = said + HIDDEN if quoted else text
    return redis.ResponseError(text)


def _after_auth(words: tuple[str, ...]) -> Iterator[str]:
    """Hide the word after AUTH and the two after AUTH2: a name and a password."""
    hide = 0
    for word in words:
        yield HIDDEN if hide else word
        hide = max(hide - 1, {"AUTH": 1, "AUTH2": 2}.get(word.upper(), 0))


def _rules(words: tuple[str, ...]) -> Iterator[str]:
    """Hide the rules of a user that are not about keys, channels or commands."""
    is_quoted = any(sign in word for word in words for sign in "'\"")  # a line of plain words
    for word in words:
        yield HIDDEN if is_quoted or not _HARMLESS_RULE.fullmatch(word.lower()) else word


def _settings(words: tuple[str, ...]) -> Iterator[str]:
    """Hide the values of settings, unless it is sure which is which and that they are harmless."""
    is_clear = len(words) % 2 == 0
    for at, word in enumerate(words):
        setting = words[at - at % 2].lower()
        is_harmless = is_clear and _HARMLESS_SETTINGS.fullmatch(setting)
        is_name = is_clear and at % 2 == 0 and setting.endswith(_SECRET_SETTINGS)
        yield word if is_harmless or is_name else HIDDEN
