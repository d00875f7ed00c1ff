"""What it takes to run the task libraries: their environment, their clock, a real server, Linux."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from ..broker.servers import NoServer, find_server
from ..errors import CourseError

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-libraries"
CLOCK = "lib/python*/site-packages/libfaketime/vendor/libfaketime/src/libfaketime.so.1"


def missing() -> str:
    """Say in one sentence what is missing and how to get it; "" when nothing is."""
    if sys.platform != "linux":
        return "The task libraries run on Linux only: their clock and their end are made for it."
    if not (ENVIRONMENT / "installed").exists():
        return "The task libraries are not installed: run make libraries in the course's folder."
    if not _clock():
        return "The clock of the task libraries is missing: delete .venv-libraries, make libraries."
    try:
        find_server()
    except NoServer as reason:
        return str(reason)
    return ""


def installed() -> bool:
    """Tell whether the task libraries can run here."""
    return not missing()


def needed() -> None:
    """Raise CourseError unless the task libraries can run here."""
    if said := missing():
        raise CourseError(said)


def program(name: str) -> Path:
    """Return the path of a program of the libraries' environment."""
    return ENVIRONMENT / "bin" / name


@cache
def clock() -> Path:
    """Return the path of libfaketime; raises CourseError when it is not there."""
    found = _clock()
    if found is None:
        raise CourseError(missing())
    return found


def _clock() -> Path | None:
    return next(ENVIRONMENT.glob(CLOCK), None)
