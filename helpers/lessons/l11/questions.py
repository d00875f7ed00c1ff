"""Lesson 11: its questions are still to come."""

PREDICTIONS = ()
QUIZ = ()
