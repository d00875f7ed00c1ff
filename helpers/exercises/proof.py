"""What can be proved of an answer that does not pass, whatever the exercise is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import redis

from ..sandbox.limits import Budget
from ..sandbox.runner import Running, errors_within
from .lifetime import CannotHandle
from .machine import names_in

# Errors by which redis-py and Redis answer a question: to catch them is part of a good answer.
_ANSWERS = ("WatchError", "StopIteration", "StopAsyncIteration")
_ANSWERING = ("BUSYGROUP",)
_SLIPS = (TypeError, NameError, AttributeError, redis.ResponseError, redis.DataError)
_SPEAKING = ("builtins", "redis.exceptions", "json.decoder")  # their texts are no learner's code


def is_stub(function: Callable[..., Any]) -> bool:
    """Say whether a function is still empty: it looks nothing up."""
    code = getattr(function, "__code__", None)
    return code is not None and not code.co_names and not code.co_freevars


def forgets_to_execute(function: Callable[..., Any]) -> bool:
    """Say whether a function makes a pipeline, and nothing in it calls `execute`."""
    code = getattr(function, "__code__", None)
    names = names_in(code) if code else set()
    return "pipeline" in names and "execute" not in names


def swallowed(budget: Budget, runs: Iterable[Running]) -> tuple[str, bool]:
    """Say which error was raised in an answer and went no further, and whether it is a slip."""
    told = {id(error) for run in runs for error in errors_within(run.error)}
    for error, line in budget.raised:
        if id(error) not in told and (said := _said(error)):
            is_slip = isinstance(error, _SLIPS)
            return f"`{said}` was raised in its line {line}, and then swallowed.", is_slip
    return "", False


def _said(error: BaseException) -> str:
    kind = type(error)
    if isinstance(error, BaseExceptionGroup):  # each error within was raised by itself before
        return ""
    if kind.__name__ in _ANSWERS or kind is CannotHandle or kind.__module__ not in _SPEAKING:
        return ""
    text = str(error).partition("\n")[0][:120]
    if any(part in text for part in _ANSWERING):
        return ""
    return f"{kind.__name__}: {text}" if text else kind.__name__
