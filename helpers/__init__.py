"""What the notebooks import: connect, wait, draw, check. The Redis commands stay in the cells."""

from .doctor import doctor
from .exercises import check, hint, predict, progress, quiz
from .notebook import connect, flow, start_cluster
from .picture import bars
from .real_only import real_only
from .waiting import read, until_blocked

__all__ = [
    "bars",
    "check",
    "connect",
    "doctor",
    "flow",
    "hint",
    "predict",
    "progress",
    "quiz",
    "read",
    "real_only",
    "start_cluster",
    "until_blocked",
]
