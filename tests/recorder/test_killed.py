"""Who records is killed while clients are at work: nothing that the course started is left."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers.broker.servers import Server
from tests.kernel.live_kernel import live_kernel
from tests.real_servers import found_servers, is_free, until
from tools.killed import left_in

from .tap import port_of

pytestmark = pytest.mark.skipif(not found_servers(), reason="no real server is here")

RECORDS = """
from helpers.broker.servers import start_server
from helpers.recorder import record
server = start_server(password="")
recorder = await record(server.url)
print(server.port, recorder.url.split(":")[-1], recorder.url_for("ann").split(":")[-1])
"""
CLIENT = """
import sys, redis
from redis.backoff import NoBackoff
from redis.retry import Retry
once = Retry(NoBackoff(), 0)
shop, ann = (redis.Redis(port=int(port), retry=once) for port in sys.argv[1:])
shop.rpush("orders", "order-1")
print(ann.blpop(["orders"])[1].decode(), flush=True)
try:
    ann.blpop(["orders"])
except redis.ConnectionError:
    print("broken off")
"""


@contextmanager
def client(*ports: int) -> Iterator[subprocess.Popen[str]]:
    """Start a program of somebody's own: it pushes, takes, and waits for more."""
    command = [sys.executable, "-c", CLIENT, *map(str, ports)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        assert started.stdout.readline() == "order-1\n"
        yield started
    finally:
        started.kill()
        started.wait()


def test_nothing_outlives_a_notebook_that_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as only_here:
        only_here.setenv("TMPDIR", str(tmp_path))  # by it what the notebook started is known
        with live_kernel() as notebook:
            only_here.undo()
            shown = notebook.run(RECORDS)
            server, *doors = map(int, shown.text.split())
            with client(*doors) as working:
                assert working.poll() is None
                assert left_in(str(tmp_path))
                os.kill(notebook.manager.provisioner.pid, signal.SIGKILL)
                until(lambda: all(map(is_free, [server, *doors])), "server and recorder to end")
                until(lambda: not left_in(str(tmp_path)), "processes and folders to go")
                assert working.communicate(timeout=60) == ("broken off\n", None)


def test_a_recorder_of_a_shell_leaves_the_server_as_it_is(server: Server) -> None:
    command = [sys.executable, "-m", "helpers.recorder", server.url]
    recorder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert recorder.stdout is not None
        port = port_of(recorder.stdout.readline().split()[0])
        with client(port, port) as working:
            recorder.kill()
            recorder.wait()
            assert is_free(port)
            assert working.communicate(timeout=60) == ("broken off\n", None)
    finally:
        recorder.kill()
        recorder.wait()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as direct:
        direct.sendall(b"PING\r\n")
        assert direct.recv(10) == b"+PONG\r\n"
