"""Open a hub for a room on this machine, if its settings allow it to work.

Usage: python -m publish.hub [OPTION ...]      (the options are JupyterHub's)
JupyterHub tells of a short password in a long traceback, and lets everybody fail at the login with
one beyond ASCII. Where its port is taken it says that it runs there, while somebody else answers.
It passes over a misspelt option.
"""

import argparse
import errno
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .options import are_others, unknown
from .working_copies import ROOT

CONFIG = ROOT / "classroom" / "jupyterhub_config.py"
SHORTEST = 8  # characters of a password; JupyterHub takes none with fewer
NO_ADDRESS = ("", "embedded", "server")  # what else COURSE_BROKER may be


def class_folder() -> Path:
    """Return where all that belongs to this class is kept."""
    return Path(os.environ.get("COURSE_FOLDER") or ROOT / "my_class")


def faults(options: list[str], settings: Mapping[str, str]) -> Iterator[str]:
    """Say in a sentence each what keeps a hub with these options from working."""
    yield from _of_options(options)
    yield from _of_password(settings.get("COURSE_PASSWORD", ""))
    yield from _of_addresses(settings)
    yield from _of_folder(class_folder())
    yield from _of_port(options)


def _of_options(options: list[str]) -> Iterator[str]:
    if are_others(options, "--ip", "--port"):
        from jupyterhub.app import JupyterHub  # it takes a second or two

        yield from unknown(options, [JupyterHub])


def _of_password(chosen: str) -> Iterator[str]:
    if 0 < len(chosen) < SHORTEST:
        yield (
            f"COURSE_PASSWORD has {len(chosen)} of the {SHORTEST} characters that it needs: choose "
            "a longer one, or leave it out, and one is made up."
        )
    if not chosen.isascii():
        yield "COURSE_PASSWORD may have ASCII characters only: with another one nobody can log in."


def _of_addresses(settings: Mapping[str, str]) -> Iterator[str]:
    # Imported here: the hub, which imports this module for its folder, needs none of the course.
    from helpers.broker.address import read_address
    from helpers.classroom.address import read_class_address
    from helpers.errors import CourseError

    try:
        if url := settings.get("COURSE_CLASS", "").strip():
            read_class_address(url)
        if (asked := settings.get("COURSE_BROKER", "").strip()) not in NO_ADDRESS:
            read_address(asked)
    except CourseError as error:
        yield str(error)


def _of_folder(folder: Path) -> Iterator[str]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        yield f"The class's folder, {folder}, cannot be made ({error.strerror}): see COURSE_FOLDER."


def _of_port(options: list[str]) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="make hub", add_help=False, allow_abbrev=False)
    parser.add_argument("--ip", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given, _ = parser.parse_known_args(options)
    if not 0 < given.port < 65_536:
        yield f"{given.port} is not a port: name one from 1 to 65535."
        return
    try:
        _try(given.ip, given.port)
    except OSError as error:
        yield _refused(given.ip, given.port, error)


def _try(ip: str, port: int) -> None:
    """Take a port, and let it go. Raises OSError."""
    places = socket.getaddrinfo(ip or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, _, _, place = places[0]
    with socket.socket(family, kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has just ended is no bar
        tried.bind(place)


def _refused(ip: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken: name another one, as in make hub HUB_ARGS='--port 9999'."
    return f"The hub cannot listen on port {port} of {ip or 'this machine'}: {error.strerror}."


def main(options: list[str]) -> int:
    """Become the hub, or say why not and return the exit status."""
    for fault in faults(options, os.environ):
        print(fault, file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG), *options]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
