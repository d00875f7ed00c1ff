"""Notice clients that code was not given: a variable of the notebook, or one of its own making."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import redis
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import PubSub

from ..errors import CourseError
from .traffic import is_recorded

_WAYS: tuple[tuple[Any, str], ...] = (
    (ConnectionPool, "get_connection"),
    (redis.ConnectionPool, "get_connection"),
    (PubSub, "execute_command"),
    (PubSub, "parse_response"),
)
"""How whoever uses a client comes to a connection."""

_ROOMS = {"redis", "helpers", "embedded_redis", "asyncio", "contextlib"}  # whose code is passed by
_CLIENTS = (Redis, PubSub, redis.Redis)

Pool = Any  # of redis.asyncio or of redis


class NotGiven(CourseError):
    """An error: code uses a client that it was not given."""


@contextmanager
def only_given(
    is_watched: Callable[[], bool], is_given: Callable[[Pool], bool], refuse: Callable[[str], None]
) -> Iterator[None]:
    """Tell `refuse`, which raises an error, what else is used by code of this thread.

    `is_watched` says whether such code runs, and not what judges it.
    """
    thread = threading.get_ident()

    def passing(use: Callable[..., Any]) -> Callable[..., Any]:
        def pass_on(owner: Any, *given: Any, **options: Any) -> Any:
            pool = getattr(owner, "connection_pool", owner)
            is_theirs = is_watched() and threading.get_ident() == thread
            if is_theirs and not is_given(pool) and (who := _stranger(pool)):
                refuse(f"{who}: use {_what_was_given(is_given)}")
            return use(owner, *given, **options)

        return pass_on

    before = [vars(owner)[name] for owner, name in _WAYS]
    for (owner, name), use in zip(_WAYS, before, strict=True):
        setattr(owner, name, passing(use))
    try:
        yield
    finally:
        for (owner, name), use in zip(_WAYS, before, strict=True):
            setattr(owner, name, use)


def _stranger(pool: Pool) -> str:
    """Say whose client it is, if it is the notebook's or the code's own; nothing for others."""
    if is_recorded(pool):
        return f"`{_name(pool)}`, a client of the notebook"
    is_own = pool.connection_class.__module__.startswith("redis.")
    return "a client of its own" if is_own else ""


def _name(pool: Pool) -> str:
    """Return the variable that holds it, as whoever wrote the code knows it, or its own name."""
    for frame in _frames():
        closure = {name: frame.f_locals.get(name) for name in frame.f_code.co_freevars}
        for name, value in [*closure.items(), *frame.f_globals.items()]:
            if _is_client(value) and value.connection_pool is pool and name[0] != "_":
                return name
    return str(pool.connection_kwargs.get("client_name"))


def _what_was_given(is_given: Callable[[Pool], bool]) -> str:
    """Name the parameter by which the code was given a client."""
    for frame in _frames():
        for name in frame.f_code.co_varnames[: frame.f_code.co_argcount]:
            value: Any = frame.f_locals.get(name)
            if _is_client(value) and is_given(value.connection_pool):
                return f"the parameter `{name}`"
    return "what it is given"


def _is_client(value: Any) -> bool:
    return issubclass(type(value), _CLIENTS) and hasattr(value, "connection_pool")


def _frames() -> Iterator[FrameType]:
    """Yield the frames of code that is not the course's, from the innermost."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in _ROOMS:
            yield frame
        frame = frame.f_back
