"""Lesson 4: its exercises, its questions and its lab."""

TITLE = "Queue work on a list"
"""The title of the notebook."""
