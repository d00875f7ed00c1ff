"""A record that is kept in a file: short, the same on every machine, and drawn as it was."""

from .kept import Kept
from .machine import this_machine
from .stable import stable
from .views import texts_in

__all__ = ["Kept", "stable", "texts_in", "this_machine"]
