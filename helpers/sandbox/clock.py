"""Measure the time that an answer has had, so that a busy machine does not fail it."""

from __future__ import annotations

from time import monotonic, process_time

from .limits import Budget


class Clock:
    """A clock that goes by the processor while an answer gets on, by the wall while it waits."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.start()

    def start(self) -> None:
        """Begin at 0."""
        self._used = 0.0
        self._last = self._now()

    def used(self) -> float:
        """Return the seconds since the start."""
        wall, processor, got = self._now()
        before_wall, before_processor, before_got = self._last
        self._used += wall - before_wall if got == before_got else processor - before_processor
        self._last = wall, processor, got
        return self._used

    def _now(self) -> tuple[float, float, tuple[int, int]]:
        spent = self._budget
        return monotonic(), process_time(), (spent.steps, spent.commands)
