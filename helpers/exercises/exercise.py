"""What an exercise is: the functions it takes, three hints, and how an answer is graded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Grade = Callable[..., Awaitable[str]]


@dataclass(frozen=True)
class Exercise:
    """One exercise. `grade` gets a trial and the answers; it says what it saw or raises NotYet."""

    number: str
    takes: tuple[str, ...]  # the names of the functions that make an answer
    hints: tuple[str, str, str]
    grade: Grade

    def wrong_call(self, answers: tuple[Any, ...]) -> str:
        """Say what is wrong with the way in which check was called, or nothing."""
        wanted = " and ".join(self.takes)
        if len(answers) != len(self.takes):
            return f"it takes {wanted}, and it was given {len(answers)}."
        for name, answer in zip(self.takes, answers, strict=True):
            if not callable(answer):
                kind = type(answer).__name__
                return (
                    f"`{name}` should be a function, but you passed an object of the type {kind}: "
                    "pass the function without calling it."
                )
        return ""


def exercise(number: str, *takes: str, hints: tuple[str, str, str]) -> Callable[[Grade], Exercise]:
    """Make an exercise of the function that grades it."""
    return lambda grade: Exercise(number, takes, hints, grade)
