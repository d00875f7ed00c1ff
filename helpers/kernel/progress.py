"""Say how far something that takes long has come: one line, which is gone at its end."""

from __future__ import annotations

import asyncio
import sys
import uuid
from time import perf_counter

from .beside import show_beside
from .kernel import running_shell

SECONDS = 1.0  # before the first line, and between two

_at_work: list[Progress] = []  # what is within another one leaves the line to that


class Progress:
    """A line in a cell or in a terminal; elsewhere nothing."""

    def __init__(self) -> None:
        self._next = perf_counter() + SECONDS
        self._shown = ""
        self._id = uuid.uuid4().hex
        self._timer: asyncio.TimerHandle | None = None
        _at_work.append(self)

    def tell(self, text: str) -> None:
        """Show this line, if it is time."""
        if perf_counter() >= self._next and _at_work[0] is self:
            self._next = perf_counter() + SECONDS
            self._show(text)

    def keep(self, text: str) -> None:
        """Show this line as soon as it is time, if nothing else is told until then."""
        if self._timer:
            self._timer.cancel()
        wait = max(0.0, self._next - perf_counter())
        self._timer = asyncio.get_running_loop().call_later(wait, self._due, text)

    def end(self) -> None:
        """Take the line away."""
        _at_work.remove(self)
        if self._timer:
            self._timer.cancel()
        if self._shown:
            self._show("")

    def _due(self, text: str) -> None:
        self._next = 0.0  # a timer may ring a little early
        self.tell(text)

    def _show(self, text: str) -> None:
        if running_shell():
            show_beside(text, self._id, update=bool(self._shown))
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r{text:<{len(self._shown)}}\r{text}")
            sys.stderr.flush()
        self._shown = text or " "
