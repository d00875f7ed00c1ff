"""Kill notebooks at random moments, and look for what they leave behind.

Usage: python -m tools.killed [TIMES] [SEED]       (40 times unless told; the seed is printed)
Lessons, `doctor()` and labs, on the embedded broker and on a private server, in turn. Ten seconds
after a SIGKILL no process may be left that the notebook had started, and no file or folder.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

from helpers.lessons import lessons
from publish.lesson import read
from tests.kernel.live_kernel import NOTEBOOKS, live_kernel
from tools.asked import count

SECONDS_TO_GO = 10.0
LONGEST_MOMENT = 0.4  # seconds into a cell
DOCTOR = ["from helpers import doctor", "doctor()"]
LABS = [
    "from helpers import lab",
    *(
        f"shown = await lab({number})\nfor _ in range(3):\n"
        "    for control in shown.model.controls()[:3]:\n"
        "        if action := getattr(control, 'do', getattr(control, 'action', None)):\n"
        "            await shown.model.do(action)"
        for number in lessons()
    ),
]
WHAT = {f"lesson {int(path.name[:2])}": path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
BROKERS = ("embedded", "server")
PLACES = [*product([*WHAT, "doctor", "labs"], BROKERS)]


@dataclass(frozen=True)
class Killing:
    """Which notebook is killed, in which of its cells, and how long after that cell began."""

    what: str
    broker: str
    cells: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return f"{self.what} on {self.broker}, cell {len(self.cells)} after {self.seconds:.3f} s"


def killings(times: int, chance: random.Random) -> Iterator[Killing]:
    """Choose notebooks in turn, and their moments by chance."""
    start = chance.randrange(len(PLACES))
    for what, broker in islice(cycle(PLACES), start, start + times):
        cells = _cells(what)
        yield Killing(
            what,
            broker,
            tuple(cells[: chance.randrange(1, len(cells) + 1)]),
            chance.uniform(0, LONGEST_MOMENT),
        )


def _cells(what: str) -> list[str]:
    if what not in WHAT:
        return DOCTOR if what == "doctor" else LABS
    return [cell.source for cell in read(WHAT[what]).code]


def left_behind(killing: Killing) -> list[str]:
    """Kill a notebook, and list what is still there when the time is over."""
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        os.environ["TMPDIR"] = folder
        try:
            with live_kernel(killing.broker) as notebook:
                for cell in killing.cells[:-1]:
                    notebook.run(cell)
                running = threading.Timer(
                    killing.seconds, os.kill, (notebook.manager.provisioner.pid, signal.SIGKILL)
                )
                running.start()
                notebook.run(killing.cells[-1], limit=killing.seconds + 0.2)
                running.join()
                end = time.monotonic() + SECONDS_TO_GO
                while (left := left_in(folder)) and time.monotonic() < end:
                    time.sleep(0.05)  # other processes end, and send no word
                return left
        finally:
            del os.environ["TMPDIR"]


def left_in(folder: str) -> list[str]:
    """List processes whose temporary folder is this one or lies in it, and what else does."""
    marks = f"TMPDIR={folder}\0".encode(), f"TMPDIR={folder}/".encode()
    processes = [
        f"process {path.parent.name}"
        for path in Path("/proc").glob("[0-9]*/environ")
        if path.parent.name != str(os.getpid()) and any(mark in _read(path) for mark in marks)
    ]
    return processes + [path.name for path in Path(folder).iterdir()]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""


def main(arguments: list[str]) -> int:
    """Kill as often as asked, print what was left, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.killed")
    parser.add_argument("times", nargs="?", type=count, default=40)
    parser.add_argument("seed", nargs="?", type=int, default=random.SystemRandom().getrandbits(32))
    asked = parser.parse_args(arguments)
    print(f"seed {asked.seed}")
    clean = 0
    for killing in killings(asked.times, random.Random(asked.seed)):
        left = left_behind(killing)
        clean += not left
        print(f"{killing}: {', '.join(left) or 'nothing left'}", flush=True)
    print(f"{clean} of {asked.times} left nothing")
    return clean != asked.times


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
