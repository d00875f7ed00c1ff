"""A question with a few options, each with its own explanation; as text it needs no widgets."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

WIDTH = 88


@dataclass(frozen=True)
class Option:
    """One answer to choose, and what to say to whoever chose it."""

    text: str
    why: str
    is_right: bool = False


def right(text: str, why: str) -> Option:
    """Make the option that is right."""
    return Option(text, why, True)


def wrong(text: str, why: str) -> Option:
    """Make an option that is wrong."""
    return Option(text, why)


class Question:
    """A question and its options, of which exactly one is right."""

    def __init__(self, text: str, *options: Option) -> None:
        self.text = text
        self.options = options

    def verdict(self, choice: int) -> str:
        """Say whether a choice, counted from 0, is right."""
        return "Right." if self.options[choice].is_right else "Not quite."

    def feedback(self, choice: int) -> str:
        """Say whether a choice, counted from 0, is right, and why."""
        return f"{self.verdict(choice)} {self.options[choice].why}"

    def choice_of(self, text: str) -> int | None:
        """Return which option has this text, if any: options may have been reworded since."""
        texts = [option.text for option in self.options]
        return texts.index(text) if text in texts else None

    def as_text(self) -> str:
        """Write the question and its numbered options."""
        lines = textwrap.wrap(self.text, WIDTH)
        for number, option in enumerate(self.options, start=1):
            lines += _item(f"{number}. {option.text}")
        return "\n".join(lines)


def prediction(*options: Option) -> Question:
    """Make the options of a prediction: its question stands in the notebook, just above."""
    return Question("Your prediction", *options)


def reminder(question: Question, choice: int) -> str:
    """Say what was chosen on another day."""
    return f"You chose “{question.options[choice].text}”."


def _item(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="     ")
