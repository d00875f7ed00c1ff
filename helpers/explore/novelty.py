"""How new an answer is to a client: not at all, in its numbers only, or in what it says.

Whoever asks with the time in hand, or asks for an age, is answered with other numbers each time. A
client that learns nothing else is at rest all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

OLD, NUMBERS, NEW = 0, 1, 2

DAY = 86_400.0  # seconds: what is further from now is no time that a program has just asked for
SCALES = (1, 1_000, 1_000_000, 1_000_000_000)
AGES = {"TTL", "PTTL", "XINFO", "XPENDING", "OBJECT", "TIME", "CLIENT", "INFO"}
"""Commands that answer with times and ages."""

TIMES = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?)"
    r"|(?<![\w.-])(?P<number>\d{10,19}(\.\d+)?)(?![\w-])"  # no id of a stream, which has a dash
)
NUMBER = re.compile(r"\d+(\.\d+)?")


class Answer(NamedTuple):
    """What was asked, and what came; None for an end of the connection."""

    asked: tuple[tuple[str, ...], ...] | None
    data: bytes | str | None

    @property
    def tells_ages(self) -> bool:
        """Tell whether its numbers grow by themselves."""
        return any(words[0].upper() in AGES for words in self.asked or () if words)


def novelty(answer: Answer, known: Collection[Answer], now: float, jobs: tuple[str, ...]) -> int:
    """Return how new an answer is to whoever knows these."""
    if answer in known or timeless(answer, now) in known:
        return OLD
    bare = numberless(answer, jobs)
    return NUMBERS if any(numberless(other, jobs) == bare for other in known) else NEW


@lru_cache(maxsize=10_000)
def timeless(answer: Answer, now: float) -> Answer:
    """Return the same for what is asked, and answered, at another time in the same way."""
    asked = _each_word(answer.asked, lambda word: _without_times(word, now))
    data = _text(answer.data)
    if answer.tells_ages:
        return Answer(asked, NUMBER.sub("#", data))
    return answer if asked == answer.asked else Answer(asked, _without_times(data, now))


@lru_cache(maxsize=10_000)
def numberless(answer: Answer, jobs: tuple[str, ...]) -> Answer:
    """Return the same for answers that differ in numbers only, save those that name a job."""
    asked = _each_word(answer.asked, lambda word: _without_numbers(word, jobs))
    return Answer(asked, _without_numbers(_text(answer.data), jobs))


def _each_word(
    asked: tuple[tuple[str, ...], ...] | None, change: Callable[[str], str]
) -> tuple[tuple[str, ...], ...] | None:
    if asked is None:
        return None
    return tuple([tuple([change(word) for word in words]) for words in asked])


def _text(data: bytes | str | None) -> str:
    return data.decode("latin-1") if isinstance(data, bytes) else str(data)


def _without_times(text: str, now: float) -> str:
    return TIMES.sub(lambda found: _age(found, now), text)


def _age(found: re.Match[str], now: float) -> str:
    """Write how long ago it was, if it is a time not far from now."""
    for moment in _moments(found):
        if abs(moment - now) < DAY:
            return f"({moment - now:.3f} s from now)"
    return found[0]


def _moments(found: re.Match[str]) -> list[float]:
    if found["number"]:
        return [float(found["number"]) / scale for scale in SCALES]
    try:
        return [datetime.fromisoformat(found["date"]).replace(tzinfo=UTC).timestamp()]
    except ValueError:
        return []


def _without_numbers(text: str, jobs: tuple[str, ...]) -> str:
    names = "|".join(rf"(?<!\w){re.escape(job)}(?!\w)" for job in jobs)
    return re.sub(rf"({names})|\d+(\.\d+)?", lambda found: found[1] or "#", text)
