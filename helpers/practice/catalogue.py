"""Find an exercise, a prediction or a quiz by its number; the lessons' folders hold them."""

from __future__ import annotations

from ..exercises.exercise import Exercise
from ..exercises.question import Question
from ..lessons import lessons, part

TITLES: dict[str, str] = {lesson: part(lesson).TITLE for lesson in lessons()}
"""The titles of the notebooks, by lesson; a test compares."""


def find_exercise(number: str) -> Exercise | None:
    """Return the exercise of this number, such as "4.2"."""
    return exercises(str(number).partition(".")[0]).get(str(number))


def exercises(lesson: str) -> dict[str, Exercise]:
    """Return the exercises of a lesson by their numbers; none for an unknown lesson."""
    found = part(lesson, "exercises").EXERCISES if lesson in TITLES else []
    return {exercise.number: exercise for exercise in found}


def find_prediction(number: str) -> Question | None:
    """Return the prediction of this number."""
    return predictions(str(number).partition(".")[0]).get(str(number))


def predictions(lesson: str) -> dict[str, Question]:
    """Return the predictions of a lesson by their numbers."""
    return _numbered(lesson, "PREDICTIONS")


def find_quiz(lesson: str) -> dict[str, Question]:
    """Return the questions of a lesson's quiz by their numbers; none for an unknown lesson."""
    return _numbered(str(lesson), "QUIZ")


def all_numbers() -> dict[str, dict[str, list[str]]]:
    """List, lesson by lesson, the numbers of everything that can be done."""
    return {
        lesson: {
            "predictions": list(predictions(lesson)),
            "exercises": list(exercises(lesson)),
            "quiz": list(find_quiz(lesson)),
        }
        for lesson in TITLES
    }


def _numbered(lesson: str, kind: str) -> dict[str, Question]:
    if lesson not in TITLES:
        return {}
    questions = getattr(part(lesson, "questions"), kind)
    return {f"{lesson}.{place}": question for place, question in enumerate(questions, start=1)}
