"""Read replies from the wire and keep what redis-py drops: which kind each of them is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import redis
from redis.asyncio.connection import AbstractConnection

Reply = Any
Reading = Generator[None, None, Reply]
CLOSED = "Server closed the connection"


class Status(bytes):
    """A short answer such as OK."""


class Double(bytes):
    """A number with a fraction, in the server's own digits."""


class BigNumber(bytes):
    """An integer of more than 64 bits, in the server's own digits."""


class Verbatim(bytes):
    """A text that is meant for people."""


class Map(list):
    """Names and values in turn: unlike a dict it may hold the same name twice, as XREAD does."""

    def get(self, name: bytes) -> Reply:
        """Return the value of a name: redis-py looks into the answer to HELLO."""
        pairs = zip(self[::2], self[1::2], strict=True)
        return next((value for key, value in pairs if key == name), None)


class Set(list):
    """Members without an order; they stay in the order in which the server sent them."""


class Push(list):
    """What RESP3 sends without being asked."""


class ErrorReply(redis.ResponseError):
    """An error, with its whole `text`, of which redis-py leaves out ERR."""

    def __init__(self, text: str) -> None:
        super().__init__(text.removeprefix("ERR "))
        self.text = text


class ReplyParser:
    """A stand-in for redis-py's parser: `connect(name, parser_class=ReplyParser)`.

    A read may be cancelled at any moment: the next one goes on where it stopped.
    Follows https://redis.io/docs/latest/develop/reference/protocol-spec/
    """

    def __init__(self, socket_read_size: int) -> None:
        self._read_size = socket_read_size
        self._forget(None)

    def on_connect(self, connection: AbstractConnection) -> None:
        """Read from this connection, which has just been made."""
        self._forget(connection._reader)

    def on_disconnect(self) -> None:
        """Read no more."""
        self._forget(None)

    def _forget(self, stream: asyncio.StreamReader | None) -> None:
        self._stream = stream
        self._buffer = bytearray()
        self._reading: Reading | None = None

    async def can_read(self) -> bool:
        """Tell whether something has been read that nobody has taken yet."""
        return bool(self._buffer)

    async def read_response(self, *_: Any, **__: Any) -> Reply:
        """Return the next reply; raises redis.ConnectionError at the end of the connection."""
        self._reading = self._reading or self._reply()
        while self._stream is not None:
            try:
                next(self._reading)
            except StopIteration as done:
                self._reading = None
                return done.value
            self._buffer += await self._more(self._stream)
        raise redis.ConnectionError(CLOSED)

    async def _more(self, stream: asyncio.StreamReader) -> bytes:
        data = await stream.read(self._read_size)
        if not data:
            raise redis.ConnectionError(CLOSED)
        return data

    def _reply(self) -> Reading:
        """Read one reply; yield whenever more bytes are needed."""
        line = yield from self._line()
        kind, rest = chr(line[0]), line[1:]
        if kind in SIMPLE:
            return SIMPLE[kind](rest)
        if kind in "$=!*%~>|" and rest == b"-1":
            return None
        if kind in "$=!":
            return (yield from self._text(kind, int(rest)))
        if kind == "|":  # attributes: a client may leave them out
            yield from self._items(2 * int(rest))
            return (yield from self._reply())
        if kind in GROUPS:
            items = yield from self._items(int(rest) * (2 if kind == "%" else 1))
            return GROUPS[kind](items)
        raise redis.InvalidResponse(f'Protocol error, got "{kind}" as reply type byte')

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._buffer.find(b"\r\n")) < 1:
            yield
        return self._taken(end)

    def _text(self, kind: str, size: int) -> Reading:
        while len(self._buffer) < size + 2:
            yield
        text = self._taken(size)
        if kind == "!":
            return ErrorReply(_decoded(text))
        return Verbatim(text[4:]) if kind == "=" else text  # it begins with its format, as txt:

    def _items(self, count: int) -> Generator[None, None, list[Reply]]:
        items = []
        for _ in range(count):
            items.append((yield from self._reply()))
        return items

    def _taken(self, size: int) -> bytes:
        """Take so many bytes, and the line break after them."""
        taken = bytes(self._buffer[:size])
        del self._buffer[: size + 2]
        return taken


def _decoded(text: bytes) -> str:
    return text.decode(errors="backslashreplace")


GROUPS: dict[str, type[list]] = {"*": list, "%": Map, "~": Set, ">": Push}
SIMPLE: dict[str, Callable[[bytes], Reply]] = {
    "+": Status,
    "-": lambda rest: ErrorReply(_decoded(rest)),
    ":": int,
    ",": Double,
    "(": BigNumber,
    "#": lambda rest: rest == b"t",
    "_": lambda rest: None,
}
