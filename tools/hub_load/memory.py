"""What processes take: processor time, and memory as PSS. Of a page that n share, each has 1/n."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")  # a second


@dataclass(frozen=True)
class Process:
    """A process that runs, as it was started."""

    pid: int
    command: tuple[str, ...]
    environment: frozenset[str]

    @property
    def is_kernel(self) -> bool:
        return "ipykernel_launcher" in self.command

    def pss(self) -> float:
        """Return its memory in MB, and 0 if it has ended."""
        for line in _read(self.pid, "smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def seconds(self) -> float:
        """Return the processor time that it has taken, and 0 if it has ended."""
        fields = _read(self.pid, "stat").rpartition(")")[2].split()  # a name may hold spaces
        return sum(map(int, fields[11:13])) / TICKS


def processes(is_meant: Callable[[Process], bool]) -> list[Process]:
    """List the processes of this machine that are meant; this one is not."""
    return [process for process in _all() if is_meant(process) and process.pid != os.getpid()]


def having(setting: str) -> Callable[[Process], bool]:
    """Mean the processes that were started with a setting, such as `LANG=C`."""
    return lambda process: setting in process.environment


def _all() -> Iterator[Process]:
    for path in PROC.glob("[0-9]*"):
        pid = int(path.name)
        if command := _read(pid, "cmdline"):
            environment = frozenset(_read(pid, "environ").split("\0"))
            yield Process(pid, tuple(command.split("\0")), environment)


def _read(pid: int, name: str) -> str:
    try:
        return (PROC / str(pid) / name).read_text(errors="replace")
    except OSError:  # it has ended, or is somebody else's
        return ""
