"""The gate before which every step of every client waits until it is its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError

from embedded_redis import EmbeddedConnection, EmbeddedServer

from ..broker.clients import client
from ..record import Record, commands_in
from ..record.handshake import KnowsItsHandshake

Words = tuple[str, ...]
HANDLE = "handle"


@dataclass(eq=False)
class Life:
    """One process of the program, from its start to its end: shop, ann, ann once more."""

    name: str
    number: int = 1  # which life of that name
    mortal: bool = False
    alive: bool = True
    watches: bool = False
    reading: int = 0  # how many of its tasks wait for the broker
    taken: int = 0  # how many steps it has taken
    repeats: int = 0  # how many of its latest steps brought nothing that was not known
    steps: list[Asked] = field(default_factory=list)  # those that wait at the gate
    connections: list[AbstractConnection] = field(default_factory=list)
    task: asyncio.Task[Any] | None = None


@dataclass(eq=False)
class Asked:
    """A step that waits for its turn: one command, one pipeline, or the handling of a job."""

    life: Life
    commands: tuple[Words, ...]
    turn: asyncio.Future[bool]  # its result: whether the reply gets lost
    answered: bool = False
    reply: Any = None

    @property
    def handles(self) -> bool:
        """Tell whether this is no command but the handling of a job."""
        return self.commands[0][0] == HANDLE


LIFE: ContextVar[Life] = ContextVar("LIFE")


class Gate:
    """Where the steps of all clients wait; whoever explores says whose turn it is."""

    def __init__(self, server: EmbeddedServer, record: Record | None = None) -> None:
        self.lives: list[Life] = []
        self._server = server
        self._record = record

    def client(self, life: Life) -> Redis:
        """Return a plain client of this life, whose every command waits at the gate."""
        where = {"server": self._server, "gate": self, "life": life}
        if not self._record:
            return client(where, connection_class=GatedConnection, client_name=life.name)
        made = client(where, connection_class=_Lossy, client_name=life.name)
        pool = self._record.watch(made).connection_pool
        pool.connection_class = type("GatedConnection", (_Gated, pool.connection_class), {})
        return made

    async def ask(self, life: Life, commands: tuple[Words, ...]) -> Asked:
        """Wait until it is this step's turn; for the dead it never is."""
        step = Asked(life, commands, asyncio.get_running_loop().create_future())
        if life.alive:
            life.steps.append(step)
        await step.turn
        return step

    def life(self, name: str, number: int) -> Life:
        """Return that life of that name."""
        return next(life for life in self.lives if (life.name, life.number) == (name, number))

    def waiting(self) -> Iterator[Asked]:
        """Give the steps that wait, always in the same order."""
        return (step for life in self.lives for step in life.steps)

    def close(self) -> None:
        """Close what connections are still open."""
        for life in self.lives:
            hang_up(life)


def hang_up(life: Life) -> None:
    """Close the connections of a life, as the end of a process does."""
    for connection in life.connections:
        connection._close()
    life.connections.clear()


class _Lossy(KnowsItsHandshake, EmbeddedConnection):
    """A connection whose next reply may get lost on its way."""

    loses = False

    async def read_response(self, *args: Any, **options: Any) -> Any:
        reply = await super().read_response(*args, **options)
        if self.loses and not self.shaking_hands:
            self.loses = False
            await self.disconnect(nowait=True)
            raise ConnectionError("Connection reset by peer")
        return reply


class _Gated(AbstractConnection):
    """A connection whose every command waits at the gate first; its handshake does not."""

    shaking_hands: bool
    loses: bool

    def __init__(self, *, gate: Gate, life: Life, **settings: Any) -> None:
        super().__init__(**settings)
        self._gate, self._life = gate, life
        self._through = False  # a step that had its turn is on its way
        self._step: Asked | None = None

    async def send_command(self, *words: Any, **options: Any) -> None:
        if self.shaking_hands or self._through:
            return await super().send_command(*words, **options)
        await self._pass(((*_text(words[0]).split(), *map(_text, words[1:])),))
        await self._let_through(super().send_command(*words, **options))

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        if self.shaking_hands or self._through:
            return await super().send_packed_command(command, check_health)
        await self._pass(tuple(commands_in(command)))
        await self._let_through(super().send_packed_command(command, check_health))

    async def _pass(self, commands: tuple[Words, ...]) -> None:
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if self not in self._life.connections:
            self._life.connections.append(self)
        self._life.watches |= commands[0][0].upper() == "WATCH"
        self._step = await self._gate.ask(self._life, commands)
        self.loses = self._step.turn.result()

    async def _let_through(self, sending: Any) -> None:
        self._through = True
        try:
            await sending
        finally:
            self._through = False

    async def read_response(self, *args: Any, **options: Any) -> Any:
        if self.shaking_hands:
            return await super().read_response(*args, **options)
        self._life.reading += 1
        try:
            reply = await super().read_response(*args, **options)
        except Exception as error:
            self._note(error)
            raise
        finally:
            self._life.reading -= 1
        self._note(reply)
        return reply

    def _note(self, reply: Any) -> None:
        if self._step:
            self._step.reply, self._step.answered = reply, True


def _text(word: Any) -> str:
    return word.decode("utf-8", "backslashreplace") if isinstance(word, bytes) else str(word)


class GatedConnection(_Gated, _Lossy):
    """A connection to the embedded broker that waits at the gate and may lose a reply."""
