"""Lesson 5: its exercises, its questions and its lab."""

TITLE = "Keep history in a stream"
"""The title of the notebook."""
