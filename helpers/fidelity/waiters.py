"""Rules about clients that wait: who is served, and when a wait ends."""

from collections.abc import Callable
from typing import Any

from ._fakeredis import NoResponse, SimpleError, XStream, ZSet
from .waiting_room import Waiter


class WaitersAreServedFirstComeFirstServed:
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

        def answer(reply: Any) -> None:
            self._waiter, self._blocked = None, False
            if waiter.timer:
                waiter.timer()
            self.put_response(reply if isinstance(reply, SimpleError) else shape(reply))
            self._server.resumable.append(self)

        places = [(self._db, key) for key in keys_waited_for(name, arguments)]
        waiter = self._waiter = Waiter(places, attempt, wakes_on(name), answer)
        self._blocked = True
        self.pause()
        self._server.room.enter(waiter, timeout)
        if timeout:
            waiter.timer = self._outlet.wake_in(timeout, lambda: self.end_wait(None))

    def end_wait(self, reply: Any) -> None:
        """End this client's wait from outside: its time is over, or CLIENT UNBLOCK."""
        with self._server.lock:
            if self._waiter:
                self._server.room.finish(self._waiter, reply)
                self._server.settle()


def keys_waited_for(name: str, arguments: list[bytes]) -> list[bytes]:
    """Name the keys that a blocking command waits for."""
    if name in ("blmove", "brpoplpush"):
        return arguments[:1]
    if name in ("blmpop", "bzmpop"):
        return arguments[2 : 2 + int(arguments[1])]
    if name in ("xread", "xreadgroup"):
        lowered = [word.lower() for word in arguments]
        streams = arguments[lowered.index(b"streams") + 1 :]
        return streams[: len(streams) // 2]
    return arguments[:-1] if name.startswith("b") else []


def wakes_on(name: str) -> Callable[[Any], bool]:
    """Say which values of a key make its waiters run their command again."""
    if name == "xreadgroup":
        return lambda value: True  # a missing key too: then the group is gone
    kind = XStream if name == "xread" else ZSet if name.startswith("bz") else list
    return lambda value: isinstance(value, kind)


RULES = (WaitersAreServedFirstComeFirstServed,)
