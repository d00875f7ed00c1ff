"""A class on a cluster, and one whose primary Sentinel knows: the same sender and reader."""

import asyncio
import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import redis

from helpers.broker.clients import client
from helpers.broker.servers import start_server
from helpers.classroom.address import read_class_address
from helpers.classroom.outbox import Outbox
from helpers.classroom.reader import UNREACHABLE, Reader
from helpers.cluster.real import start_real_nodes
from tests.real_servers import each_server, free_port
from tests.real_servers import until as other_process

from ..waiting import until
from .kit import Board, answer, read_until, sending

pytestmark = each_server()
SERVICE = "main"


async def test_a_class_on_a_cluster(program: Path, tmp_path: Path) -> None:
    nodes, stop = await start_real_nodes(3, program)
    try:
        password = nodes[0].options["password"]
        for node in nodes:  # a cluster has one password; these nodes had one each
            async with client(node.options) as owner:
                await owner.config_set("requirepass", password)
        places = ",".join(f"127.0.0.1:{node.port}" for node in nodes[:2])
        address = read_class_address(f"redis+cluster://:{password}@{places}#tuesday")
        outbox, board = Outbox(tmp_path), Board()
        reader = Reader(address, board)
        events = [answer(str(number)) for number in range(20)]
        async with sending(address, outbox) as sender:
            for event in events:
                outbox.put(event)
            sender.wake()
            last = await read_until(reader, board, 20)
            await until(lambda: not outbox.waiting(), "the outbox to be empty")
        await reader.close()
    finally:
        stop()
    assert [*board.events.values()] == events
    assert (last.lag, last.pending) == (0, 0)


@contextlib.contextmanager
def cluster_of_one(program: Path, folder: Path, port: int) -> Iterator[None]:
    """Start one node that has all slots."""
    how = "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""
    running = subprocess.Popen(
        [program, *how, "--cluster-enabled", "yes"], stdout=subprocess.DEVNULL
    )
    try:
        with redis.Redis(port=port, decode_responses=True) as asked:
            other_process(lambda: answers(asked), "the node to answer")
            asked.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            yield
    finally:
        running.kill()
        running.wait()


async def test_a_class_on_a_cluster_that_comes_late(program: Path, tmp_path: Path) -> None:
    port = free_port()
    address = read_class_address(f"redis+cluster://127.0.0.1:{port}")
    outbox, board = Outbox(tmp_path / "outbox"), Board()
    reader = Reader(address, board)
    outbox.put(event := answer())
    async with sending(address, outbox) as sender:
        await until(lambda: sender.failures > 1, "two tries without a cluster")
        assert (await anext(reader.rounds())).trouble == UNREACHABLE
        with cluster_of_one(program, tmp_path, port):
            await read_until(reader, board, 1)
    await reader.close()
    assert [*board.events.values()] == [event]


@contextlib.contextmanager
def sentinel(program: Path, folder: Path, primary: int) -> Iterator[redis.Redis]:
    """Start one sentinel that watches a primary."""
    port = free_port()
    file = folder / "sentinel.conf"
    settings = ("down-after-milliseconds", "500"), ("failover-timeout", "2000")
    file.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor {SERVICE} 127.0.0.1 {primary} 1\n"
        + "".join(f"sentinel {name} {SERVICE} {value}\n" for name, value in settings)
    )
    running = subprocess.Popen([program, file, "--sentinel"], stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port, decode_responses=True) as asked:
            other_process(lambda: answers(asked), "the sentinel to answer")
            yield asked
    finally:
        running.kill()
        running.wait()


def answers(asked: redis.Redis) -> bool:
    try:
        return bool(asked.ping())
    except redis.ConnectionError:
        return False


async def test_a_class_that_sentinel_moves_to_the_replica(program: Path, tmp_path: Path) -> None:
    first = start_server(program, password="")
    second = start_server(program, password="", replicaof=f"127.0.0.1 {first.port}")
    board = Board()
    events = [answer(str(number)) for number in range(20)]
    try:
        with sentinel(program, tmp_path, first.port) as watch:
            address = read_class_address(
                f"redis+sentinel://127.0.0.1:{watch.connection_pool.connection_kwargs['port']}"
                f"/{SERVICE}"
            )
            other_process(
                lambda: watch.sentinel_master(SERVICE)["num-slaves"] == 1, "the replica", 30.0
            )
            outbox, reader = Outbox(tmp_path / "outbox"), Reader(address, board)
            async with sending(address, outbox) as sender:
                for event in events[:10]:
                    outbox.put(event)
                sender.wake()
                await read_until(reader, board, 10)
                with redis.Redis(port=first.port) as owner:
                    await asyncio.to_thread(owner.wait, 1, 10_000)  # the replica has them too
                first.stop()
                for event in events[10:]:
                    outbox.put(event)
                sender.wake()
                await read_until(reader, board, 20)
                await until(lambda: not outbox.waiting(), "the outbox to be empty")
            await reader.close()
    finally:
        first.stop()
        second.stop()
    assert [*board.events.values()] == events
