"""What the notebooks import: connect, wait, draw, check. The Redis commands stay in the cells."""

from .cli import terminals
from .doctor import doctor
from .explore import explore
from .picture import bars
from .practice import check, hint, lab, predict, progress, quiz
from .real_only import real_only
from .session import connect, flow, start_cluster
from .waiting import read, until_blocked

__all__ = [
    "bars",
    "check",
    "connect",
    "doctor",
    "explore",
    "flow",
    "hint",
    "lab",
    "predict",
    "progress",
    "quiz",
    "read",
    "real_only",
    "start_cluster",
    "terminals",
    "until_blocked",
]
