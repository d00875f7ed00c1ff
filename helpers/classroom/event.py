"""What is told to the class: who answered what, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args
from uuid import uuid4

Kind = Literal["prediction", "check", "quiz"]
KINDS: tuple[str, ...] = get_args(Kind)
NAMES = ("id", "who", "kind", "number", "answer", "right")
LONGEST = 80  # characters of a field


def _new_id() -> str:
    return uuid4().hex


@dataclass(frozen=True)
class Event:
    """An answer; `id` stays the same however often the event is sent."""

    who: str
    kind: Kind
    number: str
    answer: str  # the index of the option, counted from 0; for a check, passed or failed
    is_right: bool
    id: str = field(default_factory=_new_id)

    def fields(self) -> dict[str, str]:
        """Return the fields of its stream entry."""
        return {
            "id": self.id,
            "who": self.who,
            "kind": self.kind,
            "number": self.number,
            "answer": self.answer,
            "right": "1" if self.is_right else "0",
        }


def event_of(fields: Mapping[str, str]) -> Event:
    """Read the fields of a stream entry. Raises ValueError: anybody can write into a stream."""
    if sorted(fields) != sorted(NAMES):
        raise ValueError(f"an event has the fields {', '.join(NAMES)}")
    if not all(isinstance(text, str) and 0 < len(text) <= LONGEST for text in fields.values()):
        raise ValueError(f"a field of an event has 1 to {LONGEST} characters")
    if fields["kind"] not in KINDS or fields["right"] not in ("0", "1"):
        raise ValueError("the kind of an event, or whether it was right, is unknown")
    return Event(
        id=fields["id"],
        who=fields["who"],
        kind=cast(Kind, fields["kind"]),
        number=fields["number"],
        answer=fields["answer"],
        is_right=fields["right"] == "1",
    )
