"""A program of a shop: started by its command line, frozen, and killed as a machine dies."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import TypeVar

from ..errors import CourseError
from . import keeper

T = TypeVar("T")

LAST_WORDS = 2.0  # seconds until those of a program that has ended are read
LIMIT = 60.0  # seconds until what has to happen has happened, on busy cores
SHOPS = Path(__file__).parent / "shops"


async def within(what: Awaitable[T], otherwise: str, limit: float = LIMIT) -> T:
    """Wait for something; raises CourseError, which says what it waited for."""
    try:
        return await asyncio.wait_for(what, limit)
    except TimeoutError:
        raise CourseError(f"In {limit:g} seconds, {otherwise}.") from None


class Process:
    """A program in a session of its own, which dies with whoever started it."""

    def __init__(self, keeper: asyncio.subprocess.Process, session: int, ready: str) -> None:
        self.ended = asyncio.Event()
        self.status = 0
        self.log: deque[str] = deque(maxlen=500)
        self._keeper = keeper
        self._session = session
        self._ready = ready
        self._is_ready = False
        self._is_known = asyncio.Event()  # whether it is ready, or has ended in place of that
        self._log_reader = asyncio.create_task(self._read_log())
        self._readers = asyncio.gather(self._hear(), self._log_reader)

    @classmethod
    async def start(
        cls, command: tuple[str, ...], environment: Mapping[str, str], ready: str = ""
    ) -> Process:
        """Start one; it is ready when it says so."""
        kept = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", keeper.__file__, *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=SHOPS,
            start_new_session=True,  # "Interrupt kernel" must not reach it
        )
        assert kept.stdout
        _, session = (await kept.stdout.readline()).split()
        return cls(kept, int(session), ready)

    async def ready(self) -> None:
        """Return when it is ready; raises CourseError when it ends instead."""
        await within(self._is_known.wait(), f"no program said {self._ready!r}")
        if not self._is_ready:
            raise CourseError(f"A program ended in place of starting: {self.last_words()}")

    def freeze(self) -> None:
        """Stop all its processes, as a machine that stands still."""
        keeper.freeze(self._session)

    def kill(self) -> None:
        """Kill all its processes at once, as a machine that dies."""
        keeper.kill(self._session)

    async def close(self) -> None:
        """Kill what is left of it, and return when nothing is."""
        assert self._keeper.stdin
        self._keeper.stdin.close()
        await self._keeper.wait()
        await self._readers

    def last_words(self) -> str:
        """Return the last line that it has said."""
        return next((line for line in reversed(self.log) if line.strip()), "it said nothing.")

    async def _hear(self) -> None:
        assert self._keeper.stdout
        async for line in self._keeper.stdout:
            self.status = int(line.split()[1])
            await asyncio.wait([self._log_reader], timeout=LAST_WORDS)
            self.ended.set()
            self._is_known.set()

    async def _read_log(self) -> None:
        assert self._keeper.stderr
        async for line in self._keeper.stderr:
            self.log.append(line.decode(errors="replace").rstrip())
            if self._ready and self._ready in self.log[-1]:
                self._is_ready = True
                self._is_known.set()
