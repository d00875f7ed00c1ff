"""Lesson 7: its exercises, its questions and its lab."""

TITLE = "See what a cluster does with a publish"
"""The title of the notebook."""
