"""Lesson 4: queue work on a list."""

from .sweeping import brings_back_what_the_dead_held
from .taking import takes_the_urgent_first
from .working import loses_no_order

EXERCISES = (takes_the_urgent_first, loses_no_order, brings_back_what_the_dead_held)
