"""How long the validation of the lessons takes, beside the least that it could take.

    python -m tools.floor [ROUNDS]      (part of `make bench`)

The floor starts a kernel for each lesson, hands it all cells at once, waits for the last reply
and compares nothing: what is left are kernel starts, imports and the cells themselves.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from subprocess import DEVNULL

from jupyter_client.blocking import BlockingKernelClient
from nbformat import NotebookNode

from publish.lesson import read
from publish.unattended import ON_EMBEDDED
from tests.kernel.start import reached_kernel
from tools.asked import count
from tools.engines import ROOT, validate

GOAL = 1.3
SECONDS_PER_LESSON = 60
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def floor() -> None:
    """Run every lesson with nothing around it."""
    for lesson in LESSONS:
        run_bare(lesson)


def run_bare(lesson: Path) -> None:
    """Start a kernel, let it run all cells of a lesson, and end it."""
    variables = os.environ | ON_EMBEDDED
    launch = {"cwd": str(lesson.parent), "env": variables, "stderr": DEVNULL}
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        manager, client = reached_kernel(folder, **launch)
        try:
            run_all(client, read(lesson).code)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def run_all(client: BlockingKernelClient, cells: Sequence[NotebookNode]) -> None:
    """Hand over all cells and wait for the last reply."""
    last = [client.execute(cell.source, stop_on_error=False) for cell in cells][-1]
    while client.get_shell_msg(timeout=SECONDS_PER_LESSON)["parent_header"]["msg_id"] != last:
        pass


def with_workers(count: int) -> None:
    """Validate every lesson as `make test` does; one worker is the test runner itself."""
    cells = validate(["notebooks"], workers=count)
    failed = sum(not cell.passed for cell in cells)
    if failed or not cells:
        print(f"{failed} of {len(cells)} cells failed, so the times may mislead: run make test.")


def seconds(work: Callable[[], None]) -> float:
    """Measure the wall time."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(rounds: int) -> None:
    """Measure in turn, several times, so that a busy moment hits all; print medians and ratios."""
    works = {
        "floor": floor,
        "one worker": lambda: with_workers(0),
        "two workers": lambda: with_workers(2),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    least = median(taken["floor"])
    print(
        f"\nvalidation of {len(LESSONS)} lessons, median of {rounds} (goal: x{GOAL} on one worker)"
    )
    for name, times in taken.items():
        print(f"{name:12}{median(times):7.1f} s   x{median(times) / least:4.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.floor")
    parser.add_argument("rounds", nargs="?", type=count, default=3)
    main(parser.parse_args().rounds)
