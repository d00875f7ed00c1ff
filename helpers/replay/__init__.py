"""A record played again, command by command: what everybody held after each."""

from .moments import MOST_COMMANDS, Moment, Moments

__all__ = ["MOST_COMMANDS", "Moment", "Moments"]
