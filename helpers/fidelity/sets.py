"""The one rule of sets that lessons touch."""

from typing import Any

from ._fakeredis import CommandItem
from .wire import RespSet


class MembersAreSentAsASet:
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


RULES = (MembersAreSentAsASet,)
