"""Rules about the fields of a hash: how a command names them, and when they expire."""

from collections.abc import Sequence
from typing import Any

from ..engine._fakeredis import CommandItem, Hash, Key
from ..engine.arguments import MAX_INTEGER, fail, integer, integer_between, is_word, text_of
from ..engine.clock import broker_time as time
from ..engine.commands import command, known_commands, wrong_arity
from ..engine.core import EmbeddedSocket
from .expiry import RELATIVE, UNITS

LAST_MOMENT = 2**46 - 1  # milliseconds since 1970: no field may expire later
MAX_INT = 2**31 - 1
CONDITIONS = (b"nx", b"xx", b"gt", b"lt")
TIMES = tuple(map(bytes.lower, UNITS))


class FieldsAreAnnounced(EmbeddedSocket):
    """A command on fields wants the word FIELDS, their number, and so many of them.

    Follows https://redis.io/docs/latest/commands/httl/
    """

    @command("httl", (Key(Hash),))
    def httl(self, key: CommandItem, *words: bytes) -> list[int]:
        check_fields(words)
        return super().httl(key, *words)

    @command("hpttl", (Key(Hash),))
    def hpttl(self, key: CommandItem, *words: bytes) -> list[int]:
        check_fields(words)
        return super().hpttl(key, *words)

    @command("hexpiretime", (Key(Hash),))
    def hexpiretime(self, key: CommandItem, *words: bytes) -> list[int]:
        check_fields(words)
        return super().hexpiretime(key, *words)

    @command("hpexpiretime", (Key(Hash),))
    def hpexpiretime(self, key: CommandItem, *words: bytes) -> list[int]:
        check_fields(words)
        return super().hpexpiretime(key, *words)

    @command("hpersist", (Key(Hash),))
    def hpersist(self, key: CommandItem, *words: bytes) -> list[int]:
        check_fields(words)
        return super().hpersist(key, *words)

    @command("hgetdel", (Key(Hash),))
    def hgetdel(self, key: CommandItem, *words: bytes) -> list[Any]:
        check_fields(words)
        return super().hgetdel(key, *words)


class TimesOfFieldsAreChecked(EmbeddedSocket):
    """HEXPIRE and its kin refuse a time out of range, then a second condition.

    Follows https://redis.io/docs/latest/commands/hexpire/
    """

    @command("hexpire", (Key(Hash), bytes))
    def hexpire(self, key: CommandItem, seconds: bytes, *words: bytes) -> list[int]:
        number = read_expire_fields("hexpire", b"EX", seconds, words)
        return super().hexpire(key, number, *words)

    @command("hpexpire", (Key(Hash), bytes))
    def hpexpire(self, key: CommandItem, milliseconds: bytes, *words: bytes) -> list[int]:
        number = read_expire_fields("hpexpire", b"PX", milliseconds, words)
        return super().hpexpire(key, number, *words)

    @command("hexpireat", (Key(Hash), bytes))
    def hexpireat(self, key: CommandItem, moment: bytes, *words: bytes) -> list[int]:
        number = read_expire_fields("hexpireat", b"EXAT", moment, words)
        return super().hexpireat(key, number, *words)

    @command("hpexpireat", (Key(Hash), bytes))
    def hpexpireat(self, key: CommandItem, moment: bytes, *words: bytes) -> list[int]:
        number = read_expire_fields("hpexpireat", b"PXAT", moment, words)
        return super().hpexpireat(key, number, *words)

    @command("hgetex", (Key(Hash),))
    def hgetex(self, key: CommandItem, *words: bytes) -> Any:
        at = 0
        if is_word(words[0], *TIMES):
            read_field_time("hgetex", words[0].upper(), words[1])
            at = 2
        elif is_word(words[0], b"persist"):
            at = 1
        check_fields(words[at:])
        return super().hgetex(key, *words)


