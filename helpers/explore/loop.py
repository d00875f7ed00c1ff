"""An event loop that is run step by step, without sockets, on a clock that jumps.

Follows https://docs.python.org/3/library/asyncio-eventloop.html
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import sys
import threading
from asyncio import events
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from contextvars import Context
from typing import Any, NoReturn, TypeVarTuple

import embedded_redis

from ..errors import CourseError

Ts = TypeVarTuple("Ts")

BEGINNING = 1_893_456_000.0
"""The time at which every run begins, in seconds since 1970: the same ids and times each time."""


NO_THREADS = (
    "A program that is explored may use no thread, no process and no socket of its own: "
    "use the client that send, work and rescue are given, and `await handle(job)` in place of "
    "what does the work."
)


class Clock(embedded_redis.Clock):
    """What time it is in an exploration, and whose turn."""

    def __init__(self) -> None:
        super().__init__(BEGINNING)
        self.turning = False  # whether the program runs, and not what explores it
        self.turns = 0  # how often it was its turn
        self.refused: CourseError | None = None  # for the rule that was broken, if any


class SteppedLoop(asyncio.AbstractEventLoop):
    """A loop that somebody else turns, on a clock that somebody else sets."""

    def __init__(self, clock: Clock, token: Callable[[int], bytes]) -> None:
        self.token = token  # bytes that look like chance
        self.tasks: list[asyncio.Task[Any]] = []
        self.generators: list[AsyncGenerator[Any, Any]] = []
        self._clock = clock
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._ticket = itertools.count()
        self._thread = threading.get_ident()

    def time(self) -> float:
        return self._clock.now

    def turn(self) -> bool:
        """Run what is ready; return whether anything was."""
        clock, turn = self._clock, len(self._ready)
        clock.turning, clock.turns = True, clock.turns + 1
        try:
            for _ in range(turn):
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            clock.turning = False
        return bool(turn)

    def next_timer(self) -> float | None:
        """Return when the next timer is due, or None."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def timers(self) -> list[tuple[float, Any]]:
        """List when timers are due, the earliest first, each with what it is given."""
        waiting = [timer for timer in self._timers if not timer[2].cancelled()]
        return [(when, timer._args) for when, _, timer in sorted(waiting, key=lambda t: t[:2])]

    def make_ready(self) -> None:
        """Make ready what is due by now, the earliest first."""
        while self._timers and self._timers[0][0] <= self._clock.now:
            self._ready.append(heapq.heappop(self._timers)[2])

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
        return self.call_at(self._clock.now + delay, callback, *args, context=context)

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
        self.tasks.append(task)
        return task

    def end(self) -> None:
        """Cancel every task, let each tidy up, and forget the rest: nothing stays behind."""
        for _ in range(3):  # a task may shrug the first off
            if not any([task.cancel() for task in self.tasks]):
                break
            self._drain()
        for generator in self.generators:
            self.create_task(_close(generator))
        self._drain()
        for task in self.tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined] # asyncio's own way
            if not task.done():
                _drop(task.get_coro())
            elif task.cancelled():
                with suppress(asyncio.CancelledError):
                    task.exception()  # it keeps that error, and whose frames it went through
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

    def _take(self, *args: Any) -> None:
        """Take what a program arranges at its start and what never comes to pass here."""

    add_signal_handler: Any = _take  # nobody sends a signal
    remove_signal_handler: Any = _take
    set_exception_handler: Any = _take
    set_debug: Any = _take

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        self._clock.refused = CourseError(NO_THREADS)
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
    add_reader: Any = _refuse
    add_writer: Any = _refuse
    sock_sendall = _refuse
    sock_recv = _refuse
    connect_read_pipe = _refuse
    connect_write_pipe = _refuse
    run_until_complete = _refuse
    run_forever = _refuse


def _drop(coroutine: Any) -> None:
    """End what shrugs off its cancellation, as a bare `except` does; it may shrug that off, too."""
    told, sys.unraisablehook = sys.unraisablehook, lambda _: None  # Python would tell of each
    try:
        with suppress(RuntimeError, ValueError):
            coroutine.close()
    finally:
        sys.unraisablehook = told


async def _close(generator: AsyncGenerator[Any, Any]) -> None:
    await generator.aclose()


def enter(loop: SteppedLoop | None) -> None:
    """Let this thread be inside that loop, or in none."""
    events._set_running_loop(loop)
