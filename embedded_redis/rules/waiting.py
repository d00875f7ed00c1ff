"""Rules about clients that wait: who is served, and when a wait ends."""

from collections.abc import Callable
from typing import Any

from ..engine._fakeredis import NoResponse, SimpleError, XStream, ZSet
from ..engine.clock import no_timer
from ..engine.core import EmbeddedSocket
from ..engine.waiting_room import Waiter


class WaitersAreServedFirstComeFirstServed(EmbeddedSocket):
    """A blocked client is served in the order of arrival, once the command that feeds it has ended.

    Follows https://redis.io/docs/latest/commands/blpop/
    """

    _waiter: Waiter | None = None

    def _blocking(
        self,
        timeout: float | None,
        func: Callable[[bool], Any],
        shape: Callable[[Any], Any] | None = None,
    ) -> Any:
        shaped = shape or (lambda reply: reply)
        reply = func(True)
        if reply is not None or self._in_transaction:
            return shaped(reply)
        self._wait(timeout, lambda: func(True), shaped)
        return NoResponse()

    def _wait(
        self, timeout: float | None, attempt: Callable[[], Any], shape: Callable[[Any], Any]
    ) -> None:
        name, arguments = self.running
        outlet = self._outlet
        assert outlet is not None, "a client that is gone sends no command"
        wake_in = no_timer if self._server.clock else outlet.wake_in

        def answer(reply: Any) -> None:
            self._waiter, self._blocked = None, False
            self.put_response(reply if isinstance(reply, SimpleError) else shape(reply))
            self._server.resumable.append(self)

        places = dict.fromkeys((self._db, key) for key in keys_waited_for(name, arguments))
        waiter = self._waiter = Waiter(tuple(places), attempt, wakes_on(name), answer, wake_in)
        self._blocked = True
        self.pause()
        self._server.room.enter(waiter, timeout)
        if timeout:
            waiter.cancel_timer = wake_in(timeout, lambda: self._time_is_over(waiter))

    def _time_is_over(self, waiter: Waiter) -> None:
        with self._server.lock:
            self._server.room.finish(waiter, None)
            self._server.settle()
            self._server.send_replies()


def keys_waited_for(name: str, arguments: list[bytes]) -> list[bytes]:
    """Name the keys that a blocking command waits for."""
    if name in ("blmove", "brpoplpush"):
        return arguments[:1]
    if name in ("blmpop", "bzmpop"):
        return arguments[2 : 2 + int(arguments[1])]
    if name in ("xread", "xreadgroup"):
        return streams_read(arguments)
    return arguments[:-1] if name.startswith("b") else []


def streams_read(arguments: list[bytes]) -> list[bytes]:
    """Name the streams of XREAD or XREADGROUP: a group, too, may be called STREAMS."""
    words_after = {b"count": 1, b"block": 1, b"group": 2}
    position = 0
    while arguments[position].lower() != b"streams":
        position += 1 + words_after.get(arguments[position].lower(), 0)
    keys_and_ids = arguments[position + 1 :]
    return keys_and_ids[: len(keys_and_ids) // 2]


def wakes_on(name: str) -> Callable[[Any], bool]:
    """Say which values of a key make its waiters run their command again."""
    if name == "xreadgroup":
        return lambda value: True  # a missing key too: then the group is gone
    kind = XStream if name == "xread" else ZSet if name.startswith("bz") else list
    return lambda value: isinstance(value, kind)


RULES = (WaitersAreServedFirstComeFirstServed,)
