"""No password reaches a record, in whatever command it stands."""

import pytest

from helpers.record import Command
from helpers.recorder.passwords import HIDDEN, without_secret_reply, without_secrets

SECRET = "sesame"
WITH_A_SECRET = [
    ("AUTH", SECRET),
    ("auth", "ann", SECRET),
    ("HELLO", "3", "AUTH", "ann", SECRET, "SETNAME", "shop"),
    ("hello", "3", "setname", "shop", "auth", "ann", SECRET),
    ("ACL", "SETUSER", "ann", "on", f">{SECRET}", "~*"),
    ("acl", "setuser", "ann", f"<{SECRET}", f"#{SECRET}", f"!{SECRET}"),
    ("CONFIG", "SET", "requirepass", SECRET),
    ("config", "set", "maxmemory", "1mb", "masterauth", SECRET),
    ("CONFIG", "SET", "primaryauth", SECRET),
    ("CONFIG", "SET", "tls-key-file-pass", SECRET),
    ("MIGRATE", "host", "1", "key", "0", "9", "AUTH", SECRET, "KEYS", "a"),
    ("MIGRATE", "host", "1", "", "0", "9", "AUTH2", "ann", SECRET, "KEYS", "a"),
    ("SENTINEL", "SET", "mine", "auth-pass", SECRET),
]
WITHOUT = [
    ("GET", "requirepass"),
    ("RPUSH", "AUTH", "job"),
    ("ACL", "WHOAMI"),
    ("CONFIG", "GET", "requirepass"),
    ("CONFIG", "SET", "maxmemory", "1mb"),
    ("ACL", "SETUSER", "ann", "on", "resetkeys", "~orders:*", "+@all", "-debug", "%R~a", "&news"),
    ("CONFIG", "SET", "maxmemory-policy", "noeviction", "notify-keyspace-events", "KEA"),
]


@pytest.mark.parametrize("words", WITH_A_SECRET, ids=" ".join)
def test_a_password_is_hidden(words: tuple[str, ...]) -> None:
    hidden = without_secrets(words)
    assert not any(SECRET in word for word in hidden)
    assert len(hidden) == len(words)
    assert hidden[0] == words[0]


@pytest.mark.parametrize("words", WITHOUT, ids=" ".join)
def test_other_commands_stay(words: tuple[str, ...]) -> None:
    assert without_secrets(words) == words


@pytest.mark.parametrize("words", [("CONFIG", "GET", "requirepass"), ("acl", "list")])
def test_a_reply_that_may_hold_a_password_is_hidden(words: tuple[str, ...]) -> None:
    assert without_secret_reply(Command(1, "shop", 1, words), ["x", SECRET]) == HIDDEN


def test_other_replies_stay() -> None:
    assert without_secret_reply(Command(1, "shop", 1, ("GET", "a")), "b") == "b"
