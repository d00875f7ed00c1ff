"""Send what the outbox holds, at least once: an event is forgotten only when Redis has replied."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from random import SystemRandom
from typing import cast

from redis.typing import EncodableT, FieldT

from .address import FAILURES, ClassAddress, Client
from .event import Event
from .outbox import Outbox

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds
STOP_LIMIT = 5.0  # seconds
CHANCE = SystemRandom()  # the seeds of a learner, and of a lesson, are left alone


class Sender:
    """A coroutine that sends; whoever puts something into the outbox calls `wake`."""

    def __init__(self, address: ClassAddress, outbox: Outbox) -> None:
        self._address = address
        self._outbox = outbox
        self._news = asyncio.Event()
        self._is_over = False
        self.failures = 0  # in a row

    def wake(self) -> None:
        """Look into the outbox now, whatever is waited for."""
        self._news.set()

    def end(self) -> None:
        """Let `run` end. To cancel it may not do: redis-py can lose a cancellation."""
        self._is_over = True
        self.wake()

    async def run(self) -> None:
        """Send, wait for news, and send again; after a failure, try again without any."""
        client = self._address.client()
        try:
            while not self._is_over:
                self._news.clear()
                self.failures = 0 if await self._send_all(client) else self.failures + 1
                await self._rest()
        finally:
            await client.aclose()

    async def _send_all(self, client: Client) -> bool:
        try:
            for name, event in self._outbox.waiting().items():
                await send(client, self._address.stream, event)
                self._outbox.remove(name)
        except FAILURES:
            return False
        return True

    async def _rest(self) -> None:
        pause = _pause(self.failures) if self.failures else None
        with contextlib.suppress(TimeoutError):
            # Not wait_for: in Python 3.11 it loses a cancellation that comes with the news.
            async with asyncio.timeout(pause):
                await self._news.wait()


def _pause(failures: int) -> float:
    """Return twice the seconds of the last time, more or less: 300 must not call at once."""
    doubled = FIRST_PAUSE * 2.0 ** min(failures - 1, 10)
    return min(doubled, LONGEST_PAUSE) * CHANCE.uniform(0.5, 1.0)


async def send(client: Client, stream: str, event: Event) -> None:
    """Add an event to the stream. Raises one of FAILURES, and then nobody knows whether it arrived.

    Follows https://redis.io/docs/latest/commands/xadd/
    """
    await client.xadd(stream, cast("dict[FieldT, EncodableT]", event.fields()))


class Background:
    """A sender in a thread of its own: no cell waits for it, and no cell that blocks stops it."""

    def __init__(self, address: ClassAddress, outbox: Outbox) -> None:
        self._outbox = outbox
        self._loop = asyncio.new_event_loop()
        # A client that a cluster refused complains to the loop, which would print it in a cell.
        self._loop.set_exception_handler(lambda *_: None)
        self._sender = Sender(address, outbox)
        self._sending = self._loop.create_task(self._sender.run())
        self._thread = threading.Thread(target=self._run, name="class", daemon=True)
        self._thread.start()

    @property
    def is_failing(self) -> bool:
        """Tell whether the last try failed."""
        return self._sender.failures > 0

    def send(self, event: Event) -> None:
        """Keep an event, and have it sent."""
        self._outbox.put(event)
        self.wake()

    def wake(self) -> None:
        """Look into the outbox now."""
        self._loop.call_soon_threadsafe(self._sender.wake)

    def stop(self) -> None:
        """Stop sending; what has not arrived stays in the outbox."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(STOP_LIMIT)

    def _end(self) -> None:
        self._sender.end()
        self._sending.cancel()  # whatever it waits for

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._sending)
        self._loop.close()
