"""Find an exercise, a prediction or a quiz by its number; the lessons' modules hold them."""

from __future__ import annotations

from types import ModuleType

from . import l01, l02, l03, l04, l05, l06, l07, l08
from .exercise import Exercise
from .question import Question

LESSONS: dict[str, ModuleType] = {
    str(number): module
    for number, module in enumerate((l01, l02, l03, l04, l05, l06, l07, l08), start=1)
}
TITLES = {
    "1": "Choose between a queue and a stream",
    "2": "Publish to whoever is listening",
    "3": "Subscribe by pattern, and meet your own duplicates",
    "4": "Queue work on a list",
    "5": "Keep history in a stream",
    "6": "Share a stream among consumers",
    "7": "See what a cluster does with a publish",
    "8": "Decide, and defend it",
}
"""The titles of the notebooks, by lesson; a test compares."""

EXERCISES: dict[str, Exercise] = {
    exercise.number: exercise for module in LESSONS.values() for exercise in module.EXERCISES
}


def find_exercise(number: str) -> Exercise | None:
    """Return the exercise of this number, such as "4.2"."""
    return EXERCISES.get(str(number))


def find_prediction(number: str) -> Question | None:
    """Return the prediction of this number."""
    return predictions(str(number).partition(".")[0]).get(str(number))


def predictions(lesson: str) -> dict[str, Question]:
    """Return the predictions of a lesson by their numbers."""
    return _numbered(lesson, LESSONS[lesson].PREDICTIONS) if lesson in LESSONS else {}


def find_quiz(lesson: str) -> dict[str, Question]:
    """Return the questions of a lesson's quiz by their numbers; none for an unknown lesson."""
    return _numbered(str(lesson), LESSONS[str(lesson)].QUIZ) if str(lesson) in LESSONS else {}


def all_numbers() -> dict[str, dict[str, list[str]]]:
    """List, lesson by lesson, the numbers of everything that can be done."""
    return {
        lesson: {
            "predictions": list(predictions(lesson)),
            "exercises": [exercise.number for exercise in module.EXERCISES],
            "quiz": list(find_quiz(lesson)),
        }
        for lesson, module in LESSONS.items()
    }


def _numbered(lesson: str, questions: tuple[Question, ...]) -> dict[str, Question]:
    return {f"{lesson}.{place}": question for place, question in enumerate(questions, start=1)}
