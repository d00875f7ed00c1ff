"""Run a learner's code so that nothing of it escapes: no error, no exit, no task, no print."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import inspect
import io
import sys
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any

from .budget import Budget, Stopped, is_guest, is_library
from .judging import NotYet, plain

DEADLINE = 5.0  # seconds that a learner's code may wait
LOOK = 0.02  # seconds between two looks at whether it still gets anywhere
PRINTED = 10_000  # characters kept of what it prints


class PowerCut(BaseException):
    """Stop a worker where it stands. Its connection is dead by then, whoever swallows this."""


class Escaped(Exception):
    """Stand for SystemExit and KeyboardInterrupt, which would end the loop of the notebook."""


class Running:
    """A learner's function at work, in a task of its own."""

    def __init__(self, name: str, call: Callable[[], Any]) -> None:
        self.name = name
        self.value: Any = None
        self.error: BaseException | None = None
        self.task = asyncio.ensure_future(self._contained(call))

    @property
    def done(self) -> bool:
        return self.task.done()

    async def _contained(self, call: Callable[[], Any]) -> None:
        is_guest.set(True)
        try:
            self.value = call()
            while inspect.isawaitable(self.value):
                self.value = await self.value
        except BaseException as error:
            self.value, self.error = None, error

    def result(self, hints: dict[str, str]) -> Any:
        """Return its value as plain data, None if the power was cut; raise NotYet for an error.

        `hints` gives the hint for an error whose text holds the key.
        """
        if self.error is None or isinstance(self.error, PowerCut):
            return plain(self.value)
        raise NotYet(self._complaint(hints))

    def _complaint(self, hints: dict[str, str]) -> str:
        error = self.error
        if isinstance(error, Stopped):
            hint = next((hint for key, hint in hints.items() if key in str(error)), "")
            return f"{self.name} {error}. {hint}".rstrip()
        text = str(error).partition("\n")[0][:160]
        said = f"{type(error).__name__}: {text}" if text else type(error).__name__
        hint = next((hint for key, hint in hints.items() if key in said), "")
        if "coroutine" in text:
            hint = "Is an `await` missing?"
        return f"{self.name} raised {said.rstrip('.')}{_place(error)}. {hint}".rstrip()


def _place(error: BaseException | None) -> str:
    line, step = 0, error.__traceback__ if error else None
    while step:
        line = _line(step) or line
        step = step.tb_next
    return f" (in its line {line})" if line else ""


def _line(step: TracebackType) -> int:
    code = step.tb_frame.f_code
    return 0 if is_library(code) else step.tb_lineno - code.co_firstlineno + 1


class Guest:
    """Everything of a learner's that runs during one trial."""

    def __init__(self, budget: Budget, is_stuck: Callable[[], bool]) -> None:
        self.budget = budget
        self._is_stuck = is_stuck
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, name: str, call: Callable[[], Any]) -> Running:
        """Start to run `call`."""
        running = Running(name, call)
        self._tasks.append(running.task)
        return running

    async def finish(self, running: Running) -> None:
        """Wait until it has come to its end, or stop it."""
        end, before = time.monotonic() + DEADLINE, None
        while not running.done:
            await asyncio.wait({running.task}, timeout=LOOK)
            now = (self.budget.steps, self.budget.commands)
            if now == before and self._is_stuck():
                self.budget.end("waits in a blocking command, and nothing more will come")
            elif time.monotonic() > end:
                self.budget.end(f"was not done after {DEADLINE:g} seconds")
            before = now
            if self.budget.spent and not running.done:
                await self._stop(running)

    async def _stop(self, running: Running) -> None:
        await self._cancel({running.task})
        running.error = Stopped(self.budget.spent)

    async def leave(self) -> None:
        """End whatever still runs."""
        self.budget.end("was ended")
        await self._cancel({task for task in self._tasks if not task.done()})

    async def _cancel(self, tasks: set[asyncio.Task[Any]]) -> None:
        # Whoever swallows a cancellation meets Stopped at the next step.
        for _ in range(3):
            if not tasks:
                return
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=1)

    @contextlib.contextmanager
    def adopting(self) -> Iterator[None]:
        """Know every task that the learner's code makes."""
        loop = asyncio.get_running_loop()
        before = loop.get_task_factory()

        def make(loop: asyncio.AbstractEventLoop, work: Coroutine, **options: Any) -> asyncio.Task:
            work = _tame(work) if is_guest.get() else work
            task = (before or _task)(loop, work, **options)
            if is_guest.get():
                task.add_done_callback(_look_at)
                self._tasks.append(task)
            return task

        loop.set_task_factory(make)
        try:
            yield
        finally:
            loop.set_task_factory(before)


def _task(loop: asyncio.AbstractEventLoop, work: Coroutine, **options: Any) -> asyncio.Task:
    return asyncio.Task(work, loop=loop, **options)


async def _tame(work: Coroutine) -> Any:
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as error:
        raise Escaped(type(error).__name__) from None


def _look_at(task: asyncio.Task[Any]) -> None:
    # An error that nobody looks at would be complained of when the task is collected.
    task.cancelled() or task.exception()


class Printed(io.StringIO):
    """Keep the beginning of what is printed."""

    def write(self, text: str) -> int:
        return super().write(text[: max(0, PRINTED - self.tell())])


@contextlib.contextmanager
def quiet() -> Iterator[tuple[Printed, list[warnings.WarningMessage]]]:
    """Catch what would be printed or warned of, and refuse what would stop the notebook."""
    printed = Printed()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(printed))
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        stack.enter_context(_replaced(sys, "unraisablehook", lambda unraisable: None))
        stack.enter_context(_replaced(time, "sleep", _for_guests(time.sleep, _refuse_sleep)))
        stack.enter_context(
            _replaced(builtins, "input", _for_guests(builtins.input, _refuse_input))
        )
        if shell := _shell():
            stack.enter_context(_replaced(shell, "ask_exit", _exit))
        yield printed, warned


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _for_guests(original: Callable[..., Any], refuse: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: refuse() if is_guest.get() else original(*given)


def _refuse_sleep() -> None:
    raise RuntimeError("time.sleep would stop everybody: nothing here needs a pause")


def _refuse_input() -> None:
    raise RuntimeError("input would wait for somebody to type: nobody is there")


def _exit() -> None:
    raise SystemExit


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
