"""From a shell, what passes is printed, and drawn at the end."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from helpers.broker.servers import Server

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


def test_a_wrong_address_is_one_sentence() -> None:
    command = [sys.executable, "-m", "helpers.recorder", f"redis://:{SECRET}@192.0.2.1"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "not on this machine" in ended.stderr
    assert SECRET not in ended.stderr
