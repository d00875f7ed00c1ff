"""Fold what repeats itself: thirty pushes in a row are a few rows that say how many there were."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..record import Step
from .rows import Part, Row, brought_by

LONGEST_ROUND = 4  # commands
FEWEST = 5  # commands in a row that are folded; of rounds of several, one less
SHOWN = 2  # commands before the fold; of rounds of several, one. Behind it one as well

Sign = tuple[object, ...] | None


def folded(parts: Sequence[Part]) -> list[Part]:
    """Fold the repeats among these parts; the last of each is always shown."""
    signs = [_sign(part.step) for part in parts]
    made: list[Part] = []
    at = 0
    while at < len(parts):
        length, rounds = _repeats(signs, at)
        end = at + max(1, length * rounds)
        made += _fold(parts[at:end], length) if length else parts[at:end]
        at = end
    return made


def _sign(step: Step | None) -> Sign:
    """Return what two steps that look alike have in common; None for what is like no other."""
    if step is None or step.waited or isinstance(step.reply, Exception):
        return None
    command = step.command
    reached = tuple((d.receiver, d.kind, d.pattern) for d in step.deliveries)
    brings, brought = brought_by(step)
    what = (command.client, command.name, command.words[1:2], brings, bool(brought))
    return (*what, reached, step.queued, command.lost, bool(step.held), command.answered)


def _repeats(signs: Sequence[Sign], at: int) -> tuple[int, int]:
    """Find the shortest round that is repeated from here on: its length, and how often it comes."""
    for length in range(1, LONGEST_ROUND + 1):
        end = at
        while end < len(signs) and signs[end] and signs[end] == signs[at + (end - at) % length]:
            end += 1
        rounds = (end - at) // length
        if rounds >= FEWEST - (length > 1):
            return length, rounds
    return 0, 0


def _fold(parts: Sequence[Part], length: int) -> list[Part]:
    shown = SHOWN if length == 1 else length
    times = len(parts) - shown - length
    between = Part(1, partial(_row, parts[0], times, length))
    return [*parts[:shown], between, *parts[len(parts) - length :]]


def _row(first: Part, times: int, length: int) -> list[Row]:
    row = next(iter(first.rows()))
    if length > 1:
        rounds = times // length
        often = "once more" if rounds == 1 else f"{rounds} more times"
        return [Row("fold", "", f"… these {length} commands {often} …", times=times)]
    assert first.step is not None
    what = " ".join((first.step.command.name, *first.step.command.words[1:2]))
    words = f"… {times} more {what} …"
    return [Row("fold", row.client, words, brings=row.brings, times=times)]
