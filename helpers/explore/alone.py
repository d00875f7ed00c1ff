"""Shut out the world while a program is explored: its clock, chance, threads and sockets."""

from __future__ import annotations

import datetime
import os
import random
import signal
import socket
import sys
import threading
import time
import uuid
from asyncio import events, tasks
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from types import ModuleType
from typing import Any

from ..errors import CourseError
from ..record.strangers import NotGiven, only_given
from .dates import Date, Datetime
from .gate import is_gated
from .loop import NO_THREADS, Clock, SteppedLoop

NO_SLEEP = (
    "A program that is explored may not call time.sleep, which would hold up everybody: "
    "write `await asyncio.sleep(...)`; its time passes at once."
)
NO_CHANCE = (
    "A program that is explored may choose nothing by chance, as another run would go another "
    "way: leave `random.{}` out, or choose by the worker's name; a wait before another attempt "
    "can be a fixed one."
)


@contextmanager
def alone(clock: Clock) -> Iterator[None]:
    """Let this thread see that clock, and neither threads nor sockets; uuid4 and secrets repeat."""
    outer = events._get_running_loop()
    task = tasks.current_task(outer) if outer else None
    hooks = sys.get_asyncgen_hooks()
    if outer and task:
        tasks._leave_task(outer, task)
    events._set_running_loop(None)
    sys.set_asyncgen_hooks(_keep, None)
    put_back = _replace(_stand_ins(clock))
    try:
        with only_given(lambda: clock.turning, is_gated, partial(_refuse_stranger, clock)):
            yield
    finally:
        put_back()
        sys.set_asyncgen_hooks(*hooks)
        events._set_running_loop(outer)
        if outer and task:
            tasks._enter_task(outer, task)


def _keep(generator: Any) -> None:
    """Note an asynchronous generator with the loop in which it began, which will close it."""
    loop = events._get_running_loop()
    if isinstance(loop, SteppedLoop):
        loop.generators.append(generator)


Place = tuple[Any, str, Any]


def _stand_ins(clock: Clock) -> list[Place]:
    """List what is put in the place of what, for this thread."""
    return [
        (time, "time", lambda: clock.now),
        (time, "monotonic", lambda: clock.now),
        (time, "perf_counter", lambda: clock.now),
        (time, "time_ns", lambda: int(clock.now * 1e9)),
        (time, "monotonic_ns", lambda: int(clock.now * 1e9)),
        (time, "sleep", _refusing(clock, NO_SLEEP)),
        (signal, "signal", lambda *_: signal.SIG_DFL),  # nobody sends one
        (threading.Thread, "start", _refusing(clock, NO_THREADS)),
        (socket.socket, "connect", _refusing(clock, NO_THREADS)),
        *((random, name, _dice(clock, name, dice)) for name, dice in DICE.items()),
        (os, "urandom", _token),
        (random, "_urandom", _token),
        (uuid, "uuid1", lambda *_: uuid.uuid4()),
        (datetime, "date", Date),
        (datetime, "datetime", Datetime),
    ]


_urandom = os.urandom
_dealer = vars(random)["_inst"]  # whose methods the functions of the module are
DICE = {n: part for n, part in vars(random).items() if getattr(part, "__self__", None) is _dealer}
OURS = (__name__.partition(".")[0] + ".explore", "embedded_redis")


def _token(size: int) -> bytes:
    loop = events._get_running_loop()
    return loop.token(size) if isinstance(loop, SteppedLoop) else _urandom(size)


def _refusing(clock: Clock, sentence: str) -> Callable[..., Any]:
    def refuse(*arguments: Any, **options: Any) -> None:
        clock.refused = CourseError(sentence)
        raise NotImplementedError(sentence)

    return refuse


def _refuse_stranger(clock: Clock, stranger: str) -> None:
    clock.refused = NotGiven(f"A program that is explored uses {stranger}.")
    raise clock.refused


def _dice(clock: Clock, name: str, throw: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse the program one of the functions of `random`; a broker may call it."""
    refuse = _refusing(clock, NO_CHANCE.format(name))
    return lambda *given, **options: (refuse if clock.turning else throw)(*given, **options)


def _replace(places: list[Place]) -> Callable[[], None]:
    """Put stand-ins in their places, for this thread alone; return what puts the others back."""
    thread = threading.get_ident()
    missing = object()
    known = {id(getattr(owner, name)): stand_in for owner, name, stand_in in places}
    names = _named(len(sys.modules), frozenset(known)) + _names_in("__main__", known)
    places = [*places, *((owner, name, known[place]) for owner, name, place in names)]
    earlier = [(owner, name, vars(owner).get(name, missing)) for owner, name, _ in places]

    def for_us(ours: Any, theirs: Any) -> Any:
        def choose(*arguments: Any, **options: Any) -> Any:
            mine = threading.get_ident() == thread
            return (ours if mine else theirs)(*arguments, **options)

        return ours if isinstance(ours, type) else choose

    stand_ins = [for_us(stand_in, getattr(owner, name)) for owner, name, stand_in in places]
    for (owner, name, _), stand_in in zip(places, stand_ins, strict=True):
        setattr(owner, name, stand_in)

    def put_back() -> None:
        for owner, name, was in earlier:
            if was is missing:
                delattr(owner, name)
            else:
                setattr(owner, name, was)

    return put_back


@lru_cache(maxsize=1)
def _named(modules: int, known: frozenset[int]) -> list[tuple[Any, str, int]]:
    """List where modules other than ours have taken one of these by name; anew for new modules."""
    del modules
    return [place for module in sorted(sys.modules) for place in _names_in(module, known)]


def _names_in(module: str, known: Container[int]) -> list[tuple[Any, str, int]]:
    """List what somebody has written `from time import time` for, and the like."""
    owner = sys.modules.get(module)
    if module.startswith(OURS) or not isinstance(owner, ModuleType):
        return []
    return [(owner, name, id(part)) for name, part in [*vars(owner).items()] if id(part) in known]
