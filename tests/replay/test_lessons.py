"""After every cell of every lesson the last moment shows what the lesson's broker holds."""

from pathlib import Path

import pytest

from tests.mutants.processes import PROCESSES

from .lesson_walk import WALKED, Walked, walk

SECONDS = 900  # on a busy machine; lessons 8 and 9 explore and measure


def walked(lesson: Path) -> list[Walked]:
    """Walk through a lesson in a process of its own, which ends with this call."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=walk, args=(lesson, theirs))
    process.start()
    theirs.close()
    try:
        assert ours.poll(SECONDS), f"not done after {SECONDS} seconds"
        return ours.recv()
    finally:
        process.kill()
        process.join()
        ours.close()


@pytest.mark.long
@pytest.mark.parametrize("lesson", WALKED, ids=lambda path: path.stem)
def test_the_last_moment_is_what_the_broker_holds(lesson: Path) -> None:
    cells = walked(lesson)
    assert [(each.cell, each.fault) for each in cells if each.fault] == []
    assert [(each.cell, each.wrong) for each in cells if each.wrong] == []
    assert sum(each.compared for each in cells) > 20, "next to nothing was compared"
