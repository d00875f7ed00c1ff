"""Exercises that grade what the broker ends up holding, predictions, quizzes, and what is done."""

from .asking import predict, quiz
from .checking import check, hint
from .overview import progress

__all__ = ["check", "hint", "predict", "progress", "quiz"]
