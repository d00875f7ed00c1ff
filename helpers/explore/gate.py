"""Connections that go nowhere: each step waits for its turn, and replies are put into its hands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from embedded_redis import EmbeddedConnection, EmbeddedServer, StreamOutlet, embedded_server

from ..broker.clients import client
from ..errors import CourseError
from ..faults import break_off
from ..record import Record
from ..record.handshake import KnowsItsHandshake
from .program import Give, Given

if TYPE_CHECKING:
    from .life import Life

NO_COROUTINE = (
    "`given` of a program that is explored only queues commands: write it with `def`, and no "
    "`await`."
)


class Mailbox:
    """Where a broker writes what goes to one connection, for whoever empties it."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.closed = False

    def feed(self, data: bytes) -> None:
        """Keep bytes for the client."""
        self.parts.append(data)

    def close(self) -> None:
        """Note that the broker has closed the connection."""
        self.closed = True

    def deliver(self, ahead: bool = False) -> None:
        """Do nothing: it is emptied once the command has ended."""

    def wake_in(self, seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
        """Set no timer: time passes only when the clock is set."""
        return lambda: None

    def empty(self) -> bytes:
        """Take what has come."""
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


@cache
def greeting(said: bytes) -> bytes:
    """Return what a broker answers to a part of a handshake."""
    server: EmbeddedServer = embedded_server()
    mailbox = Mailbox()
    server.socket_class(server, mailbox).sendall(said)
    return mailbox.empty()


class Wire:
    """The writer of a connection: what it sends is known already, and so is what comes back."""

    def __init__(self, connection: _Wired, life: Life) -> None:
        self.outlet = StreamOutlet()
        self.number = life.opened(self)
        self._connection, self._life = connection, life
        self._closing = False

    def write(self, data: bytes) -> None:
        """Send bytes: those of the handshake are answered at once, others when it is time."""
        if self._connection.shaking_hands:
            self._life.greets(self.number, data)
            self.hear(greeting(data))
        else:
            self._life.sent()

    def writelines(self, data: Iterable[bytes]) -> None:
        """Send several pieces at once."""
        self.write(b"".join(data))

    def hear(self, data: bytes | None) -> None:
        """Let bytes arrive in the next turn of the loop; None is the end of the connection."""
        if data is None:
            self.outlet.close()
        else:
            self.outlet.feed(data)
        self.outlet.deliver()

    async def drain(self) -> None:
        """Do nothing: nothing is kept here."""

    def is_closing(self) -> bool:
        """Tell whether it is closed."""
        return self._closing

    def close(self) -> None:
        """Close the connection."""
        if not self._closing:
            self._closing = True
            self._life.closed(self.number)

    async def wait_closed(self) -> None:
        """Do nothing: it is closed at once."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Know nothing of sockets."""
        return default


class _Wired(KnowsItsHandshake, EmbeddedConnection):
    """A connection without a broker, whose next reply may get lost on its way."""

    loses = False

    def __init__(self, *, life: Life, **settings: Any) -> None:
        super().__init__(server=None, **settings)  # type: ignore[arg-type] # it is never asked
        self._life = life

    async def _connect(self) -> None:
        self._writer = wire = Wire(self, self._life)  # type: ignore[assignment]
        self._reader = wire.outlet.reader

    async def read_response(self, *args: Any, **options: Any) -> Any:
        reply = await super().read_response(*args, **options)
        if self.loses and not self.shaking_hands:
            self.loses = False
            await break_off(self)
        return reply


class _Gated(AbstractConnection):
    """A connection whose every command waits for its turn first; its handshake does not."""

    shaking_hands: bool
    loses: bool
    _life: Life
    _writer: Wire  # type: ignore[assignment]

    async def send_command(self, *words: Any, **options: Any) -> None:
        # The embedded broker has a shorter way, without bytes.
        await AbstractConnection.send_command(self, *words, **options)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        self._life.must_be_running()
        if not self.shaking_hands:
            if not self.is_connected:
                await self.connect_check_health(check_health=False)
            whole = command if isinstance(command, bytes) else b"".join(map(_bytes, command))
            self.loses = await self._life.ask(self._writer.number, whole)
        await super().send_packed_command(command, check_health)

    async def read_response(self, *args: Any, **options: Any) -> Any:
        if self.shaking_hands:
            return await super().read_response(*args, **options)
        number = self._writer.number if self.is_connected else -1
        self._life.reading += 1
        try:
            reply = await super().read_response(*args, **options)
        except Exception as error:
            self._life.reads(number, copy(error))  # without the way that it takes from here
            # A frame of redis-py holds the error that leads to it: whoever called would stay, too.
            raise error.with_traceback(None) from error.__cause__
        finally:
            self._life.reading -= 1
        self._life.reads(number, reply)
        return reply


def _bytes(part: Any) -> bytes:
    return part.encode() if isinstance(part, str) else bytes(part)


class _Plain(_Gated, _Wired):  # type: ignore[misc] # what is called a writer is a Wire
    """A connection that nobody records."""


def is_gated(pool: Any) -> bool:
    """Say whether a client of this pool is one that an exploration gives."""
    return "life" in pool.connection_kwargs


def commands_of(given: Given) -> bytes:
    """Return, as they are sent, the commands that are put into a transaction.

    They are asked for once: another time they might name another token, or a later time.
    """
    given.commands = given.commands or _asked(given.give)
    return given.commands


def _asked(give: Give) -> bytes:
    pipeline = client({"connection_class": _Plain, "life": None}).pipeline(transaction=True)
    if inspect.iscoroutine(queued := give(pipeline)):
        queued.close()
        raise CourseError(NO_COROUTINE)
    commands = [("MULTI",), *(words for words, _ in pipeline.command_stack), ("EXEC",)]
    return b"".join(pipeline.connection_pool.make_connection().pack_commands(commands))


def gated_client(life: Life, record: Record | None, **changes: Any) -> Redis:
    """Return a plain client of this life, whose every command waits for its turn."""
    where, changes = {"life": life}, changes | {"client_name": life.role.name}
    if record is None:
        return client(where, connection_class=_Plain, **changes)
    made = client(where, connection_class=_Wired, **changes)
    pool = record.watch(made).connection_pool
    pool.connection_class = type("GatedConnection", (_Gated, pool.connection_class), {})
    return made
