"""Know the words by which this machine could be told."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from pathlib import Path


def this_machine() -> dict[str, str]:
    """Return words that tell of this machine, with what stands in their place."""
    places = {str(Path.cwd()): "…", str(Path.home()): "~", sys.prefix: "…"}
    return {socket.getfqdn(): "host", socket.gethostname(): "host"} | _user() | places


def _user() -> dict[str, str]:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for who runs it
        name = os.environ.get("LOGNAME", "")
    return {name: "user"}
