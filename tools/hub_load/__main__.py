"""Let learners work on a hub of this machine, all at once, again and again, and measure.

Usage: python -m tools.hub_load [--learners N] [--times N]   (`make hub-load`: 30 and 5)
Each learner logs in over the form, waits for a server, opens JupyterLab, runs lesson 2 from its
first cell to its last, has an exercise checked, and saves. Every output is compared with the saved
lesson. Nobody waits for anybody. Exits with 1 if anything failed, or was left behind. Linux only:
memory is read from /proc.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from publish.lesson import Lesson, read
from tools.asked import count

from .bare import bare_kernel
from .learner import Times, work
from .memory import Process, having, processes
from .room import ROOT, Room, end_of_log, opened_room

LESSON = ROOT / "notebooks/02_publish_subscribe.ipynb"
SECONDS_TO_GO = 10.0
SETTINGS = {"COURSE_BROKER": "embedded"}


@dataclass(frozen=True)
class Share:
    """What something takes: PSS in MB, and seconds of a processor."""

    memory: float
    seconds: float

    def __add__(self, other: "Share") -> "Share":
        return Share(self.memory + other.memory, self.seconds + other.seconds)

    def __str__(self) -> str:
        return f"{self.memory:.0f} MB, {self.seconds:.1f} s of a core"


@dataclass(frozen=True)
class Taken:
    """What one learner's server and kernel take, and the hub with its proxy."""

    server: Share
    kernel: Share
    hub: Share


@dataclass(frozen=True)
class Run:
    """What one class did: times of those who came to the end, and what failed."""

    times: list[Times]
    failures: list[str]
    taken: Taken | None = None


async def run(learners: int, lesson: Lesson) -> Run:
    """Open a room, let everybody work at once, measure while all are there, and close it."""
    async with opened_room(SETTINGS) as room:
        names = [f"learner-{number:02}" for number in range(1, learners + 1)]
        results = await asyncio.gather(
            *(work(room.address, name, lesson) for name in names), return_exceptions=True
        )
        failures = [*_failed(names, results), *_without_progress(room, names)]
        taken = taken_in(room, learners)
        if failures:
            print(end_of_log(room.folder), file=sys.stderr)
    failures += await left_by(room.folder)
    return Run([each for each in results if isinstance(each, Times)], failures, taken)


def _failed(names: Iterable[str], results: Iterable[Times | BaseException]) -> list[str]:
    ended = zip(names, results, strict=True)
    errors = [(name, error) for name, error in ended if isinstance(error, BaseException)]
    return [f"{name}: {type(error).__name__}: {str(error)[:500]}" for name, error in errors]


def _without_progress(room: Room, names: Iterable[str]) -> list[str]:
    """Tell whose home has no record of the exercise that was passed."""
    homes = ((name, room.folder / "homes" / name / "my_notebooks") for name in names)
    return [
        f"{name}: no progress was kept" for name, home in homes if not any(home.glob(".progress*"))
    ]


def taken_in(room: Room, learners: int) -> Taken:
    """Share out what the room holds now, and what it has taken until now."""
    theirs = processes(having(f"TMPDIR={room.folder}"))
    kernels = [process for process in theirs if process.is_kernel]
    servers = [process for process in theirs if "jupyterhub.singleuser" in process.command]
    others = [process for process in theirs if process not in kernels + servers]
    return Taken(_share(servers, learners), _share(kernels, learners), _share(others, 1))


def _share(those: Sequence[Process], among: int) -> Share:
    memory = sum(process.pss() for process in those)
    return Share(memory / among, sum(process.seconds() for process in those) / among)


async def left_by(folder: Path) -> list[str]:
    """List what still runs some seconds after the hub has ended."""
    end = time.monotonic() + SECONDS_TO_GO
    while (left := processes(having(f"TMPDIR={folder}"))) and time.monotonic() < end:
        await asyncio.sleep(0.1)  # other processes end, and send no word
    return [f"left behind: {' '.join(process.command)}" for process in left]


def report(number: int, done: Run) -> str:
    """Say in some lines how a class went."""
    lines = [f"run {number}: {len(done.times)} came to the end, {len(done.failures)} failures"]
    for name in Times.__dataclass_fields__ if done.times else ():
        seconds = sorted(getattr(each, name) for each in done.times)
        lines.append(f"  {name:10}: median {median(seconds):5.1f} s, last {seconds[-1]:5.1f} s")
    if taken := done.taken:
        lines.append(f"  a learner : {taken.server + taken.kernel}")
        lines += [f"    {name:8}: {getattr(taken, name)}" for name in ("server", "kernel")]
        lines.append(f"  hub, proxy: {taken.hub}")
    return "\n".join([*lines, *(f"  {failure}" for failure in done.failures)])


def main(arguments: Sequence[str]) -> int:
    """Measure as often as asked, print it, and return the exit status."""
    parser = argparse.ArgumentParser(prog="tools.hub_load")
    parser.add_argument("--learners", type=count, default=30)
    parser.add_argument("--times", type=count, default=5)
    asked = parser.parse_args(arguments)
    lesson = read(LESSON)
    with tempfile.TemporaryDirectory(prefix="hub-load-") as folder:
        bare = bare_kernel(asked.learners, folder)
    print(f"{asked.learners} learners on {os.cpu_count()} cores; a bare ipykernel with redis-py, "
          f"as many at once: {bare:.0f} MB each", flush=True)  # fmt: skip
    clean = 0
    for number in range(1, asked.times + 1):
        done = asyncio.run(run(asked.learners, lesson))
        clean += not done.failures
        print(report(number, done), flush=True)
    print(f"{clean} of {asked.times} runs without a failure")
    return clean != asked.times


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
