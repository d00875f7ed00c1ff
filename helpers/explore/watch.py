"""End a program that goes on and on without an `await`: somebody looks on, from a thread.

A browser has no threads: there, nobody looks on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import CourseError
from .loop import Clock

LOOKS, SECONDS = 5, 1.0
"""After how many looks at the same turn it is taken to have no end, and how far they are apart."""

ENDLESS = (
    "A program that is explored went on for seconds without an `await`: look for a loop without "
    "an end, and leave out what takes long to compute."
)


class TooLong(BaseException):
    """The end of such a program, from inside. Not an Exception, so few handlers swallow it."""


@contextmanager
def watched(clock: Clock) -> Iterator[None]:
    """End a turn that takes seconds. Raises CourseError where there was one."""
    over = threading.Event()
    watch = threading.Thread(target=_look_on, args=(clock, threading.get_ident(), over))
    watch.daemon = True
    try:
        watch.start()
    except RuntimeError:
        over.set()
    try:
        yield
    except TooLong:
        raise CourseError(ENDLESS) from None
    finally:
        if not over.is_set():
            over.set()
            watch.join()


def _look_on(clock: Clock, thread: int, over: threading.Event) -> None:
    import ctypes  # here: a browser, where no thread begins, may be without it

    turn, looks = 0, 0
    while not over.wait(SECONDS):
        looks = looks + 1 if clock.turning and clock.turns == turn else 0
        turn = clock.turns
        if looks >= LOOKS:
            clock.refused = CourseError(ENDLESS)
            wakes = ctypes.c_ulong(thread), ctypes.py_object(TooLong)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(*wakes)
