"""Let the time of an answer's pauses pass at once, for the broker as well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from redis.asyncio import Redis

from ..sandbox.limits import is_foreign
from ..sandbox.refusals import replaced


class Pauses:
    """Who has called asyncio.sleep, and until when.

    Whoever sleeps wakes when its time has come, or once somebody lets time jump.
    """

    def __init__(self, side: Redis) -> None:
        self._side = side
        self._sleepers: dict[asyncio.Future[None], float] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Know every pause of an answer, on the loop of the notebook."""
        loop, sleep = asyncio.get_running_loop(), asyncio.sleep

        def pause(delay: float, result: Any = None) -> Any:
            is_ours = is_foreign.get() and asyncio.get_running_loop() is loop
            return (self._sleep if is_ours and delay > 0 else sleep)(delay, result)

        with replaced(asyncio, "sleep", pause):
            yield

    async def _sleep(self, delay: float, result: Any) -> Any:
        loop = asyncio.get_running_loop()
        woken = loop.create_future()
        self._sleepers[woken] = monotonic() + delay
        timer = loop.call_later(delay, _wake, woken)
        try:
            await woken
        finally:
            timer.cancel()
            del self._sleepers[woken]
        return result

    async def jump(self) -> bool:
        """Let time pass until a sleeper wakes; return whether anybody sleeps.

        Who sleeps alone oversleeps until the next key is forgotten, as a pause may always be
        longer than asked for.
        """
        if not self._sleepers:
            return False
        woken = min(self._sleepers, key=lambda each: self._sleepers[each])
        seconds = self._sleepers[woken] - monotonic()
        await self._pass(int(1000 * max(seconds, 0.0)) + 1, alone=len(self._sleepers) == 1)
        _wake(woken)
        return True

    async def _pass(self, milliseconds: int, alone: bool) -> None:
        """Bring the end of every key nearer."""
        keys: Any = await self._side.keys()
        left = {key: await self._side.pttl(key) for key in keys}
        ends = {key: ttl for key, ttl in left.items() if ttl >= 0}
        if alone and ends:
            milliseconds = max(milliseconds, min(ends.values()) + 1)
        for key, ttl in ends.items():
            await self._side.pexpire(key, ttl - milliseconds)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
