"""What the notebooks import: connect, wait, draw, check. The Redis commands stay in the cells."""

from .doctor import doctor
from .notebook import connect, flow
from .real_only import real_only
from .waiting import read, until_blocked

__all__ = ["connect", "doctor", "flow", "read", "real_only", "until_blocked"]
