"""The options of a prediction: the lesson asks, and they stand in `helpers.lessons`."""

from helpers.exercises.question import Question
from helpers.practice.catalogue import predictions

from .lesson import Prediction


def question_of(prediction: Prediction) -> Question:
    """Return the question with its options. Raises KeyError for an unknown number."""
    return predictions(prediction.number.partition(".")[0])[prediction.number]
