"""The hub of one machine: what its settings let in, keep out and hand on; and one learner on it."""

import asyncio
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest
from traitlets.config import Config, PyFileConfigLoader

ROOT = Path(__file__).parents[2]
HUB_PYTHON = ROOT / ".venv-hub/bin/python"

if sys.platform == "win32":
    pytest.skip("JupyterHub does not run on Windows", allow_module_level=True)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("COURSE_CLASS", "COURSE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "class"))
    return monkeypatch


def settings() -> Config:
    return PyFileConfigLoader("jupyterhub_config.py", path=str(ROOT / "classroom")).load_config()


def spawner(home: Path) -> Any:
    log = SimpleNamespace(info=lambda *_: None)
    user = SimpleNamespace(name="ann", id=7)
    return SimpleNamespace(home_dir=str(home), log=log, user=user, pending="spawn")


def test_the_hub_is_on_loopback_until_somebody_says_otherwise(room: pytest.MonkeyPatch) -> None:
    assert settings().JupyterHub.ip == "127.0.0.1"


def test_a_password_that_nobody_chose_is_made_up_and_printed(
    room: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (settings().SharedPasswordAuthenticator.user_password for _ in range(2))
    assert len(first) >= 8 and first != second
    assert first in capsys.readouterr().err


def test_a_password_that_was_made_up_is_told_again_when_the_hub_is_ready(
    room: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = settings().SharedPasswordAuthenticator.user_password
    log = logging.getLogger("JupyterHub")
    capsys.readouterr()
    log.warning("Running JupyterHub without SSL.")
    assert made not in capsys.readouterr().err
    log.warning("JupyterHub is now running at %s", "http://127.0.0.1:8000")
    assert made in capsys.readouterr().err


def test_a_password_that_was_made_up_is_kept_for_the_owner(
    room: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "class/password"
    made = settings().SharedPasswordAuthenticator.user_password
    assert kept.read_text() == f"{made}\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    room.setenv("COURSE_PASSWORD", "correct-horse")
    settings()
    assert not kept.exists()


@pytest.mark.skipif(
    not HUB_PYTHON.exists() or not shutil.which("node") or sys.platform != "linux",
    reason="make hub has not been used here, or this is not Linux",
)
def test_the_hub_s_last_word_before_anybody_comes_is_the_password(
    room: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    hub = subprocess.Popen(
        [str(HUB_PYTHON), "-m", "publish.hub", f"--port={port}"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert hub.stderr
    said = [*takewhile(lambda line: "is now running at" not in line, hub.stderr)]
    with urlopen(f"http://127.0.0.1:{port}/hub/health"):  # from now on it ends when it is asked to
        kept = (tmp_path / "class/password").read_text().strip()
    hub.terminate()
    said += hub.communicate(timeout=60)[1].splitlines()
    assert len([line for line in said if kept in line]) == 2
    assert not (tmp_path / "class/password").exists()


def test_a_password_that_was_chosen_is_not_shown(
    room: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room.setenv("COURSE_PASSWORD", "correct-horse")
    loaded = settings()
    assert loaded.SharedPasswordAuthenticator.user_password == "correct-horse"
    assert "correct-horse" not in capsys.readouterr().err
    assert "COURSE_PASSWORD" not in loaded.Spawner.env_keep


@pytest.mark.parametrize("name", ["ann", "ann.b", "Ann_3", "민수", "a" * 32])
def test_a_name_that_can_be_a_folder_is_let_in(room: pytest.MonkeyPatch, name: str) -> None:
    assert re.fullmatch(settings().Authenticator.username_pattern, name)


@pytest.mark.parametrize("name", ["", "..", ".ann", "a/b", "../ann", "ann b", "{0}", "a" * 33])
def test_a_name_that_leads_elsewhere_is_not(room: pytest.MonkeyPatch, name: str) -> None:
    assert not re.fullmatch(settings().Authenticator.username_pattern, name)


def test_only_the_owner_can_look_into_the_class(room: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir(mode=0o755)
    settings()
    assert (tmp_path / "class").stat().st_mode & 0o777 == 0o700


async def test_a_home_is_filled_once_and_then_left_alone(
    room: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepare, lesson = settings().Spawner.pre_spawn_hook, tmp_path / "ann/my_notebooks/notes.md"
    await prepare(spawner(tmp_path / "ann"))
    assert len([*lesson.parent.glob("*.ipynb")]) == len([*(ROOT / "notebooks").glob("*.ipynb")])
    lesson.write_text("mine")
    await prepare(spawner(tmp_path / "ann"))
    assert lesson.read_text() == "mine"


async def test_a_home_that_cannot_be_filled_is_told_of_on_the_page(
    room: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann/my_notebooks").write_text("a file where a folder should be")
    with pytest.raises(OSError) as raised:
        await settings().Spawner.pre_spawn_hook(spawner(tmp_path / "ann"))
    message = raised.value.jupyterhub_message  # type: ignore[attr-defined]
    assert message == "Your home cannot be filled: File exists. Tell your instructor."


async def test_a_learner_s_port_is_one_that_nobody_else_is_given(
    room: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    learner, prepare = spawner(tmp_path / "ann"), settings().Spawner.pre_spawn_hook
    with socket.socket() as other:
        other.bind(("127.0.0.1", 10_007))
        other.listen()
        await prepare(learner)
    assert learner.port == 11_007


def test_the_ports_inside_are_not_those_of_another_hub(room: pytest.MonkeyPatch) -> None:
    first = settings()
    with socket.create_server(("127.0.0.1", first.JupyterHub.hub_port)):
        second = settings()
    proxy = int(first.ConfigurableHTTPProxy.api_url.rpartition(":")[2])
    assert len({first.JupyterHub.hub_port, second.JupyterHub.hub_port, proxy}) == 3


async def test_a_server_starts_when_one_before_it_is_ready(
    room: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room.setattr(os, "cpu_count", lambda: 1)
    prepare = settings().Spawner.pre_spawn_hook
    first, second, third = (spawner(tmp_path / name) for name in ("ann", "bob", "carol"))
    await prepare(first)
    await prepare(second)
    waiting = asyncio.create_task(prepare(third))
    await asyncio.wait([waiting], timeout=0.5)
    assert not waiting.done() and not (tmp_path / "carol").exists()
    second.pending = None
    await asyncio.wait_for(waiting, timeout=30)
    assert (tmp_path / "carol/my_notebooks").is_dir()


@pytest.mark.parametrize(("address", "expected"), [(None, ""), ("redis://127.0.0.1", "ann")])
def test_a_nickname_is_handed_on_only_to_a_class(
    room: pytest.MonkeyPatch, tmp_path: Path, address: str | None, expected: str
) -> None:
    if address:
        room.setenv("COURSE_CLASS", address)
    environment = settings().Spawner.environment
    assert environment["COURSE_NICKNAME"](spawner(tmp_path)) == expected


def test_a_kernel_s_socket_has_a_name_that_every_system_takes(
    room: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = settings().Spawner.environment["JUPYTER_RUNTIME_DIR"](spawner(tmp_path))
    assert len(f"{folder}/kernel-{'0' * 36}-ipc-5") < 104  # what macOS allows; Linux: 108


@pytest.mark.skipif(
    not HUB_PYTHON.exists() or not shutil.which("node") or sys.platform != "linux",
    reason="make hub has not been used here, or this is not Linux",
)
def test_a_learner_works_on_the_hub_and_nothing_is_left() -> None:
    asked = [str(HUB_PYTHON), "-m", "tools.hub_load", "--learners", "1", "--times", "1"]
    # Its class is not told of learners that nobody is.
    environment = os.environ | {"LANG": "C.UTF-8", "COURSE_CLASS": "redis://127.0.0.1:1"}
    done = subprocess.run(
        asked, cwd=ROOT, capture_output=True, text=True, timeout=300, env=environment
    )
    assert "1 of 1 runs without a failure" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
