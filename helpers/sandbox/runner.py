"""Run a learner's code so that nothing of it escapes: no error, no exit, no task, no print."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import itertools
import sys
import warnings
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, MappingView
from functools import partial
from types import TracebackType
from typing import Any

from .clock import Clock
from .globals import Shared
from .limits import Budget, Stopped, is_foreign, is_library
from .plain import ITEMS, NotYet, plain
from .refusals import refusing, replaced
from .time_limits import TimeLimits
from .watchdog import Alarm

DEADLINE = 5.0  # seconds that a learner's code may wait or work
CANCELLED = 1.0  # seconds for a task to end when it was told to, before it is told again
LOOK = 0.02  # seconds between two looks at whether it still gets anywhere
PRINTED = 10_000  # characters kept of what it prints
LAZY = (map, filter, zip, reversed, range, deque, MappingView)

NO_AWAIT = "Leave out this `await`: it is a plain function."
# What Python or the broker says, and what that means in a check.
MEANINGS = {
    "needs a real server": "The brokers of a check do not know this command: find another way.",
    "coroutine": "Is an `await` missing?",
    "RecursionError": "It calls itself without an end.",
    "can't be used in 'await'": NO_AWAIT,
    "can't be awaited": NO_AWAIT,  # the same in Python 3.14
    "waits in a blocking command": "Return when nothing is there: leave out the wait, or limit it.",
    "'NoneType' object is not": "What found nothing returns None: look before you take it apart.",
    "KeyError": "What it looks at has no such key: print it, and take the name that is there.",
    "Invalid input of type: 'dict'": "Redis takes texts and numbers: take one of its fields.",
}


class WorkerDied(BaseException):
    """The end of a worker where it stands: its connection is dead, whoever swallows this."""


class Escaped(Exception):
    """A stand-in for SystemExit and KeyboardInterrupt, which would end the notebook's loop."""


class Running:
    """A learner's function at work, in a task of its own."""

    def __init__(self, name: str, call: Callable[[], Any], put_back: Callable[[], str]) -> None:
        self.name = name
        self._put_back = put_back
        self.value: Any = None
        self.error: BaseException | None = None
        self.remark = ""  # what else is known of the error
        self.task = asyncio.ensure_future(self._contained(call))

    @property
    def done(self) -> bool:
        return self.task.done()

    async def _contained(self, call: Callable[[], Any]) -> None:
        is_foreign.set(True)
        try:
            self.value = call()
            while inspect.isawaitable(self.value):
                self.value = await self.value
            self.value = as_listed(self.value)
        except BaseException as error:
            self.value, self.error = None, _end_within(error)
        finally:
            is_foreign.set(False)  # what follows is ours, and must run to its end
            self._put_back()  # before the loop runs on, which may need what was changed

    def result(self, hints: dict[str, str]) -> Any:
        """Return its value as plain data, None if the power was cut; raise NotYet for an error.

        `hints` gives the hint for an error whose text holds the key.
        """
        if self.error is None or isinstance(self.error, WorkerDied):
            return plain(self.value)
        raise NotYet(self._complaint(self.error, hints))

    def _complaint(self, error: BaseException, hints: dict[str, str]) -> str:
        if isinstance(error, Stopped):
            return f"{self.name} {error}. {_hint_for(str(error), hints)}".rstrip()
        error = errors_within(error)[0]
        said = _said(error)
        told = f"{self.name} raised {said.rstrip('.')}{_place(error)}."
        return " ".join(filter(None, [told, self.remark, _hint_for(said, hints)]))


def _hint_for(said: str, hints: dict[str, str]) -> str:
    """Return the first hint whose key is in what an error says, of an exercise before ours."""
    known = [*hints.items(), *MEANINGS.items()]
    return next((hint for key, hint in known if key in said), "")


def errors_within(error: BaseException | None) -> list[BaseException]:
    """List the errors that a group of errors holds, however deep; any other error is alone."""
    if isinstance(error, BaseExceptionGroup):
        return [each for inner in error.exceptions for each in errors_within(inner)]
    return [error] if error else []


def _end_within(error: BaseException) -> BaseException:
    """Return the end of a worker that a TaskGroup has wrapped, and any other error as it is."""
    ends = (each for each in errors_within(error) if isinstance(each, (WorkerDied, Stopped)))
    return next(ends, error)


def _said(error: BaseException) -> str:
    try:
        text = str(error).partition("\n")[0][:160]
    except Exception:  # a mistake in the learner's own error
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def as_listed(value: Any) -> Any:
    """Make a list of what is made item by item; nothing has run yet in a function with yield."""
    if inspect.isasyncgen(value) or (inspect.isgenerator(value) and not _is_expression(value)):
        raise TypeError("a call of a function with yield does nothing yet: use return")
    if inspect.isgenerator(value) or isinstance(value, LAZY):
        return _first(value)
    return value


def _first(items: Any) -> list[Any]:
    return list(itertools.islice(items, ITEMS))


def _is_expression(value: Any) -> bool:
    return value.gi_code.co_name == "<genexpr>"


def _place(error: BaseException) -> str:
    line, step = 0, error.__traceback__
    while step:
        line = _line(step) or line
        step = step.tb_next
    return f" (in its line {line})" if line else ""


def _line(step: TracebackType) -> int:
    code = step.tb_frame.f_code
    return 0 if is_library(code) else step.tb_lineno - code.co_firstlineno + 1


