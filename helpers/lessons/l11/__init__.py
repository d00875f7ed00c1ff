"""Lesson 11: its exercises, its questions and its lab."""

TITLE = "What your task library does"
"""The title of the notebook."""
