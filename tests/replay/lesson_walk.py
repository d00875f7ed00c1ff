"""Run a lesson, and after each cell compare the last moment of its record with its broker.

    python -m tests.replay.lesson_walk PATH

Prints a line of JSON for each cell: its id, how much was compared, and what was shown wrongly.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from helpers import session
from helpers.broker import broker
from helpers.replay import Moments
from tests.kernel.quick_run import run_lesson

from .truth import held_by, mistakes, shown_on

EVERYTHING = 10_000  # tokens


async def told(path: Path) -> None:
    async for ran in run_lesson(path):
        record = session._record
        if record.commands:
            moments = Moments(record, record.commands[-1].order, EVERYTHING)
            print(json.dumps([ran.cell, *await compared(moments)]), flush=True)


async def compared(moments: Moments) -> tuple[int, list[Any]]:
    """Say how much the last moment shows, and what of it is wrong."""
    stage = moments[-1].stage
    async with broker().side_client() as side:
        truth = await held_by(side)
    return len(shown_on(stage)[0]), mistakes(stage, truth)


if __name__ == "__main__":
    asyncio.run(told(Path(sys.argv[1]).resolve()))
