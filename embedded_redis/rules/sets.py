"""Rules of sets and sorted sets."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..engine._fakeredis import FLAG_NO_SCRIPT, CommandItem
from ..engine.arguments import key_count, timeout_in_seconds
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


class SortedSetPopsCheckTheTimeout(EmbeddedSocket):
    """BZPOPMIN, BZPOPMAX and BZMPOP read the timeout as BLPOP does.

    Follows https://redis.io/docs/latest/commands/bzpopmin/
    """

    @command("bzpopmin", flags=(FLAG_NO_SCRIPT,))
    def bzpopmin(self, *arguments: bytes) -> Any:
        return self._pop_when_ready(arguments, False)

    @command("bzpopmax", flags=(FLAG_NO_SCRIPT,))
    def bzpopmax(self, *arguments: bytes) -> Any:
        return self._pop_when_ready(arguments, True)

    @command("bzmpop", flags=(FLAG_NO_SCRIPT,))
    def bzmpop(self, timeout: bytes, numkeys: bytes, *options: bytes) -> Any:
        keys = key_count(numkeys)  # judged before the timeout
        return super().bzmpop(timeout_in_seconds(timeout), keys, *options)

    def _pop_when_ready(self, arguments: Sequence[bytes], reverse: bool) -> Any:
        *keys, timeout = arguments
        pop: Any = partial(self._bzpop, keys, reverse)  # fakeredis says that it returns nothing
        return self._blocking(timeout_in_seconds(timeout), pop)


RULES = (
    MembersAreSentAsASet,
    SortedSetPopsCheckTheTimeout,
)
