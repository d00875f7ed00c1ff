"""Run a lesson, and after each cell compare the last moment of its record with its broker."""

import asyncio
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from helpers import session
from helpers.broker import broker
from helpers.replay import Moments
from tests.kernel.quick_run import run_lesson

from .truth import held_by, mistakes, shown_on

EVERYTHING = 10_000  # tokens


@dataclass(frozen=True)
class Walked:
    """What was seen after a cell: how much was compared, and what was shown wrongly."""

    cell: str
    compared: int
    wrong: list[Any]


def walk(path: Path, told: Connection) -> None:
    """Run a lesson on the embedded broker and tell what was seen; once in a process only."""
    os.environ["COURSE_BROKER"] = "embedded"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # it may complain of tasks left over
    told.send(asyncio.run(_walk(path)))


async def _walk(path: Path) -> list[Walked]:
    walked = []
    async for ran in run_lesson(path):
        record = session._record
        if record.commands:
            moments = Moments(record, record.commands[-1].order, EVERYTHING)
            walked.append(Walked(ran.cell, *await _compared(moments)))
    return walked


async def _compared(moments: Moments) -> tuple[int, list[Any]]:
    """Say how much the last moment shows, and what of it is wrong."""
    stage = moments[-1].stage
    async with broker().side_client() as side:
        truth = await held_by(side)
    return len(shown_on(stage)[0]), mistakes(stage, truth)
