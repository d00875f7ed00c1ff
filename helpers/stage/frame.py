"""A moment of a story: what was done, what came of it, and what is then where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .model import Stage

MOST_FRAMES = 200
"""Of a longer story the last moments can be seen again."""


@dataclass(frozen=True)
class Frame:
    """A stage, and what is told beside it.

    `number` counts from 1; `did` names what led here, "" at the beginning. `headline` says what
    has come of it, `summary` what is. `goals` are words, and whether they are reached; `sent` are
    the commands with their replies, a line each.
    """

    number: int
    stage: Stage
    did: str = ""
    headline: str = ""
    summary: str = ""
    goals: Sequence[tuple[str, bool]] = ()
    sent: Sequence[str] = ()
