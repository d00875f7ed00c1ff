"""Where the broker writes its replies: an asyncio stream, or the buffer of a blocking client."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol


class Outlet(Protocol):
    """The client's end of a connection, as the broker sees it."""

    def feed(self, data: bytes) -> None:
        """Keep bytes for the client, in order, until they are delivered."""

    def close(self) -> None:
        """Note that the broker has closed the connection: nothing follows."""

    def deliver(self) -> None:
        """Send what is kept on its way to the client, from any thread."""

    def wake_in(self, seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
        """Arrange for a wait to end in time; return what cancels that."""


class ReplyReader(asyncio.StreamReader):
    """A stream of whole replies: what has arrived is taken without a detour."""

    async def readline(self) -> bytes:
        while not (end := self._buffer.find(b"\n") + 1) and not self._eof:
            await self._wait_for_data("readuntil")
        return self._taken(end or len(self._buffer))

    async def readexactly(self, n: int) -> bytes:
        return self._taken(n) if len(self._buffer) >= n else await super().readexactly(n)

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class StreamOutlet:
    """Feeds an asyncio.StreamReader: as on a network, bytes arrive in a later turn of the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._kept: deque[bytes] = deque()
        self._ended = False
        self.reader = ReplyReader(loop=self._loop)

    def feed(self, data: bytes) -> None:
        self._kept.append(data)

    def close(self) -> None:
        self._ended = True

    def deliver(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            if threading.get_ident() == self._thread:
                self._loop.call_soon(self._arrive)
            else:
                self._loop.call_soon_threadsafe(self._arrive)

    def wake_in(self, seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
        timers: list[asyncio.TimerHandle] = []
        self._in_loop(lambda: timers.append(self._loop.call_later(seconds, expire)))
        return lambda: self._in_loop(lambda: [timer.cancel() for timer in timers])

    def _in_loop(self, action: Callable[[], object]) -> None:
        with suppress(RuntimeError):
            if threading.get_ident() == self._thread:
                action()
            else:
                self._loop.call_soon_threadsafe(action)

    def _arrive(self) -> None:
        while self._kept:
            self.reader.feed_data(self._kept.popleft())
        if self._ended:
            self.reader.feed_eof()


class BufferOutlet:
    """Keeps bytes until a blocking client asks for them."""

    def __init__(self, lock: threading.RLock) -> None:
        self._arrived = threading.Condition(lock)
        self._buffer = bytearray()
        self._ended = False

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def close(self) -> None:
        self._ended = True

    def deliver(self) -> None:
        with self._arrived:
            self._arrived.notify_all()

    def wake_in(self, seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
        with self._arrived:
            self._arrived.notify_all()  # whoever takes bytes looks at the clock, and now again
        return lambda: None

    def has_news(self) -> bool:
        """Say whether `take` would return at once."""
        return bool(self._buffer) or self._ended

    def wait(self, seconds: float | None) -> None:
        """Wait until bytes arrive or the time is over; the caller holds the lock."""
        self._arrived.wait(seconds)

    def take(self, size: int) -> bytes:
        """Take up to so many bytes; nothing is left only when the connection is closed."""
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken
