"""Stand between clients and a server: listen on loopback, and pass on what comes."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import CourseError
from ..record import Record
from .accidents import Accidents
from .connection import Connection
from .conversation import Conversation
from .upstream import Upstream

CAN_SHARE = hasattr(socket, "SO_REUSEPORT")
"""Whether this system lets one process take a port twice."""

PATIENCE = 10.0  # seconds for a server to take a first connection; one without TLS never ends it

ANYBODY = ""
"""Whose door is open to clients that say themselves who they are."""


class Relay:
    """A port of loopback behind which a real server answers, and a record of what passed.

    `told`, if anybody wants it, is called when there is something new to tell. All happens in the
    loop that started it.
    """

    def __init__(self, upstream: Upstream, told: Callable[[], None] | None = None) -> None:
        self.upstream = upstream
        self.record = Record()
        self.accidents: defaultdict[str, Accidents] = defaultdict(Accidents)
        self._told = told
        self._labels: Counter[str] = Counter()
        self._connections: set[Connection] = set()
        self._ports: dict[str, int] = {}  # by client
        self._held: dict[str, socket.socket] = {}  # where nobody listens now
        self._servers: list[asyncio.Server] = []

    @property
    def port(self) -> int:
        """Return the port that anybody may use; 0 before it is open."""
        return self._ports.get(ANYBODY, 0)

    async def start(self, port: int = 0) -> None:
        """Listen on this port of loopback, or on any free one.

        Raises CourseError when the server does not answer, or the port is taken.
        """
        await self._reach()
        await self.open_door(ANYBODY, port)

    async def open_door(self, client: str, port: int = 0) -> int:
        """Listen on a port of its own for one client, and return it; it is opened only once."""
        if client not in self._ports:
            try:
                door = _bound(port)
            except (OSError, OverflowError) as error:
                raise CourseError(_refused(port, error)) from None
            self._ports[client] = door.getsockname()[1]
            await self._listen(client, door)
        return self._ports[client]

    async def _listen(self, client: str, door: socket.socket) -> None:
        loop, welcome = asyncio.get_running_loop(), partial(self._welcome, client)
        self._servers.append(await loop.create_server(welcome, sock=door))

    async def unplug(self) -> None:
        """Be out of reach: break off what is open, refuse what comes, and hold the ports."""
        if self._held:
            return
        for listening in (sock for server in self._servers for sock in server.sockets):
            _share(listening)  # so that nobody else can take its port in between
        if not CAN_SHARE:
            await self.stop()  # and hope for the ports
        held = {client: _bound(port, is_shared=True) for client, port in self._ports.items()}
        await self.stop()
        self._held = held

    async def plug(self) -> None:
        """Listen again, on the same ports."""
        while self._held:
            await self._listen(*self._held.popitem())

    async def stop(self) -> None:
        """Listen no more, and break off what is open."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        while self._held:
            self._held.popitem()[1].close()
        for connection in [*self._connections]:
            connection.break_off()
        await asyncio.sleep(0)  # in the loop's next turn their sockets are closed

    async def _reach(self) -> None:
        """Look whether the server answers."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.upstream.connect(_Probe)
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason
            raise CourseError(
                f"{self.upstream} is there, but TLS with it fails ({why}): SSL_CERT_FILE may name "
                "the authority that signed its certificate."
            ) from None
        except OSError:
            raise CourseError(
                f"Nobody answers at {self.upstream}: start the server, or give its address."
            ) from None

    def _welcome(self, client: str) -> asyncio.Protocol:
        conversation = Conversation(self.record, self._label, self.accidents.__getitem__, client)
        connection = Connection(self.upstream, conversation, self._told, self._connections.discard)
        self._connections.add(connection)
        return connection.client

    def _label(self, library: str) -> str:
        """Number the clients of one library."""
        self._labels[library] += 1
        return f"{library} {self._labels[library]}"


class _Probe(asyncio.Protocol):
    """A connection that is closed at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _refused(port: int, error: OSError | OverflowError) -> str:
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return f"Port {port} is taken: choose another one."
    why = getattr(error, "strerror", "there is no such port")
    return f"Nobody can listen on port {port} here ({why}): choose another one."


def _share(door: Any) -> None:
    """Let this process take the port of a socket once more."""
    if CAN_SHARE:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _bound(port: int, is_shared: bool = False) -> socket.socket:
    """Take a port of loopback; who connects is refused until somebody listens there."""
    # Named as TCP, or asyncio would leave Nagle's algorithm on, which holds back small replies.
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if is_shared:
            _share(door)
        if os.name == "posix":  # elsewhere it would let two programs have one port
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
    except OSError:
        door.close()
        raise
    return door
