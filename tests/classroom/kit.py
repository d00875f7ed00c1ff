"""What the tests of a class share: a Redis that is killed and comes back, and a simple board."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from helpers.broker.servers import Server, start_server
from helpers.classroom.address import ClassAddress, read_class_address
from helpers.classroom.event import Event
from helpers.classroom.outbox import Outbox
from helpers.classroom.reader import Reader, Round
from helpers.classroom.sender import Sender
from tests.real_servers import free_port

DEADLINE = 30.0  # seconds


class ClassRedis:
    """A Redis with an append-only file and a port of its own, which a kill does not change."""

    def __init__(self, program: Path, folder: Path, fsync: str = "always") -> None:
        self.port = free_port()
        self._program, self._folder, self._fsync = program, folder, fsync
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def address(self) -> ClassAddress:
        return read_class_address(self.url)

    def start(self) -> None:
        options = {"appendonly": "yes", "appendfsync": self._fsync, "port": self.port}
        self._server = start_server(self._program, folder=self._folder, password="", **options)

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        if self._server:
            self._server.stop()


@contextmanager
def class_redis(program: Path, folder: Path, fsync: str = "always") -> Iterator[ClassRedis]:
    """Start a class's Redis; it ends with the block."""
    folder.mkdir(exist_ok=True)
    redis = ClassRedis(program, folder, fsync)
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()


class Board:
    """The simplest board there is: each event once, and how often it was taken."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.taken: list[str] = []

    def take(self, event: Event, at: int) -> None:
        assert at > 1_600_000_000_000, "milliseconds"
        self.taken.append(event.id)
        self.events.setdefault(event.id, event)


async def read_until(reader: Reader, board: Board, count: int) -> Round:
    """Read until the board has as many events and the group is up to date."""
    last = Round()
    try:
        async with asyncio.timeout(DEADLINE):
            async for last in reader.rounds():
                is_done = not (last.trouble or last.pending or last.lag)
                if len(board.events) >= count and is_done:
                    break
    except TimeoutError:
        raise AssertionError(f"{len(board.events)} of {count} events, {last}") from None
    return last


@asynccontextmanager
async def sending(address: ClassAddress, outbox: Outbox) -> AsyncIterator[Sender]:
    """Run a sender; it ends with the block."""
    sender = Sender(address, outbox)
    running = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        sender.end()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def answer(number: str = "1.1", who: str = "ada", choice: str = "0") -> Event:
    return Event(who, "quiz", number, choice, choice == "0")
