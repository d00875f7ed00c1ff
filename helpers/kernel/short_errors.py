"""Show what Redis refused in three lines, not with sixty of the inside of redis-py."""

from __future__ import annotations

import asyncio
import linecache
import traceback
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

import redis

SHORTENED = (redis.RedisError, asyncio.CancelledError, KeyboardInterrupt, TimeoutError)

STOPPED = "Stopped. The broker and your clients are well: go on with any cell."
CANCELLED = "What this cell waits for was cancelled: run the cell that started it again."
ALREADY = (
    "This cell has probably run already: begin at the lesson's first cell "
    "(Run, Run All Cells), or go on."
)
NOBODY_ANSWERS = (
    "No broker answers any more: if it is a server of your own, start it; "
    "then begin at the lesson's first cell."
)
ADVICE = {
    "equal or smaller than the target stream": ALREADY,
    "BUSYGROUP": ALREADY,
    # Of BLPOP and its kind, in until_blocked: what the last run left has served them.
    "(whose B": ALREADY,
    "(whose XREAD": ALREADY,
    "connecting to": NOBODY_ANSWERS,
    "Connection refused": NOBODY_ANSWERS,
}


def shorten_errors(shell: Any, was_stopped: Callable[[], bool]) -> None:
    """Let a shell show errors of Redis, and of waiting, with the learner's own line only.

    `traceback.print_exception(error)` has the whole. A shell with a handler of its own keeps it.
    """

    def show(shell: Any, kind: type, error: BaseException, trace: Any, **more: Any) -> None:
        lines = [*_place(trace, shell.user_ns), *_advice(error, was_stopped())]
        last = shell.InteractiveTB.get_exception_only(kind, error)[-1].rstrip()
        # IPython asks for these lines twice: to show them, and to keep them in its history.
        vars(error)["_render_traceback_"] = lambda: [*lines, last]
        shell.showtraceback((kind, error, trace), running_compiled_code=True)

    if not shell.custom_exceptions:
        shell.set_custom_exc(SHORTENED, show)


def _place(trace: TracebackType, names: dict[str, Any]) -> list[str]:
    """Quote the line of the cell, and the line of the learner's own function that it called."""
    frames = [each for each in traceback.walk_tb(trace) if each[0].f_globals is names]
    if not frames:
        return []
    cell, inner = frames[0], frames[-1]
    place = f"Line {cell[1]}: {_line(*cell)}"
    if inner[0] is not cell[0]:
        place += f"   (in {inner[0].f_code.co_name}: {_line(*inner)})"
    return [place]


def _line(frame: FrameType, number: int) -> str:
    return linecache.getline(frame.f_code.co_filename, number).strip()


def _advice(error: BaseException, stopped: bool) -> list[str]:
    if isinstance(error, KeyboardInterrupt):
        return [STOPPED]
    if isinstance(error, asyncio.CancelledError):
        return [STOPPED if stopped else CANCELLED]
    return [advice for words, advice in ADVICE.items() if words in str(error)][:1]
