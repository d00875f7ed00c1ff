"""Lesson 9: its exercises, its questions and its lab."""

TITLE = "Prove your worker"
"""The title of the notebook."""
