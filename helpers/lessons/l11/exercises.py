"""Lesson 11: its exercises are still to come."""

EXERCISES = ()
