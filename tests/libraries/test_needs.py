"""What is missing is told in one sentence, with what to do about it."""

import platform
from pathlib import Path

import pytest

from helpers.broker.servers import NoServer
from helpers.errors import CourseError
from helpers.libraries import installed, needed, needs, shop


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")


@pytest.fixture
def environment(linux: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(needs, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(needs, "find_spec", lambda name: None)
    return tmp_path


def program_of(folder: Path, script: str) -> Path:
    program = folder / "redis-server"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def fill(environment: Path) -> None:
    for path in ("bin/celery", needs.CLOCK.replace("*", "3.11")):
        (environment / path).parent.mkdir(parents=True)
        (environment / path).touch()


async def test_another_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(CourseError, match="run on Linux x86_64 only"):
        async with shop("celery"):
            pass


async def test_what_is_not_installed_is_told(environment: Path) -> None:
    assert not installed()
    with pytest.raises(CourseError, match="not installed: run make libraries"):
        async with shop("celery"):
            pass


def test_a_missing_server_is_told(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise NoServer("No redis-server was found: install one.")

    fill(environment)
    monkeypatch.setattr(needs, "find_server", none)
    with pytest.raises(CourseError, match=r"^No redis-server was found: install one\.$"):
        needed()


def test_nothing_is_missing_where_all_is_there(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(environment)
    monkeypatch.setattr(needs, "find_server", lambda: Path("redis-server"))
    monkeypatch.setattr(needs, "goes_by", lambda clock, server: True)
    assert installed()
    assert needs.program("rq") == environment / "bin/rq"
    assert needs.clock() == environment / needs.CLOCK.replace("*", "3.11")


def test_a_server_that_cannot_go_by_the_clock_is_told(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's Redis 7.0.15 complains by this line, and hangs."""
    fill(environment)
    sick = program_of(
        environment,
        'test "$LD_PRELOAD" || exec echo Redis server v=7.0.15; echo libfaketime: no; cat',
    )
    monkeypatch.setattr(needs, "find_server", lambda: sick)
    with pytest.raises(CourseError, match=r"^Redis 7\.0\.15 does not start with the clock .*\.$"):
        needed()


async def test_an_unknown_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "missing", lambda: "")
    with pytest.raises(CourseError, match="no shop of 'huey' with 'default' settings"):
        async with shop("huey"):
            pass
