"""Rules about expiry: which times are refused, with which text, and in which order."""

from typing import Any

from ..engine._fakeredis import CommandItem, Hash, Key
from ..engine.arguments import MAX_INTEGER, SYNTAX_ERROR, WRONG_TYPE, fail, integer, text_of
from ..engine.clock import broker_time as time
from ..engine.commands import command
from ..engine.core import EmbeddedSocket

UNITS = {b"EX": 1000, b"PX": 1, b"EXAT": 1000, b"PXAT": 1}  # milliseconds
RELATIVE = (b"EX", b"PX")


class ExpiryTimesAreChecked(EmbeddedSocket):
    """SET, GETEX, SETEX and PSETEX judge the options, then the time, and name the command.

    Options newer than 8.2, such as IFEQ, are syntax errors.
    Follows https://redis.io/docs/latest/commands/set/
    """

    @command("set", (Key(), bytes))
    def set_(self, key: CommandItem, value: bytes, *options: bytes) -> Any:
        check_time("set", read_set_options(options, SET_FLAGS))
        return super().set_(key, value, *options)

    @command("getex", (Key(),))
    def getex(self, key: CommandItem, *options: bytes) -> Any:
        time_given = read_set_options(options, GETEX_FLAGS)
        if key.value is not None and not isinstance(key.value, bytes):
            fail(WRONG_TYPE)
        if key.value is None:
            return None
        check_time("getex", time_given)
        if options:
            key.expireat = deadline(*time_given) if time_given else None
        return key.value

    @command("setex", (Key(), bytes, bytes))
    def setex(self, key: CommandItem, seconds: bytes, value: bytes) -> Any:
        check_time("setex", (b"EX", seconds))
        return super().set_(key, value, b"EX", seconds)

    @command("psetex", (Key(), bytes, bytes))
    def psetex(self, key: CommandItem, milliseconds: bytes, value: bytes) -> Any:
        check_time("psetex", (b"PX", milliseconds))
        return super().set_(key, value, b"PX", milliseconds)


class ExpireJudgesItsOptionsFirst(EmbeddedSocket):
    """EXPIRE and its kin refuse an unknown or contradicting option, then a time out of range.

    A time that has come deletes the key at once.
    Follows https://redis.io/docs/latest/commands/expire/
    """

    @command("expire", (Key(), bytes))
    def expire(self, key: CommandItem, seconds: bytes, *options: bytes) -> int:
        number = read_expire("expire", b"EX", seconds, options)
        return self._settled(key, super().expire(key, number, *options))

    @command("pexpire", (Key(), bytes))
    def pexpire(self, key: CommandItem, milliseconds: bytes, *options: bytes) -> int:
        number = read_expire("pexpire", b"PX", milliseconds, options)
        return self._settled(key, super().pexpire(key, number, *options))

    @command("expireat", (Key(), bytes))
    def expireat(self, key: CommandItem, moment: bytes, *options: bytes) -> int:
        number = read_expire("expireat", b"EXAT", moment, options)
        return self._settled(key, super().expireat(key, number, *options))

    @command("pexpireat", (Key(), bytes))
    def pexpireat(self, key: CommandItem, moment: bytes, *options: bytes) -> int:
        number = read_expire("pexpireat", b"PXAT", moment, options)
        return self._settled(key, super().pexpireat(key, number, *options))

    def _settled(self, key: CommandItem, changed: int) -> int:
        if changed and key.expireat is not None and key.expireat <= self._db.time:
            key.value = None
        return changed


class ExpiryTimeIsRounded(EmbeddedSocket):
    """EXPIRETIME answers the nearest second.

    Follows https://redis.io/docs/latest/commands/expiretime/
    """

    @command("expiretime", (Key(),))
    def expiretime(self, key: CommandItem) -> int:
        return super().expiretime(key) if key.expireat is None else int(key.expireat + 0.5)


class TimesOfFieldsAreRoundedUp(EmbeddedSocket):
    """HTTL and HEXPIRETIME answer the next whole second.

    Follows https://redis.io/docs/latest/commands/httl/
    """

    @command("httl", (Key(Hash),))
    def httl(self, key: CommandItem, *fields: bytes) -> list[int]:
        return [in_whole_seconds(time) for time in super().hpttl(key, *fields)]

    @command("hexpiretime", (Key(Hash),))
    def hexpiretime(self, key: CommandItem, *fields: bytes) -> list[int]:
        return [in_whole_seconds(time) for time in super().hpexpiretime(key, *fields)]


RULES = (
    ExpiryTimesAreChecked,
    ExpireJudgesItsOptionsFirst,
    ExpiryTimeIsRounded,
    TimesOfFieldsAreRoundedUp,
)


def in_whole_seconds(milliseconds: int) -> int:
    """Round up; what is below zero says that there is no field or no time."""
    return -(-milliseconds // 1000) if milliseconds > 0 else milliseconds


SET_FLAGS = (b"NX", b"XX", b"GET", b"KEEPTTL")
GETEX_FLAGS = (b"PERSIST",)
TimeGiven = tuple[bytes, bytes] | None


def read_set_options(options: tuple[bytes, ...], flags: tuple[bytes, ...]) -> TimeGiven:
    """Read the options of SET or GETEX; return the unit and the time, if one is given."""
    given: dict[bytes, bytes] = {}
    words = iter(options)
    for word in map(bytes.upper, words):
        if word in flags:
            given[word] = b""
        elif word in UNITS and (value := next(words, None)) is not None and word not in given:
            given[word] = value
        else:
            fail(SYNTAX_ERROR)
    times = [name for name in given if name in (*UNITS, b"KEEPTTL", b"PERSIST")]
    if len(times) > 1 or {b"NX", b"XX"} <= given.keys():
        fail(SYNTAX_ERROR)
    return next(((name, given[name]) for name in times if name in UNITS), None)


def check_time(name: str, time_given: TimeGiven) -> None:
    """Refuse a time that is not positive or too large."""
    if time_given and integer(time_given[1]) <= 0:
        _invalid_time(name)
    if time_given:
        _check_range(name, *time_given)


def deadline(unit: bytes, raw: bytes) -> float:
    """Return the moment, in seconds since 1970, that a unit and a number stand for."""
    seconds = int(raw) * UNITS[unit] / 1000
    return time.time() + seconds if unit in RELATIVE else seconds


def read_expire(name: str, unit: bytes, raw: bytes, options: tuple[bytes, ...]) -> int:
    """Read the time of EXPIRE or its kin, after a look at the options."""
    words = {option.upper() for option in options}
    for option in options:
        if option.upper() not in (b"NX", b"XX", b"GT", b"LT"):
            fail(f"ERR Unsupported option {text_of(option)}")
    if b"NX" in words and len(words) > 1:
        fail("ERR NX and XX, GT or LT options at the same time are not compatible")
    if {b"GT", b"LT"} <= words:
        fail("ERR GT and LT options at the same time are not compatible")
    number = integer(raw)
    _check_range(name, unit, raw)
    return number


def _check_range(name: str, unit: bytes, raw: bytes) -> None:
    milliseconds = integer(raw) * UNITS[unit]
    base = int(time.time() * 1000) if unit in RELATIVE else 0
    if not -MAX_INTEGER <= milliseconds <= MAX_INTEGER - base:
        _invalid_time(name)


def _invalid_time(name: str) -> None:
    fail(f"ERR invalid expire time in '{name}' command")
