"""What one client says and is answered, noted in a record with its name, without its secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..record import Command, Exchange, Record
from .accidents import Accidents
from .passwords import (
    is_known,
    is_unknown,
    without_secret_replies,
    without_secret_reply,
    without_secrets,
    without_words,
)

HANDSHAKE = frozenset(("HELLO", "AUTH", "CLIENT", "SELECT", "COMMAND"))
NEVER_NOTED = frozenset(("HELLO", "AUTH", "CLIENT SETINFO", "CLIENT MAINT_NOTIFICATIONS"))
WITHOUT_END = frozenset(("MONITOR", "SYNC", "PSYNC"))  # what comes after them answers nothing
ENDS_QUEUE = frozenset(("EXEC", "DISCARD", "RESET"))
NAMING = frozenset(("HELLO", "CLIENT SETNAME"))
TELLING = frozenset(("CLIENT", "SELECT", "HELLO"))
"""Their replies confirm something about the client itself."""
OF_CONNECTION = HANDSHAKE | WITHOUT_END | ENDS_QUEUE | {"MULTI"}
"""The commands that change something for the connection; all others are noted as they are."""


class Cut(Exception):
    """The connection breaks off, because somebody has asked for it."""


class Conversation:
    """The commands of one connection and their replies, as they pass.

    The client is known by `name`; without one by what `label_of` makes of its library, until it
    tells its name. What a library says of itself before its first command is not noted, nor is
    AUTH. `stop_reading` is called when what follows answers no command any more.
    """

    def __init__(
        self,
        record: Record,
        label_of: Callable[[str], str],
        accidents_of: Callable[[str], Accidents],
        name: str = "",
    ) -> None:
        self.stop_reading: Callable[[], None] = lambda: None
        self._record = record
        self._label_of = label_of
        self._accidents_of = accidents_of
        self._library = "client"
        self._exchange = Exchange(record, name or self._library)
        self._exchange.begin()
        self._has_begun = False  # its handshake is over
        self._renames = False  # it names itself after that: who it is depends on a reply
        self._is_named = bool(name)  # by its door, by itself, or by its library and a number
        self._keeps_name = bool(name)
        self._queues = False  # MULTI was sent
        self._queued: list[Command] = []  # since it was answered
        self._unproven: dict[Command, tuple[str, ...]] = {}  # words of what may be no command

    @property
    def accidents(self) -> Accidents:
        """Return what is to happen to this client."""
        return self._accidents_of(self._exchange.client)

    @property
    def may_be_cut(self) -> bool:
        """Tell whether a value has to be noted before it passes, since it may not be let pass."""
        return not self._has_begun or self._renames or self.accidents.may_come

    @property
    def is_blocked(self) -> bool:
        """Tell whether the client waits for another one."""
        return self._exchange.wait().is_blocked

    def ask(self, words: list[str]) -> None:
        """Note a command that is about to pass; raises Cut where that is to happen instead."""
        if words:
            if self.accidents.cuts():
                raise Cut
            self._note(tuple(words))

    def answer(self, reply: Any) -> None:
        """Note a reply that is about to pass; raises Cut where it is to get lost."""
        awaited = self._exchange.oldest
        if awaited and self.accidents.loses(awaited.name):
            raise Cut
        self._take(reply)

    def end(self, is_loss: bool) -> None:
        """Note the end of the connection."""
        self._exchange.lose("connection lost")
        if self._has_begun:
            self._record.closed(self._exchange.client, self._exchange.number, is_loss)

    def _note(self, words: tuple[str, ...]) -> None:
        """Note a command, unless it belongs to a handshake."""
        name = words[0].upper()
        if name not in OF_CONNECTION:
            self._has_begun = True
        elif not self._is_noted(name, words):
            self._exchange.expect(Command(0, "", 0, words))
            return
        self._introduce()
        command = self._exchange.ask(without_secrets(words))
        if not is_known(words):
            self._unproven[command] = words

    def _is_noted(self, name: str, words: tuple[str, ...]) -> bool:
        """Follow what a command changes for the connection; tell whether it is noted."""
        both = f"{name} {words[1].upper()}" if name == "CLIENT" and words[1:] else name
        self._has_begun |= name not in HANDSHAKE
        self._renames |= self._has_begun and both in NAMING
        if name in WITHOUT_END or both == "CLIENT REPLY":
            self.stop_reading()
        self._queues = name == "MULTI" or (self._queues and name not in ENDS_QUEUE)
        return self._has_begun and (both not in NEVER_NOTED or self._queues)

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
        command.reply = self._without_secrets(command, reply)
        if is_unknown(reply):
            command.words = without_words(command.words)
        words = self._unproven.pop(command, command.words)
        if not isinstance(reply, Exception):
            command.words = words
        if command.name in TELLING and not isinstance(reply, Exception):
            self._learn(command.words)

    def _without_secrets(self, command: Command, reply: Any) -> Any:
        """Hide what is secret in a reply; that of EXEC has those of all that was queued."""
        if command.name == "MULTI":
            self._queued = []
        elif reply == "QUEUED":
            self._queued.append(command)
        elif command.name in ENDS_QUEUE:
            queued, self._queued = self._queued, []
            if isinstance(reply, list):
                return without_secret_replies(queued, reply)
        return without_secret_reply(command, reply)

    def _learn(self, words: tuple[str, ...]) -> None:
        """Take over what the client has said about itself."""
        match [*map(str.upper, words[:3]), *words[3:]], words:
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
