"""One client's connection: bytes pass to the server and back unchanged, and are noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..record import Command, Exchange, Record
from .accidents import Accidents
from .passwords import without_secret_reply, without_secrets
from .resp import UNREAD, Passage
from .upstream import Streams

CHUNK = 1 << 16  # bytes
HANDSHAKE = frozenset(("HELLO", "AUTH", "CLIENT", "SELECT", "COMMAND"))
NEVER_NOTED = frozenset(("HELLO", "AUTH", "CLIENT SETINFO", "CLIENT MAINT_NOTIFICATIONS"))
WITHOUT_END = frozenset(("MONITOR", "SYNC", "PSYNC"))  # what comes after them answers nothing


class Cut(Exception):
    """The connection breaks off, because somebody has asked for it."""


class Connection:
    """A client at one end, the server at the other, and a record of what passes between them.

    The client is known by `name`; without one by what `label_of` makes of its library, until it
    tells its name.
    What a library says of itself before its first command is not noted, nor is AUTH. `told` is
    called when there is something new to tell: a reply, a wait, the end.
    """

    def __init__(
        self,
        record: Record,
        label_of: Callable[[str], str],
        accidents_of: Callable[[str], Accidents],
        told: Callable[[], None],
        name: str = "",
    ) -> None:
        self._record = record
        self._label_of = label_of
        self._accidents_of = accidents_of
        self._told = told
        self._library = "client"
        self._exchange = Exchange(record, name or self._library)
        self._exchange.begin()
        self._requests, self._replies = Passage(of_client=True), Passage()
        self._has_begun = False  # its handshake is over
        self._is_named = bool(name)  # by its door, by itself, or by its library and a number
        self._keeps_name = bool(name)

    async def pass_on(self, client: Streams, server: Streams) -> None:
        """Let both sides talk until they have ended."""
        ended: list[Passage] = []
        try:
            await asyncio.gather(
                self._pump(client[0], server[1], self._requests, self._ask, ended),
                self._pump(server[0], client[1], self._replies, self._answer, ended),
            )
        except Cut:
            pass
        finally:
            for _, writer in (client, server):
                writer.transport.abort()
            self._exchange.lose("connection lost")
            if self._has_begun:
                is_loss = ended[:1] != [self._requests]
                self._record.closed(self._exchange.client, self._exchange.number, is_loss)
            self._told()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        passage: Passage,
        note: Callable[[Any], None],
        ended: list[Passage],
    ) -> None:
        """Pass on what one side says until it says no more, and tell that to the other side."""
        with suppress(ConnectionError):
            while chunk := await source.read(CHUNK):
                await self._hold_back(passage)
                passing: list[bytes] = []
                try:
                    for value, raw in passage.feed(chunk):
                        if value is not UNREAD:
                            note(value)
                        passing.append(raw)
                finally:
                    sink.write(b"".join(passing))
                if passage is self._replies or self._exchange.wait().is_blocked:
                    self._told()
                await sink.drain()
            sink.write(passage.rest())
        ended.append(passage)
        with suppress(OSError, RuntimeError):
            sink.write_eof()

    async def _hold_back(self, passage: Passage) -> None:
        """Wait where somebody has asked for a delay or has frozen this client."""
        if self._accidents.delay and passage is self._replies:
            await asyncio.sleep(self._accidents.delay)
        await self._accidents.moving.wait()

    @property
    def _accidents(self) -> Accidents:
        return self._accidents_of(self._exchange.client)

    def _ask(self, words: list[Any]) -> None:
        if words:
            if self._accidents.cuts():
                raise Cut
            self._note(tuple(map(str, words)))

    def _answer(self, reply: Any) -> None:
        awaited = self._exchange.oldest
        if awaited and self._accidents.loses(awaited.name):
            raise Cut
        self._take(reply)

    def _note(self, words: tuple[str, ...]) -> None:
        """Note a command that is about to pass, unless it belongs to a handshake."""
        name = words[0].upper()
        self._has_begun |= name not in HANDSHAKE
        both = " ".join((name, *map(str.upper, words[1:2])))
        if name in WITHOUT_END or both == "CLIENT REPLY":
            self._requests.stop_reading()
            self._replies.stop_reading()
        if not self._has_begun or not NEVER_NOTED.isdisjoint((name, both)):
            self._exchange.expect(Command(0, "", 0, words))
        else:
            self._introduce()
            self._exchange.ask(without_secrets(words))

    def _introduce(self) -> None:
        """Let the record know of the client, with its first command."""
        if not self._is_named:
            self._is_named = True
            self._exchange.client = self._label_of(self._library)
        if self._exchange.client not in self._record.clients:
            self._record.clients.append(self._exchange.client)

    def _take(self, reply: object) -> None:
        """Note what came in, and what it tells about the client."""
        command = self._exchange.receive(reply)
        if command is None:
            return
        command.reply = without_secret_reply(command)
        if isinstance(reply, Exception):
            return
        match [*map(str.upper, command.words[:3]), *command.words[3:]], command.words:
            case ["CLIENT", "SETNAME", *_], [_, _, name]:
                self._call(name)
            case ["CLIENT", "SETINFO", "LIB-NAME", library], _ if not self._has_begun:
                self._library = library.partition("(")[0]
            case ["SELECT", number], _ if not self._has_begun:
                self._exchange.db = int(number)
            case ["HELLO", *_], [*said] if "SETNAME" in map(str.upper, said):
                self._call(said[[*map(str.upper, said)].index("SETNAME") + 1])
            case _:
                pass

    def _call(self, name: str) -> None:
        """Know the client by this name, also in what it has said before."""
        if self._keeps_name:
            return
        self._is_named = True
        self._exchange.client = name
        if self._has_begun:  # it names itself late; most do before their first command
            for command in self._record.commands:
                if command.connection == self._exchange.number:
                    command.client = name
            self._record.clients[:] = dict.fromkeys(c.client for c in self._record.commands)
