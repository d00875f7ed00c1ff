"""Tell who waits for the broker at this moment, and for what."""

from __future__ import annotations

from dataclasses import dataclass

from .printable import printable
from .stream_words import Reading

POPS = {"BLPOP", "BRPOP", "BLMPOP", "BLMOVE", "BRPOPLPUSH", "BZPOPMIN", "BZPOPMAX", "BZMPOP"}
SHOWN = 60  # characters of a command


@dataclass(frozen=True)
class Waiting:
    """A client that reads now: the command that it sent, or the channels that it listens on."""

    client: str
    words: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Tell whether it waits for another client; if not, the broker is about to answer."""
        name = self.words[0].upper() if self.words else ""
        if name in ("XREAD", "XREADGROUP"):
            return Reading.of(self.words).waits
        return not name or name in POPS

    def __str__(self) -> str:
        if self.words:
            return f"{self.client} still waits: {_short(' '.join(self.words))}"
        return f"{self.client} still listens on {_short(', '.join(self.channels))}"


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
