"""Where the broker writes its replies: an asyncio stream, or the buffer of a blocking client."""

import asyncio
import threading
import types
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Protocol

from .clock import ClockedLock


class Outlet(Protocol):
    """The client's end of a connection, as the broker sees it."""

    def feed(self, data: bytes) -> None:
        """Keep bytes for the client, in order, until they are delivered."""

    def close(self) -> None:
        """Note that the broker has closed the connection: nothing follows."""

    def deliver(self, ahead: bool = False) -> None:
        """Send what is kept to the client, from any thread; maybe ahead of whose command runs."""

    def wake_in(self, seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
        """Arrange for a wait to end in time; return what cancels that."""


@types.coroutine
def next_turn() -> Generator[None, None, None]:
    """Let one turn of the loop pass, as asyncio.sleep(0) does; this is for every command."""
    yield


class ReplyReader(asyncio.StreamReader):
    """A stream of whole replies, which arrive in a later turn of the loop, as on a network."""

    _buffer: bytearray  # both are asyncio's own, and in no list of its types
    _eof: bool

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.on_its_way: deque[bytes] = deque()
        self.ends = False

    def arrive(self) -> None:
        """Let arrive what is on its way; whoever reads goes on in the next turn of the loop."""
        while self.on_its_way:
            self.feed_data(self.on_its_way.popleft())
        if self.ends:
            self.feed_eof()

    async def _wait_for_data(self, func_name: str) -> None:
        there = len(self._buffer)
        if self.on_its_way:  # it arrives in the next turn: no future is needed to wait for that
            await next_turn()
        if len(self._buffer) == there and not self._eof:
            await super()._wait_for_data(func_name)  # type: ignore[misc] # asyncio's own, too

    async def readline(self) -> bytes:
        while not (end := self._buffer.find(b"\n") + 1) and not self._eof:
            await self._wait_for_data("readuntil")
        return self._taken(end or len(self._buffer))

    async def readexactly(self, n: int) -> bytes:
        return self._taken(n) if len(self._buffer) >= n else await super().readexactly(n)

    async def read_arrived(self) -> bytes:
        """Return all that has arrived, once something has; nothing at the end."""
        if not self._buffer and self.on_its_way:
            await next_turn()
        if not self._buffer and not self._eof:
            await self._wait_for_data("read_arrived")
        arrived = bytes(self._buffer)
        self._buffer.clear()
        return arrived

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class StreamOutlet:
    """An outlet that feeds an asyncio.StreamReader, in the thread and the loop of its client."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self.reader = ReplyReader(self._loop)
        self.feed = self.reader.on_its_way.append

    def close(self) -> None:
        self.reader.ends = True

    def deliver(self, ahead: bool = False) -> None:
        try:
            if threading.get_ident() != self._thread:
                self._loop.call_soon_threadsafe(self.reader.arrive)
            elif ahead:
                self.reader.arrive()
            else:
                self._loop.call_soon(self.reader.arrive)
        except RuntimeError:  # the loop is closed: nobody listens any more
            pass

    def wake_in(self, seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
        timers: list[asyncio.TimerHandle] = []
        self._in_loop(lambda: timers.append(self._loop.call_later(seconds, expire)))

        def cancel() -> None:
            for timer in timers:
                timer.cancel()

        return lambda: self._in_loop(cancel)

    def _in_loop(self, action: Callable[[], object]) -> None:
        with suppress(RuntimeError):
            if threading.get_ident() == self._thread:
                action()
            else:
                self._loop.call_soon_threadsafe(action)


class BufferOutlet:
    """An outlet that keeps bytes until a blocking client asks for them."""

    def __init__(self, lock: "threading.RLock | ClockedLock") -> None:
        self._arrived = threading.Condition(lock)  # type: ignore[arg-type] # it is as good
        self._buffer = bytearray()
        self._ended = False

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def close(self) -> None:
        self._ended = True

    def deliver(self, ahead: bool = False) -> None:
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
