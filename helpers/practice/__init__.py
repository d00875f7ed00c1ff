"""What a lesson asks of its reader: predictions, exercises, a quiz, a lab, and what is done."""

from .. import classroom
from .checking import check, hint
from .labs import lab
from .overview import progress
from .questions import predict, quiz

__all__ = ["check", "hint", "lab", "predict", "progress", "quiz"]

classroom.resume()
