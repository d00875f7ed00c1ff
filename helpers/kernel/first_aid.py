"""Answer whoever forgets `await` with a sentence instead of `<coroutine object ...>`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, ParamSpec, TypeVar

Result = TypeVar("Result")
Given = ParamSpec("Given")


class Awaitable(Coroutine[Any, Any, Result], Generic[Result]):
    """A call that begins when it is awaited; shown, it says that `await` is missing."""

    def __init__(self, call: str, begin: Callable[[], Coroutine[Any, Any, Result]]) -> None:
        self._call, self._begin = call, begin
        self._begun: Coroutine[Any, Any, Result] | None = None

    def __repr__(self) -> str:
        return f"Write `await` in front: await {self._call}"

    def __await__(self) -> Generator[Any, Any, Result]:
        # A generator, not what it delegates to: whoever looks for what a task awaits sees through.
        return (yield from self._coroutine().__await__())

    def send(self, value: Any) -> Any:
        return self._coroutine().send(value)

    def throw(self, *error: Any) -> Any:
        return self._coroutine().throw(*error)

    def close(self) -> None:
        if self._begun is not None:
            self._begun.close()

    def _coroutine(self) -> Coroutine[Any, Any, Result]:
        if self._begun is None:
            self._begun = self._begin()
        return self._begun


def awaited(
    function: Callable[Given, Coroutine[Any, Any, Result]],
) -> Callable[Given, Awaitable[Result]]:
    """Let a coroutine function of a lesson say that `await` is missing, and warn of nothing."""

    @functools.wraps(function)
    def call(*given: Given.args, **named: Given.kwargs) -> Awaitable[Result]:
        shown = [*map(_shown, given), *(f"{name}={_shown(it)}" for name, it in named.items())]
        written = f"{function.__name__}({', '.join(shown)})"
        return Awaitable(written, lambda: function(*given, **named))

    return call


def _shown(argument: Any) -> str:
    """Write an argument as a cell does; objects whose text is long by their place only."""
    if isinstance(argument, str | int | float | None):
        return repr(argument)
    return getattr(argument, "__name__", None) or "..."
