"""Rules of sets and sorted sets."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..engine._fakeredis import (
    FLAG_NO_SCRIPT,
    CommandItem,
    ExpiringMembersSet,
    Hash,
    Int,
    Key,
    ZSet,
)
from ..engine.arguments import (
    MAX_INTEGER,
    SYNTAX_ERROR,
    WRONG_TYPE,
    fail,
    follows,
    integer_between,
    is_word,
    key_count,
    read_pop_many,
    timeout_in_seconds,
)
from ..engine.commands import command
from ..engine.core import EmbeddedSocket
from ..engine.wire import RespSet


class MembersAreSentAsASet(EmbeddedSocket):
    """Under RESP3 the members of a set are no array: they have no order.

    Follows https://redis.io/docs/latest/commands/smembers/
    """

    def smembers(self, key: CommandItem) -> Any:
        return RespSet(super().smembers(key))

    def sinter(self, *keys: CommandItem) -> Any:
        return RespSet(super().sinter(*keys))

    def sunion(self, *keys: CommandItem) -> Any:
        return RespSet(super().sunion(*keys))

    def sdiff(self, *keys: CommandItem) -> Any:
        return RespSet(super().sdiff(*keys))


class SortedSetPopsCheckTheirNumbers(EmbeddedSocket):
    """BZPOPMIN, BZPOPMAX and BZMPOP read the timeout as BLPOP does, ZMPOP its keys as LMPOP does.

    Follows https://redis.io/docs/latest/commands/bzpopmin/
    """

    @command("bzpopmin", flags=(FLAG_NO_SCRIPT,))
    def bzpopmin(self, *arguments: bytes) -> Any:
        return self._pop_when_ready(arguments, False)

    @command("bzpopmax", flags=(FLAG_NO_SCRIPT,))
    def bzpopmax(self, *arguments: bytes) -> Any:
        return self._pop_when_ready(arguments, True)

    @command("zmpop")
    def zmpop(self, *arguments: bytes) -> Any:
        keys, lowest, count = read_pop_many(arguments, b"min", b"max")
        return self._zmpop(keys, count, not lowest, True)

    @command("bzmpop", flags=(FLAG_NO_SCRIPT,))
    def bzmpop(self, timeout: bytes, *arguments: bytes) -> Any:
        keys, lowest, count = read_pop_many(arguments, b"min", b"max")  # judged before the timeout
        pop: Any = partial(self._zmpop, keys, count, not lowest)
        return self._blocking(timeout_in_seconds(timeout), pop)

    def _pop_when_ready(self, arguments: Sequence[bytes], reverse: bool) -> Any:
        *keys, timeout = arguments
        pop: Any = partial(self._bzpop, keys, reverse)  # fakeredis says that it returns nothing
        return self._blocking(timeout_in_seconds(timeout), pop)


class AMissingSetHasNoMembers(EmbeddedSocket):
    """SINTERCARD counts none where a set is missing.

    Follows https://redis.io/docs/latest/commands/sintercard/
    """

    @command("sintercard")
    def sintercard(self, numkeys: bytes, *arguments: bytes) -> int:
        count = key_count(numkeys)
        keys, options = arguments[:count], arguments[count:]
        if count > len(arguments):
            fail("ERR Number of keys can't be greater than number of args")
        limit = _limit_of(options)
        shared = len(set.intersection(*map(self._members, keys)))
        return min(limit or shared, shared)

    def _members(self, key: bytes) -> set[bytes]:
        item = CommandItem(key, self._db, item=self._db.get(key), default=ExpiringMembersSet())
        if not isinstance(item.value, ExpiringMembersSet):
            fail(WRONG_TYPE)
        return set(item.value)


class WhatWasAskedForByCountIsACollection(EmbeddedSocket):
    """SPOP, HRANDFIELD and ZRANDMEMBER answer a count with a set or a list, even of none or one.

    Without a count they answer with one member, or nil.

    Follows https://redis.io/docs/latest/commands/spop/
    """

    @command("spop", (Key(ExpiringMembersSet),), (Int,))
    def spop(self, key: CommandItem, *counts: int) -> Any:
        reply = super().spop(key, *counts)
        return RespSet(reply) if counts else reply

    @command("hrandfield", (Key(Hash),))
    def hrandfield(self, key: CommandItem, *options: bytes) -> Any:
        reply = super().hrandfield(key, *options)
        return [] if options and reply is None else reply

    @command("zrandmember", (Key(ZSet),))
    def zrandmember(self, key: CommandItem, *options: bytes) -> Any:
        reply = super().zrandmember(key, *options) if key.value else []
        return reply if options else next(iter(reply), None)


class TypesAreJudgedBeforeOptions(EmbeddedSocket):
    """A union, intersection or difference of sorted sets looks at its keys before its options.

    Follows https://redis.io/docs/latest/commands/zunion/
    """

    def _zunioninterdiff(self, name: str, target: Any, count: int, *arguments: bytes) -> Any:
        if count < 1:
            fail(f"ERR at least 1 input key is needed for '{self.running[0]}' command")
        self._refuse_other_types(count, arguments)
        return super()._zunioninterdiff(name, target, count, *arguments)

    @command("zintercard", (Int, bytes))
    def zintercard(self, count: int, *arguments: bytes) -> int:
        keys, options = arguments[: max(count, 0)], arguments[max(count, 0) :]
        shared = len(self._zunioninterdiff("ZINTER", None, count, *keys))
        return min(_limit_of(options) or shared, shared)

    def _refuse_other_types(self, count: int, arguments: Sequence[bytes]) -> None:
        items = map(self._db.get, arguments[:count] if 0 < count <= len(arguments) else ())
        if any(item and not isinstance(item.value, ZSet | ExpiringMembersSet) for item in items):
            fail(WRONG_TYPE)


class AStoredRangeReplacesAnyType(EmbeddedSocket):
    """ZRANGESTORE writes over whatever its target holds.

    Follows https://redis.io/docs/latest/commands/zrangestore/
    """

    @command("zrangestore", (Key(), Key(ZSet), bytes, bytes))
    def zrangestore(self, target: CommandItem, *arguments: Any) -> int:
        return super().zrangestore(target, *arguments)


RULES = (
    MembersAreSentAsASet,
    SortedSetPopsCheckTheirNumbers,
    AMissingSetHasNoMembers,
    WhatWasAskedForByCountIsACollection,
    TypesAreJudgedBeforeOptions,
    AStoredRangeReplacesAnyType,
)


def _limit_of(options: Sequence[bytes]) -> int:
    """Read `[LIMIT limit]`, 0 for none."""
    at, limit = 0, 0
    while at < len(options):
        if not is_word(options[at], b"limit") or not follows(options, at):
            fail(SYNTAX_ERROR)
        limit = integer_between(options[at + 1], 0, MAX_INTEGER, "ERR LIMIT can't be negative")
        at += 2
    return limit
