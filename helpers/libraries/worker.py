"""A program of a shop: started by its command line, frozen, and killed as a machine dies."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from ..errors import CourseError
from . import keeper

T = TypeVar("T")

LIMIT = 60.0  # seconds until something that has to happen has happened; busy cores included
SHOPS = Path(__file__).parent / "shops"


async def within(what: Awaitable[T], said: str, limit: float = LIMIT) -> T:
    """Wait for something; raises CourseError with what was waited for."""
    try:
        return await asyncio.wait_for(what, limit)
    except TimeoutError:
        raise CourseError(f"Waited {limit:g} seconds, and {said}.") from None


class Process:
    """A program of a shop in a session of its own, which dies with whoever started it."""

    def __init__(self, ready: str = "") -> None:
        self.ended = asyncio.Event()
        self.is_killed = False
        self.log: deque[str] = deque(maxlen=50)
        self._ready = ready
        self._is_ready = asyncio.Event()
        self._session = 0

    async def start(self, command: tuple[str, ...], environment: dict[str, str]) -> None:
        """Start it; returns at once."""
        self._keeper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", keeper.__file__, *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=SHOPS,
            start_new_session=True,  # "Interrupt kernel" must not reach it
        )
        assert self._keeper.stdout and self._keeper.stderr
        self._session = int((await self._keeper.stdout.readline()).split()[1])
        self._readers = asyncio.gather(
            self._hear(self._keeper.stdout), self._read_log(self._keeper.stderr)
        )

    async def ready(self) -> None:
        """Return when it has said so; raises CourseError when it ends instead."""
        await within(self._is_ready.wait(), f"no worker said {self._ready!r}")
        if self.ended.is_set():
            raise CourseError(f"A worker ended in place of starting: {self.last_words()}")

    def freeze(self) -> None:
        """Stop all its processes, as a machine that stands still."""
        keeper.freeze(self._session)

    def kill(self) -> None:
        """Kill all its processes at once, as a machine that dies; again does nothing."""
        self.is_killed = True
        if not self.ended.is_set():
            keeper.kill(self._session)

    async def close(self) -> None:
        """Kill what is left, and wait until it is gone."""
        self.is_killed = True
        assert self._keeper.stdin
        self._keeper.stdin.close()
        await self._keeper.wait()
        await self._readers

    def last_words(self) -> str:
        """Return the last line that it has said."""
        return next((line for line in reversed(self.log) if line.strip()), "it said nothing.")

    async def _hear(self, said: asyncio.StreamReader) -> None:
        async for line in said:
            if line.startswith(b"ended"):
                self.ended.set()
                self._is_ready.set()

    async def _read_log(self, said: asyncio.StreamReader) -> None:
        async for line in said:
            self.log.append(line.decode(errors="replace").rstrip())
            if self._ready and self._ready in self.log[-1]:
                self._is_ready.set()
