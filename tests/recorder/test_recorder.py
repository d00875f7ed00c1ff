"""A recorder changes nothing of what passes, and notes it as a notebook notes its own clients."""

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from helpers.broker.servers import Server
from helpers.errors import CourseError
from helpers.kept import Kept
from helpers.recorder import Recorder, record
from tests.cli_transcripts.redis_cli import record as play
from tests.cli_transcripts.redis_cli import redis_cli_version
from tests.cli_transcripts.transcript import RECORDED_ON, read_steps, transcripts
from tests.real_servers import found_servers, until

from .tap import port_of, tap

SECRET = "open-sesame"


def client(recorder: Recorder, name: str | None = None, **options: object) -> Redis:
    """Return a client that tries once, through the recorder."""
    settings = {"decode_responses": True, "retry": Retry(NoBackoff(), 0)} | options
    return Redis.from_url(recorder.url, client_name=name, **settings)


async def has_come(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(until, condition, what)


def text(recorder: Recorder) -> str:
    return repr(recorder.flow())


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in transcripts()])
def test_redis_cli_does_not_notice_it(path: Path, server: Server, recorder: Recorder) -> None:
    is_theirs = server.version.startswith(RECORDED_ON)
    if not is_theirs or f"Redis {redis_cli_version()}" != server.version:
        pytest.skip(f"the transcripts were recorded on {RECORDED_ON}, with the redis-cli of it")
    recorded = path.read_text("utf-8")
    port = port_of(recorder.url)
    played = "".join(map(str, play(read_steps(recorded), port, compare=True)))
    assert played == recorded
    assert recorder.clients


END = b"ECHO end\r\n"
NO_TEXT = b"*1\r\n:12\r\nPING\r\n"  # a number where a text should be


