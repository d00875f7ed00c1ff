"""Lesson 6: share a stream among consumers."""

from .joining import makes_sure_of_a_group
from .rescuing import rescues_the_old_only
from .setting_aside import sets_poison_aside
from .working import finishes_what_it_began

EXERCISES = (makes_sure_of_a_group, finishes_what_it_began, rescues_the_old_only, sets_poison_aside)
