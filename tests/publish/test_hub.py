"""What keeps a hub from working is said in one sentence, before anything has started."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from publish.hub import faults

FITS = "eight-or-more"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "class"))
    return tmp_path / "class"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture
def free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as other:
        return f"--port={other.getsockname()[1]}"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"COURSE_PASSWORD": "", "COURSE_CLASS": "", "COURSE_BROKER": ""},
        {"COURSE_PASSWORD": FITS, "COURSE_CLASS": "redis://h:1#tuesday", "COURSE_BROKER": "server"},
        {"COURSE_BROKER": "redis://127.0.0.1:6379"},
    ],
)
def test_settings_that_fit_are_let_through(settings: dict[str, str], free: str) -> None:
    assert [*faults([free], settings)] == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"COURSE_PASSWORD": "seven-7"}, "COURSE_PASSWORD has 7 of the 8 characters"),
        ({"COURSE_PASSWORD": "비밀번호비밀번호"}, "COURSE_PASSWORD may have ASCII characters only"),
        ({"COURSE_CLASS": "host:6379"}, "COURSE_CLASS is not a valid address"),
        ({"COURSE_BROKER": "sever"}, "COURSE_BROKER is neither embedded, nor server"),
    ],
)
def test_a_setting_that_does_not_is_told(settings: dict[str, str], said: str, free: str) -> None:
    [sentence] = faults([free], settings)
    assert sentence.startswith(said)
    assert not any(secret in sentence for secret in settings.values())


def test_a_folder_that_cannot_be_made_is_told(folder: Path, free: str) -> None:
    folder.write_text("a file where a folder should be")
    [sentence] = faults([free], {})
    assert sentence.startswith(f"The class's folder, {folder}, cannot be made (File exists)")


def test_a_port_that_somebody_has_is_told(taken: int) -> None:
    [sentence] = faults(["--port", str(taken)], {})
    assert sentence.startswith(f"Port {taken} is taken: name another one")


@pytest.mark.parametrize("port", [-1, 0, 65_536])
def test_a_number_that_is_no_port_is_told(port: int) -> None:
    assert [*faults([f"--port={port}"], {})] == [f"{port} is not a port: name one from 1 to 65535."]


def test_an_address_of_no_machine_here_is_told(free: str) -> None:
    [sentence] = faults([free, "--ip=192.0.2.1"], {})
    assert sentence.startswith("The hub cannot listen on port ")


def test_from_a_shell_it_is_one_line_and_nothing_has_started(folder: Path, free: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "publish.hub", free],
        env=os.environ | {"COURSE_PASSWORD": "short"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stdout == "" and ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("COURSE_PASSWORD has 5 of the 8")
    assert not folder.exists()
