"""Answers to the exercises as learners write them: typical mistakes, and other right ways.

The solutions of the lessons themselves are in the notebooks, and are tried from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from helpers.lessons import lessons

Functions = tuple[Callable[..., Any], ...]


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer, and words of the hint that it must get."""

    number: str
    hint: str
    functions: Functions


@dataclass(frozen=True)
class OtherWay:
    """A right answer that differs from the solution in the lesson."""

    number: str
    functions: Functions


MISTAKES: list[Mistake] = []
OTHER_WAYS: list[OtherWay] = []


def mistake(number: str, hint: str, *functions: Callable[..., Any]) -> None:
    """Note a wrong answer."""
    MISTAKES.append(Mistake(number, hint, functions))


def other_way(number: str, *functions: Callable[..., Any]) -> None:
    """Note a right answer."""
    OTHER_WAYS.append(OtherWay(number, functions))


for _lesson in lessons():
    import_module(f"{__name__}.l{int(_lesson):02}.answers")
