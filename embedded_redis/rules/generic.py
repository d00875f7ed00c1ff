"""Rules about keys and databases, transactions, and the arguments of commands on any type."""

from collections.abc import Sequence
from typing import Any

from ..engine._fakeredis import CommandItem, ExpiringMembersSet, Float, Key, SimpleError
from ..engine.arguments import (
    MAX_INTEGER,
    NOT_POSITIVE,
    SYNTAX_ERROR,
    fail,
    integer,
    integer_between,
    is_word,
)
from ..engine.commands import Handler, command, wrong_arity
from ..engine.core import EmbeddedSocket

DATABASES = 16
MAX_INT = 2**31 - 1


class TouchCountsKeys(EmbeddedSocket):
    """TOUCH counts the keys that exist, each as often as it is named.

    Follows https://redis.io/docs/latest/commands/touch/
    """

    @command("touch", (Key(),), (Key(),))
    def touch(self, *keys: CommandItem) -> int:
        return sum(key.value is not None for key in keys)


class DatabaseNumbersAreChecked(EmbeddedSocket):
    """SELECT, MOVE and SWAPDB tell a word that is not a number from a number without a database.

    Swapping changes every key for clients that watch it.

    Follows https://redis.io/docs/latest/commands/select/
    """

    @command("select")
    def select(self, number: bytes) -> Any:
        return super().select(read_database(number))

    @command("move", (Key(), bytes))
    def move(self, key: CommandItem, number: bytes) -> int:
        return super().move(key, read_database(number))

    @command("swapdb")
    def swapdb(self, first: bytes, second: bytes) -> Any:
        error = "ERR invalid {} DB index"
        numbers = [
            integer_between(raw, -MAX_INT - 1, MAX_INT, error.format(which))
            for raw, which in ((first, "first"), (second, "second"))
        ]
        reply = super().swapdb(*map(existing_database, numbers))
        databases = [self._server.dbs[number] for number in numbers]
        for key in {key for database in databases for key in database}:
            for database in databases:
                database.notify_watch(key)
        return reply


class AddingAMemberTwiceChangesNothing(EmbeddedSocket):
    """SADD of members that are there does not touch the key: clients that watch it go on.

    Follows https://redis.io/docs/latest/commands/sadd/
    """

    @command("sadd", (Key(ExpiringMembersSet), bytes))
    def sadd(self, key: CommandItem, *members: bytes) -> int:
        if all(member in key.value for member in members):
            return 0
        return super().sadd(key, *members)


class FlushesMaySayHow(EmbeddedSocket):
    """FLUSHDB and FLUSHALL take SYNC or ASYNC, and here both are done at once.

    Follows https://redis.io/docs/latest/commands/flushdb/
    """

    @command("flushdb")
    def flushdb(self, *options: bytes) -> Any:
        check_flush(options)
        return super().flushdb()

    @command("flushall")
    def flushall(self, *options: bytes) -> Any:
        check_flush(options)
        return super().flushall()


class ArgumentsAreJudgedBeforeTheKey(EmbeddedSocket):
    """A wrong number or option is refused even where the key holds another type.

    Follows https://redis.io/docs/latest/commands/zadd/
    """

    def _run_command(self, func: Any, sig: Any, args: list[bytes], from_script: bool) -> Any:
        try:
            if isinstance(sig, Handler) and (judge := JUDGES.get(sig.command.name)):
                judge(args)
        except SimpleError as error:
            return error
        return super()._run_command(func, sig, args, from_script)


class NumbersAreJudgedAfterTheKey(EmbeddedSocket):
    """INCRBYFLOAT refuses a key of another type before it reads the increment.

    Follows https://redis.io/docs/latest/commands/incrbyfloat/
    """

    @command("incrbyfloat", (Key(bytes), bytes))
    def incrbyfloat(self, key: CommandItem, amount: bytes) -> bytes:
        return super().incrbyfloat(key, Float.decode(amount))


class PairsMustBeComplete(EmbeddedSocket):
    """A command that takes pairs refuses half a pair by its own name.

    Follows https://redis.io/docs/latest/commands/hset/
    """

    def _run_command(self, func: Any, sig: Any, args: list[bytes], from_script: bool) -> Any:
        if isinstance(sig, Handler) and not has_whole_pairs(sig, args):
            is_scan = sig.command.name == "scan"
            return SimpleError(SYNTAX_ERROR) if is_scan else wrong_arity(sig.command)
        return super()._run_command(func, sig, args, from_script)


class AWrongExecEndsTheTransaction(EmbeddedSocket):
    """An EXEC that is refused discards what is queued, and says why.

    Follows https://redis.io/docs/latest/develop/using-commands/transactions/
    """

    def _refused(self, words: list[bytes], refusal: SimpleError) -> SimpleError:
        if not is_word(words[0], b"exec"):
            return super()._refused(words, refusal)
        self._forget_transaction()
        self._clear_watches()
        return SimpleError(refusal.value.replace("ERR ", _DISCARDED, 1))