async def raw(port: int, data: bytes, size: int) -> bytes:
    """Send bytes in pieces, and return what comes back until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        async with asyncio.timeout(10):
            for at in range(0, len(data), size):
                writer.write(data[at : at + size])
                await writer.drain()
            while not answer.endswith(b"end\r\n") and (more := await reader.read(1 << 16)):
                answer += more
    except ConnectionResetError:
        answer += b"(reset)"
    finally:
        writer.transport.abort()
    return answer.removesuffix(b"(reset)")


@pytest.mark.parametrize(
    "data",
    [
        b"FLUSHALL\r\nSET a 1\r\nGET a\r\n" + END,
        b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\n\xff\r\n\x00\x01\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
        + END,
        b"*1\r\n$4\r\nPING\r\n" + END + b"*1\r\n$4\r\nPI",
        b"*9999999999\r\n",
        NO_TEXT,
        b"HELLO 3\r\nCLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY ON\r\nPING\r\n" + END,
        b"SUBSCRIBE news\r\nPING\r\nUNSUBSCRIBE\r\nRESET\r\nPING\r\n" + END,
        b"MULTI\r\nSET a 1\r\nNOSUCH\r\nEXEC\r\nDISCARD\r\n" + END,
        b"*3\r\n$5\r\nRPUSH\r\n$1\r\nq\r\n$300000\r\n" + b"x" * 300_000 + b"\r\n"
        b"LRANGE q 0 -1\r\nDEL q\r\n" + END,
    ],
)
@pytest.mark.parametrize("size", [3, 1 << 20])
async def test_bytes_come_back_as_without_it(
    data: bytes, size: int, server: Server, recorder: Recorder
) -> None:
    if data == NO_TEXT and size < len(data) and server.version.startswith("Redis 8.6"):
        pytest.skip("Redis 8.6 says nothing to this, at times, when it comes in pieces")
    ids = [b"id\r\n:"]  # HELLO tells the number of the connection, which differs
    answers = []
    for port in (server.port, port_of(recorder.url)):
        answer = await raw(port, data, max(size, len(data) // 500))
        answers.append([part.partition(b"\r\n")[2] for part in answer.split(ids[0])])
    assert answers[0] == answers[1]


async def test_a_fault_of_its_own_breaks_nothing(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(words: object) -> None:
        raise TypeError(words)

    monkeypatch.setattr("helpers.recorder.conversation.without_secrets", fail)
    said = f"ECHO {SECRET}\r\n".encode() + END
    assert (await raw(port_of(recorder.url), said, 1 << 20)).endswith(b"end\r\n")
    assert "which has a fault: TypeError in fail, line" in caplog.text
    assert SECRET not in caplog.text


async def test_a_server_that_hangs_up_is_heard(server: Server, recorder: Recorder) -> None:
    for port in (server.port, port_of(recorder.url)):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as web:
            web.sendall(b"POST / HTTP/1.1\r\n")  # a server takes this for an attack
            with suppress(ConnectionResetError):
                assert web.recv(100) == b""


@pytest.mark.parametrize("protocol", [2, 3])
async def test_commands_and_what_they_delivered_are_noted(
    protocol: int, recorder: Recorder
) -> None:
    shop, ann = (client(recorder, name, protocol=protocol) for name in ("shop", "ann"))
    waiting = asyncio.create_task(ann.blpop(["orders"], 5))
    await has_come(lambda: "ann" in recorder.clients, "ann to wait")
    await shop.rpush("orders", "job-1")
    assert await waiting in (["orders", "job-1"], ("orders", "job-1"))
    inbox = ann.pubsub()
    await inbox.subscribe("news")
    await inbox.get_message(timeout=5)
    await shop.publish("news", "sale")
    await inbox.get_message(timeout=5)
    async with shop.pipeline() as both:
        await both.rpush("done", "job-1").llen("done").execute()
    parts = [re.split("  →|   waits|  [|]", line)[0] for line in text(recorder).splitlines()]
    told = [" ".join(part.split()) for part in parts]
    assert told == [
        "ann BLPOP orders 5",
        "shop RPUSH orders job-1",
        "└─▶ ann job-1 from list orders",
        "ann SUBSCRIBE news",
        "shop PUBLISH news sale",
        "└─▶ ann message news sale",
        "shop MULTI",
        "shop RPUSH done job-1 (in MULTI)",
        "shop LLEN done (in MULTI)",
        "shop EXEC",
    ]
    await shop.delete("done")
    assert "DEL done" in text(recorder), "the next picture begins where this one ended"


async def test_a_client_is_named_also_late(recorder: Recorder) -> None:
    late, library = client(recorder), client(recorder)
    await library.exists("b")
    async with late.client() as one:
        await one.exists("a")
        assert recorder.clients in (["redis-py 1", "redis-py 2"], ["client 1", "client 2"])
        await one.client_setname("reporter")
    assert "reporter" in recorder.clients
    assert "reporter" in text(recorder).splitlines()[1]


async def test_who_shares_a_name_keeps_it_when_another_one_takes_a_new_one(
    recorder: Recorder,
) -> None:
    stays, leaves = client(recorder, "pool"), client(recorder, "pool")
    inbox = stays.pubsub()
    await inbox.subscribe("news")
    await inbox.get_message(timeout=5)
    async with leaves.client() as one:
        await one.ping()
        await one.client_setname("reporter")
        await one.publish("news", "sale")
    await inbox.get_message(timeout=5)
    assert recorder.clients == ["pool", "reporter"]
    assert "└─▶ pool  message news sale" in text(recorder)


async def test_a_reply_gets_lost_after_its_command_was_carried_out(recorder: Recorder) -> None:
    shop, witness = client(recorder, "shop"), client(recorder, "witness")
    recorder.lose_reply("shop", "rpush")
    assert await shop.ping()
    with pytest.raises(redis.ConnectionError):
        await shop.rpush("once", "a")
    assert await witness.lrange("once", 0, -1) == ["a"]
    assert await shop.rpush("once", "b") == 2, "only one reply was to be lost"
    assert await witness.delete("once") == 1
    assert re.search("RPUSH once a +→ connection lost", text(recorder))


async def test_a_connection_is_cut_after_so_many_commands(recorder: Recorder) -> None:
    shop, witness = client(recorder, "shop"), client(recorder, "witness")
    await shop.ping()
    recorder.cut("shop", after=2)
    assert [await shop.rpush("cut", job) for job in "ab"] == [1, 2]
    with pytest.raises(redis.ConnectionError):
        await shop.rpush("cut", "c")
    assert await witness.lrange("cut", 0, -1) == ["a", "b"]
    assert await shop.delete("cut") == 1


async def test_no_small_reply_is_held_back(recorder: Recorder) -> None:
    # Without TCP_NODELAY the system keeps it until what went before is acknowledged.
    shop = client(recorder, "shop")
    assert await shop.ping()

    def waits() -> list[bool]:
        ends = (end for one in recorder._relay._connections for end in (one.client, one.server))
        sockets = [end.transport.get_extra_info("socket") for end in ends if end.transport]
        return [not sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for sock in sockets]

    assert recorder._do(waits) == [False, False]
    await shop.aclose()


LONG = 3_000_000  # bytes; more than comes at once


async def test_a_long_value_passes_while_it_comes(server: Server) -> None:
    async with tap(server.port) as behind:
        recorder = await record(f"redis://127.0.0.1:{behind.port}")
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(recorder.url))
        writer.write(b"PING\r\n*3\r\n$3\r\nSET\r\n$4\r\nlong\r\n$%d\r\n" % LONG)
        writer.write(b"x" * (LONG // 2))
        await has_come(lambda: sum(len(o.asked) for o in behind.passed) > LONG // 2, "half of it")
        writer.write(b"x" * (LONG // 2) + b"\r\nDEL long\r\n")
        assert await reader.readexactly(16) == b"+PONG\r\n+OK\r\n:1\r\n"
        writer.close()
        recorder.close()
    assert "DEL long" in text(recorder)


async def test_what_is_cut_halfway_is_not_carried_out(recorder: Recorder) -> None:
    witness = client(recorder, "witness")
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(recorder.url))
    writer.write(b"PING\r\n*3\r\n$5\r\nRPUSH\r\n$3\r\ncut\r\n")
    assert await reader.readexactly(7) == b"+PONG\r\n"
    recorder.cut("client 1")
    writer.write(b"$1\r\na\r\n")
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    assert await witness.exists("cut") == 0
    writer.close()


async def test_a_long_reply_that_gets_lost_does_not_arrive_whole(recorder: Recorder) -> None:
    shop, witness = client(recorder, "shop"), client(recorder, "witness")
    await shop.set("long", "x" * LONG)
    recorder.lose_reply("shop", "get")
    with pytest.raises(redis.ConnectionError):
        await shop.get("long")
    assert await shop.get("long") == "x" * LONG
    assert await witness.delete("long") == 1


async def test_who_names_itself_late_meets_with_its_accidents_from_then_on(
    recorder: Recorder,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(recorder.url))
    writer.write(b"PING\r\n")
    assert await reader.readexactly(7) == b"+PONG\r\n"
    recorder.lose_reply("reporter", "exists")
    writer.write(b"CLIENT SETNAME reporter\r\nEXISTS a\r\n")
    with suppress(ConnectionResetError):
        assert await reader.read() == b"+OK\r\n"
    writer.close()


async def test_a_frozen_client_gets_its_replies_when_it_thaws(recorder: Recorder) -> None:
    shop, witness = client(recorder, "shop"), client(recorder, "witness")
    await shop.ping()
    recorder.freeze("shop")
    pushing = asyncio.create_task(shop.rpush("frozen", "a"))
    assert await witness.exists("frozen") == 0
    assert not pushing.done()
    recorder.thaw("shop")
    assert await pushing == 1
    await shop.delete("frozen")


async def test_a_delay_is_a_timeout_for_who_does_not_wait(recorder: Recorder) -> None:
    shop, witness = client(recorder, "shop", socket_timeout=0.2), client(recorder, "witness")
    await shop.ping()
    recorder.delay("shop", 60)
    with pytest.raises(redis.TimeoutError):
        await shop.rpush("late", "a")
    assert await witness.lrange("late", 0, -1) == ["a"]
    recorder.delay("shop", 0)
    assert await shop.delete("late") == 1


async def test_no_password_is_noted(recorder: Recorder, server: Server) -> None:
    shop, direct = client(recorder, "shop"), Redis.from_url(server.url)
    await direct.ping()
    try:
        await shop.acl_setuser("kim", enabled=True, passwords=[f"+{SECRET}"], categories=["+@all"])
        await client(recorder, "kim", username="kim", password=SECRET).ping()
        await client(recorder, "kim", username="kim", password=SECRET, protocol=3).ping()
        with pytest.raises(redis.AuthenticationError):
            await client(recorder, "bob", username="bob", password=SECRET).ping()
        await shop.config_set("requirepass", SECRET)
        await shop.execute_command("AUTH", SECRET)
        await shop.config_get("requirepass")
        await shop.acl_list()
    finally:
        await direct.execute_command("AUTH", SECRET)
        await direct.config_set("requirepass", "")
        await direct.acl_deluser("kim")
    picture = recorder.flow()
    shown = str(picture._repr_mimebundle_()) + repr(picture) + repr(recorder)
    assert "CONFIG SET requirepass" in shown
    assert SECRET not in shown
    assert "AUTH" not in shown


async def test_a_port_that_is_taken_is_told(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CourseError, match=f"Port {port} is taken"):
            await record(server.url, port=port)


@pytest.mark.parametrize("act", ["unplug", "plug"])
async def test_what_a_closed_one_cannot_do_is_told(recorder: Recorder, act: str) -> None:
    recorder.close()
    with pytest.raises(CourseError, match="This recorder is closed"):
        getattr(recorder, act)()
    with pytest.raises(CourseError, match="This recorder is closed"):
        recorder.url_for("late")


async def test_when_it_is_closed_nobody_answers(server: Server) -> None:
    recorder = await record(server.url)
    shop = client(recorder, "shop")
    await shop.ping()
    recorder.close()
    recorder.close()
    with pytest.raises(redis.ConnectionError):
        await shop.ping()
    assert "PING" in text(recorder)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("redis://127.0.0.1:1", "Nobody answers at 127.0.0.1:1"),
        ("unix:///nowhere/redis.sock", "Nobody answers at /nowhere/redis.sock"),
        ("redis://:open-sesame@192.0.2.1:6379", "192.0.2.1:6379 is not on this machine"),
        ("rediss://ann:open-sesame@redis.example.com", "is not on this machine"),
        ("127.0.0.1:6379", "no address of a Redis"),
        ("http://127.0.0.1:6379", "no address of a Redis"),
        ("redis://127.0.0.1:open-sesame", "no address of a Redis"),
        ("", "no address of a Redis"),
    ],
)
async def test_what_cannot_be_recorded_is_told(address: str, sentence: str) -> None:
    with pytest.raises(CourseError, match=sentence) as told:
        await record(address)
    assert SECRET not in str(told.value)


async def test_a_socket_file_can_be_recorded(tmp_path: Path) -> None:
    from helpers.broker.servers import start_server

    program = next(iter(found_servers().values()), None)
    if program is None:
        pytest.skip("no real server is here")
    path = tmp_path / "redis.sock"
    server = start_server(program, password="", unixsocket=str(path))
    recorder = await record(f"unix://{path}")
    assert await client(recorder, "shop").ping()
    assert "PING" in text(recorder)
    recorder.close()
    server.stop()


async def test_a_client_with_an_address_of_its_own_is_one_whatever_it_says(
    recorder: Recorder,
) -> None:
    url = recorder.url_for("worker")
    assert url == recorder.url_for("worker") != recorder.url
    first, second = Redis.from_url(url), Redis.from_url(url, client_name="by-itself")
    await first.exists("a")
    async with second.client() as one:
        await one.client_setname("another")
        await one.exists("b")
    assert recorder.clients == ["worker"]
    recorder.cut("worker")
    with pytest.raises(redis.ConnectionError):
        await Redis.from_url(url, retry=Retry(NoBackoff(), 0)).exists("c")


async def test_who_is_out_of_reach_comes_back_at_the_same_addresses(recorder: Recorder) -> None:
    urls = [recorder.url, recorder.url_for("worker")]
    clients = [Redis.from_url(url, retry=Retry(NoBackoff(), 0)) for url in urls]
    assert [await one.ping() for one in clients] == [True, True]
    recorder.unplug()
    recorder.unplug()
    for one, url in zip(clients, urls, strict=True):
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port_of(url)))
        for _ in range(2):  # its connection is broken, and a new one is refused
            with pytest.raises(redis.ConnectionError):
                await one.ping()
    recorder.plug()
    recorder.plug()
    assert [await one.ping() for one in clients] == [True, True]
    recorder.unplug()
    recorder.close()
    assert text(recorder).count("PING") == 4


async def test_what_passed_is_kept(recorder: Recorder, tmp_path: Path) -> None:
    shop = client(recorder, "shop")
    await shop.rpush("kept", f"order-1 {'for a long way ' * 9}")
    await shop.set("session:6f0a2c4e8b1d4f7a9c3e5d7b9f1a3c5e", "1")
    await shop.delete("kept")
    kept = recorder.keep(tmp_path / "kept.json", names=r"order-\d+")
    assert repr(kept.flow()) == repr(Kept.read(tmp_path / "kept.json").flow())
    said = [words for _, words, _ in kept.commands]
    assert ["RPUSH", "kept", "{order-1}"] in said
    assert ["SET", "session:id-1", "1"] in said
