"""One client's connection: bytes pass to the server and back unchanged, and are noted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from traceback import extract_tb
from typing import Any

from .conversation import Conversation, Cut
from .resp import UNREAD, Passage
from .upstream import Upstream

logger = logging.getLogger(__name__)


class End(asyncio.Protocol):
    """One end of a connection: what comes in here is to go out at the other one."""

    def __init__(self, passage: Passage, note: Callable[[Any], None], owner: Connection) -> None:
        self.passage = passage
        self.note = note
        self.transport: asyncio.Transport | None = None
        self._owner = owner
        self._rests = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._owner.made(self)

    def data_received(self, data: bytes) -> None:
        self._owner.came(self, data)

    def eof_received(self) -> bool:
        self._owner.ended(self)
        return True  # the other end may still have something to say

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.ended(self)

    def pause_writing(self) -> None:
        self._owner.other(self).rest()

    def resume_writing(self) -> None:
        self._owner.other(self).go_on()

    def rest(self) -> None:
        """Read no more, until each of those who asked for it lets it go on."""
        self._rests += 1
        if self.transport and self._rests == 1:
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again, unless somebody else wants it to rest."""
        self._rests -= 1
        if self.transport and not self._rests:
            self.transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Let bytes go out here, if there is still somebody."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)

    def noted(self, data: bytes) -> Iterator[int]:
        """Note each value that is whole now, and give the number of its bytes."""
        for value, size in self.passage.feed(data):
            if value is not UNREAD:
                self._note(value)
            yield size

    def _note(self, value: Any) -> None:
        try:
            self.note(value)
        except Cut:
            raise
        except Exception as error:  # a fault of ours is no reason to break a connection
            self._owner.stop_reading()
            # Nothing that passed is told, nor what an error says of it: it may be a password.
            place = extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__} in {place.name}, line {place.lineno}"
            logger.error("What follows passes a recorder unread, which has a fault: %s", told)

    def finish(self) -> None:
        """Say that nothing more goes out here."""
        with suppress(OSError, RuntimeError, AttributeError):
            self.transport.write_eof()  # type: ignore[union-attr]

    def abort(self) -> None:
        """Break off."""
        if self.transport:
            self.transport.abort()


class Connection:
    """A client at one end, the server at the other, and what passes between them.

    `told`, if anybody wants it, is called when there is something new to tell: a reply, a wait,
    the end. `gone` is called when it is over.
    """

    def __init__(
        self,
        upstream: Upstream,
        conversation: Conversation,
        told: Callable[[], None] | None,
        gone: Callable[[Connection], None],
    ) -> None:
        self._upstream = upstream
        self._conversation = conversation
        self._told = told
        self._gone = gone
        self.client = End(Passage(of_client=True), conversation.ask, self)
        self.server = End(Passage(), conversation.answer, self)
        conversation.stop_reading = self.stop_reading
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: list[End] = []
        self._is_over = False

    def other(self, end: End) -> End:
        """Return the other end."""
        return self.server if end is self.client else self.client

    def made(self, end: End) -> None:
        """Reach for the server when the client is there."""
        if end is self.client:
            end.rest()
            self._do(self._open())

    def came(self, end: End, data: bytes) -> None:
        """Pass on what came in at an end, at once or when somebody lets it pass."""
        if self._conversation.accidents.holds_up:
            end.rest()
            self._do(self._pass_later(end, data))
        else:
            self._pass(end, data)

    def ended(self, end: End) -> None:
        """Tell the other end that nothing more comes; it is over when both have ended."""
        if self._is_over or end in self._ended:
            return
        self._ended.append(end)
        self.other(end).finish()
        if len(self._ended) == 2 or not self.server.transport:
            self.break_off()

    def break_off(self) -> None:
        """Be over, at both ends."""
        if self._is_over:
            return
        self._is_over = True
        for task in self._tasks:
            task.cancel()
        self.client.abort()
        self.server.abort()
        self._conversation.end(is_loss=self._ended[:1] != [self.client])
        self._gone(self)
        if self._told:
            self._told()

    async def _open(self) -> None:
        try:
            await self._upstream.connect(lambda: self.server)
        except OSError:
            self.break_off()  # as a server that is not there would
        else:
            self.client.go_on()

    async def _pass_later(self, end: End, data: bytes) -> None:
        """Pass on what somebody has asked to delay, or has frozen."""
        accidents = self._conversation.accidents
        if end is self.server:
            await asyncio.sleep(accidents.delay)
        await accidents.moving.wait()
        self._pass(end, data)
        end.go_on()

    def _pass(self, end: End, data: bytes) -> None:
        """Let go out what came in, and note it."""
        if self._conversation.may_be_cut:
            self._pass_noted(end, data)
        else:
            self.other(end).send(data)  # there they can work on it while it is noted here
            for _ in end.noted(data):
                pass
        if self._told and (end is self.server or self._conversation.is_blocked):
            self._told()

    def _pass_noted(self, end: End, data: bytes) -> None:
        """Note what came in, and let it go out as far as no accident comes."""
        may_pass = -end.passage.unfinished  # so much of it has passed already
        try:
            for size in end.noted(data):
                may_pass += size
        except Cut:
            self.other(end).send(data[: max(0, may_pass)])
            self.break_off()
        else:
            self.other(end).send(data)

    def stop_reading(self) -> None:
        """Let everything pass unread from here on."""
        self.client.passage.stop_reading()
        self.server.passage.stop_reading()

    def _do(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
