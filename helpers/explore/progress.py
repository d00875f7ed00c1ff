"""Say how far a long exploration has come: one line, which is gone at its end."""

from __future__ import annotations

import sys
import uuid
from time import perf_counter

from ..kernel import running_shell, show_beside

SECONDS = 1.0  # before the first line, and between two


class Progress:
    """A line in a cell or in a terminal; elsewhere nothing."""

    def __init__(self) -> None:
        self._next = perf_counter() + SECONDS
        self._shown = ""
        self._id = uuid.uuid4().hex

    def tell(self, text: str) -> None:
        """Show this line, if it is time."""
        if perf_counter() >= self._next:
            self._next = perf_counter() + SECONDS
            self._show(text)

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            self._show("")

    def _show(self, text: str) -> None:
        if running_shell():
            show_beside(text, self._id, update=bool(self._shown))
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r{text:<{len(self._shown)}}\r{text}")
            sys.stderr.flush()
        self._shown = text or " "
