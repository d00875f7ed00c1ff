"""The test on the page passes as it stands there."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import redis.asyncio

ROOT = Path(__file__).parents[2]


PAGE = (ROOT / "docs" / "explore.md").read_text(encoding="utf-8")
SOURCE, OF_A_SERVICE = re.findall(r"```python\n(.*?)```", PAGE, re.S)
[COMMAND] = re.findall(r"^python (-m pytest .*)$", PAGE, re.M)


def run_in(folder: Path, source: str) -> str:
    """Run a test as the page says, and return what pytest shows."""
    (folder / "test_orders.py").write_text(source, encoding="utf-8")
    command = [sys.executable, *COMMAND.split(), "-q", "-s"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_page_s_own_test_passes(tmp_path: Path) -> None:
    shown = run_in(tmp_path, SOURCE)
    assert "1 passed" in shown, shown
    assert "dies before it handles job-1" in shown


def test_what_goes_wrong_is_shown_in_full(tmp_path: Path) -> None:
    [advised] = re.findall(r"write `(assert verdict\.ok, .*?)`", PAGE)
    shown = run_in(tmp_path, re.sub(r"assert verdict\.lost, .*", advised, SOURCE))
    assert "1 failed" in shown, shown
    said = shown.partition("AssertionError: ")[2].partition("assert False")[0]
    assert "..." not in said
    assert "dies before it handles job-1" in said


SERVICE = """
import json
from redis.asyncio import Redis

client = Redis(host="localhost", port=1)


async def charge(order):
    raise RuntimeError("the test calls the bank")


async def run(name):
    mine = f"taken:{name}"
    while await client.lmove(mine, "orders", "RIGHT", "LEFT"):
        pass
    while raw := await client.lmove("orders", mine):
        ACKNOWLEDGE_FIRST
        await charge(json.loads(raw))
        await client.lrem(mine, 1, raw)
"""


@pytest.mark.parametrize(("first", "shown"), [("", "1 passed"), ("lrem", "lose a job: ")])
def test_a_service_is_explored_as_it_is(tmp_path: Path, first: str, shown: str) -> None:
    early = "await client.lrem(mine, 1, raw)" if first else "pass"
    service = SERVICE.replace("ACKNOWLEDGE_FIRST", early)
    (tmp_path / "shop_worker.py").write_text(service, encoding="utf-8")
    assert shown in run_in(tmp_path, OF_A_SERVICE)


def test_what_redis_py_sends_again_is_seen_with_its_retries() -> None:
    retries = redis.asyncio.Redis().get_retry()
    assert retries and retries.get_retries() == 10
    assert "up to ten times" in PAGE


def test_the_versions_are_those_that_are_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = dict(pin.split("==") for pin in project["dependencies"])
    assert f"redis-py {pins['redis']} and fakeredis {pins['fakeredis']}" in PAGE
