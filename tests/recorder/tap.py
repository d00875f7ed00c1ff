"""A plain relay that counts and keeps each byte, to stand at both sides of a recorder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


def port_of(url: str) -> int:
    """Return the port of an address on this machine."""
    return int(url.rpartition(":")[2])


@dataclass
class Passed:
    """The bytes of one connection, by direction."""

    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


@dataclass
class Tap:
    """A port of loopback that passes on to another, and what went through it."""

    port: int = 0
    passed: list[Passed] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def is_over(self) -> None:
        """Wait until every connection has ended."""
        async with asyncio.timeout(10):
            await asyncio.gather(*self.tasks)

    def bytes(self) -> list[tuple[bytes, bytes]]:
        """Give the bytes of connections that had any, whichever of them came first."""
        pairs = ((bytes(one.asked), bytes(one.answered)) for one in self.passed)
        return sorted(pair for pair in pairs if any(pair))


@asynccontextmanager
async def tap(to: int) -> AsyncIterator[Tap]:
    """Listen, and pass on to this port; at the end all that was open is broken off."""
    here = Tap()

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            here.tasks.add(task)
        there, onward = await asyncio.open_connection("127.0.0.1", to)
        here.passed.append(one := Passed())
        try:
            await asyncio.gather(pump(reader, onward, one.asked), pump(there, writer, one.answered))
        finally:
            onward.transport.abort()
            writer.transport.abort()

    server = await asyncio.start_server(welcome, "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    yield here
    server.close()
    for task in here.tasks:
        task.cancel()
    await asyncio.gather(*here.tasks, return_exceptions=True)


async def pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passed: bytearray
) -> None:
    """Pass bytes on until there are no more, and say so."""
    with suppress(ConnectionError):
        while chunk := await reader.read(1 << 16):
            passed += chunk
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.write_eof()
