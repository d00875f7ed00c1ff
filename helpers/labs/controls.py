"""What a learner can press and set in a lab, as plain data: the view makes widgets of it.

A control other than a button sets the attribute of the lab that `setting` names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Action = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Button:
    """A button that does something when pressed."""

    label: str
    action: Action


@dataclass(frozen=True)
class Choice:
    """A choice of one of several words; `action` is done after each change."""

    label: str
    setting: str
    options: Sequence[str]
    action: Action | None = None


@dataclass(frozen=True)
class Entry:
    """A field for a line of text."""

    label: str
    setting: str


@dataclass(frozen=True)
class Number:
    """A whole number between two bounds, both allowed; `action` is done after each change."""

    label: str
    setting: str
    low: int
    high: int
    action: Action | None = None


Control = Button | Choice | Entry | Number
