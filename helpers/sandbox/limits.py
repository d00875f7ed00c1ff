"""Bound what a learner's code may do: steps and commands. It needs no threads.

Its own steps are counted, and those of Python and of packages are not: what is stuck in there is
woken by the alarm, where the system has one.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import redis

import embedded_redis

STEPS = 2_000_000  # bytecodes; a good answer takes a few thousand, ten thousand prints a million
COMMANDS = 1_500  # a good answer takes five for each of 130 entries, and pages of a thousand

# True in the context of a learner's code and in all tasks that it starts.
is_foreign: ContextVar[bool] = ContextVar("is_foreign", default=False)

_set_trace = sys.settrace  # a learner's code may not call it
_ROOMS = ("sandbox", "exercises", "practice", "lessons")
_OURS = tuple(str(Path(__file__).parents[1] / room) for room in _ROOMS)
_LIBRARIES = (
    "<frozen",
    str(Path(os.__file__).parent),
    str(Path(redis.__file__).parent.parent),
    str(Path(embedded_redis.__file__).parent),
    str(Path(__file__).parent.parent),
)


class Stopped(BaseException):
    """The end of a learner's code, from inside. Not an Exception, so few handlers swallow it."""


class Budget:
    """A budget that counts what is used up. Once it is spent, each further step raises Stopped."""

    def __init__(self) -> None:
        self.steps = STEPS
        self.commands = COMMANDS
        self.spent = ""  # the reason, in words
        self._watching = False
        self._trace = self._entered  # one object, alive for as long as Python may call it

    def end(self, why: str) -> None:
        """Let the learner's code end at its next step."""
        self.spent = self.spent or why

    def step(self) -> None:
        """Take one step."""
        self.steps -= 1
        if self.steps < 0:
            self.end("ran on and on and was stopped: look for a loop without an end")
        self.stop_if_spent()

    def command(self) -> None:
        """Send one command."""
        self.commands -= 1
        if self.commands < 0:
            self.end(f"sent more than {COMMANDS:,} commands and was stopped: look for its loop")
        self.stop_if_spent()

    def stop_if_spent(self) -> None:
        if self.spent:
            raise Stopped(self.spent)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count the steps of guests; put back what traced before."""
        before = sys.gettrace()
        self._watching = True
        _set_trace(self._trace)
        try:
            yield
        finally:
            self._watching = False
            _set_trace(before)

    def _entered(self, frame: FrameType, event: str, arg: Any) -> "_Steps | None":
        if not is_foreign.get() or frame.f_code.co_filename.startswith(_OURS):
            return None  # what judges must not be stopped in place of what is judged
        return None if is_library(frame.f_code) else _Steps(_count, self)

    def rearm(self) -> None:
        """Trace again, from the frame that runs down to the code that called the learner's."""
        if not self._watching or sys.gettrace():
            return
        frame: FrameType | None = sys._getframe(2)
        while frame and not frame.f_code.co_filename.startswith(_OURS):
            if frame.f_trace is None and not is_library(frame.f_code):
                frame.f_trace = _Steps(_count, self)
            frame = frame.f_back
        _set_trace(self._trace)


class _Steps(partial):
    """The trace function of one frame: it counts the steps."""

    def __del__(self) -> None:
        # Python drops every trace function once one of them has raised. A handler that swallows
        # Stopped would go on uncounted, so tracing starts again in the moment of the drop. (As a
        # partial it is not a local variable of a frame, so that no traceback delays that moment.)
        self.args[0].rearm()


def _count(budget: Budget, frame: FrameType, event: str, arg: Any) -> None:
    frame.f_trace_opcodes = True  # a loop within one line has no events of lines
    if is_foreign.get():
        budget.step()


def is_library(code: CodeType) -> bool:
    """Say whether code belongs to Python, to a package or to this project."""
    return code.co_filename.startswith(_LIBRARIES)
