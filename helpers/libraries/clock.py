"""One clock for a server and its workers, which can be turned on: an hour passes in no time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType


class Clock:
    """A file that libfaketime reads each time a process asks what time it is.

    The time of day is turned, and with it leases, expiry and how long the server lets a client
    wait. What a process waits for by itself still takes real seconds (time.monotonic): such a wait
    cannot be turned once it has begun.
    """

    def __init__(self, folder: Path, libfaketime: Path) -> None:
        self._file = folder / "clock"
        self._settings = {
            "LD_PRELOAD": str(libfaketime),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def __enter__(self) -> Clock:
        self.turn_to(0)
        self._owner = self._start_owner()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._owner.communicate()

    def turn_to(self, seconds: float) -> None:
        """Let the clock be so many seconds ahead of the real time."""
        new = self._file.with_suffix(".new")
        new.write_text(f"+{seconds:g}\n")
        os.replace(new, self._file)  # nobody may read half of it

    @property
    def environment(self) -> dict[str, str]:
        """Return what a process has to be started with, so that it goes by this clock."""
        owner = self._owner.pid
        shared = f"/faketime_sem_{owner} /faketime_shm_{owner}"
        return self._settings | {"FAKETIME_SHARED": shared}

    def _start_owner(self) -> subprocess.Popen[bytes]:
        """Start who owns the memory that libfaketime shares between processes.

        Otherwise each would make its own, and those that are killed leave it to the machine. This
        one ends, and removes it, when the pipe to it closes: also when the notebook is killed.
        """
        owner = subprocess.Popen(
            ["cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | self._settings,
            start_new_session=True,
        )
        assert owner.stdin and owner.stdout
        owner.stdin.write(b"\n")
        owner.stdin.flush()
        owner.stdout.readline()  # now it is there
        return owner
