"""An event loop that is run step by step, without sockets, on a clock that jumps.

Follows https://docs.python.org/3/library/asyncio-eventloop.html
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import sys
import threading
import time
from asyncio import events, tasks
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from typing import Any, NoReturn, TypeVarTuple

Ts = TypeVarTuple("Ts")

BEGINNING = 1_893_456_000.0
"""The time at which every run begins, in seconds since 1970: the same ids and times each time."""


class SteppedLoop(asyncio.AbstractEventLoop):
    """A loop that somebody else turns; its time passes only when it is told to."""

    def __init__(self) -> None:
        self.refused = False  # whether the program asked for a thread, a socket or a process
        self.tasks: dict[asyncio.Task[Any], Context] = {}  # each with where it came from
        self.generators: list[AsyncGenerator[Any, Any]] = []
        self._now = BEGINNING
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._ticket = itertools.count()
        self._thread = threading.get_ident()

    def time(self) -> float:
        return self._now

    def turn(self) -> bool:
        """Run what is ready; return whether anything was."""
        for _ in range(turn := len(self._ready)):
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()
        return bool(turn)

    def jump(self) -> bool:
        """Let time pass until the next timer and make ready what is due; return whether any is."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return bool(self._timers) and self.leap(max(0.0, self._timers[0][0] - self._now))

    def leap(self, seconds: float) -> bool:
        """Let so much time pass at once and make ready what is due, the earliest first."""
        self._now += seconds
        while self._timers and self._timers[0][0] <= self._now:
            self._ready.append(heapq.heappop(self._timers)[2])
        return bool(self._ready)

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        if threading.get_ident() != self._thread:
            self._refuse()
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._ticket), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass  # it stays among the timers until its time comes

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, **options)
        self.tasks[task] = options.get("context") or copy_context()
        return task

    def end(self) -> None:
        """Cancel every task, let each tidy up, and forget the rest: nothing stays behind."""
        for _ in range(3):  # a task may shrug the first off
            for task in list(self.tasks):
                task.cancel()
            self._drain()
        for generator in self.generators:
            self.create_task(_close(generator))
        self._drain()
        for task in self.tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined] # asyncio's own way
        self._ready.clear()
        self._timers.clear()

    def _drain(self, most: int = 1000) -> None:
        for _ in range(most):
            if not self.turn():
                return

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        pass  # what goes wrong in a program is told by its verdict

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        self.refused = True
        raise NotImplementedError("an exploration has no threads, sockets or processes")

    run_in_executor = _refuse  # type: ignore[assignment] # whatever is asked is refused
    getaddrinfo = _refuse
    create_connection = _refuse
    create_unix_connection = _refuse
    create_server = _refuse
    create_datagram_endpoint = _refuse
    sock_connect = _refuse
    subprocess_exec = _refuse
    subprocess_shell = _refuse
    run_until_complete = _refuse
    run_forever = _refuse


async def _close(generator: AsyncGenerator[Any, Any]) -> None:
    await generator.aclose()


@contextmanager
def inside(loop: SteppedLoop) -> Iterator[None]:
    """Let this thread be inside that loop, though another one runs, and on its clock."""
    outer = events._get_running_loop()
    task = tasks.current_task(outer) if outer else None
    hooks = sys.get_asyncgen_hooks()
    if outer and task:
        tasks._leave_task(outer, task)
    events._set_running_loop(loop)
    sys.set_asyncgen_hooks(loop.generators.append, None)
    try:
        with _clock(loop.time):
            yield
    finally:
        sys.set_asyncgen_hooks(*hooks)
        events._set_running_loop(outer)
        if outer and task:
            tasks._enter_task(outer, task)


@contextmanager
def _clock(now: Callable[[], float]) -> Iterator[None]:
    """Let whoever asks for the time in this thread, the broker too, be told this one."""
    thread = threading.get_ident()
    real = time.time, time.monotonic

    def turned(clock: Callable[[], float]) -> Callable[[], float]:
        return lambda: now() if threading.get_ident() == thread else clock()

    time.time, time.monotonic = map(turned, real)
    try:
        yield
    finally:
        time.time, time.monotonic = real
