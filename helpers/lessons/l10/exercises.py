"""Lesson 10: later, again, never."""

from .moving import moves_each_once
from .retrying import tries_three_times
from .stopping import stops_between_two
from .tidying import tidies_and_loses_nothing

EXERCISES = (moves_each_once, tries_three_times, tidies_and_loses_nothing, stops_between_two)
