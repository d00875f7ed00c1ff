"""What the notebooks import: connect, wait, draw, check. The Redis commands stay in the cells."""

from .doctor import doctor
from .notebook import connect, flow, start_cluster
from .picture import bars
from .real_only import real_only
from .waiting import read, until_blocked

__all__ = [
    "bars",
    "connect",
    "doctor",
    "flow",
    "read",
    "real_only",
    "start_cluster",
    "until_blocked",
]
