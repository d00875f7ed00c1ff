"""Notice the time limits that a learner's code sets in Python, which cancel what they wait for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from .limits import is_foreign
from .refusals import replaced


class TimeLimits:
    """The limits of `asyncio.wait_for` and `asyncio.timeout` under which guests are at work."""

    def __init__(self) -> None:
        self.count = 0

    @contextlib.contextmanager
    def noticing(self) -> Iterator[None]:
        """Count them; others may do as before."""
        wait_for = asyncio.wait_for

        async def counted(awaitable: Any, timeout: float | None) -> Any:
            with self._one(timeout):
                return await wait_for(awaitable, timeout)

        with contextlib.ExitStack() as stack:
            stack.enter_context(replaced(asyncio, "wait_for", counted))
            if timeout := getattr(asyncio, "timeout", None):  # since Python 3.11

                @contextlib.asynccontextmanager
                async def limited(delay: float | None) -> Any:
                    with self._one(delay):
                        async with timeout(delay) as limit:
                            yield limit

                stack.enter_context(replaced(asyncio, "timeout", limited))
            yield

    @contextlib.contextmanager
    def _one(self, delay: float | None) -> Iterator[None]:
        counts = delay is not None and is_foreign.get()
        self.count += counts
        try:
            yield
        finally:
            self.count -= counts
