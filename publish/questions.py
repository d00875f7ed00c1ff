"""What a lesson asks: the questions behind its numbers, and their words as HTML."""

import re
from html import escape

from helpers.exercises.question import Question
from helpers.practice.catalogue import predictions

from .lesson import Prediction


def question_of(prediction: Prediction) -> Question:
    """Return the question with its options. Raises KeyError for an unknown number."""
    return predictions(prediction.number.partition(".")[0])[prediction.number]


def inline(text: str) -> str:
    """Return a text as HTML, with code between its backticks."""
    return re.sub(r"`(.+?)`", r"<code>\1</code>", escape(text, quote=False))