class FieldsMayKeepTheirTimes(EmbeddedSocket):
    """HSETEX with KEEPTTL leaves the expiry of a field as it is.

    Follows https://redis.io/docs/latest/commands/hsetex/
    """

    @command("hsetex", (Key(Hash),))
    def hsetex(self, key: CommandItem, *words: bytes) -> int:
        keeps = is_word(b"keepttl", *map(bytes.lower, words[: _place_of_fields(words)]))
        kept = _moments(key.value) if keeps else {}
        reply: int = super().hsetex(key, *words)
        for field, moment in kept.items():
            key.value.set_key_expireat(field, moment)
        return reply


RULES = (FieldsAreAnnounced, TimesOfFieldsAreChecked, FieldsMayKeepTheirTimes)


def check_fields(
    words: Sequence[bytes], wrong_number: str = "ERR Number of fields must be a positive integer"
) -> None:
    """Read `FIELDS numfields field [field ...]`."""
    if not words or not is_word(words[0], b"fields"):
        fail("ERR Mandatory argument FIELDS is missing or not at the right position")
    if integer_between(words[1], 1, MAX_INTEGER, wrong_number) != len(words) - 2:
        fail("ERR The `numfields` parameter must match the number of arguments")


def read_expire_fields(name: str, unit: bytes, raw: bytes, words: Sequence[bytes]) -> int:
    """Read `time [NX | XX | GT | LT] FIELDS numfields field [field ...]`; return the time."""
    number = read_field_time(name, unit, raw)
    skipped = 1 if is_word(words[0], *CONDITIONS) else 0
    check_fields(words[skipped:], "ERR Parameter `numFields` should be greater than 0")
    return number


def read_field_time(name: str, unit: bytes, raw: bytes) -> int:
    """Read when a field shall expire, in its unit."""
    number = integer(raw)
    if number < 0:
        fail("ERR invalid expire time, must be >= 0")
    base = int(time.time() * 1000) if unit in RELATIVE else 0
    if number * UNITS[unit] > LAST_MOMENT - base:
        fail(f"ERR invalid expire time in '{name}' command")
    return number


def judge_hsetex(arguments: Sequence[bytes]) -> None:
    """Judge the options of HSETEX one after the other, up to its fields."""
    given: set[bytes] = set()
    at = 1
    while not is_word(arguments[at], b"fields"):
        word = arguments[at].lower()
        at += _judge_option(word, arguments[at:], given)
        given.add(word)
        if at >= len(arguments):
            raise wrong_arity(known_commands()["hsetex"])
    _judge_pairs(arguments[at + 1 :])


def _judge_option(word: bytes, words: Sequence[bytes], given: set[bytes]) -> int:
    """Judge one option of HSETEX, and return how many words it takes."""
    if word in (b"fnx", b"fxx"):
        if given & {b"fnx", b"fxx"}:
            fail("ERR Only one of FXX or FNX arguments can be specified")
        return 1
    if word != b"keepttl" and not is_word(word, *TIMES):
        fail(f"ERR unknown argument: {text_of(words[0])}")
    if given & {b"keepttl", *TIMES}:
        fail("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified")
    if word == b"keepttl":
        return 1
    if len(words) < 2:
        fail("ERR missing expire time")
    read_field_time("hsetex", word.upper(), words[1])
    return 2


def _judge_pairs(words: Sequence[bytes]) -> None:
    """Judge `numfields field value [field value ...]`."""
    if len(words) < 3:
        raise wrong_arity(known_commands()["hsetex"])
    number = integer_between(words[0], 1, MAX_INT, "ERR invalid number of fields")
    if 2 * number != len(words) - 1:
        raise wrong_arity(known_commands()["hsetex"])


def _place_of_fields(words: Sequence[bytes]) -> int:
    return next(at for at, word in enumerate(words) if is_word(word, b"fields"))


def _moments(value: Hash) -> dict[bytes, int]:
    """Return when each field of a hash expires, in milliseconds since 1970."""
    moments = {field: value.get_key_expireat(field) for field in value.getall()}
    return {field: moment for field, moment in moments.items() if moment is not None}
