"""Connections of redis-py that end in the embedded broker instead of in a socket.

Everything above the bytes is redis-py's own: parsing, time-outs, retries, push messages.
"""

import asyncio
import errno
import socket
import time
from collections.abc import Iterable
from typing import Any

import redis
import redis.asyncio

from .core import EmbeddedSocket
from .outlets import BufferOutlet, StreamOutlet
from .parsing import FOR_WHOLE_REPLIES
from .server import EmbeddedServer

ADDRESS = ("127.0.0.1", 6379)


class _Named:
    """How a connection calls itself, and in an error its broker, which has no address."""

    db: Any
    client_name: str | None

    def repr_pieces(self) -> list[tuple[str, Any]]:
        pieces = [("broker", "embedded"), ("db", self.db)]
        if self.client_name:
            pieces.append(("client_name", self.client_name))
        return pieces

    def _host_error(self) -> str:
        return "the embedded broker"


class EmbeddedConnection(_Named, redis.asyncio.connection.AbstractConnection):
    """A connection of redis.asyncio to an embedded broker: give the pool `server=` the broker."""

    _writer: "EmbeddedWriter"  # type: ignore[assignment] # in place of asyncio's

    def __init__(self, *, server: EmbeddedServer, **settings: Any) -> None:
        self._embedded = server
        super().__init__(**settings)

    async def _connect(self) -> None:
        self._reader, self._writer = open_connection(self._embedded)

    def set_parser(self, parser_class: type) -> None:
        super().set_parser(FOR_WHOLE_REPLIES.get(parser_class, parser_class))

    async def send_command(self, *words: Any, **options: Any) -> None:
        """Send a command without packing it into bytes: the broker would only unpack them."""
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if self.health_check_interval and options.get("check_health", True):
            await self.check_health()
        self._writer.run(self._encoded(words))

    def _encoded(self, words: tuple[Any, ...]) -> list[bytes]:
        name = words[0] if isinstance(words[0], bytes) else words[0].encode()
        encode = self.encoder.encode
        return name.split() + [bytes(encode(word)) for word in words[1:]]


class EmbeddedSyncConnection(_Named, redis.connection.AbstractConnection):
    """A connection of the synchronous redis client to an embedded broker."""

    def __init__(self, *, server: EmbeddedServer, **settings: Any) -> None:
        self._embedded = server
        super().__init__(**settings)

    def _connect(self) -> "_BlockingSocket":
        return _BlockingSocket(self._embedded, self.socket_timeout)


def open_connection(server: EmbeddedServer) -> tuple[asyncio.StreamReader, "EmbeddedWriter"]:
    """Open a connection to an embedded broker, as asyncio.open_connection does to an address.

    Raises ConnectionRefusedError during an outage.
    """
    outlet = StreamOutlet()
    return outlet.reader, EmbeddedWriter(server, outlet)


def _accept(server: EmbeddedServer, outlet: StreamOutlet | BufferOutlet) -> EmbeddedSocket:
    if not server.connected:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    with server.lock:
        return server.socket_class(server, outlet)


class EmbeddedWriter:
    """The part of asyncio.StreamWriter that clients use."""

    def __init__(self, server: EmbeddedServer, outlet: StreamOutlet) -> None:
        self._server = server
        self._socket = _accept(server, outlet)
        self.run = self._socket.run  # send one command, in words
        self._closing = False

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def writelines(self, data: Iterable[bytes]) -> None:
        self._socket.sendall(b"".join(data))

    async def drain(self) -> None:
        pass

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True
        self._socket.leave()

    async def wait_closed(self) -> None:
        pass

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ADDRESS}.get(name, default)

    def __del__(self) -> None:
        # The collector may call this in the middle of a command: only leave a note.
        if not getattr(self, "_closing", True):
            self._socket.abandon()


class _BlockingSocket:
    """The part of socket.socket that redis-py uses."""

    def __init__(self, server: EmbeddedServer, timeout: float | None) -> None:
        self._server = server
        self._outlet = BufferOutlet(server.lock)
        self._socket = _accept(server, self._outlet)
        self._timeout = timeout
        self._closed = False

    def sendall(self, data: bytes) -> None:
        self._socket.sendall(bytes(data))
        time.sleep(0)  # as on a network, where a reply is waited for, other threads have a turn

    def recv(self, size: int) -> bytes:
        give_up = None if self._timeout is None else time.monotonic() + self._timeout
        with self._server.lock:
            while not self._outlet.has_news():
                self._wait(give_up)
            return self._outlet.take(size)

    def _wait(self, give_up: float | None) -> None:
        if self._timeout == 0:
            raise BlockingIOError(errno.EWOULDBLOCK, "Resource temporarily unavailable")
        now = time.monotonic()
        if give_up is not None and now >= give_up:
            raise TimeoutError("timed out")
        wakes = None if self._server.clock else self._server.next_wake()  # or when it is turned on
        moments = [moment for moment in (give_up, wakes) if moment is not None]
        self._outlet.wait(max(0, min(moments) - now) if moments else None)
        self._server.end_waits()

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def getpeername(self) -> tuple[str, int]:
        return ADDRESS

    def getsockname(self) -> tuple[str, int]:
        return self._socket.address

    def shutdown(self, how: int = socket.SHUT_RDWR) -> None:
        self.close()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._socket.leave()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            self._socket.abandon()