RULES = (
    TouchCountsKeys,
    DatabaseNumbersAreChecked,
    AddingAMemberTwiceChangesNothing,
    FlushesMaySayHow,
    ArgumentsAreJudgedBeforeTheKey,
    NumbersAreJudgedAfterTheKey,
    PairsMustBeComplete,
    AWrongExecEndsTheTransaction,
)

_DISCARDED = "EXECABORT Transaction discarded because of: "


def read_database(raw: bytes) -> int:
    """Read the number of a database."""
    number = integer(raw)
    if abs(number) > MAX_INT:
        fail(f"ERR value is out of range, value must between {-MAX_INT - 1} and {MAX_INT}")
    return existing_database(number)


def existing_database(number: int) -> int:
    """Refuse a number that no database has."""
    if not 0 <= number < DATABASES:
        fail("ERR DB index is out of range")
    return number


def check_flush(options: tuple[bytes, ...]) -> None:
    """Read `[ASYNC | SYNC]`."""
    if len(options) > 1 or not all(is_word(option, b"async", b"sync") for option in options):
        fail(SYNTAX_ERROR)


def has_whole_pairs(handler: Handler, arguments: Sequence[bytes]) -> bool:
    """Tell whether what repeats in a command's arguments is there in whole groups."""
    group = len(handler.signature.repeat)
    if group < 2:
        return True
    extra = len(arguments) - len(handler.signature.fixed)
    return extra <= 0 or extra % group == 0


def judge_zadd(arguments: Sequence[bytes]) -> None:
    """Judge the options, then the scores."""
    flags = set()
    at = 1
    while at < len(arguments) and is_word(arguments[at], *ZADD_FLAGS):
        flags.add(arguments[at].lower())
        at += 1
    pairs = arguments[at:]
    if not pairs or len(pairs) % 2:
        fail(SYNTAX_ERROR)
    if {b"nx", b"xx"} <= flags:
        fail("ERR XX and NX options at the same time are not compatible")
    if len(flags & {b"nx", b"gt", b"lt"}) > 1:
        fail("ERR GT, LT, and/or NX options at the same time are not compatible")
    if b"incr" in flags and len(pairs) > 2:
        fail("ERR INCR option supports a single increment-element pair")
    for score in pairs[::2]:
        Float.decode(score)


ZADD_FLAGS = (b"nx", b"xx", b"gt", b"lt", b"ch", b"incr")


def judge_range(arguments: Sequence[bytes]) -> None:
    """Judge the options of ZRANGE or ZREVRANGE, and its places where it counts places."""
    words = [argument.lower() for argument in arguments[3:]]
    at = words.index(b"limit") if b"limit" in words else len(words)
    flags = {*words[:at], *words[at + 3 :]}
    if not flags <= RANGE_FLAGS or len(words[at:]) in (1, 2):
        fail(SYNTAX_ERROR)
    if not flags & {b"byscore", b"bylex"}:
        integer(arguments[1])
        integer(arguments[2])


RANGE_FLAGS = {b"byscore", b"bylex", b"rev", b"withscores"}


def judge_pop(arguments: Sequence[bytes]) -> None:
    """Judge the count of ZPOPMIN, ZPOPMAX or SPOP."""
    if len(arguments) > 2:
        fail(SYNTAX_ERROR)
    if len(arguments) == 2:
        integer_between(arguments[1], 0, MAX_INTEGER, NOT_POSITIVE)


def judge_increment(arguments: Sequence[bytes]) -> None:
    """Judge the increment of HINCRBY."""
    integer(arguments[2])


def judge_score(arguments: Sequence[bytes]) -> None:
    """Judge the increment of ZINCRBY."""
    Float.decode(arguments[1])


def judge_place(arguments: Sequence[bytes]) -> None:
    """Judge the BEFORE or AFTER of LINSERT."""
    if not is_word(arguments[1], b"before", b"after"):
        fail(SYNTAX_ERROR)


def judge_cursor(arguments: Sequence[bytes]) -> None:
    """Judge the cursor of SCAN."""
    if not arguments[0].isdigit():
        fail("ERR invalid cursor")


def judge_cursor_in_key(arguments: Sequence[bytes]) -> None:
    """Judge the cursor of HSCAN, SSCAN or ZSCAN."""
    judge_cursor(arguments[1:])


JUDGES = {
    "zadd": judge_zadd,
    "zincrby": judge_score,
    "zrange": judge_range,
    "zrevrange": judge_range,
    "zpopmin": judge_pop,
    "zpopmax": judge_pop,
    "spop": judge_pop,
    "hincrby": judge_increment,
    "linsert": judge_place,
    "scan": judge_cursor,
    "hscan": judge_cursor_in_key,
    "sscan": judge_cursor_in_key,
    "zscan": judge_cursor_in_key,
}
