"""Try a lie on a lesson, in a process of its own, with a deadline for each cell."""

import asyncio
import os
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from tests.kernel.quick_run import Ran, run_lesson

from . import LIES, Lie
from .processes import PROCESSES

SECONDS_PER_CELL = 15.0
BROKEN = "the lie itself broke down:"


@dataclass(frozen=True)
class Caught:
    """Where a lesson first differs from its saved outputs."""

    lesson: str
    cell: str
    number: int
    fault: str

    def __str__(self) -> str:
        return f"lesson {self.lesson[:2]}, cell {self.number} ({self.cell}): {self.fault}"


def catch(lie: str | None, lesson: Path) -> Caught | None:
    """Return where this lesson notices the lie, or None; without a lie nothing should differ."""
    with closing(faults(lie, lesson)) as found:  # which ends the process
        return next(found, None)


def faults(lie: str | None, lesson: Path) -> Generator[Caught, None, None]:
    """Yield each cell that differs; one that does not end in time is the last."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_run, args=(theirs, lie, lesson))
    process.start()
    theirs.close()
    try:
        yield from _heard(ours, lesson.stem)
    finally:
        process.kill()
        process.join()
        ours.close()


def _heard(
    ours: Connection, lesson: str, patience: float = SECONDS_PER_CELL
) -> Generator[Caught, None, None]:
    number = 0
    while ours.poll(patience):
        try:
            ran: Ran | None = ours.recv()
        except EOFError:
            yield Caught(lesson, "?", number, "the process ended in the middle")
            return
        if ran is None:
            return
        if ran.fault:
            yield Caught(lesson, ran.cell, ran.number, ran.fault)
        number = ran.number + 1
    yield Caught(lesson, "?", number, f"not done after {patience:g} seconds")


def _run(theirs: Connection, lie: str | None, lesson: Path) -> None:
    os.environ["COURSE_BROKER"] = "embedded"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a killed run complains of tasks left over
    asyncio.run(_report(theirs, lesson, LIES[lie] if lie else None))


async def _report(theirs: Connection, lesson: Path, lie: Lie | None) -> None:
    if lie:
        lie.tell()
    async for ran in run_lesson(lesson):
        if lie and lie.breakdowns:
            ran = replace(ran, fault=f"{BROKEN} {lie.breakdowns[0]}")
        theirs.send(ran)
    theirs.send(None)
