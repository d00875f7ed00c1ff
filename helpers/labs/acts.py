"""What a learner can do in a lab, and what there is to find out, as plain data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Action = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Act:
    """Something to do: a button in the row of the place that it concerns, or above the stage.

    What is dangerous loses or kills something, and stands apart. `spoken` names the act where label
    and place do not read well together; it contains the label. `why_not` is the reason why it makes
    no sense now: the button is grey, tells that reason when it is pressed, and nothing is done.
    """

    label: str
    do: Action
    place: str = ""
    danger: bool = False
    spoken: str = ""
    why_not: str = ""

    @property
    def name(self) -> str:
        """Name the act: no two of a lab have the same name."""
        return self.spoken or f"{self.label} {self.place}".strip()

    @property
    def told(self) -> str:
        """Say that it was done, in the history."""
        return self.spoken or ": ".join(filter(None, [self.place, self.label]))


@dataclass(frozen=True)
class Choice:
    """A choice of one of several words; `action` is done after each change."""

    label: str
    setting: str
    options: Sequence[str]
    action: Action | None = None
    place: str = ""


@dataclass(frozen=True)
class Entry:
    """A field for a line of text."""

    label: str
    setting: str
    place: str = ""


@dataclass(frozen=True)
class Number:
    """A whole number between two bounds, both allowed; `action` is done after each change."""

    label: str
    setting: str
    low: int
    high: int
    action: Action | None = None
    place: str = ""


Control = Act | Choice | Entry | Number


@dataclass(frozen=True)
class Goal:
    """One goal of a lab's story: what to bring about, and whether the state shows it now.

    A goal once reached stays ticked until the learner starts over. `act` names the act that leads
    there: of the first open goal it is the primary one.
    """

    words: str
    is_reached: bool
    act: str = ""


@dataclass(frozen=True)
class Finding:
    """What stands there when all goals are reached: the number that matters, and a question.

    `answers` has for each answer a remark; the first is right, the page mixes them.
    """

    number: str
    question: str
    answers: dict[str, str]
