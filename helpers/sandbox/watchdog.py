"""Wake code that blocks the whole notebook, in a lock or a socket, where the system has signals.

Elsewhere, on Windows and in the browser, such code is not woken.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from .limits import is_library

# An error raised in there would take the place of a task's next turn: the task would hang for ever.
_LOOP = str(Path(asyncio.__file__).parent)


class Alarm:
    """An alarm that calls `ring` from inside the frame that runs, some seconds after `wind`.

    While asyncio itself is at work there, it waits for the next second.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._is_set = False

    def wind(self, seconds: float) -> None:
        """Ring after so many seconds from now, and each second from then on; 0 is never."""
        if self._is_set:
            signal.setitimer(signal.ITIMER_REAL, seconds, 1)

    @contextlib.contextmanager
    def ready(self) -> Iterator[None]:
        """Hold the signal, and give it back; do nothing where there is none, or it is in use."""
        if not _has_signal():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._heard)
        self._is_set = True
        try:
            yield
        finally:
            self._is_set = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if not _works_for_asyncio(frame):
            self._ring()


def _works_for_asyncio(frame: FrameType | None) -> bool:
    """Say whether asyncio's own work is under way above the learner's code, if there is any.

    The frame that runs may be another one, which asyncio has called: a trace function, say.
    """
    while frame and is_library(frame.f_code):
        if frame.f_code.co_filename.startswith(_LOOP):
            return True
        frame = frame.f_back
    return False


def _has_signal() -> bool:
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) in (signal.SIG_DFL, signal.SIG_IGN)
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )
