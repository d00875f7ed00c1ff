"""Lesson 2: its exercises, its questions and its lab."""

TITLE = "Publish to whoever is listening"
"""The title of the notebook."""
