"""The predictions and the quiz of lesson 10."""

PREDICTIONS = ()

QUIZ = ()
