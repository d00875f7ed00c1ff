"""Lesson 8: its exercises, its questions and its lab."""

TITLE = "Decide, and defend it"
"""The title of the notebook."""
