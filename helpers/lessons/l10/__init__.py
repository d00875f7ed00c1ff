"""Lesson 10: its exercises, its questions and its lab."""

TITLE = "Later, again, never"
"""The title of the notebook."""
