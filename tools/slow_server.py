"""Read every lesson slowly on a real server, with real pauses, and print which cells differ.

    python -m tools.slow_server [SERVER ...]        (Redis and Valkey unless told, as far as found)

`tests/notebooks/test_slow_reader.py` moves the clock of the embedded broker on before each cell;
a real server has a clock of its own, so here time passes. All lessons wait at the same time, each
on a private server: it takes about as long as the one with the most pauses.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tests.kernel.quick_run import Ran, run_lesson
from tests.mutants.trial import PROCESSES
from tests.real_servers import found_servers

LESSONS = sorted(Path(__file__).parent.parent.glob("notebooks/*.ipynb"))
SERVERS = ("Redis 7", "Valkey")
PAUSE = 31.0  # seconds: longer than any idle time, time limit or age that a lesson asks for
# A pause comes before each cell that names what time can change: an idle time or a claim, an
# expiry, a wait or its limit, a clock, or how long clients and consumers are idle.
TIME_MATTERS = re.compile(
    r"idle|claim\(|xinfo_consumers|client_list|expire|\bttl|\b[ep]x=|block=|timeout=|\btime\b"
)


@dataclass(frozen=True)
class Reading:
    """How one lesson was read: how many cells, after how many pauses, and which differ."""

    lesson: str
    cells: int
    pauses: int
    faults: tuple[Ran, ...]

    def __str__(self) -> str:
        told = [f"{self.lesson[:40]:42}{self.cells:6}{self.pauses:8}{len(self.faults):8}"]
        told += [f"    cell {ran.number} ({ran.cell}): {ran.fault}" for ran in self.faults]
        return "\n".join(told)


def pauses_before(sources: Sequence[str]) -> set[int]:
    """Choose the cells, by number, before which a reader pauses; the last one always."""
    chosen = {number for number, source in enumerate(sources) if TIME_MATTERS.search(source)}
    return (chosen | {len(sources) - 1}) - {0}


def read_slowly(lesson: Path, program: str, pause: float = PAUSE) -> Reading:
    """Run a lesson on a private server of this program; once in a process only."""
    os.environ |= {"COURSE_BROKER": "server", "COURSE_SERVER": program}
    return asyncio.run(_read(lesson, pause))


async def _read(lesson: Path, pause: float) -> Reading:
    cells = nbformat.read(lesson, as_version=4).cells
    chosen = pauses_before([cell.source for cell in cells if cell.cell_type == "code"])
    ran = []
    async for cell in run_lesson(lesson):
        ran.append(cell)
        if cell.number + 1 in chosen:
            await asyncio.sleep(pause)
    faults = tuple(cell for cell in ran if cell.fault)
    return Reading(lesson.stem, len(ran), len(chosen), faults)


def on_server(name: str, program: Path) -> bool:
    """Read all lessons at the same time and print a line for each; tell whether none differs."""
    began = time.monotonic()
    print(f"{name:42}{'cells':>6}{'pauses':>8}{'differ':>8}", flush=True)
    readings = []
    with ProcessPoolExecutor(len(LESSONS), PROCESSES, max_tasks_per_child=1) as readers:
        reading = [readers.submit(read_slowly, lesson, str(program)) for lesson in LESSONS]
        for done in as_completed(reading):
            readings.append(done.result())
            print(readings[-1], flush=True)
    print(f"{(time.monotonic() - began) / 60:.1f} minutes\n", flush=True)
    return not any(reading.faults for reading in readings)


def main(asked: Sequence[str]) -> int:
    """Read on each server asked for; answer the exit code."""
    wanted = tuple(asked or SERVERS)
    servers = {name: at for name, at in found_servers().items() if name.startswith(wanted)}
    if not servers:
        print(f"None of these servers is here: {', '.join(wanted)}.")
        return 1
    return 0 if all([on_server(*server) for server in servers.items()]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
