"""Ask: predictions before a run, and a quiz at the end of a lesson."""

from __future__ import annotations

import importlib.util
from functools import cached_property
from typing import Any

from .. import classroom
from ..exercises.question import Question, reminder
from .catalogue import find_prediction, find_quiz
from .progress_file import load, record


class Asked:
    """Questions on show: radio buttons where widgets live, text elsewhere. Nothing waits."""

    def __init__(self, kind: str, questions: dict[str, Question], how: str) -> None:
        self._kind = kind
        self._questions = questions
        self._how = how

    def choose(self, number: str, choice: int) -> str:
        """Note a choice, counted from 0, and return what to say to it."""
        note = self._record(number, choice)
        return f"{self._questions[number].feedback(choice)} {note}".rstrip()

    def __repr__(self) -> str:
        asked = (f"{number}  {each.as_text()}" for number, each in self._questions.items())
        return "\n\n".join([*asked, self._how])

    @cached_property
    def view(self) -> Any:
        """The widget, with what was chosen earlier; ImportError where anywidget is missing."""
        from ..exercises.view import QuestionsView

        return QuestionsView(self._questions, self._earlier(), self._record)

    def _repr_mimebundle_(self, **wanted: Any) -> dict[str, Any]:
        text = {"text/plain": repr(self)}
        if not all(map(importlib.util.find_spec, ("ipywidgets", "anywidget"))):
            return {"text/plain": "\n\n".join([text["text/plain"], *self._reminders()])}
        shown, _ = self.view._repr_mimebundle_()
        return shown | text  # which is the same for everybody, whatever they chose

    def _record(self, number: str, choice: int) -> str:
        option = self._questions[number].options[choice]
        is_done = self._kind == "predictions" or option.is_right
        note = record(self._kind, number, option.text, is_done)
        kind: classroom.Kind = "quiz" if self._kind == "quiz" else "prediction"
        told = classroom.tell(kind, number, str(choice), option.is_right)
        return " ".join(filter(None, [note, told]))

    def _earlier(self) -> dict[str, int]:
        chosen = load()[0].chosen[self._kind]
        found = {
            number: question.choice_of(chosen[number])
            for number, question in self._questions.items()
            if number in chosen
        }
        return {number: choice for number, choice in found.items() if choice is not None}

    def _reminders(self) -> list[str]:
        """Say what was chosen earlier."""
        return [
            f"{number}: {reminder(self._questions[number], choice)} "
            f"{self._questions[number].feedback(choice)}"
            for number, choice in self._earlier().items()
        ]


class Said(str):
    """A sentence, shown without quotation marks."""

    def __repr__(self) -> str:
        return str(self)


def predict(number: str, choice: int | None = None) -> Asked | Said:
    """Ask for a prediction; it can be skipped.

    `choice`, counted from 1, answers it without a widget.
    """
    question = find_prediction(number)
    if question is None:
        return Said(f"There is no prediction {number!r}.")
    how = f'To choose without buttons: predict("{number}", 1), or another number.'
    asked = Asked("predictions", {number: question}, how)
    return asked if choice is None else _chosen(asked, {number: question}, number, choice)


def quiz(lesson: str, number: int | None = None, choice: int | None = None) -> Asked | Said:
    """Ask the five questions of a lesson.

    `number` and `choice`, both counted from 1, answer one of them without a widget.
    """
    questions = find_quiz(lesson)
    if not questions:
        return Said(f"There is no quiz for lesson {lesson!r}.")
    how = f'To choose without buttons: quiz("{lesson}", 1, 2) is question 1, option 2.'
    asked = Asked("quiz", questions, how)
    if number is None or choice is None:
        return asked
    return _chosen(asked, questions, f"{lesson}.{number}", choice)


def _chosen(asked: Asked, questions: dict[str, Question], number: str, choice: int) -> Said:
    if number not in questions or not 1 <= choice <= len(questions[number].options):
        return Said("There is no such question or option.")
    return Said(asked.choose(number, choice - 1))
