"""Record what each watched client sent and what it received, as it passed over its connections."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from ..greeting import KnowsItsGreeting

BARRIER = "barrier:"
"""What a PING carries that only asks whether everything before it has arrived: not recorded."""

CONFIRMATIONS = {
    f"{prefix}{verb}" for prefix in ("", "p", "s") for verb in ("subscribe", "unsubscribe")
}
MESSAGES = {"message", "pmessage", "smessage"}


@dataclass(eq=False)
class Command:
    """Hold one command as it went out, and what came back for it."""

    order: int
    client: str
    connection: int
    words: tuple[str, ...]
    answered: bool = False
    reply: Any = None
    lost: str = ""
    confirmations: list[Any] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name the command in capitals."""
        return self.words[0].upper()

    @property
    def waiting(self) -> bool:
        """Tell whether the client still waits for an answer."""
        return not (self.answered or self.lost or self.confirmations)


@dataclass(eq=False)
class Message:
    """Hold one published message as it reached a subscriber."""

    order: int
    client: str
    connection: int
    kind: str
    channel: str
    data: str
    pattern: str = ""


class Record:
    """Keep every command and every message of the watched clients, in the order they were seen."""

    def __init__(self) -> None:
        self.clients: list[str] = []
        self.commands: list[Command] = []
        self.messages: list[Message] = []
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

    def new_connection(self) -> int:
        """Number a connection."""
        return next(self._connections)

    def sent(self, client: str, connection: int, words: tuple[str, ...]) -> Command:
        """Add a command that is on its way."""
        command = Command(next(self._orders), client, connection, words)
        if not (command.name == "PING" and words[-1].startswith(BARRIER)):
            self.commands.append(command)
        return command

    def arrived(self, client: str, connection: int, push: list[Any]) -> None:
        """Add a message that reached a subscriber."""
        kind, *rest = push
        pattern = rest.pop(0) if kind == "pmessage" else ""
        channel, data = rest
        order = next(self._orders)
        self.messages.append(Message(order, client, connection, kind, channel, data, pattern))


class _Watched(KnowsItsGreeting):
    """Report what passes over a connection of redis-py; change nothing of it."""

    _record: Record

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._number = self._record.new_connection()
        self._open: list[Command] = []
        self._subscriptions: list[Command] = []

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        if not self.greeting:
            # The connection is made first, so that its greeting does not stand after the command.
            if not self.is_connected:
                await self.connect_check_health(check_health=False)
            for words in _commands_in(command):
                self._send(words)
        try:
            await super().send_packed_command(command, check_health)
        except BaseException as error:
            self._lose(error)
            raise

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        if self.greeting:
            return await super().read_response(*args, **kwargs)
        try:
            reply = await super().read_response(*args, **kwargs)
        except ResponseError as error:
            self._answer(error)
            raise
        except BaseException as error:
            self._lose(error)
            raise
        nothing_came = reply is None and kwargs.get("timeout") is not None
        if not nothing_came:
            self._receive(reply)
        return reply

    def _client(self) -> str:
        return self.client_name or "client"

    def _send(self, words: tuple[str, ...]) -> None:
        command = self._record.sent(self._client(), self._number, words)
        self._open.append(command)
        if command.name.lower() in CONFIRMATIONS:
            self._subscriptions.append(command)

    def _receive(self, reply: Any) -> None:
        # Only a connection that has subscribed gets messages: elsewhere a list is a plain reply.
        kind = reply[0] if self._subscriptions and isinstance(reply, list) and reply else None
        if kind in MESSAGES:
            self._record.arrived(self._client(), self._number, reply)
        elif kind in CONFIRMATIONS:
            self._confirm(reply)
        else:
            self._answer(reply)

    def _confirm(self, reply: list[Any]) -> None:
        asked = [c for c in self._subscriptions if c.name.lower() == reply[0]]
        short = [c for c in asked if len(c.confirmations) < len(c.words) - 1]
        for command in (short or asked[-1:])[:1]:
            command.confirmations.append(reply)
            self._open = [c for c in self._open if c is not command]

    def _answer(self, reply: Any) -> None:
        if self._open:
            command = self._open.pop(0)
            command.reply, command.answered = reply, True

    def _lose(self, error: BaseException) -> None:
        reason = "cancelled" if type(error).__name__ == "CancelledError" else str(error)
        for command in self._open:
            command.lost = reason or type(error).__name__
        self._open.clear()


def _commands_in(packed: bytes | str | Iterable[bytes]) -> Iterator[tuple[str, ...]]:
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
