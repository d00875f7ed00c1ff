"""What a command refuses before it looks at its key: wrong numbers, wrong options."""

from collections.abc import Callable, Sequence
from functools import partial
from math import isinf
from typing import Any

from ..engine._fakeredis import Float, Int, ScoreTest, SimpleError, StringTest
from ..engine.arguments import (
    MAX_INTEGER,
    NOT_POSITIVE,
    SYNTAX_ERROR,
    fail,
    follows,
    integer,
    integer_between,
    is_word,
)
from ..engine.commands import Handler, known_commands, wrong_arity
from ..engine.core import EmbeddedSocket
from .bits import (
    judge_bitcount,
    judge_bitfield,
    judge_bitfield_ro,
    judge_bitop,
    judge_bitpos,
)
from .fields import judge_hsetex
from .generic import read_database


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


RULES = (ArgumentsAreJudgedBeforeTheKey,)


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
    """Judge the options of ZRANGE, then its places where it counts places."""
    flags = judge_options(arguments[3:], b"byscore", b"bylex", b"rev", b"withscores")
    if {b"bylex", b"withscores"} <= flags:
        fail(f"{SYNTAX_ERROR}, WITHSCORES not supported in combination with BYLEX")
    judge_ends(arguments[1:3], flags)


def judge_range_of_places(arguments: Sequence[bytes]) -> None:
    """Judge the options of ZREVRANGE, then its places."""
    judge_ends(arguments[1:3], judge_options(arguments[3:], b"withscores"))


def judge_ends(ends: Sequence[bytes], flags: set[bytes]) -> None:
    """Judge where a range begins and ends; one that counts places has no limit."""
    if {b"bylex", b"byscore"} <= flags:
        fail(SYNTAX_ERROR)
    if b"bylex" in flags:
        kind: Any = StringTest
    elif b"byscore" in flags:
        kind = ScoreTest
    elif b"limit" in flags:
        fail(f"{SYNTAX_ERROR}, LIMIT is only supported in combination with either BYSCORE or BYLEX")
    else:
        kind = Int
    for end in ends:
        kind.decode(end)


def judge_scores(arguments: Sequence[bytes]) -> None:
    """Judge the options of ZRANGEBYSCORE and its kind."""
    judge_options(arguments[3:], b"withscores")


def judge_stored_range(arguments: Sequence[bytes]) -> None:
    """Judge the options of ZRANGESTORE."""
    judge_ends(arguments[2:4], judge_options(arguments[4:], b"byscore", b"bylex", b"rev"))


def judge_options(words: Sequence[bytes], *known: bytes) -> set[bytes]:
    """Judge the options of a range one after the other, and return them."""
    flags: set[bytes] = set()
    at = 0
    while at < len(words):
        if is_word(words[at], b"limit") and follows(words, at, 2):
            integer(words[at + 1])
            flags |= {b"limit"} if integer(words[at + 2]) != -1 else set()
            at += 2
        elif not is_word(words[at], *known):
            fail(SYNTAX_ERROR)
        else:
            flags.add(words[at].lower())
        at += 1
    return flags


def judge_rank(name: str, arguments: Sequence[bytes]) -> None:
    """Judge the arguments of ZRANK or ZREVRANK: COMMAND lets more of them pass."""
    if len(arguments) > 3:
        raise wrong_arity(known_commands()[name])
    if not all(is_word(option, b"withscore") for option in arguments[2:]):
        fail(SYNTAX_ERROR)


def judge_pop(arguments: Sequence[bytes]) -> None:
    """Judge the count of ZPOPMIN, ZPOPMAX or SPOP."""
    if len(arguments) > 2:
        fail(SYNTAX_ERROR)
    if len(arguments) == 2:
        integer_between(arguments[1], 0, MAX_INTEGER, NOT_POSITIVE)


def judge_random(arguments: Sequence[bytes]) -> None:
    """Judge the count of SRANDMEMBER."""
    if len(arguments) > 2:
        fail(SYNTAX_ERROR)
    for count in arguments[1:]:
        read_count(count)


def judge_random_pairs(word: bytes, arguments: Sequence[bytes]) -> None:
    """Judge the count of HRANDFIELD or ZRANDMEMBER, then the word that asks for pairs."""
    if len(arguments) < 2:
        return
    count, options = read_count(arguments[1]), arguments[2:]
    if len(options) > 1 or not all(is_word(option, word) for option in options):
        fail(SYNTAX_ERROR)
    if options and abs(count) > MAX_INTEGER // 2:
        fail("ERR value is out of range")


def judge_decrement(arguments: Sequence[bytes]) -> None:
    """Judge the decrement of DECRBY: the least number has no opposite."""
    if integer(arguments[1]) < -MAX_INTEGER:
        fail("ERR decrement would overflow")


def judge_count(arguments: Sequence[bytes]) -> None:
    """Judge the count of LREM: the least number has no opposite."""
    read_count(arguments[1])


def read_count(raw: bytes) -> int:
    """Read a count, whose sign says how to count."""
    count = integer(raw)
    if count < -MAX_INTEGER:
        fail(f"ERR value is out of range, value must between {-MAX_INTEGER} and {MAX_INTEGER}")
    return count


def judge_float(arguments: Sequence[bytes]) -> None:
    """Judge the increment of HINCRBYFLOAT."""
    if isinf(Float.decode(arguments[2])):
        fail("ERR value is NaN or Infinity")


def judge_offset(arguments: Sequence[bytes]) -> None:
    """Judge the offset of SETRANGE."""
    if integer(arguments[1]) < 0:
        fail("ERR offset is out of range")


def judge_copy(arguments: Sequence[bytes]) -> None:
    """Judge the options of COPY one after the other."""
    at = 2
    while at < len(arguments):
        if is_word(arguments[at], b"db") and follows(arguments, at):
            read_database(arguments[at + 1])
            at += 1
        elif not is_word(arguments[at], b"replace"):
            fail(SYNTAX_ERROR)
        at += 1


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


JUDGES: dict[str, Callable[[Sequence[bytes]], None]] = {
    "zadd": judge_zadd,
    "zincrby": judge_score,
    "zrange": judge_range,
    "zrevrange": judge_range_of_places,
    "zrangestore": judge_stored_range,
    "zrangebyscore": judge_scores,
    "zrevrangebyscore": judge_scores,
    "zrangebylex": judge_scores,
    "zrevrangebylex": judge_scores,
    "zrank": partial(judge_rank, "zrank"),
    "zrevrank": partial(judge_rank, "zrevrank"),
    "zpopmin": judge_pop,
    "zpopmax": judge_pop,
    "spop": judge_pop,
    "srandmember": judge_random,
    "hrandfield": partial(judge_random_pairs, b"withvalues"),
    "zrandmember": partial(judge_random_pairs, b"withscores"),
    "hincrby": judge_increment,
    "decrby": judge_decrement,
    "lrem": judge_count,
    "hincrbyfloat": judge_float,
    "setrange": judge_offset,
    "copy": judge_copy,
    "linsert": judge_place,
    "bitop": judge_bitop,
    "bitcount": judge_bitcount,
    "bitpos": judge_bitpos,
    "bitfield": judge_bitfield,
    "bitfield_ro": judge_bitfield_ro,
    "hsetex": judge_hsetex,
    "scan": judge_cursor,
    "hscan": judge_cursor_in_key,
    "sscan": judge_cursor_in_key,
    "zscan": judge_cursor_in_key,
}
