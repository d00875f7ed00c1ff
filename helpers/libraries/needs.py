"""What it takes to run the task libraries: their environment, their clock, a real server, Linux."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, STDOUT

from ..broker.servers import NoServer, find_server, server_version
from ..errors import CourseError

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-libraries"
PLATFORM = "Linux x86_64"  # what libfaketime's package is built for; keeper.py needs /proc
CLOCK = "lib/python*/site-packages/libfaketime/vendor/libfaketime/src/libfaketime.so.1"


def missing() -> str:
    """Say in one sentence what is missing and how to get it; "" when nothing is."""
    if f"{platform.system()} {platform.machine()}" != PLATFORM:
        return f"The task libraries run on {PLATFORM} only, where their clock can be turned."
    if not (program("celery").exists() and clock().exists()):
        return "The task libraries are not installed: run make libraries in the course's folder."
    try:
        server = find_server()
    except NoServer as reason:
        return str(reason)
    if not goes_by(clock(), server):
        return (
            f"{server_version(server)} does not start with the clock of the task libraries: set "
            "COURSE_SERVER to another server, such as a newer Redis or a Valkey."
        )
    return ""


@cache
def goes_by(clock: Path, server: Path) -> bool:
    """Tell whether a server can run with libfaketime, which some allocators do not get along with.

    Its first line tells, the version or a complaint: after that such a server may hang.
    """
    environment = os.environ | {"LD_PRELOAD": str(clock)}
    command = [str(server), "--version"]
    with subprocess.Popen(command, env=environment, stdout=PIPE, stderr=STDOUT, text=True) as probe:
        assert probe.stdout
        first = probe.stdout.readline()
        probe.kill()
    return "v=" in first


def installed() -> bool:
    """Tell whether the task libraries can run here."""
    return not missing()


def needed() -> None:
    """Raise CourseError unless the task libraries can run here."""
    if said := missing():
        raise CourseError(said)


def program(name: str) -> Path:
    """Return the path of a program of the libraries' environment."""
    return _home() / "bin" / name


def clock() -> Path:
    """Return the path of libfaketime."""
    return next(_home().glob(CLOCK), _home() / CLOCK)


def _home() -> Path:
    """Return this environment if it has the libraries too, as by the extra `libraries`."""
    has_all = find_spec("celery") and find_spec("libfaketime")
    return Path(sys.prefix) if has_all else ENVIRONMENT
