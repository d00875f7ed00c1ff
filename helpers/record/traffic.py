"""Record what each watched client sent and what it received, as it passed over its connections."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from .exchange import Exchange
from .handshake import KnowsItsHandshake
from .waits import Waiting

BARRIER = "barrier:"
"""What a PING carries that only asks whether everything before it has arrived: not recorded."""


@dataclass(eq=False)
class Command:
    """One command as it went out, and what came back for it.

    `order` tells when it was sent and `ended` when its reply was read or its connection was lost,
    both counted with the messages. `db` is the database that the connection began with.
    """

    order: int
    client: str
    connection: int
    words: tuple[str, ...]
    db: int = 0
    ended: int = 0
    answered: bool = False
    reply: Any = None
    lost: str = ""
    confirmations: list[Any] = field(default_factory=list)
    name: str = field(init=False)  # in capitals; it is asked for again and again

    def __post_init__(self) -> None:
        self.name = self.words[0].upper()

    @property
    def waiting(self) -> bool:
        """Tell whether the client still waits for an answer."""
        return not (self.answered or self.lost or self.confirmations)


@dataclass(eq=False)
class Message:
    """One published message as it reached a subscriber."""

    order: int
    client: str
    connection: int
    kind: str
    channel: str
    data: str
    pattern: str = ""


@dataclass(frozen=True)
class Closing:
    """The end of a connection, as its client learnt of it: by its own wish, or as a loss."""

    order: int
    client: str
    connection: int
    is_loss: bool


@dataclass(frozen=True)
class Remark:
    """What happened to a client that no command says, such as that it was killed."""

    order: int
    client: str
    what: str


def is_recorded(pool: Any) -> bool:
    """Say whether what passes over the connections of a pool is recorded, by whatever record."""
    return issubclass(pool.connection_class, _Watched)


class Record:
    """Every command and every message of the watched clients, in the order they were seen."""

    def __init__(self) -> None:
        self.clients: list[str] = []
        self.commands: list[Command] = []
        self.messages: list[Message] = []
        self.closings: list[Closing] = []
        self.remarks: list[Remark] = []
        self._readers: dict[int, tuple[Exchange, asyncio.Task[Any] | None]] = {}
        self._orders = itertools.count(1)
        self._connections = itertools.count(1)

    def watch(self, client: Redis) -> Redis:
        """Record all traffic of this client, from its first connection on, and return it."""
        pool = client.connection_pool
        name = pool.connection_kwargs.get("client_name") or "client"
        if name not in self.clients:
            self.clients.append(name)
        base = pool.connection_class
        pool.connection_class = type(base.__name__, (_Watched, base), {"_record": self})
        return client

    def waits(self) -> list[Waiting]:
        """Tell which clients read now, and what each of them waits for."""
        return [exchange.wait() for exchange, _ in self._readers.values()]

    def cancel_readers(self) -> None:
        """Cancel each task that waits for an answer or a message, but not the one that asks."""
        for _, task in list(self._readers.values()):
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    @contextmanager
    def reading(self, exchange: Exchange) -> Iterator[None]:
        """Note that a connection waits for the broker."""
        number = exchange.number
        self._readers[number] = exchange, asyncio.current_task()
        try:
            yield
        finally:
            self._readers.pop(number, None)

    def new_connection(self) -> int:
        """Number a connection."""
        return next(self._connections)

    def sent(self, client: str, connection: int, words: tuple[str, ...], db: int) -> Command:
        """Add a command that is on its way."""
        command = Command(next(self._orders), client, connection, words, db)
        if not (command.name == "PING" and words[-1].startswith(BARRIER)):
            self.commands.append(command)
        return command

    def closed(self, client: str, connection: int, is_loss: bool) -> None:
        """Note that a connection is no more."""
        self.closings.append(Closing(next(self._orders), client, connection, is_loss))

    def remark(self, client: str, what: str) -> None:
        """Note what happens to a client now that no command says."""
        self.remarks.append(Remark(self.moment(), client, what))

    def moment(self) -> int:
        """Return an order for something that is no command and happens now."""
        return next(self._orders)

    def ended(self, command: Command) -> None:
        """Note that nothing more is to come for a command."""
        command.ended = next(self._orders)

    def arrived(self, client: str, connection: int, push: list[Any]) -> None:
        """Add a message that reached a subscriber."""
        kind, *rest = push
        pattern = rest.pop(0) if kind == "pmessage" else ""
        channel, data = rest
        order = next(self._orders)
        self.messages.append(Message(order, client, connection, kind, channel, data, pattern))


class _Watched(KnowsItsHandshake):
    """A connection of redis-py that reports what passes over it, and changes nothing of it."""

    _record: Record

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._exchange = Exchange(self._record, self.client_name or "client", int(self.db or 0))

    async def on_connect_check_health(self, *args: Any, **kwargs: Any) -> None:
        # redis-py connects again with the same object: for the server it is another connection.
        self._exchange.begin()
        await super().on_connect_check_health(*args, **kwargs)

    async def disconnect(self, nowait: bool = False, *args: Any, **kwargs: Any) -> None:
        if self.is_connected:
            # redis-py waits for the end of a connection unless that has come by itself.
            is_loss = nowait or kwargs.get("error") is not None
            self._record.closed(self._exchange.client, self._exchange.number, is_loss)
        await super().disconnect(nowait, *args, **kwargs)

    async def send_command(self, *args: Any, **kwargs: Any) -> None:
        # The embedded broker has a shorter way, which would pass the record by.
        await AbstractConnection.send_command(self, *args, **kwargs)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        if not self.shaking_hands:
            # The connection is made first, so that its handshake does not stand after the command.
            if not self.is_connected:
                await self.connect_check_health(check_health=False)
            for words in commands_in(command):
                self._exchange.ask(words)
        try:
            await super().send_packed_command(command, check_health)
        except BaseException as error:
            self._exchange.lose(_reason(error))
            raise

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        if self.shaking_hands:
            return await super().read_response(*args, **kwargs)
        try:
            with self._record.reading(self._exchange):
                reply = await super().read_response(*args, **kwargs)
        except redis.ResponseError as error:
            self._exchange.answer(error)
            raise
        except BaseException as error:
            # A subscriber that stops reading keeps its connection, and reads the answer later.
            if isinstance(error, redis.ConnectionError) or not self.is_connected:
                self._exchange.lose(_reason(error))
            raise
        # With a time limit of its own, None means that nothing came; without, it is a nil.
        if reply is not None or kwargs.get("timeout") in (None, math.inf):
            self._exchange.receive(_text(reply))
        return reply


def _reason(error: BaseException) -> str:
    """Say why nothing came, without the address and the port that redis-py would name."""
    if isinstance(error, asyncio.CancelledError):
        return "cancelled"
    if isinstance(error, redis.TimeoutError):
        return "timed out"
    if isinstance(error, redis.ConnectionError):
        return "connection lost"
    return str(error) or type(error).__name__


def _text(reply: Any) -> Any:
    """Copy a reply, since its reader may change it, with bytes as text."""
    if isinstance(reply, bytes):
        return reply.decode("utf-8", "backslashreplace")
    if isinstance(reply, list):
        return [_text(part) for part in reply]
    if isinstance(reply, dict):
        return {_text(key): _text(part) for key, part in reply.items()}
    return reply


def commands_in(packed: bytes | str | Iterable[bytes]) -> Iterator[tuple[str, ...]]:
    """Read the commands back out of the bytes that go to the server."""
    if isinstance(packed, str):
        packed = packed.encode()
    data = packed if isinstance(packed, bytes) else b"".join(bytes(p) for p in packed)
    at = 0
    while at < len(data):
        count, at = _number_at(data, at)
        words = []
        for _ in range(count):
            length, at = _number_at(data, at)
            words.append(data[at : at + length].decode("utf-8", "backslashreplace"))
            at += length + 2
        yield tuple(words)


def _number_at(data: bytes, at: int) -> tuple[int, int]:
    end = data.index(b"\r\n", at)
    return int(data[at + 1 : end]), end + 2
