"""The packing table: where each effect of a job is counted, and where a job can be held.

A worker's `pack(order)` says here what it is about to do, and goes on when it is answered
(`shops/effects.py`). The table is no part of the broker, so it stays in reach when that is cut off.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

BEFORE, PACKED, AFTER = "before", "packed", "after"


class Packing:
    """Who has packed what so far, and who is held at which moment, such as `before order-3`."""

    def __init__(self, path: Path, remark: Callable[[str, str], object]) -> None:
        self.path = path
        self.remark = remark
        self.packed: list[str] = []
        self._holds: dict[tuple[str, str], asyncio.Event] = {}
        self._reached: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self._news = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen on the socket file."""
        self._server = await asyncio.start_unix_server(self._welcome, self.path)

    async def close(self) -> None:
        """Listen no more; who is held here is let go."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def hold(self, worker: str, moment: str) -> None:
        """Let a worker wait when it gets to this moment the next time."""
        self._holds[worker, moment] = asyncio.Event()
        self._reached.pop((worker, moment), None)

    def let_go(self, worker: str, moment: str) -> None:
        """Let a worker go on, and not wait there again."""
        if (worker, moment) in self._holds:
            self._holds[worker, moment].set()

    async def reached(self, worker: str, moment: str) -> None:
        """Return when a worker has got to this moment."""
        await self._reached[worker, moment].wait()

    async def quiet(self, seconds: float) -> None:
        """Return when nobody has said anything for so long."""
        while True:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), seconds)
            except TimeoutError:
                return

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)
        with suppress(asyncio.CancelledError, ConnectionError):
            worker, moment = (await reader.readline()).decode().rstrip("\n").split(" ", 1)
            await self._hear(worker, moment)
            writer.write(b"\n")
        writer.close()

    async def _hear(self, worker: str, moment: str) -> None:
        what, order = moment.split()
        if what == PACKED:
            self.packed.append(order)
            self.remark(worker, f"packs {order}")
        self._reached[worker, moment].set()
        self._news.set()
        if hold := self._holds.get((worker, moment)):
            await hold.wait()
