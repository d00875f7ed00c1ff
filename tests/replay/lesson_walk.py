"""Run a lesson, and after each cell compare the last moment of its record with its broker."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from helpers import session
from helpers.broker import broker
from helpers.record import Record
from helpers.replay import Moments
from helpers.stage.model import Stage
from tests.kernel.quick_run import run_lesson

from .truth import held_by, mistakes, shown_on

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
# Lesson 7 talks with a cluster, whose nodes are several brokers, and end without a command; lesson
# 11 watches programs at servers of their own.
WALKED = sorted({*NOTEBOOKS.glob("*.ipynb")} - {*NOTEBOOKS.glob("07*"), *NOTEBOOKS.glob("11*")})
EVERYTHING = 10_000  # tokens


@dataclass(frozen=True)
class Walked:
    """A cell that has run: how much was compared afterwards, and what was shown wrongly."""

    cell: str
    fault: str  # why it is not as it was saved; empty when it is
    compared: int = 0
    wrong: Sequence[Any] = ()


def walk(path: Path, told: Connection) -> None:
    """Run a lesson on the embedded broker and tell what was seen; once in a process only."""
    os.environ["COURSE_BROKER"] = "embedded"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # it may complain of tasks left over
    told.send(asyncio.run(_walk(path)))


async def _walk(path: Path) -> list[Walked]:
    walked, known = [], ()
    async for ran in run_lesson(path):
        record, seen = session._record, ()
        if record.commands:
            if known != _extent(record):  # else the last moment is what it was
                known = _extent(record)
                last = Moments(record, record.commands[-1].order, EVERYTHING)[-1].stage
            seen = await _compared(last)
        walked.append(Walked(ran.cell, ran.fault, *seen))
    return walked


def _extent(record: Record) -> tuple[object, ...]:
    """Return the same as before where nothing was recorded since."""
    told = record.commands, record.messages, record.closings, record.remarks
    waiting = [command.order for command in record.commands if command.waiting]
    return record, *map(len, told), waiting


async def _compared(stage: Stage) -> tuple[int, list[Any]]:
    """Say how much the last moment shows, and what of it is wrong."""
    async with broker().side_client() as side:
        truth = await held_by(side)
    return len(shown_on(stage)[0]), mistakes(stage, truth)
