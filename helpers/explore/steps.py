"""What happens in a run, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..record import printable
from .gate import Asked
from .touches import Touch

LONGEST = 60


@dataclass(frozen=True)
class Option:
    """What may happen next: whose step, and what becomes of it."""

    who: tuple[str, int]  # the name of a life, and which life of that name
    where: int  # among the steps of that life that wait
    fate: str  # goes, dies, dies inside, or loses (its reply)
    touch: Touch = field(default=Touch(), compare=False)


@dataclass(frozen=True)
class Happened:
    """A step that went, or at which its worker died."""

    step: Asked
    fate: str

    def __str__(self) -> str:
        what = "; ".join(" ".join(map(_word, words)) for words in self.step.commands)
        if self.step.handles:
            job = self.step.commands[0][1]
            return {
                "goes": f"handles {job}",
                "dies": f"dies before it handles {job}",
                "dies inside": f"dies while it handles {job}",
            }[self.fate]
        return f"dies before {what}" if self.fate == "dies" else f"{what}  {self._reply()}"

    @property
    def name(self) -> str:
        """Name who did it."""
        return self.step.life.name

    def _reply(self) -> str:
        if self.fate == "loses":
            return "→ its reply is lost"
        return f"→ {_shown(self.step.reply)}" if self.step.answered else "waits"


@dataclass(frozen=True)
class Told:
    """Something that happened to a client without a step of its own."""

    name: str
    what: str

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True)
class Passed:
    """Time that passed, in seconds."""

    seconds: float
    name: str = "(time)"

    def __str__(self) -> str:
        return f"{round(self.seconds, 3):g} s pass"


Event = Happened | Told | Passed


def write(events: list[Event]) -> str:
    """Write one line an event: who, and what."""
    width = max((len(event.name) for event in events), default=0)
    return "\n".join(f"{event.name:<{width}}  {event}" for event in events)


def _word(word: str) -> str:
    return printable(word) if word and " " not in word else f'"{printable(word)}"'


def _shown(reply: Any) -> str:
    if reply is None:
        return "nil"
    if isinstance(reply, Exception):
        return f"error: {printable(str(reply))}"
    text = printable(str(reply))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
