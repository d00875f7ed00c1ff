"""The board of an instructor: the vote of a class, where it is, who is stuck."""

from .live import board

__all__ = ["board"]
