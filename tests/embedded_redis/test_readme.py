"""What the README of embedded_redis says is true where nothing but its needs is installed."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from tests.broker.brokers import DEADLINE

from .rules import README, current

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "embedded_redis"
UV = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
TURNS = 100  # of the event loop, in which stock fakeredis does what it will do


def said() -> str:
    return README.read_text(encoding="utf-8")


def fixture_and_tests() -> list[str]:
    """Return the pieces of code that the README shows: a fixture, and two tests."""
    return re.findall(r"^```python\n(.*?)^```", said(), re.M | re.S)


def pins() -> set[str]:
    """Return the exact versions that the project depends on and this library needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {pin for pin in project["dependencies"] if pin.startswith(("redis==", "fakeredis=="))}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=120
    )


def install(python: Path, *packages: str) -> None:
    """Install from uv's cache or the network; skip with the reason when neither has them."""
    # publish/environment.sh goes on without uv where it has no package for a machine.
    uv = [UV, "pip", "install", "--python", python]
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    ran = run(*(uv if UV.exists() else pip), "--quiet", *packages, cwd=python.parent)
    if ran.returncode:
        pytest.skip(f"{', '.join(packages)} could not be installed: {ran.stderr.strip()[-300:]}")


@pytest.fixture(scope="module")
def fresh_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has redis, fakeredis and pytest, and nothing of this project."""
    folder = tmp_path_factory.mktemp("fresh")
    uv, plain = (UV, "venv", "--quiet", "--python", sys.executable), (sys.executable, "-m", "venv")
    made = run(*(uv if UV.exists() else plain), folder / "env", cwd=folder)
    assert made.returncode == 0, made.stderr
    python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install(python, *sorted(pins()), f"pytest=={pytest.__version__}")
    return python


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project of somebody's: a copy of the library, and the files of the README."""
    shutil.copytree(LIBRARY, tmp_path / "embedded_redis")
    for name, code in zip(
        ("conftest", "test_worker", "test_clock"), fixture_and_tests(), strict=True
    ):
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    yield tmp_path


def test_the_table_of_rules_is_current() -> None:
    assert said() == current(said()), "run python -m tests.embedded_redis.rules"
    assert current(said().replace("| BLMOVE wakes", "| BLMOVE sleeps")) == said()


def test_it_names_the_versions_that_are_pinned() -> None:
    assert pins() <= set(re.search(r"`pip install (.*)`", said())[1].split())


def test_every_link_leads_to_a_file_that_is_copied_along(project: Path) -> None:
    pages = [*(project / "embedded_redis").rglob("*.md")]
    links = [
        (page, address)
        for page in pages
        for address in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not address.startswith("https://")
    ]
    assert links
    copied = (project / "embedded_redis").resolve()
    for page, address in links:
        place = (page.parent / address).resolve()
        assert place.exists() and place.is_relative_to(copied), f"{page.name}: {address}"


def test_the_fixture_is_a_dozen_lines() -> None:
    assert len(fixture_and_tests()[0].splitlines()) <= 13


def test_the_fixture_works_in_a_fresh_environment(fresh_python: Path, project: Path) -> None:
    ran = run(fresh_python, "-W", "error", "-m", "pytest", "-q", cwd=project)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout


async def until_waiting(server: FakeServer, count: int) -> None:
    """Let the loop turn until so many clients of stock fakeredis wait."""
    async with asyncio.timeout(DEADLINE):
        while sum(socket._blocked for socket in server.sockets) < count:
            await asyncio.sleep(0)


async def turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_stock_fakeredis_loses_a_job_to_a_cancelled_worker() -> None:
    server = FakeServer(version=(8,))
    async with FakeAsyncRedis(server=server) as shop, FakeAsyncRedis(server=server) as ann:
        worker = asyncio.create_task(ann.blpop("jobs", timeout=0))
        await until_waiting(server, 1)
        await turns()  # a cancellation that comes sooner is swallowed
        worker.cancel()
        await asyncio.wait_for(asyncio.gather(worker, return_exceptions=True), DEADLINE)
        await shop.rpush("jobs", "job-1")
        await turns()
        assert await shop.lrange("jobs", 0, -1) == []  # real Redis keeps it


async def served_by_stock_fakeredis(names: list[str]) -> list[str]:
    """Return who was served, in sequence, when these workers waited one after the other."""
    server = FakeServer(version=(8,))
    served: list[str] = []

    async def work(name: str) -> None:
        async with FakeAsyncRedis(server=server) as worker:
            await worker.blpop("jobs", timeout=0)
            served.append(name)

    shop = FakeAsyncRedis(server=server)
    async with asyncio.timeout(DEADLINE), shop, asyncio.TaskGroup() as tasks:
        for count, name in enumerate(names, start=1):
            tasks.create_task(work(name))
            await until_waiting(server, count)
            await turns()
        for _ in names:
            await shop.rpush("jobs", "job")
            await turns()
    return served


async def test_stock_fakeredis_does_not_serve_who_waited_longest() -> None:
    names = [f"worker-{number}" for number in range(10)]
    rounds = [await served_by_stock_fakeredis(names) for _ in range(5)]
    assert all(sorted(served) == names for served in rounds)
    assert any(served != names for served in rounds)  # real Redis serves them as they came


def test_the_fresh_environment_has_nothing_else(fresh_python: Path, project: Path) -> None:
    names = ("helpers", "ipywidgets", "IPython", "anywidget")
    code = f"import importlib.util as u; print([n for n in {names} if u.find_spec(n)])"
    assert run(fresh_python, "-c", code, cwd=project).stdout.strip() == "[]"


def test_an_installed_copy_has_every_file(fresh_python: Path, tmp_path: Path) -> None:
    install(fresh_python, "hatchling==1.33.0")
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    ran = run(fresh_python, "-c", build, tmp_path, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    with zipfile.ZipFile(tmp_path / ran.stdout.split()[-1]) as wheel:
        packed = {name for name in wheel.namelist() if name.startswith("embedded_redis/")}
    ours = (path for path in LIBRARY.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert packed == {path.relative_to(ROOT).as_posix() for path in ours}
