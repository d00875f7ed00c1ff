"""Rules about lists: moves, pops of several elements, positions, and the checks of arguments."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from ..engine._fakeredis import FLAG_NO_SCRIPT, CommandItem, Database, Key
from ..engine.arguments import (
    MAX_INTEGER,
    SYNTAX_ERROR,
    fail,
    follows,
    integer,
    integer_between,
    is_word,
    read_pop_many,
    timeout_in_seconds,
)
from ..engine.commands import command, known_commands, wrong_arity
from ..engine.core import EmbeddedSocket
from ..engine.values import item_at, value_of

ENDS = (b"left", b"right")


class BlockingPopsCheckTheirTimeout(EmbeddedSocket):
    """BLPOP, BRPOP and BRPOPLPUSH read the timeout before the keys, with three error texts.

    Follows https://redis.io/docs/latest/commands/blpop/
    """

    @command("blpop", flags=FLAG_NO_SCRIPT)
    def blpop(self, *arguments: bytes) -> Any:
        *keys, timeout = arguments
        return when_ready(self, timeout, partial(pop_one, self._db, keys, True))

    @command("brpop", flags=FLAG_NO_SCRIPT)
    def brpop(self, *arguments: bytes) -> Any:
        *keys, timeout = arguments
        return when_ready(self, timeout, partial(pop_one, self._db, keys, False))

    @command("brpoplpush", flags=FLAG_NO_SCRIPT)
    def brpoplpush(self, source: bytes, target: bytes, timeout: bytes) -> Any:
        return when_ready(self, timeout, partial(move, self._db, source, target, False, True))


class MovesWakeAndCheckTheirSidesFirst(EmbeddedSocket):
    """BLMOVE wakes like every blocking command; LMOVE and BLMOVE judge the sides before a key.

    Follows https://redis.io/docs/latest/commands/blmove/
    """

    @command("lmove")
    def lmove(self, source: bytes, target: bytes, take: bytes, put: bytes) -> Any:
        return move(self._db, source, target, is_left(take), is_left(put))

    @command("blmove", flags=FLAG_NO_SCRIPT)
    def blmove(self, source: bytes, target: bytes, take: bytes, put: bytes, timeout: bytes) -> Any:
        sides = is_left(take), is_left(put)
        return when_ready(self, timeout, partial(move, self._db, source, target, *sides))


class EmptiedListsDisappear(EmbeddedSocket):
    """A list whose last element LMPOP or BLMPOP takes is gone, as after LPOP.

    Follows https://redis.io/docs/latest/commands/lmpop/
    """

    @command("lmpop")
    def lmpop(self, *arguments: bytes) -> Any:
        return pop_many(self._db, *read_pop_many(arguments, *ENDS))

    @command("blmpop", flags=FLAG_NO_SCRIPT)
    def blmpop(self, timeout: bytes, *arguments: bytes) -> Any:
        attempt = partial(pop_many, self._db, *read_pop_many(arguments, *ENDS))
        return when_ready(self, timeout, attempt)


class PositionsAreSearchedAsAsked(EmbeddedSocket):
    """LPOS judges its options one by one, and all of them before the key.

    Follows https://redis.io/docs/latest/commands/lpos/
    """

    @command("lpos", (Key(), bytes))
    def lpos(self, key: CommandItem, element: bytes, *options: bytes) -> Any:
        rank, count, maxlen = read_position_options(options)
        found = positions(value_of(key, list) or [], element, rank, maxlen)
        if count is None:
            return next(found, None)
        return list(islice(found, count or None))


class AListIsCheckedBeforeTheIndex(EmbeddedSocket):
    """LINDEX looks at the key before it reads the index.

    Follows https://redis.io/docs/latest/commands/lindex/
    """

    @command("lindex", (Key(), bytes))
    def lindex(self, key: CommandItem, index: bytes) -> bytes | None:
        elements = value_of(key, list)
        if elements is None:
            return None
        at = integer(index)
        return elements[at] if -len(elements) <= at < len(elements) else None


class APopTakesOneCount(EmbeddedSocket):
    """LPOP and RPOP refuse a second count by their own names; a count of 0 takes nothing.

    Follows https://redis.io/docs/latest/commands/lpop/
    """

    @command("lpop", (Key(),))
    def lpop(self, key: CommandItem, *counts: bytes) -> Any:
        return pop_count(super().lpop, key, at_most_one("lpop", counts))

    @command("rpop", (Key(),))
    def rpop(self, key: CommandItem, *counts: bytes) -> Any:
        return pop_count(super().rpop, key, at_most_one("rpop", counts))


RULES = (
    BlockingPopsCheckTheirTimeout,
    MovesWakeAndCheckTheirSidesFirst,
    EmptiedListsDisappear,
    PositionsAreSearchedAsAsked,
    AListIsCheckedBeforeTheIndex,
    APopTakesOneCount,
)


def when_ready(client: EmbeddedSocket, timeout: bytes, attempt: Callable[[], Any]) -> Any:
    """Answer at once, or wait; a client that is woken runs the same attempt again."""
    return client._blocking(timeout_in_seconds(timeout), lambda _first: attempt())


def first_list(db: Database, keys: Iterable[bytes]) -> CommandItem | None:
    """Return the first of the keys that holds a list; another type before it is an error."""
    items = (item_at(db, key) for key in keys)
    return next((item for item in items if value_of(item, list)), None)


def at_most_one(name: str, counts: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Refuse a command with two counts."""
    if len(counts) > 1:
        raise wrong_arity(known_commands()[name])
    return counts


