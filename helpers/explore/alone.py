"""Shut out the world while a program is explored: its clock, chance, threads and sockets."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import socket
import sys
import threading
import time
import uuid
from asyncio import events, tasks
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import CourseError
from .loop import NO_THREADS, Clock, SteppedLoop

NO_SLEEP = (
    "A program that is explored may not call time.sleep, which would hold up everybody: "
    "write `await asyncio.sleep(...)`; its time passes at once."
)
NO_CHANCE = (
    "A program that is explored may choose nothing by chance, as another run would go another "
    "way: leave `random` out, or choose by the worker's name."
)


@contextmanager
def alone(clock: Clock) -> Iterator[None]:
    """Let this thread see that clock, and neither threads nor sockets; uuid4 and secrets repeat.

    Raises CourseError where the program has called one of the functions of `random`.
    """
    outer = events._get_running_loop()
    task = tasks.current_task(outer) if outer else None
    hooks, dice = sys.get_asyncgen_hooks(), random.getstate()
    if outer and task:
        tasks._leave_task(outer, task)
    events._set_running_loop(None)
    sys.set_asyncgen_hooks(_keep, None)
    put_back = _replace(_stand_ins(clock))
    collects = gc.isenabled()
    gc.disable()  # it would walk through all situations again and again
    try:
        yield
    finally:
        if collects:
            gc.enable()
        put_back()
        sys.set_asyncgen_hooks(*hooks)
        events._set_running_loop(outer)
        if outer and task:
            tasks._enter_task(outer, task)
    if random.getstate() != dice:
        raise CourseError(NO_CHANCE)


def _keep(generator: Any) -> None:
    """Note an asynchronous generator with the loop in which it began, which will close it."""
    loop = events._get_running_loop()
    if isinstance(loop, SteppedLoop):
        loop.generators.append(generator)


Place = tuple[Any, str, Callable[..., Any]]


def _stand_ins(clock: Clock) -> list[Place]:
    """List what is put in the place of what, for this thread."""
    return [
        (time, "time", lambda: clock.now),
        (time, "monotonic", lambda: clock.now),
        (time, "perf_counter", lambda: clock.now),
        (time, "time_ns", lambda: int(clock.now * 1e9)),
        (time, "monotonic_ns", lambda: int(clock.now * 1e9)),
        (time, "sleep", _refusing(NO_SLEEP)),
        (threading.Thread, "start", _refusing(NO_THREADS)),
        (socket.socket, "connect", _refusing(NO_THREADS)),
        (os, "urandom", _token),
        (random, "_urandom", _token),
        (uuid, "uuid1", lambda *_: uuid.uuid4()),
    ]


_urandom = os.urandom


def _token(size: int) -> bytes:
    loop = events._get_running_loop()
    return loop.token(size) if isinstance(loop, SteppedLoop) else _urandom(size)


def _refusing(sentence: str) -> Callable[..., Any]:
    def refuse(*arguments: Any, **options: Any) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(loop, SteppedLoop):
            loop.refused = sentence
        raise NotImplementedError(sentence)

    return refuse


def _replace(places: list[Place]) -> Callable[[], None]:
    """Put stand-ins in their places, for this thread alone; return what puts the others back."""
    thread = threading.get_ident()
    missing = object()
    earlier = [(owner, name, vars(owner).get(name, missing)) for owner, name, _ in places]

    def for_us(ours: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
        def choose(*arguments: Any, **options: Any) -> Any:
            mine = threading.get_ident() == thread
            return (ours if mine else theirs)(*arguments, **options)

        return choose

    for owner, name, stand_in in places:
        setattr(owner, name, for_us(stand_in, getattr(owner, name)))

    def put_back() -> None:
        for owner, name, was in earlier:
            if was is missing:
                delattr(owner, name)
            else:
                setattr(owner, name, was)

    return put_back
