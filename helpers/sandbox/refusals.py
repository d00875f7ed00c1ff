"""What a learner's code may not do inside a check: stop or block the notebook, or start others."""

from __future__ import annotations

import asyncio
import bdb
import builtins
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..kernel import running_shell
from .limits import is_foreign

_WAIT = "would stop everybody: nothing here needs a pause"
_OTHER = "is not watched by the check: nothing here needs it"
_REFUSED: tuple[tuple[Any, str, str], ...] = (
    (time, "sleep", f"time.sleep {_WAIT}"),
    (threading.Condition, "wait", f"waiting for a thread {_WAIT}"),
    (builtins, "input", "input would wait for somebody to type: nobody is there"),
    (bdb.Bdb, "set_trace", "a debugger would wait for somebody to type: print what you look for"),
    (os, "system", f"a second process {_OTHER}"),
    (subprocess.Popen, "__init__", f"a second process {_OTHER}"),
    (threading.Thread, "start", f"a thread {_OTHER}"),
)
_LOOP = "this loop runs the whole notebook: leave it as it is"
_OF_THE_LOOP = ("stop", "close", "set_task_factory", "set_exception_handler", "set_debug")


@contextlib.contextmanager
def refusing(own_tasks: Callable[[], set[asyncio.Task[Any]]]) -> Iterator[None]:
    """Refuse it to learners' code, in words; others may do as before.

    `own_tasks` are the only tasks that such code finds.
    """
    with contextlib.ExitStack() as stack:
        for owner, name, why in _REFUSED:
            stack.enter_context(_for_guests(owner, name, _refusal(why)))
        loop = asyncio.get_running_loop()
        if hasattr(loop, "__dict__"):
            for name in _OF_THE_LOOP:
                stack.enter_context(_for_guests(loop, name, _refusal(f"{name}: {_LOOP}")))
            # A worker may prepare for SIGTERM; no signal comes during a check.
            stack.enter_context(_for_guests(loop, "add_signal_handler", lambda *given: None))
        stack.enter_context(_for_guests(signal, "signal", lambda *given: None))
        stack.enter_context(_for_guests(ThreadPoolExecutor, "submit", _done_at_once))
        stack.enter_context(_for_guests(asyncio, "all_tasks", lambda loop=None: own_tasks()))
        # In the browser there is nothing to exit from.
        if hasattr(shell := running_shell(), "ask_exit"):
            stack.enter_context(replaced(shell, "ask_exit", _leave))
        yield


@contextlib.contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Put another value in the place of an attribute for a while."""
    is_own, before = name in vars(owner), getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before) if is_own else delattr(owner, name)


def _for_guests(owner: Any, name: str, instead: Callable[..., Any]) -> Any:
    original = getattr(owner, name)

    def choose(*given: Any, **options: Any) -> Any:
        return (instead if is_foreign.get() else original)(*given, **options)

    return replaced(owner, name, choose)


def _refusal(why: str) -> Callable[..., Any]:
    def refuse(*given: Any, **options: Any) -> None:
        raise RuntimeError(why)

    return refuse


def _done_at_once(
    pool: ThreadPoolExecutor, work: Callable[..., Any], *given: Any, **options: Any
) -> Future[Any]:
    """Do what a pool of threads is given, here and now: nobody could stop it in a thread."""
    future: Future[Any] = Future()
    try:
        future.set_result(work(*given, **options))
    except BaseException as error:
        future.set_exception(error)
    return future


def _leave() -> None:
    raise SystemExit
