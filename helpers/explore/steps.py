"""What happens in a schedule, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..record import printable
from .life import Ask, Heard, Words

HASH = 7  # so many letters of a hash are enough to tell scripts apart
LONGEST = 60
STUCK, AGAIN = "(stuck)", "(again)"


class Happened(NamedTuple):
    """A step that went, or at which its worker died."""

    name: str
    ask: Ask
    fate: str  # goes, dies, dies inside, or loses (its reply)
    answered: bool = False
    answer: Any = None

    def __str__(self) -> str:
        if self.ask.handles:
            job = self.ask.commands[0][1]
            return {
                "goes": f"handles {job}",
                "dies": f"dies before it handles {job}",
                "dies inside": f"dies while it handles {job}",
            }[self.fate]
        what = said(self.ask.commands)
        return f"dies before {what}" if self.fate == "dies" else f"{what}  {self._reply()}"

    def _reply(self) -> str:
        if self.fate == "loses":
            return "→ its reply is lost"
        return f"→ {_shown(self.answer)}" if self.answered else "waits"


class Told(NamedTuple):
    """Something that happened to a client without a step of its own."""

    name: str
    what: str | Heard

    def __str__(self) -> str:
        if isinstance(self.what, str):
            return self.what
        asked = f"{said(self.what.ask.commands)}  " if self.what.ask else ""
        return f"… {asked}→ {_shown(self.what.reply)}"


class Passed(NamedTuple):
    """Time that passed, in seconds."""

    seconds: float
    name: str = "(time)"

    def __str__(self) -> str:
        return f"{round(self.seconds, 3):g} s pass"


Event = Happened | Told | Passed


def write(events: list[Event]) -> list[str]:
    """Write one line an event: who, and what."""
    width = max((len(event.name) for event in events), default=0)
    return [f"{event.name:<{width}}  {event}" for event in events]


def said(commands: tuple[Words, ...]) -> str:
    """Write the commands of a step; of a script, its first line or the beginning of its hash."""
    return "; ".join(" ".join(map(_word, _without_script(words))) for words in commands)


def _without_script(words: Words) -> Sequence[str]:
    name = " ".join(words[:2]).upper()
    place = 2 if name == "SCRIPT LOAD" else 1
    if len(words) > place and (place == 2 or name.startswith("EVAL")):
        first, *more = words[place].strip().splitlines() or [""]
        is_hash = name.startswith("EVALSHA") and len(first) > HASH
        shown = f"{first[:HASH]}…" if is_hash else f"{first} …" if more else first
        return [*words[:place], shown, *words[place + 1 :]]
    return words


def _word(word: str) -> str:
    return printable(word) if word and " " not in word else f'"{printable(word)}"'


def _shown(reply: Any) -> str:
    if reply is None:
        return "nil"
    if isinstance(reply, Exception):
        return f"error: {printable(str(reply))}"
    if isinstance(reply, set):
        reply = sorted(map(str, reply))
    return shortened(printable(str(reply)))


def shortened(text: str) -> str:
    """Return the beginning of a text that is too long for a line."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
