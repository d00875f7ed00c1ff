"""Run the validation again and again, on every engine, alone and while both cores are busy.

Usage: python -m tools.repeat [--runs N] [--engine NAME] [--minutes M] [LESSON ...]
(`make repeat`). Every second round is on busy cores: all engines run at the same time, and one
alone runs beside processes that do nothing but keep the cores busy.
Prints runs, failures by cell, kernels that were started again before a lesson had begun, and
seconds; exits with 1 when any cell ever failed.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from tools.asked import count
from tools.engines import LONGEST_RUN, ROOT, Cell, Engine, engines, run

ALONE, BUSY = "alone", "on busy cores"

# Ends by itself: when its time is over, or when the process that started it is gone.
COMPANY = """\
import os, sys, time
parent, end = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
while time.monotonic() < end and os.getppid() == parent:
    sum(range(10_000))
"""


@dataclass
class Tally:
    """What the runs of one engine, alone or in company, have shown."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    restarts: int = 0

    def add(self, seconds: float, cells: Sequence[Cell]) -> str:
        """Count one run; answer what is to be said of it."""
        wrong = [cell for cell in cells if not cell.passed]
        failed = [f"{cell.lesson} {cell.name}" for cell in wrong] if cells else ["nothing ran"]
        restarts = sum(cell.restarts for cell in cells)
        self.seconds.append(seconds)
        self.failures.update(failed)
        self.restarts += restarts
        started = f" ({restarts} kernels started again)" if restarts else ""
        fault = wrong[0].fault if wrong else ""
        return f"{seconds:.1f} s{started} {' '.join(failed)} {fault}".rstrip()

    def __str__(self) -> str:
        cells = f"{self.failures.total()} cells failed"
        times = f"{mean(self.seconds):.1f} s each (at most {max(self.seconds):.1f})"
        return f"{len(self.seconds)} runs, {cells}, {self.restarts} kernels started again, {times}"


@contextmanager
def company(count: int | None = None) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Keep all cores busy, or `count` of them; whatever happens, no process outlives this."""
    command = [sys.executable, "-c", COMPANY, str(os.getpid()), str(LONGEST_RUN)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count or os.cpu_count() or 2):
            started.append(subprocess.Popen(command))
        yield started
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def timed(engine: Engine, lessons: Sequence[str | Path]) -> tuple[float, list[Cell]]:
    """Validate the lessons once; answer the seconds and how the cells fared."""
    began = time.monotonic()
    cells = run(engine, lessons)
    return time.monotonic() - began, cells


def rounds(chosen: Sequence[Engine], runs: int, end: float) -> Iterator[tuple[list[Engine], str]]:
    """Name who runs next, each engine alone or all at once, until the runs or the time are over."""
    for number in range(runs):
        for engines_now in [[*chosen]] if number % 2 else [[engine] for engine in chosen]:
            if time.monotonic() >= end:
                return
            yield engines_now, BUSY if number % 2 else ALONE


def repeat(
    chosen: Sequence[Engine], lessons: Sequence[str | Path], runs: int, minutes: float
) -> dict[str, Tally]:
    """Run and count; print a line a run."""
    tallies: dict[str, Tally] = {}
    for together, how in rounds(chosen, runs, time.monotonic() + 60 * minutes):
        lonely = how == BUSY and len(together) == 1
        with company() if lonely else nullcontext(), ThreadPoolExecutor(len(together)) as pool:
            results = list(pool.map(lambda engine: timed(engine, lessons), together))
        for engine, (seconds, cells) in zip(together, results, strict=True):
            name = f"{engine.name}, {how}"
            print(f"{name}: {tallies.setdefault(name, Tally()).add(seconds, cells)}", flush=True)
    return tallies


def main() -> int:
    """Print each run, then the sums; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.repeat")
    parser.add_argument("lessons", nargs="*", type=Path, default=[ROOT / "notebooks"])
    parser.add_argument("--runs", type=count, default=50, help="for each engine (default 50)")
    parser.add_argument("--engine", action="append", help="such as embedded; default: all found")
    parser.add_argument("--minutes", type=float, default=120, help="begin no run after them (120)")
    given = parser.parse_args()
    if not given.minutes > 0:
        parser.error("in these --minutes no run would begin")
    if absent := [str(path) for path in given.lessons if not path.exists()]:
        parser.error(f"there is no {', '.join(absent)}")
    found = {engine.name: engine for engine in engines()}
    if unknown := set(given.engine or []) - found.keys():
        parser.error(f"no engine {', '.join(sorted(unknown))} here, only {', '.join(found)}")
    chosen = [found[name] for name in given.engine or found]
    tallies = repeat(chosen, [path.resolve() for path in given.lessons], given.runs, given.minutes)
    for name, tally in tallies.items():
        print(f"{name}: {tally}")
        print("".join(f"    {cell}: {n} times\n" for cell, n in tally.failures.items()), end="")
    return 1 if not tallies or any(tally.failures for tally in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
