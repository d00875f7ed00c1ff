"""Stand between clients and a server: listen on loopback, and pass on what comes."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress

from ..errors import CourseError
from ..record import Record
from .accidents import Accidents
from .connection import Connection
from .upstream import Streams, Upstream


class Relay:
    """A port of loopback behind which a real server answers, and a record of what passed.

    `told` is called when there is something new to tell. All happens in the loop that started it.
    """

    def __init__(self, upstream: Upstream, told: Callable[[], None] = lambda: None) -> None:
        self.upstream = upstream
        self.record = Record()
        self.accidents: defaultdict[str, Accidents] = defaultdict(Accidents)
        self.port = 0
        self._told = told
        self._labels: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on this port of loopback, or on any free one.

        Raises CourseError when the server does not answer, or the port is taken.
        """
        _, writer = await self._reached()
        writer.close()
        try:
            self._server = await asyncio.start_server(self._welcome, "127.0.0.1", port)
        except OSError:
            raise CourseError(f"Port {port} is taken: choose another one.") from None
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and break off what is open."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _reached(self) -> Streams:
        try:
            return await self.upstream.open()
        except OSError:
            raise CourseError(
                f"Nobody answers at {self.upstream}: start the server, or give its address."
            ) from None

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            server = await self.upstream.open()
        except OSError:
            writer.transport.abort()  # as a server that is not there would
            return
        connection = Connection(self.record, self._label, self.accidents.__getitem__, self._told)
        with suppress(asyncio.CancelledError):  # asyncio would log the end that stop() asks for
            await connection.pass_on((reader, writer), server)

    def _label(self, library: str) -> str:
        """Number the clients of one library."""
        self._labels[library] += 1
        return f"{library} {self._labels[library]}"
