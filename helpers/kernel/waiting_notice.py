"""Say in a cell that waits and waits who waits for what, and how to go on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..record import Waiting
from .beside import show_beside
from .cells import current_task

BETWEEN_LOOKS = 1.0  # seconds
LOOKS = 6  # so many in a row at which the cell waits for the very same thing
STOP = "Press the stop button (■) to end the wait"
HELPERS = Path(__file__).parent.parent
# These pass on what a client does. All other helpers wait with a deadline of their own.
PASSING_ON = (HELPERS / "record", HELPERS / "broker" / "guard.py", HELPERS / "faults.py")

Waits = Callable[[], list[Waiting]]


@dataclass(eq=False)
class _Watch:
    """One cell, and what it waited for at the last look."""

    task: asyncio.Task[Any]
    awaited: object = None
    looks: int = 0
    shown: str = ""  # the display id of its notice
    timer: asyncio.TimerHandle | None = None


class WaitingNotice:
    """A look at the running cell once a second, which tells when it has only waited for a while."""

    def __init__(self, shell: Any, waits: Waits) -> None:
        self._waits = waits
        self._watch: _Watch | None = None
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)
        self._begin()

    def _begin(self, info: Any = None) -> None:
        self._end()
        task = current_task()
        if task is not None:
            self._watch = _Watch(task)
            self._look_later(self._watch)
            task.add_done_callback(self._task_ended)  # a browser's kernel tells of no end

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        if self._watch is not None and self._watch.task is task:
            self._end()

    def _end(self, result: Any = None) -> None:
        watch, self._watch = self._watch, None
        if watch is None:
            return
        if watch.timer is not None:
            watch.timer.cancel()
        if watch.shown:
            show_beside("", watch.shown, update=True)

    def _look_later(self, watch: _Watch) -> None:
        # A timer keeps the context that it is made in, and so what it shows lands in this cell.
        watch.timer = asyncio.get_running_loop().call_later(BETWEEN_LOOKS, self._look, watch)

    def _look(self, watch: _Watch) -> None:
        if watch is not self._watch or watch.task.done():
            return
        chain = what_it_awaits(watch.task)
        watch.looks = watch.looks + 1 if chain[-1] is watch.awaited else 1
        watch.awaited = chain[-1]
        if watch.looks >= LOOKS and not any(map(_has_a_deadline, chain)):
            notice = sentence(self._waits())
            if notice:
                watch.shown = uuid.uuid4().hex
                show_beside(notice, watch.shown)
                return
        self._look_later(watch)


def what_it_awaits(task: asyncio.Task[Any]) -> list[Any]:
    """Return the coroutines of a task, each awaiting the next; the last awaits no coroutine.

    A task that has taken a step since awaits another object at the end.
    """
    chain: list[Any] = [task.get_coro()]
    while (inner := _awaited_by(chain[-1])) is not None:
        chain.append(inner)
    return chain


def _awaited_by(link: Any) -> Any:
    names = ("cr_await", "gi_yieldfrom", "ag_await")
    return next((getattr(link, name) for name in names if hasattr(link, name)), None)


def _has_a_deadline(link: Any) -> bool:
    code = getattr(link, "cr_code", None) or getattr(link, "gi_code", None)
    path = Path(code.co_filename) if code else Path()
    if HELPERS not in path.parents:
        return False
    return not any(path.is_relative_to(place) for place in PASSING_ON)


def sentence(waits: list[Waiting]) -> str:
    """Say who waits for what; nothing where a broker owes somebody an answer that will come."""
    if not waits:
        return f"This cell still waits. {STOP}."
    blocked = [wait for wait in waits if wait.is_blocked]
    if not blocked:
        return ""
    told = "; ".join(map(str, blocked[:3])) + (", and others" if len(blocked) > 3 else "")
    return f"{told}. {STOP}, then let somebody send what it waits for."
