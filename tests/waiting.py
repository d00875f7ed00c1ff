"""Waiting in a test for what a task or a broker does, of which it sends no word."""

import inspect
from collections.abc import Callable

from helpers import waiting

DEADLINE = 30.0  # seconds, on a busy machine


async def until(condition: Callable[[], object], what: str, deadline: float = DEADLINE) -> None:
    """Look again and again until this holds, or what it promises to answer does."""

    async def is_so() -> bool:
        found = condition()
        return bool(await found if inspect.isawaitable(found) else found)

    await waiting.until(is_so, deadline, lambda: what)
