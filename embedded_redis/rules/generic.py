"""Rules about keys and databases, transactions, and arguments that come in pairs."""

from collections.abc import Sequence
from typing import Any

from ..engine._fakeredis import CommandItem, ExpiringMembersSet, Float, Hash, Key, SimpleError
from ..engine.arguments import SYNTAX_ERROR, fail, integer, integer_between, is_word
from ..engine.commands import Handler, command, wrong_arity
from ..engine.core import EmbeddedSocket
from ..engine.long_double import added

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


class NumbersAreJudgedAfterTheKey(EmbeddedSocket):
    """INCRBYFLOAT refuses a key of another type before it reads the increment.

    It adds with more digits than a float of Python has: 0.1 and 0.2 are 0.3.
    Follows https://redis.io/docs/latest/commands/incrbyfloat/
    """

    @command("incrbyfloat", (Key(bytes), bytes))
    def incrbyfloat(self, key: CommandItem, amount: bytes) -> bytes:
        before = key.get(b"0")
        reply = super().incrbyfloat(key, Float.decode(amount))
        total = exact_sum(before, amount, reply)
        key.update(total)
        return total


class AFieldThatIsNoNumberIsNamed(EmbeddedSocket):
    """HINCRBYFLOAT tells a field that holds no number from an increment that is none.

    It adds as INCRBYFLOAT does.
    Follows https://redis.io/docs/latest/commands/hincrbyfloat/
    """

    @command("hincrbyfloat", (Key(Hash), bytes, bytes))
    def hincrbyfloat(self, key: CommandItem, field: bytes, amount: bytes) -> Any:
        before = key.value.get(field, b"0")
        Float.decode(before, decode_error="ERR hash value is not a float")
        total = exact_sum(before, amount, super().hincrbyfloat(key, field, amount))
        key.value.update({field: total}, clear_expiration=False)
        return total


class ErrorsAreWordedAsByRedis(EmbeddedSocket):
    """Some errors of fakeredis have other words, or lack the ERR in front.

    Follows https://redis.io/docs/latest/commands/zrangebylex/
    """

    def _run_command(self, func: Any, sig: Any, args: list[bytes], from_script: bool) -> Any:
        # Nothing here names the reply: an error that was raised below would then hold on to itself.
        return worded(super()._run_command(func, sig, args, from_script))


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
    NumbersAreJudgedAfterTheKey,
    AFieldThatIsNoNumberIsNamed,
    ErrorsAreWordedAsByRedis,
    PairsMustBeComplete,
    AWrongExecEndsTheTransaction,
)


def exact_sum(first: bytes, second: bytes, rough: bytes) -> bytes:
    """Add two numbers as Redis does; a sum of other spellings stays as rough as it is."""
    try:
        return added(first, second)
    except ValueError:
        return rough


_FIELDS = "The `numfields` parameter must match the number of arguments"
WORDED = {
    "ERR min or max not a valid string range item": "ERR min or max not valid string range item",
    _FIELDS: f"ERR {_FIELDS}",
}
_DISCARDED = "EXECABORT Transaction discarded because of: "


def worded(reply: Any) -> Any:
    """Return a reply, an error in the words of Redis."""
    is_other = isinstance(reply, SimpleError) and reply.value in WORDED
    return SimpleError(WORDED[reply.value]) if is_other else reply


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
