"""Lesson 3: its exercises, its questions and its lab."""

TITLE = "Subscribe by pattern, and meet your own duplicates"
"""The title of the notebook."""
