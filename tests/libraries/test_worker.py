"""A worker that exits by itself is started again; one that was killed stays dead."""

import asyncio
import os
import sys
from collections.abc import Callable

import pytest

from helpers.errors import CourseError
from helpers.libraries.packing import Packing
from helpers.libraries.process import Process
from helpers.libraries.worker import MOST_EXITS, Worker
from tests.real_servers import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
STAYS = "import signal; print('ready', flush=True); signal.pause()"
EXITS = "print('ready', flush=True); raise SystemExit('I give up')"


def worker(packing: Packing, *programs: str) -> Worker:
    """Return a worker that runs these programs, one after the other, and the last one for ever."""
    left = [*programs]

    async def start() -> Process:
        program = left.pop(0) if len(left) > 1 else left[0]
        return await Process.start((sys.executable, "-c", program), dict(os.environ), "ready")

    return Worker("worker-1", "", packing, start)


async def has_come(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(until, condition, what)


async def test_one_that_exits_is_started_again(packing: Packing) -> None:
    one = worker(packing, EXITS, STAYS)
    await has_come(lambda: one.exits == 1, "the exit")
    await one.up()
    assert (one.exits, one.is_killed) == (1, False)
    await one.close()


async def test_one_that_is_killed_is_not(packing: Packing) -> None:
    one = worker(packing, STAYS)
    await one.up()
    one.kill()
    await one.up()  # there is nothing to wait for
    await one.close()
    assert (one.exits, one.is_killed) == (0, True)


async def test_one_that_exits_again_and_again_is_told(packing: Packing) -> None:
    one = worker(packing, EXITS)
    await has_come(lambda: one.exits > MOST_EXITS, "the last exit")
    with pytest.raises(CourseError, match=r"^worker-1 exits again and again: I give up$"):
        await asyncio.gather(one._life)
    await one.close()
