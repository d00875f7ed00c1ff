"""Task libraries in processes of their own: started, killed, cut off, and their effects counted."""

from .faults import FAULTS, outcome
from .shop import shop

__all__ = ["FAULTS", "outcome", "shop"]
