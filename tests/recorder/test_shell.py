"""From a shell, what passes is printed, and drawn at the end."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from helpers.broker.servers import Server
from helpers.errors import CourseError
from helpers.recorder import relay
from helpers.recorder.upstream import Upstream

SECRET = "open-sesame"


@pytest.fixture
def shell(server: Server, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a recorder as a program."""
    command = [sys.executable, "-m", "helpers.recorder", server.url]
    started = subprocess.Popen(
        [*command, "--picture", str(tmp_path / "picture.svg")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield started
    started.kill()
    started.communicate()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=lambda s: s.name)
def test_it_prints_and_draws(
    end: signal.Signals, shell: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert shell.stdout is not None
    address = shell.stdout.readline().split()[0]
    shop = redis.Redis.from_url(address, client_name="shop")
    shop.rpush("orders", "job-1")
    shop.config_set("masterauth", SECRET)
    shop.config_set("masterauth", "")
    assert shop.lpop("orders") == b"job-1"
    printed = [shell.stdout.readline() for _ in range(4)]
    shell.send_signal(end)
    rest, _ = shell.communicate(timeout=60)
    assert shell.returncode == 0, rest
    assert " ".join(printed[0].split()) == "shop RPUSH orders job-1 → 1 | orders: [job-1]"
    assert printed[3].split()[:3] == ["shop", "LPOP", "orders"]
    picture = (tmp_path / "picture.svg").read_text("utf-8")
    assert picture.startswith("<svg")
    assert "job-1" in picture
    assert SECRET not in "".join(printed) + rest + picture


def refused(*arguments: str) -> str:
    """Start a recorder that cannot work, and return the one sentence that it says."""
    command = [sys.executable, "-m", "helpers.recorder", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_a_server_elsewhere_is_refused_in_the_words_of_a_shell() -> None:
    said = refused(f"redis://:{SECRET}@192.0.2.1")
    assert "not on this machine" in said
    assert "--other-machine" in said and "other_machine" not in said
    assert SECRET not in said


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_cannot_be_is_told(server: Server, port: str) -> None:
    assert refused(server.url, "--port", port).startswith(f"Nobody can listen on port {port}")


def test_a_port_that_is_taken_is_told(server: Server) -> None:
    assert refused(server.url, "--port", str(server.port)).startswith(
        f"Port {server.port} is taken"
    )


def test_a_picture_that_cannot_be_written_is_told_before_anything_passes(
    server: Server, tmp_path: Path
) -> None:
    said = refused(server.url, "--picture", str(tmp_path / "nowhere" / "picture.svg"))
    assert said.startswith(f"The picture cannot be written to {tmp_path}")
    assert str(tmp_path) in refused(server.url, "--picture", str(tmp_path))


def test_a_recorder_that_cannot_start_leaves_no_picture_behind(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    assert refused("redis://127.0.0.1:1", "--picture", str(picture)).startswith("Nobody answers")
    assert not picture.exists()


def test_a_server_that_speaks_no_tls_is_no_answer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PATIENCE", 0.5)
    with pytest.raises(CourseError, match="Nobody answers at "):
        asyncio.run(relay.Relay(Upstream.at(f"rediss://127.0.0.1:{server.port}")).start())