class Runner:
    """Everything of a learner's that runs during one trial."""

    def __init__(self, budget: Budget, is_stuck: Callable[[], bool]) -> None:
        self.budget = budget
        self._is_stuck = is_stuck
        self._tasks: list[asyncio.Task[Any]] = []
        self._alarm = Alarm(self._ring)
        self._clock = Clock(budget)
        self.shared = Shared()
        self.time_limits = TimeLimits()

    def tasks(self) -> set[asyncio.Task[Any]]:
        """Return those of its tasks that run."""
        return {task for task in self._tasks if not task.done()}

    def _ring(self) -> None:
        if is_foreign.get() and self._clock.used() > DEADLINE:
            self.budget.end(f"was not done after {DEADLINE:g} seconds")
            self.budget.stop_if_spent()

    def start(self, name: str, call: Callable[[], Any]) -> Running:
        """Start to run `call`."""
        self._alarm.wind(DEADLINE + 1)
        self._clock.start()
        running = Running(name, lambda: self._counted(call), self.shared.put_back)
        self._tasks.append(running.task)
        return running

    def _counted(self, call: Callable[[], Any]) -> Any:
        # An alarm that rang while steps were counted has ended the counting, as any error does.
        self.budget.rearm()
        return call()

    async def finish(self, running: Running) -> None:
        """Wait until it has come to its end, or stop it. Raises NotYet for what it changed."""
        before = None
        self._clock.start()
        while not running.done and not running.error:
            await asyncio.wait({running.task}, timeout=LOOK)
            now = (self.budget.steps, self.budget.commands)
            if now == before and self._is_stuck():
                self.budget.end("waits in a blocking command, and nothing more will come")
            elif self._clock.used() > DEADLINE:
                self.budget.end(f"was not done after {DEADLINE:g} seconds")
            before = now
            if self.budget.spent and not running.done:
                await self._stop(running)
        if not self.tasks():
            self._alarm.wind(0)  # what judges may take its time
        if changed := self.shared.put_back():
            raise NotYet(changed)

    async def _stop(self, running: Running) -> None:
        await self._cancel({running.task})
        running.error = Stopped(self.budget.spent)

    async def leave(self) -> None:
        """End whatever still runs."""
        self.budget.end("was ended")
        await self._cancel(self.tasks())

    async def _cancel(self, tasks: set[asyncio.Task[Any]]) -> None:
        # Whoever swallows a cancellation meets Stopped at the next step.
        for _ in range(3):
            if not tasks:
                return
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=CANCELLED)

    @contextlib.contextmanager
    def adopting(self) -> Iterator[None]:
        """Know every task that the learner's code makes."""
        if sys.platform == "emscripten":
            # Pyodide 314.0.6 names a factory's task by a function that Python 3.14 no longer has.
            vars(asyncio.tasks).setdefault("_set_task_name", _name)
        loop = asyncio.get_running_loop()
        before, complain = loop.get_task_factory(), loop.get_exception_handler()

        def make(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> Any:
            if is_foreign.get():
                return adopt(before or _task, loop, work, **options)
            return (before or _task)(loop, work, **options)

        def adopt(make: Any, loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> Any:
            task = make(loop, _tame(work), **options)
            task.add_done_callback(_look_at)
            task.add_done_callback(lambda _: work.close())  # it may never have had a turn
            self._tasks.append(task)
            return task

        loop.set_task_factory(make)
        loop.set_exception_handler(lambda loop, context: None)
        try:
            by_hand = replaced(asyncio, "Task", _class_of_tasks(partial(adopt, _task)))
            limits = self.time_limits.noticing()
            with self._alarm.ready(), refusing(self.tasks), by_hand, limits:
                self.shared = Shared()  # now, so that what is refused counts as unchanged
                try:
                    yield
                finally:
                    self.shared.end()
        finally:
            loop.set_task_factory(before)
            loop.set_exception_handler(complain)


def _task(loop: asyncio.AbstractEventLoop, work: Coroutine, **options: Any) -> asyncio.Task:
    return asyncio.tasks.Task(work, loop=loop, **options)


def _class_of_tasks(adopt: Callable[..., Any]) -> type:
    """Return a class in place of `asyncio.Task`, for guests who make a task without the loop."""
    made = asyncio.Task

    class Kind(type):
        def __call__(cls, work: Any, *, loop: Any = None, **options: Any) -> Any:
            if is_foreign.get():
                return adopt(loop or asyncio.get_running_loop(), work, **options)
            return made(work, loop=loop, **options)

        def __instancecheck__(cls, each: Any) -> bool:
            return isinstance(each, made)

    return Kind("Task", (made,), {})


def _name(task: asyncio.Task[Any], name: str | None) -> None:
    if name is not None:
        task.set_name(name)


async def _tame(work: Coroutine) -> Any:
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as error:
        raise Escaped(type(error).__name__) from None


def _look_at(task: asyncio.Future[Any]) -> None:
    # An error that nobody looks at would be complained of when the task is collected.
    task.cancelled() or task.exception()


class Printed(io.StringIO):
    """The beginning of what is printed."""

    def write(self, text: str) -> int:
        return super().write(text[: max(0, PRINTED - self.tell())])


@contextlib.contextmanager
def catching_output() -> Iterator[tuple[Printed, list[warnings.WarningMessage]]]:
    """Catch what would be printed or warned of."""
    printed = Printed()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(printed))
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        stack.enter_context(replaced(sys, "unraisablehook", lambda unraisable: None))
        yield printed, warned
