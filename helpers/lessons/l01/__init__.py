"""Lesson 1: its exercises, its questions and its lab."""

TITLE = "Choose between a queue and a stream"
"""The title of the notebook."""
