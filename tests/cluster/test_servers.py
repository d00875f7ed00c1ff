"""Real cluster nodes find each other, are each other's only company, and leave nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from helpers.broker.servers import find_server, server_version
from helpers.cluster import Cluster, real, start_cluster
from helpers.cluster.cluster import REAL
from helpers.cluster.real import start_real_nodes
from helpers.errors import CourseError
from helpers.waiting import read

from ..real_servers import is_free, until

needs_server = pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")

# A stand-in for a notebook: it starts a cluster, says where, and lives until it is told to end.
NOTEBOOK = """
import asyncio, sys
from helpers.cluster import start_cluster
cluster = asyncio.run(start_cluster(model=False))
print(*(cluster.address(node)[1] for node in cluster.nodes), flush=True)
sys.stdin.readline()
"""

# A server that starts twice, and not a third time.
TIRED = """#!/bin/sh
[ "$1" = --version ] && exec "{program}" --version
echo >> "{count}"
[ $(wc -l < "{count}") -lt 3 ] || {{ echo "too tired"; exit 1; }}
exec "{program}" "$@"
"""


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return where servers make their temporary folders in this test, in other processes too."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def servers_in(folders: Path) -> int:
    """Count the servers that are there: a keeper removes the folder once the server has gone."""
    return len(list(folders.glob("redis-course-*")))


@needs_server
async def test_two_clusters_live_side_by_side_and_leave_nothing(folders: Path) -> None:
    one, other = await asyncio.gather(start_cluster(model=False), start_cluster(2, model=False))
    assert one.kind == other.kind == REAL
    assert servers_in(folders) == 5
    assert one.describe() == f"This lesson runs on three real {server_version(find_server())} nodes"
    assert await _timeouts(one) == [str(real.TIMEOUT)] * 3
    assert await _publish_and_read(one, "one", heard_by=other) == 0
    assert await _publish_and_read(other, "other", heard_by=other) == 1000
    ports = [both.address(node)[1] for both in (one, other) for node in both.nodes]
    await one.close()
    assert servers_in(folders) == 2
    await other.close()
    assert servers_in(folders) == 0
    assert all(map(is_free, ports))


async def _timeouts(cluster: Cluster) -> list[str]:
    askers = [cluster.connect(node, "asker") for node in cluster.nodes]
    return [(await asker.config_get("cluster-node-timeout")).popitem()[1] for asker in askers]


async def _publish_and_read(cluster: Cluster, text: str, heard_by: Cluster) -> int:
    """Publish on the second node, and count what the first has got once the bus has settled."""
    ann = heard_by.connect("A", "ann").pubsub(ignore_subscribe_messages=True)
    await ann.subscribe("news")
    await read(ann)
    async with cluster.connect("B", "shop").pipeline(transaction=False) as together:
        for _ in range(1000):
            together.publish("news", text)
        assert await together.execute() == [0] * 1000
    await cluster.settled()
    return len(await read(ann))


@needs_server
@pytest.mark.parametrize("begun", [1, 2, 3])
def test_a_notebook_killed_during_the_start_leaves_nothing(folders: Path, begun: int) -> None:
    notebook = _start_notebook()
    until(lambda: servers_in(folders) >= begun, f"{begun} servers to begin")
    notebook.kill()
    notebook.communicate()
    until(lambda: servers_in(folders) == 0, "the servers to go")


@needs_server
def test_a_killed_notebook_leaves_no_node(folders: Path) -> None:
    notebook = _start_notebook()
    ports = [int(port) for port in notebook.stdout.readline().split()]
    assert len(ports) == 3
    assert not any(map(is_free, ports))
    notebook.send_signal(signal.SIGKILL)
    notebook.communicate()
    until(lambda: servers_in(folders) == 0, "the servers to go")
    assert all(map(is_free, ports))


def _start_notebook() -> subprocess.Popen[str]:
    command = [sys.executable, "-c", NOTEBOOK]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **pipes)


@needs_server
async def test_a_node_that_does_not_start_is_said_in_one_sentence(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tired = folders / "tired-server"
    tired.write_text(TIRED.format(program=find_server(), count=folders / "count"))
    tired.chmod(0o755)
    monkeypatch.setenv("COURSE_SERVER", str(tired))
    with pytest.raises(CourseError) as caught:
        await start_cluster(model=False)
    assert str(caught.value) == "tired-server did not start: too tired"
    assert caught.value.__context__ is None
    assert servers_in(folders) == 0


@needs_server
async def test_nodes_that_do_not_meet_are_said_in_one_sentence(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real, "JOIN_LIMIT", 0.05)
    with pytest.raises(CourseError) as caught:
        await start_cluster(model=False)
    assert str(caught.value) == (
        "The 3 cluster nodes did not find each other within 0.05 seconds: "
        "run the cell again, or use start_cluster(model=True)."
    )
    assert caught.value.__context__ is None
    assert servers_in(folders) == 0


@needs_server
async def test_an_interrupted_start_leaves_nothing(folders: Path) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await start_real_nodes(3, find_server())
    assert servers_in(folders) == 0
