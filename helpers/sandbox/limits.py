"""Bound what a learner's code may do: steps and commands. It needs no threads.

Its own steps are counted, and those of Python and of packages are not: what is stuck in there is
woken by the alarm, where the system has one.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import redis

import embedded_redis

STEPS = 2_000_000  # bytecodes; a good answer takes a few thousand, ten thousand prints a million
COMMANDS = 1_500  # a good answer takes five for each of 130 entries, and pages of a thousand
RAISED = 50  # errors of an answer that are kept in mind
COMMANDS_EACH = 10  # more for each thing of a large scene

# True in the context of a learner's code and in all tasks that it starts.
is_foreign: ContextVar[bool] = ContextVar("is_foreign", default=False)

# What is traced is twice as slow. So what judges is not, where that can be told at each turn; from
# Python 3.12 on, each change of what is traced has a price itself.
BY_TURNS = sys.version_info < (3, 12)

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
        self.raised: list[tuple[BaseException, int]] = []  # in a learner's code, and in which line
        self._allowed = COMMANDS
        self._watching = False
        self._trace = self._entered  # one object, alive for as long as Python may call it

    def end(self, why: str) -> None:
        """Let the learner's code end at its next step."""
        self.spent = self.spent or why

    def allow(self, things: int) -> None:
        """Allow more commands to an answer that meets so many things."""
        self._allowed += things * COMMANDS_EACH
        self.commands += things * COMMANDS_EACH

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
            most = f"{self._allowed:,} commands"
            self.end(f"sent more than {most} and was stopped: look for its loop")
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
            with self._at_each_turn():
                yield
        finally:
            self._watching = False
            _set_trace(before)

    @contextmanager
    def _at_each_turn(self) -> Iterator[None]:
        """Trace whenever the loop gives a learner's code a turn."""
        kind: Any = asyncio.Handle
        run = kind._run

        def watched(handle: Any) -> None:
            if handle._context.get(is_foreign):
                handle._args = (handle._callback, *handle._args)
                handle._callback = self._traced
            run(handle)

        kind._run = watched if BY_TURNS else run
        try:
            yield
        finally:
            kind._run = run

    def _traced(self, turn: Callable[..., Any], *given: Any) -> None:
        _set_trace(self._trace)
        turn(*given)

    def _entered(self, frame: FrameType, event: str, arg: Any) -> "_Steps | None":
        if not is_foreign.get():
            if BY_TURNS:
                _set_trace(None)  # until the next turn of a learner's
            return None
        # What judges must not be stopped in place of what is judged.
        return None if is_library(frame.f_code) else _Steps(_count, self)

    def rearm(self) -> None:
        """Trace again, from the frame that runs down to the code that called the learner's."""
        if not self._watching or sys.gettrace() or not is_foreign.get():
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
    if event == "exception" and len(budget.raised) < RAISED and isinstance(arg[1], Exception):
        budget.raised.append((arg[1], frame.f_lineno - frame.f_code.co_firstlineno + 1))
    if is_foreign.get():
        budget.step()


def is_library(code: CodeType) -> bool:
    """Say whether code belongs to Python, to a package or to this project."""
    return _is_of_a_library(code.co_filename)


@lru_cache(maxsize=10_000)
def _is_of_a_library(file: str) -> bool:
    return file.startswith(_LIBRARIES)
