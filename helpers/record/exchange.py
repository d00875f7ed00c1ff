"""Follow one connection: match its answers with its commands, and note both in a record."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from .waits import Waiting

if TYPE_CHECKING:
    from .traffic import Command, Record

CONFIRMATIONS = {
    f"{prefix}{verb}" for prefix in ("", "p", "s") for verb in ("subscribe", "unsubscribe")
}
MESSAGES = {"message", "pmessage", "smessage"}


class Exchange:
    """What one connection has asked, what it was answered, and what is still to come.

    `client` names who is at its end, `db` is the database that it began with. Each command has one
    answer, in the same order; a subscription has a confirmation for each name.
    See https://redis.io/docs/latest/develop/reference/protocol-spec/
    """

    def __init__(self, record: Record, client: str, db: int = 0) -> None:
        self.client = client
        self.db = db
        self.number = 0
        self._record = record
        self._open: deque[tuple[Command, int]] = deque()
        self._subscribed: dict[str, set[str]] = {}

    @property
    def oldest(self) -> Command | None:
        """Return the command whose answer comes next."""
        return self._open[0][0] if self._open else None

    def begin(self) -> None:
        """Start over, as another connection."""
        self.number = self._record.new_connection()
        self._open.clear()
        self._subscribed.clear()

    def ask(self, words: tuple[str, ...]) -> Command:
        """Note a command that goes out, and return it."""
        command = self._record.sent(self.client, self.number, words, self.db)
        self.expect(command)
        return command

    def expect(self, command: Command) -> None:
        """Wait for the answer to a command, which the record may hold or not."""
        confirms = command.name.lower() in CONFIRMATIONS
        self._open.append((command, self._confirmations_due(command) if confirms else 0))

    def receive(self, reply: Any) -> Command | None:
        """Note what came in; return the command that it answers, if it answers one."""
        # Only a connection that has subscribed gets messages: elsewhere a list is a plain reply.
        kind = reply[0] if self._subscribed and isinstance(reply, list) and reply else None
        kind = kind if isinstance(kind, str) else None
        if kind in MESSAGES:
            self._record.arrived(self.client, self.number, reply)
        elif kind in CONFIRMATIONS:
            self._confirm(kind, reply)
        else:
            return self.answer(reply)
        return None

    def answer(self, reply: Any) -> Command | None:
        """Take this for the answer to the oldest command, and return that one."""
        self._drop_confirmed()
        if not self._open:
            return None
        command, _ = self._open.popleft()
        command.reply, command.answered = reply, True
        self._record.ended(command)
        return command

    def lose(self, reason: str) -> None:
        """Know that no answer will come any more."""
        for command, _ in self._open:
            command.lost = reason
            self._record.ended(command)
        self._open.clear()

    def wait(self) -> Waiting:
        """Tell what this connection waits for while it is read."""
        if self.oldest:
            return Waiting(self.client, self.oldest.words)
        names = sorted(name for names in self._subscribed.values() for name in names)
        return Waiting(self.client, channels=tuple(names))

    def _confirmations_due(self, command: Command) -> int:
        """Count the confirmations to come: one a name; UNSUBSCRIBE alone gives up every name."""
        prefix = command.name.removesuffix("SUBSCRIBE").removesuffix("UN")
        names = self._subscribed.setdefault(prefix, set())
        given = command.words[1:]
        due = len(given) or len(names) or 1
        if "UNSUBSCRIBE" in command.name:
            names.difference_update(given or tuple(names))
        else:
            names.update(given)
        return due

    def _confirm(self, kind: str, reply: list[Any]) -> None:
        self._drop_confirmed(unless=kind)
        if self._open and self._open[0][0].name.lower() == kind:
            command, due = self._open[0]
            command.confirmations.append(reply)
            if len(command.confirmations) == due:
                self._record.ended(self._open.popleft()[0])

    def _drop_confirmed(self, unless: str = "") -> None:
        # Answers come in order: after another one, no more confirmations follow.
        while self._open and self._open[0][0].confirmations:
            if self._open[0][0].name.lower() == unless:
                return
            self._record.ended(self._open.popleft()[0])
