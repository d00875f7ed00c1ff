"""Keep passwords out of a record.

See https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..record import Command

HIDDEN = "(hidden)"
_MAY_HOLD_SECRETS = frozenset(("AUTH", "HELLO", "MIGRATE", "ACL", "CONFIG", "SENTINEL"))
_SECRET_SETTINGS = ("requirepass", "masterauth", "primaryauth", "-pass", "user")


def without_secrets(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command with each word hidden that may be a password."""
    name = words[0].upper() if words else ""
    if name not in _MAY_HOLD_SECRETS:
        return words
    if name == "AUTH":
        return words[0], *(HIDDEN for _ in words[1:])
    if name in ("HELLO", "MIGRATE"):
        return tuple(_after_auth(words))
    if name == "ACL" and _is(words, 1, "SETUSER"):
        return *words[:3], *(_rule(word) for word in words[3:])
    if name == "CONFIG" and _is(words, 1, "SET"):
        return *words[:2], *_settings(words[2:])
    if name == "SENTINEL":
        return *words[:2], *(HIDDEN for _ in words[2:])
    return words


def without_secret_reply(command: Command) -> Any:
    """Return the reply to a command, hidden if it may hold a password."""
    tells = command.name == "ACL" or (command.name == "CONFIG" and _is(command.words, 1, "GET"))
    return HIDDEN if tells and not isinstance(command.reply, Exception) else command.reply


def _is(words: tuple[str, ...], at: int, word: str) -> bool:
    return len(words) > at and words[at].upper() == word


def _after_auth(words: tuple[str, ...]) -> Iterator[str]:
    """Hide the words after AUTH (a name and a password) and AUTH2; in MIGRATE, AUTH has one."""
    hide = 0
    for at, word in enumerate(words):
        yield HIDDEN if hide and at else word
        hide -= bool(hide)
        if at and word.upper() in ("AUTH", "AUTH2"):
            hide = 1 if words[0].upper() == "MIGRATE" and word.upper() == "AUTH" else 2


def _rule(word: str) -> str:
    """Hide what stands behind the sign of a password in a rule of ACL SETUSER."""
    return word[0] + HIDDEN if word[:1] in (">", "<", "#", "!") else word


def _settings(words: tuple[str, ...]) -> Iterator[str]:
    for at, word in enumerate(words):
        yield HIDDEN if at % 2 and _names_secret(words[at - 1]) else word


def _names_secret(setting: str) -> bool:
    return setting.lower().endswith(_SECRET_SETTINGS)
