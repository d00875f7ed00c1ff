"""A clock that stands still until it is turned on, for a broker whose time belongs to a test.

While such a broker runs a command, the rules and fakeredis ask its clock for the time, in that
thread; everybody else is told the time of day.
"""

import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from .server import EmbeddedServer


class Clock:
    """A clock that is turned on by hand; `now` is in seconds since 1970."""

    def __init__(self, now: float | None = None) -> None:
        self.now = time.time() if now is None else now
        self.servers: WeakSet[EmbeddedServer] = WeakSet()

    def turn_on(self, seconds: float) -> None:
        """Let so much time pass: keys expire and waits end, each at its moment."""
        end = self.now + seconds
        while (moment := self._next()) is not None and self.now < moment <= end:
            self._be(moment)
        self._be(end)

    def _next(self) -> float | None:
        moments = [server.next_wake() for server in self.servers]
        return min((moment for moment in moments if moment is not None), default=None)

    def _be(self, moment: float) -> None:
        self.now = moment
        for server in list(self.servers):
            server.end_waits()


class _Asked(threading.local):
    """Which clock is asked in this thread; None is the time of day."""

    clock: Clock | None = None


_asked = _Asked()


class _BrokerTime:
    """The module `time`, for who runs the commands of a broker that may have a clock."""

    def time(self) -> float:
        return _asked.clock.now if _asked.clock else time.time()

    def monotonic(self) -> float:
        return _asked.clock.now if _asked.clock else time.monotonic()

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


broker_time = _BrokerTime()


class ClockedLock:
    """A lock that its holder may take again, and under which a clock is asked for the time."""

    def __init__(self, clock: Clock) -> None:
        for module in [part for name, part in sys.modules.items() if name.startswith("fakeredis")]:
            if vars(module).get("time") is time:
                vars(module)["time"] = broker_time
        self._clock, self._lock = clock, threading.RLock()
        self._before: list[Clock | None] = []

    def __enter__(self) -> None:
        self._lock.acquire()
        self._before.append(_asked.clock)
        _asked.clock = self._clock

    def __exit__(self, *error: object) -> None:
        _asked.clock = self._before.pop()
        self._lock.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lock, name)  # threading.Condition releases it while it waits


def no_timer(seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
    """Set no timer: whoever turns a clock on ends the waits."""
    return lambda: None
