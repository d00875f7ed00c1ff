"""Rules about reading a collection piece by piece, and about the patterns of what is read."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from ..engine._fakeredis import CommandItem, ExpiringMembersSet, Hash, Key, ZSet
from ..engine.arguments import SYNTAX_ERROR, fail, follows, integer, is_word
from ..engine.commands import command
from ..engine.core import EmbeddedSocket
from ..engine.globs import matches
from ..engine.wire import number_text
from .objects import encoding

IN_ONE_PIECE = (b"listpack", b"listpackex", b"intset")


EVERY_NAME = b"*"


class PatternsChooseAmongNames(EmbeddedSocket):
    """KEYS and the scans go back in no name; `*` alone matches the name without a letter.

    Follows https://redis.io/docs/latest/commands/keys/
    """

    @command("keys")
    def keys(self, pattern: bytes) -> list[bytes]:
        return chosen(pattern, self._db)

    def _scan(self, keys: Collection[Any], cursor: int, *options: bytes, **where: Any) -> Any:
        others, pattern = without_match(options)
        after, names = super()._scan(keys, cursor, *others, **where)
        return [after, chosen(pattern, names)]


class SmallCollectionsAreScannedWhole(EmbeddedSocket):
    """HSCAN, SSCAN and ZSCAN answer what is stored in one piece at once, whatever the COUNT.

    A sorted set comes by score then, a hash in the sequence in which its fields were set.
    A score is written as everywhere else.
    Follows https://redis.io/docs/latest/commands/scan/
    """

    @command("hscan", (Key(Hash), bytes))
    def hscan(self, key: CommandItem, cursor: bytes, *options: bytes) -> Any:
        if not is_whole(key, options, b"novalues"):
            return super().hscan(key, int(cursor), *options)
        fields = matching(key.value.getall(), options)
        if any(is_word(option, b"novalues") for option in options):
            return [b"0", fields]
        return [b"0", [part for field in fields for part in (field, key.value[field])]]

    @command("sscan", (Key(ExpiringMembersSet), bytes))
    def sscan(self, key: CommandItem, cursor: bytes, *options: bytes) -> Any:
        if not is_whole(key, options):
            return super().sscan(key, int(cursor), *options)
        members = sorted(key.value, key=int if encoding(key) == b"intset" else None)
        return [b"0", matching(members, options)]

    @command("zscan", (Key(ZSet), bytes))
    def zscan(self, key: CommandItem, cursor: bytes, *options: bytes) -> Any:
        if is_whole(key, options):
            after, members = b"0", matching(members_by_score(key), options)
        else:
            after, scored = super().zscan(key, int(cursor), *options)
            members = scored[::2]
        return [after, [part for m in members for part in (m, number_text(key.value[m]))]]


RULES = (PatternsChooseAmongNames, SmallCollectionsAreScannedWhole)


def members_by_score(key: CommandItem) -> list[bytes]:
    """Return the members of a sorted set, the lowest score first."""
    return [member for _, member in key.value.islice_score(None, None)]


def is_whole(key: CommandItem, options: Sequence[bytes], *flags: bytes) -> bool:
    """Tell whether a collection is scanned in one go; judge the options if there is one."""
    if not key.value:
        return True
    judge_scan_options(options, *flags)
    return encoding(key) in IN_ONE_PIECE


def judge_scan_options(options: Sequence[bytes], *flags: bytes) -> None:
    """Judge the options of a scan one after the other."""
    at = 0
    while at < len(options):
        if is_word(options[at], b"count") and follows(options, at):
            if integer(options[at + 1]) < 1:
                fail(SYNTAX_ERROR)
            at += 1
        elif is_word(options[at], b"match") and follows(options, at):
            at += 1
        elif is_word(options[at], b"novalues") and not flags:
            fail("ERR NOVALUES option can only be used in HSCAN")
        elif not is_word(options[at], *flags):
            fail(SYNTAX_ERROR)
        at += 1


def matching(words: Collection[bytes], options: Sequence[bytes]) -> list[bytes]:
    """Return the words that a MATCH among the options lets through, the last one of several."""
    return chosen(without_match(options)[1], words)


def without_match(options: Sequence[bytes]) -> tuple[list[bytes], bytes]:
    """Return the options of a scan without MATCH, and its pattern, the last one of several."""
    others, pattern, at = list[bytes](), EVERY_NAME, 0
    while at < len(options):
        size = 1 if is_word(options[at], b"novalues") else 2
        if is_word(options[at], b"match") and follows(options, at):
            pattern = options[at + 1]
        else:
            others += options[at : at + size]
        at += size
    return others, pattern


def chosen(pattern: bytes, names: Iterable[bytes]) -> list[bytes]:
    """Return the names that a pattern matches; for KEYS and a scan `*` matches every name."""
    return [name for name in names if pattern == EVERY_NAME or matches(pattern, name)]
