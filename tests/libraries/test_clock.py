"""The clock turns for the server and every program at once, and leaves nothing behind."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis

from helpers.broker.servers import start_server
from helpers.libraries.clock import Clock
from helpers.libraries.needs import clock, missing
from tests.real_servers import each_server, until

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
HOUR = 3600
ASK = "import time; print(time.time())"
SHARED = Path("/dev/shm")


def left_behind(turned: Clock) -> list[str]:
    words = turned.environment["FAKETIME_SHARED"].replace("/", "").split()
    return [path.name for path in SHARED.iterdir() if path.name.removeprefix("sem.") in words]


def told(program: str, turned: Clock) -> str:
    """Return what a program says that goes by this clock."""
    command = [sys.executable, "-c", program]
    return subprocess.check_output(command, env=turned.environment, text=True, timeout=60)


@each_server()
def test_the_server_goes_by_it(program: Path, tmp_path: Path) -> None:
    with Clock(tmp_path, clock()) as turned:
        server = start_server(program, environment=turned.environment)
        with Redis(**server.options, decode_responses=True) as client:
            client.set("lease", "mine", ex=HOUR)
            client.xadd("jobs", {"order": "1"})
            client.xgroup_create("jobs", "shop", id="0")
            client.xreadgroup("shop", "worker-1", {"jobs": ">"})
            turned.turn_to(HOUR + 1)
            until(lambda: client.get("lease") is None, "the end of a key that lives an hour")
            assert client.time()[0] - time.time() > HOUR - 60
            assert (
                client.xpending_range("jobs", "shop", "-", "+", 1)[0]["time_since_delivered"]
                >= 1000 * HOUR
            )
        server.stop()


def test_a_program_goes_by_it_and_its_waits_take_real_seconds(tmp_path: Path) -> None:
    with Clock(tmp_path, clock()) as turned:
        turned.turn_to(HOUR)
        said = told(ASK, turned)
        waits = "import time; a = time.monotonic(); time.sleep(0.1); print(time.monotonic() - a)"
        waited = told(waits, turned)
    assert HOUR - 60 < float(said) - time.time() < HOUR + 60
    assert 0.1 <= float(waited) < 60


def test_the_memory_that_it_shares_goes_with_it(tmp_path: Path) -> None:
    with Clock(tmp_path, clock()) as turned:
        assert left_behind(turned)
        command = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
        subprocess.run(command, env=turned.environment, check=False)
    assert left_behind(turned) == []


def test_who_reads_the_clock_never_finds_half_a_time(tmp_path: Path) -> None:
    turned = Clock(tmp_path, Path("libfaketime.so.1"))
    turned.turn_to(HOUR)
    assert (tmp_path / "clock").read_text() == "+3600\n"
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]
