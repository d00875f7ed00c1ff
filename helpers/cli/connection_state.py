"""What a terminal knows of its connection: database, transaction, subscriptions, silence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .replies import ErrorReply, Push, Reply, Status

CONFIRMATION = re.compile(rb"(p|s|)(un|)subscribe")
MESSAGES = (b"message", b"pmessage", b"smessage")


class Subscriptions:
    """What a connection is subscribed to, and which of its replies came on their own."""

    def __init__(self) -> None:
        self._names: dict[bytes, set[bytes]] = {b"": set(), b"p": set(), b"s": set()}
        self._are_pushed = False  # under RESP3: any command may come between the messages

    def __bool__(self) -> bool:
        return any(self._names.values())

    def due(self, words: list[bytes]) -> int:
        """Count the replies that a command will bring: (UN)SUBSCRIBE is confirmed name by name."""
        verb = CONFIRMATION.fullmatch(words[0].lower())
        if verb is None:
            return 1
        return len(words) - 1 or (len(self._names[verb[1]]) if verb[2] else 0) or 1

    def answers(self, reply: Reply, words: list[bytes]) -> bool:
        """Tell whether a reply was due to this command."""
        kind = _kind(reply)
        if isinstance(reply, Push):
            return kind == words[0].lower()
        if self._are_pushed or not self:
            return True
        if CONFIRMATION.fullmatch(kind):
            return kind == words[0].lower()
        return kind not in MESSAGES

    def note(self, reply: Reply) -> None:
        """Learn from a confirmation, or from those inside of the reply of EXEC."""
        verb = CONFIRMATION.fullmatch(_kind(reply))
        # A list may hold the same words, but no count.
        if verb and len(reply) == 3 and isinstance(reply[1], bytes) and isinstance(reply[2], int):
            self._are_pushed = isinstance(reply, Push)
            (set.discard if verb[2] else set.add)(self._names[verb[1]], reply[1])


def _kind(reply: Reply) -> bytes:
    first = reply[0] if isinstance(reply, list) and reply else None
    return first if isinstance(first, bytes) else b""


@dataclass
class ConnectionState:
    """What typed commands have done to their connection, as far as a prompt shows it."""

    db: int = 0
    in_transaction: bool = False
    silence: bytes = b""  # OFF or SKIP, after CLIENT REPLY
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    _db_before: int = 0

    def due(self, words: list[bytes]) -> int:
        """Count the replies to wait for; CLIENT REPLY may have silenced them."""
        names = [word.upper() for word in words]
        if self.in_transaction:
            return 1
        if names[:2] == [b"CLIENT", b"REPLY"] and names[2:] in ([b"OFF"], [b"SKIP"]):
            self.silence = self.silence if self.silence == b"OFF" else names[2]
            return 0
        if names in ([b"CLIENT", b"REPLY", b"ON"], [b"RESET"]):
            self.silence = b""
        silent = bool(self.silence)
        if self.silence == b"SKIP":
            self.silence = b""
        return 0 if silent else self.subscriptions.due(words)

    def note(self, words: list[bytes], reply: Reply) -> None:
        """Learn from the reply of a command."""
        match [word.upper() for word in words]:
            case [b"SELECT", number] if not isinstance(reply, ErrorReply):
                self.db = int(number)
            case [b"MULTI"] if not isinstance(reply, ErrorReply):
                self.in_transaction, self._db_before = True, self.db
            case [b"EXEC"] if self.in_transaction:
                self._end_transaction(keeps_db=isinstance(reply, list))
                for part in reply if isinstance(reply, list) else ():
                    self.subscriptions.note(part)
            case [b"DISCARD"] if not isinstance(reply, ErrorReply):
                self._end_transaction(keeps_db=False)
            case [b"RESET"] if isinstance(reply, Status):
                self.reset()
        self.subscriptions.note(reply)

    def _end_transaction(self, keeps_db: bool) -> None:
        self.in_transaction = False
        self.db = self.db if keeps_db else self._db_before

    def reset(self) -> None:
        """Begin in database 0, as RESET does."""
        self.lose()
        self.db = 0

    def lose(self) -> None:
        """Forget what ended with the connection; the next one returns to the same database."""
        if self.in_transaction:
            self._end_transaction(keeps_db=False)
        self.silence, self.subscriptions = b"", Subscriptions()

    def prompt(self, place: str) -> str:
        """Write the prompt of a terminal that is connected to `place`."""
        db = f"[{self.db}]" if self.db else ""
        transaction = "(TX)" if self.in_transaction else ""
        subscribed = "(subscribed mode)" if self.subscriptions else ""
        return f"{place}{db}{transaction}{subscribed}> "
