"""Lesson 8: decide, and defend it."""

from .charging import charges_once_whatever_happens
from .pipeline import keeps_its_promises
from .placing import places_orders_whole

EXERCISES = (charges_once_whatever_happens, places_orders_whole, keeps_its_promises)
