"""A program of a shop dies as a machine does, all of it at once, and with whoever started it."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.errors import CourseError
from helpers.libraries import keeper
from helpers.libraries.process import Process
from helpers.libraries.shop import LONGEST_PATH, temporary_files
from tests.real_servers import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")

# A worker with a child in a process group of its own, as RQ has one for each job.
FAMILY = """
import os, signal
if os.fork() == 0:
    os.setpgrp()
    print("ready", flush=True)
signal.pause()
"""
STARTER = """
import asyncio, os, sys
from helpers.libraries.process import Process
async def start():
    process = await Process.start((sys.executable, "-c", sys.argv[1]), {}, "ready")
    await process.ready()
    print(process._session, flush=True)
    await asyncio.get_running_loop().create_future()
asyncio.run(start())
"""


async def started(program: str, ready: str = "ready") -> Process:
    process = await Process.start((sys.executable, "-c", program), dict(os.environ), ready)
    await process.ready()
    return process


def living(session: int) -> set[int]:
    """Return the processes of a session that are no zombies."""
    return {process for process in keeper.members(session) if state(process) != "Z"}


def state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


async def test_a_kill_ends_children_in_other_groups_too() -> None:
    process = await started(FAMILY)
    assert len(living(process._session)) == 2
    process.kill()
    await asyncio.to_thread(until, lambda: not living(process._session), "the end of both")
    await process.close()


async def test_who_is_frozen_stands_still_and_can_be_killed() -> None:
    process = await started(FAMILY)
    process.freeze()
    states = {state(each) for each in keeper.members(process._session)}
    assert states == {"T"}
    process.kill()
    await asyncio.wait_for(process.ended.wait(), 30)
    await process.close()


async def test_it_tells_how_a_program_ended_and_what_it_said() -> None:
    process = await started("print('ready'); print('the last word'); raise SystemExit(3)")
    await asyncio.wait_for(process.ended.wait(), 30)
    await process.close()
    assert (process.status, process.last_words()) == (3, "the last word")


async def test_who_ends_in_place_of_starting_is_told_in_its_own_words() -> None:
    with pytest.raises(CourseError, match=r"^A program ended in place of starting: no such shop$"):
        await started("raise SystemExit('no such shop')")


@pytest.mark.parametrize("is_frozen", [False, True], ids=["running", "frozen"])
def test_it_dies_when_its_starter_is_killed(is_frozen: bool) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, FAMILY], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout
    session = int(starter.stdout.readline())
    assert len(living(session)) == 2
    if is_frozen:
        keeper.freeze(session)
    os.kill(starter.pid, signal.SIGKILL)
    starter.communicate()
    until(lambda: not living(session), "the end of the worker")
    assert living(session) == set()


def test_a_folder_too_deep_for_sockets_takes_no_temporary_files() -> None:
    assert temporary_files(Path("/", "f" * (LONGEST_PATH - 1))) != {}
    assert temporary_files(Path("/", "f" * LONGEST_PATH)) == {}
