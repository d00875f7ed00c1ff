"""A record as a picture: one text and one SVG that say the same."""

from .bars import bars
from .flow import Flow

__all__ = ["Flow", "bars"]
