"""Lesson 6: its exercises, its questions and its lab."""

TITLE = "Share a stream among consumers"
"""The title of the notebook."""