def pop_count(pop: Callable[..., Any], key: CommandItem, counts: tuple[bytes, ...]) -> Any:
    """Pop, but leave the key untouched for clients that watch it where nothing is taken."""
    elements = value_of(key, list) if counts == (b"0",) else None
    return [] if elements else pop(key, *counts)


def take(item: CommandItem, left: bool) -> bytes:
    """Take one element off one side of a list."""
    item.updated()
    return item.value.pop(0 if left else -1)


def pop_one(db: Database, keys: Iterable[bytes], left: bool) -> list[bytes] | None:
    """Pop from the first of the keys that holds a list."""
    item = first_list(db, keys)
    if item is None:
        return None
    element = take(item, left)
    item.writeback()
    return [item.key, element]


def pop_many(db: Database, keys: Iterable[bytes], left: bool, count: int) -> list[Any] | None:
    """Pop up to `count` elements from the first of the keys that holds a list."""
    item = first_list(db, keys)
    if item is None:
        return None
    elements = [take(item, left) for _ in range(min(count, len(item.value)))]
    item.writeback()
    return [item.key, elements]


def move(
    db: Database, source: bytes, target: bytes, from_left: bool, to_left: bool
) -> bytes | None:
    """Move one element from a list to another, or around one; a missing source moves nothing."""
    origin = first_list(db, [source])
    if origin is None:
        return None
    goal = origin if source == target else item_at(db, target)
    elements = value_of(goal, list)
    element = take(origin, from_left)
    goal.update([] if elements is None else elements)
    goal.value.insert(0 if to_left else len(goal.value), element)
    goal.writeback()
    if origin is not goal:
        origin.writeback()
    return element


def is_left(side: bytes) -> bool:
    """Read LEFT or RIGHT."""
    if not is_word(side, *ENDS):
        fail(SYNTAX_ERROR)
    return is_word(side, b"left")


def read_position_options(options: tuple[bytes, ...]) -> tuple[int, int | None, int]:
    """Read the RANK, COUNT and MAXLEN of LPOS."""
    rank, count, maxlen = 1, None, 0
    for at in range(0, len(options), 2):
        name, value = options[at].lower(), options[at + 1] if follows(options, at) else b""
        if not follows(options, at):
            fail(SYNTAX_ERROR)
        if name == b"rank":
            rank = read_rank(value)
        elif name == b"count":
            count = integer_between(value, 0, MAX_INTEGER, "ERR COUNT can't be negative")
        elif name == b"maxlen":
            maxlen = integer_between(value, 0, MAX_INTEGER, "ERR MAXLEN can't be negative")
        else:
            fail(SYNTAX_ERROR)
    return rank, count, maxlen


def read_rank(raw: bytes) -> int:
    """Read which match to begin with: the n-th, or the n-th from the end."""
    too_far = f"ERR value is out of range, value must between {-MAX_INTEGER} and {MAX_INTEGER}"
    rank = integer(raw)
    if rank < -MAX_INTEGER:
        fail(too_far)
    if rank == 0:
        fail(
            "ERR RANK can't be zero: use 1 to start from the first match, "
            "2 from the second ... or use negative to start from the end of the list"
        )
    return rank


def positions(elements: list[bytes], element: bytes, rank: int, maxlen: int) -> Iterator[int]:
    """Yield where an element stands, from its `rank`-th match on; compare `maxlen`, 0 for all."""
    indexes = range(len(elements)) if rank > 0 else range(len(elements) - 1, -1, -1)
    matches = (at for at in indexes[: maxlen or None] if elements[at] == element)
    return islice(matches, abs(rank) - 1, None)
