"""Questions as one widget: native radio buttons, each choice answered below its question.

The page holds what is shown and no more: the reason of an option goes there when it is chosen.
What is saved with the notebook is therefore the same picture, without a kernel too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from .question import Question, reminder

Record = Callable[[str, int], str]
"""Takes the number of a question and a choice, counted from 0; returns what went wrong, if so."""

WORDS = {
    "how": "Arrow keys move, Space answers.",
    "answer": "Answer",
    "again": "Choose again",
    "asleep": "Run this cell to answer.",
    "asleepAnswered": "Run this cell to answer again.",
    "busy": "The answer comes when the kernel has finished the cell that it runs.",
    "chosen": "your answer",
}


class QuestionsView(anywidget.AnyWidget):
    """Questions below each other. `answers` has, by number, the choice and what is said to it."""

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    words = traitlets.Dict(WORDS).tag(sync=True)
    questions: traitlets.List[Any] = traitlets.List().tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    summary = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, questions: dict[str, Question], earlier: dict[str, int], record: Record
    ) -> None:
        self._asked = questions
        self._record = record
        answers = {
            number: self._answer(number, choice, reminder(questions[number], choice))
            for number, choice in earlier.items()
        }
        super().__init__(
            questions=[_shown(*each) for each in questions.items()],
            answers=answers,
            summary=self._summary(answers),
        )
        self.on_msg(self._told)

    def choose(self, number: str, choice: int) -> None:
        """Answer a choice, counted from 0, and remember it."""
        note = self._record(number, choice)
        self._show(self.answers | {number: self._answer(number, choice, after=note)})

    def clear(self, number: str) -> None:
        """Show a question as if it had not been answered; what is remembered stays."""
        self._show({each: answer for each, answer in self.answers.items() if each != number})

    def _told(self, _: QuestionsView, told: dict[str, Any], __: Any) -> None:
        if told["choice"] is None:
            self.clear(told["number"])
        else:
            self.choose(told["number"], told["choice"])

    def _show(self, answers: dict[str, Any]) -> None:
        with self.hold_sync():
            self.answers = answers
            self.summary = self._summary(answers)

    def _answer(
        self, number: str, choice: int, before: str = "", after: str = ""
    ) -> dict[str, Any]:
        question = self._asked[number]
        option = question.options[choice]
        return {
            "choice": choice,
            "isRight": option.is_right,
            "before": before,
            "verdict": question.verdict(choice),
            "why": f"{option.why} {after}".rstrip(),
        }

    def _summary(self, answers: dict[str, Any]) -> str:
        if not answers:
            return ""
        if len(self._asked) == 1:
            return "Run the next cell to see it."
        is_right = {number: answer["isRight"] for number, answer in answers.items()}
        score = f"{sum(is_right.values())} of {len(self._asked)} right."
        left = [number for number in self._asked if number not in is_right]
        again = [number for number in self._asked if not is_right.get(number)]
        if left:
            return f"{score} Next: question {left[0]}."
        return f"{score} Try question {again[0]} again." if again else f"{score} Well done."


def _shown(number: str, question: Question) -> dict[str, Any]:
    options = [option.text for option in question.options]
    return {"number": number, "text": question.text, "options": options}
