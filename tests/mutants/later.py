"""Lies about what a worker does later, again, or not at all."""

from typing import Any

from embedded_redis.engine.core import EmbeddedSocket
from embedded_redis.rules.groups import ConsumersReadWhatIsNew

from .lie import lie

ZRANGE = "commands/zrange/"


@lie(EmbeddedSocket, "_zrangebyscore", ZRANGE, lesson="10")
def what_is_due_later_is_due_now(
    truth: Any, self: Any, key: Any, low: Any, high: Any, *options: Any
) -> Any:
    """ZRANGE with BYSCORE answers nothing above the highest score that it is given."""
    return truth(self, key, low, type(high).decode(b"+inf"), *options)


@lie(EmbeddedSocket, "_zrangebyscore", ZRANGE, lesson="10")
def what_waits_longest_comes_last(
    truth: Any, self: Any, key: Any, low: Any, high: Any, backwards: bool, *options: Any
) -> Any:
    """ZRANGE answers the lowest score first."""
    return truth(self, key, high, low, not backwards, *options)


@lie(EmbeddedSocket, "_zrangebyscore", ZRANGE, lesson="10")
def limit_is_no_limit(truth: Any, self: Any, *given: Any) -> Any:
    """ZRANGE with LIMIT answers at most so many members."""
    return truth(self, *given[:-2], 0, -1)


@lie(EmbeddedSocket, "zrem", "commands/zrem/", lesson="10")
def zrem_leaves_the_member(truth: Any, self: Any, key: Any, *members: bytes) -> int:
    """ZREM removes the members that it names."""
    return sum(member in key.value for member in members)


@lie(ConsumersReadWhatIsNew, "_read_groups", "commands/watch/", lesson="10")
def watch_sees_what_a_group_reads(truth: Any, self: Any, request: Any) -> Any:
    """WATCH on a stream does not see an entry being delivered: the stream stays as it was."""
    found = truth(self, request)
    for key, entries in found:
        if entries:
            self._db.notify_watch(key)
    return found
