"""A lesson prints the same for those who read slowly: nothing depends on the reader's pace."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from nbformat import writes
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.kernel.quick_run import run_lesson
from tests.mutants import trial
from tests.mutants.processes import PROCESSES
from tests.mutants.trial import Caught
from tests.real_servers import found_servers
from tools.slow_server import pauses_before, read_slowly

LESSONS = sorted(Path(__file__).parents[2].glob("notebooks/*.ipynb"))
A_DAY = 86_400  # seconds, before each cell: whatever can run out does
PACES = {"20 seconds": 20, "61 seconds": 61, "a day": A_DAY}
PATIENCE = 90.0  # seconds for a cell: on busy cores one of lesson 9 took more than fifteen
LOOKS_AT_TIME = ("05", "06", "10")  # they compare ids and ages with the clock: at every pace


class Clock:
    """A clock that can be moved on; it stands in the place of `time.time`."""

    def __init__(self, real: Callable[[], float]) -> None:
        self.real = real
        self.moved = 0.0

    def __call__(self) -> float:
        return self.real() + self.moved


def differing(lesson: Path, seconds: float) -> list[Caught]:
    """List the cells that differ when the clock is moved on before each of them."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_run, args=(theirs, lesson, seconds))
    process.start()
    theirs.close()
    with closing(trial._heard(ours, lesson.stem, PATIENCE)) as heard:
        found = [*heard]
    process.kill()
    process.join()
    ours.close()
    return found


def _run(theirs: Connection, lesson: Path, seconds: float) -> None:
    os.environ["COURSE_BROKER"] = "embedded"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # it may complain of tasks left over
    asyncio.run(_report(theirs, lesson, seconds))


async def _report(theirs: Connection, lesson: Path, seconds: float) -> None:
    # The embedded broker and fakeredis ask `time.time` for the time; waits have another clock.
    time.time = clock = Clock(time.time)
    clock.moved = seconds
    async for ran in run_lesson(lesson):
        clock.moved += seconds
        theirs.send(ran)
    theirs.send(None)


def reads() -> Iterator[Any]:
    """Yield each lesson with the paces at which it is read."""
    for lesson in LESSONS:
        for name, seconds in PACES.items():
            if seconds == A_DAY or lesson.name.startswith(LOOKS_AT_TIME):
                yield pytest.param(lesson, seconds, id=f"{lesson.stem}, {name}")


@pytest.mark.long
@pytest.mark.parametrize(("lesson", "seconds"), [*reads()])
def test_a_lesson_does_not_depend_on_the_readers_pace(lesson: Path, seconds: float) -> None:
    assert differing(lesson, seconds) == []


def test_a_cell_that_depends_on_it_is_found(tmp_path: Path) -> None:
    # Bob takes an entry in one cell, and the next claims what has been idle for half a minute.
    lesson = tmp_path / "01_slow.ipynb"
    lesson.write_text(_lesson_that_claims(min_idle=30_000))
    assert differing(lesson, 20) == []
    assert [found.cell for found in differing(lesson, 61)] == ["claims"]


@pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")
def test_a_cell_that_depends_on_it_is_found_on_a_real_server(tmp_path: Path) -> None:
    lesson = tmp_path / "01_slow.ipynb"
    lesson.write_text(_lesson_that_claims(min_idle=200))
    program = str(next(iter(found_servers().values())))
    with ProcessPoolExecutor(1, PROCESSES, max_tasks_per_child=1) as reader:
        reading = reader.submit(read_slowly, lesson, program, pause=0.25).result()
    assert (reading.cells, reading.pauses) == (2, 1)
    assert [ran.cell for ran in reading.faults] == ["claims"]


def test_a_reader_pauses_where_time_can_matter() -> None:
    cells = ["connect()", "x = 1", "await bob.xautoclaim(...)", "await ann.get('k')", "flow()"]
    assert pauses_before(cells) == {2, 4}
    assert pauses_before(["block = 1"]) == set()


def _lesson_that_claims(min_idle: int) -> str:
    takes = """from helpers import connect
bob = connect("bob")
await bob.xadd("orders", {"order": "order-1"}, id="1-0")
await bob.xgroup_create("orders", "packing", id="0")
taken = await bob.xreadgroup("packing", "bob", {"orders": ">"})"""
    claims = f'len((await bob.xautoclaim("orders", "packing", "ann", {min_idle}))[1])'
    nothing = new_output("execute_result", data={"text/plain": "0"}, execution_count=2)
    cells = [
        new_code_cell(takes, id="takes", execution_count=1),
        new_code_cell(claims, id="claims", outputs=[nothing], execution_count=2),
    ]
    return writes(new_notebook(cells=cells))
