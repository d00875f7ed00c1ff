"""The split of a vote, as plain data: what each option got, and nobody's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..classroom.state import PREDICTION, QUIZ, ClassState, Work
from ..exercises.question import Question
from ..practice.catalogue import TITLES, find_prediction, find_quiz, predictions

NOW = 60_000
"""Whoever answered so long ago, in milliseconds, counts as one who answers now."""


@dataclass(frozen=True)
class Asked:
    """A question on which a class votes."""

    kind: str
    number: str

    @property
    def key(self) -> str:
        """What the page calls it, such as "prediction 2.1"."""
        return f"{self.kind} {self.number}"

    @property
    def label(self) -> str:
        """What people call it."""
        return self.key.capitalize()

    @property
    def question(self) -> Question | None:
        """The question with its options; none where another edition of the course asks."""
        if self.kind == PREDICTION:
            return find_prediction(self.number)
        return find_quiz(self.number.partition(".")[0]).get(self.number)


@dataclass(frozen=True)
class Share:
    """An option, and how many of those who voted chose it."""

    text: str
    count: int
    percent: int
    is_right: bool


@dataclass(frozen=True)
class Vote:
    """How a class has voted on a question."""

    asked: Asked
    shares: tuple[Share, ...]
    voted: int
    learners: int

    @property
    def text(self) -> str:
        """What is asked; for a prediction it stands in the lesson only, and nothing here."""
        question = self.asked.question
        return question.text if question and self.asked.kind == QUIZ else ""

    @property
    def summary(self) -> str:
        """Say how many have voted, of those who were ever heard of."""
        return f"{self.voted} of {self.learners} have voted"


def vote_on(asked: Asked, state: ClassState) -> Vote:
    """Count a vote. What is no option of the question is not counted."""
    counts, question = state.votes(asked.number, asked.kind), asked.question
    options = question.options if question else ()
    voted = sum(counts[str(place)] for place in range(len(options)))
    shares = tuple(
        Share(option.text, count, round(100 * count / (voted or 1)), option.is_right)
        for place, option in enumerate(options)
        for count in (counts[str(place)],)
    )
    return Vote(asked, shares, voted, state.size)


def asked_now(state: ClassState, now: int) -> Asked:
    """Return the prediction that most answer now, or else the one that was answered last."""
    numbers = state.numbers(PREDICTION)
    if not numbers:
        return Asked(PREDICTION, next(iter(predictions(next(iter(TITLES))))))
    return Asked(PREDICTION, max(numbers, key=lambda number: _liveliness(state, number, now)))


def _liveliness(state: ClassState, number: str, now: int) -> tuple[int, int]:
    times = [work.last_at for work in state.work_on(PREDICTION, number)]
    return sum(now - at <= NOW for at in times), max(times)


def all_asked() -> Iterator[tuple[str, list[Asked]]]:
    """Go through all questions of the course, lesson by lesson, in the sequence of a lesson."""
    for lesson, title in TITLES.items():
        asked = [Asked(PREDICTION, number) for number in predictions(lesson)]
        asked += [Asked(QUIZ, number) for number in find_quiz(lesson)]
        yield f"{lesson}. {title}", asked


def asked_of(key: str) -> Asked | None:
    """Return the question that the page calls so."""
    return next((each for each in _in_sequence() if each.key == key), None)


def beside(asked: Asked, step: int) -> Asked:
    """Return the question so many steps further on; at either end of the course it stays."""
    found = _in_sequence()
    return (
        found[min(max(found.index(asked) + step, 0), len(found) - 1)] if asked in found else asked
    )


def _in_sequence() -> list[Asked]:
    return [each for _, asked in all_asked() for each in asked]


def answer_of(work: Work) -> str:
    """Write what somebody answered last: an option by its text, counted from 1."""
    question = Asked(work.kind, work.number).question if work.kind in (PREDICTION, QUIZ) else None
    if question and work.answer.isdecimal() and int(work.answer) < len(question.options):
        return f"{int(work.answer) + 1}. {question.options[int(work.answer)].text}"
    return work.answer
