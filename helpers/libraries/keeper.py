"""Keep a worker: start it in a session of its own, and kill all of that when its starter is gone.

Usage: keeper.py COMMAND ...      (standard input is the starter: when that closes, all is killed)
Says `started PID`, and `ended STATUS` when the command has ended; what the command says goes to
standard error. A session, and not a process group, is what dies as a machine does: a library may
give a job a group of its own, but none leaves the session. Needs /proc, so Linux.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path


def keep(command: list[str]) -> None:
    """Run the command until standard input closes; then kill what is left of it."""
    started = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    )
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the command says ends with the command
    print("started", started.pid, flush=True)
    threading.Thread(target=_tell_end, args=(started.pid,), daemon=True).start()
    sys.stdin.read()
    kill(started.pid)


def _tell_end(process: int) -> None:
    # Not reaped: while it is a zombie, nobody else gets its number, which is that of the session.
    end = os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    print("ended", end.si_status if end else 0, flush=True)


def kill(session: int) -> None:
    """Kill all processes of a session at once: none may see another one die."""
    freeze(session)
    _signal(members(session), signal.SIGKILL)


def freeze(session: int) -> None:
    """Stop all processes of a session, those that are started meanwhile included."""
    while running := {process for process in members(session) if _runs(process)}:
        _signal(running, signal.SIGSTOP)
        time.sleep(0.001)  # a busy machine takes its time to stop them, and nobody tells


def _runs(process: int) -> bool:
    """Tell whether a process is neither stopped nor ended."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "TtZX"


def members(session: int) -> set[int]:
    """Return the processes of a session."""
    everybody = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return {process for process in everybody if _session_of(process) == session}


def _session_of(process: int) -> int:
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return 0


def _signal(processes: set[int], number: int) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


if __name__ == "__main__":
    keep(sys.argv[1:])
