"""Lesson 11: what your task library does."""

from .choosing import chooses_settings
from .leasing import finds_the_lease
from .losing import reads_what_is_lost

EXERCISES = (reads_what_is_lost, chooses_settings, finds_the_lease)
