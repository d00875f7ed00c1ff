"""Task libraries in processes of their own: started, killed, cut off, and their effects counted."""

from .catalogue import LIBRARIES, SETTINGS
from .faults import FAULTS, outcome
from .needs import installed, needed, program
from .outcome import Outcome
from .shop import shop

__all__ = [
    "FAULTS",
    "LIBRARIES",
    "SETTINGS",
    "Outcome",
    "installed",
    "needed",
    "outcome",
    "program",
    "shop",
]
