"""COURSE_BROKER chooses the broker; `connect` gives plain redis-py clients on it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import redis.asyncio
from nbclient import NotebookClient

from helpers import broker
from helpers.broker.servers import start_server
from helpers.errors import CourseError

from ..real_servers import found_servers

KINDS = {"embedded": ("embedded", None)}
KINDS |= {name: ("server", program) for name, program in found_servers().items()}
KINDS |= {f"address of {name}": ("address", program) for name, program in found_servers().items()}


@pytest.fixture(params=KINDS.values(), ids=list(KINDS))
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Choose a broker of each kind, one after another."""
    kind, program = request.param
    monkeypatch.setenv("COURSE_BROKER", kind)
    monkeypatch.setenv("COURSE_SERVER", str(program))
    theirs = start_server(program, password="") if kind == "address" else None
    if theirs:
        monkeypatch.setenv("COURSE_BROKER", theirs.url)
    yield kind
    broker.close()
    if theirs:
        theirs.stop()


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("COURSE_BROKER", raising=False)
    yield
    broker.close()


async def test_a_client_is_plain_redis_py(kind: str) -> None:
    ann = broker.named_client("ann")
    assert type(ann) is redis.asyncio.Redis
    assert await ann.rpush("orders", "order-1") == 1
    assert await (await broker.named_client("bob")).lpop("orders") == "order-1"
    assert broker.broker().kind == kind


async def test_every_connection_carries_the_name(kind: str) -> None:
    ann = broker.named_client("ann")
    async with ann, ann.pubsub() as subscriber, broker.broker().side_client() as side:
        await subscriber.subscribe("event1")
        await ann.ping()
        names = [client["name"] for client in await side.client_list()]
        assert names.count("ann") == 2
        assert names.count("course") == 1


async def test_options_reach_redis_py(kind: str) -> None:
    async with broker.named_client("ann", protocol=2) as ann:
        assert await ann.execute_command("HGETALL", "nothing") == {}
        assert (await ann.client_info())["resp"] == "2"
    async with broker.named_client("bob", db=1, socket_timeout=0.2) as bob:
        assert (await bob.client_info())["db"] == 1
        assert (await bob.client_info())["resp"] == "3"
        with pytest.raises(redis.TimeoutError):
            await bob.blpop("orders")


async def test_databases_are_apart_and_channels_are_not(kind: str) -> None:
    async with broker.named_client("ann") as ann, broker.named_client("bob", db=1) as bob:
        await ann.set("orders", "1")
        assert await bob.get("orders") is None
        async with ann.pubsub() as subscriber:
            await subscriber.subscribe("event1")
            await subscriber.get_message(timeout=5)
            assert await bob.publish("event1", "hello") == 1


async def test_the_same_name_twice_is_two_clients(kind: str) -> None:
    async with broker.named_client("ann") as first, broker.named_client("ann") as second:
        assert await first.client_id() != await second.client_id()


async def test_questions_can_be_asked_without_awaiting(kind: str) -> None:
    with broker.broker().blocking_client() as side:
        assert side.ping()
        assert side.client_getname() == "course"


def test_a_broker_outlives_event_loops(kind: str) -> None:
    async def push(name: str) -> int:
        async with broker.named_client(name) as client:
            return await client.rpush("orders", name)

    assert [asyncio.run(push("ann")), asyncio.run(push("bob"))] == [1, 2]


def test_the_version_is_told(kind: str, request: pytest.FixtureRequest) -> None:
    asked = request.node.callspec.id.removeprefix("address of ")
    told = broker.broker().version
    assert told == ("Redis 8.2 (fakeredis 2.41.0)" if asked == "embedded" else asked)


@pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")
async def test_an_address_may_be_a_socket_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = start_server(password="", unixsocket=str(tmp_path / "redis.sock"))
    monkeypatch.setenv("COURSE_BROKER", f"unix://{tmp_path}/redis.sock?db=3")
    async with broker.named_client("ann") as ann:
        assert await ann.rpush("orders", "order-1") == 1
        assert (await ann.client_info())["db"] == 3
    assert broker.broker().url == f"unix://{tmp_path}/redis.sock?db=3"
    broker.close()
    server.stop()


@pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")
async def test_a_connection_sends_nothing_that_nobody_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COURSE_BROKER", "server")
    ann = broker.named_client("ann")
    with broker.broker().blocking_client() as side:
        with side.monitor() as monitor:
            await ann.ping()
            commands = [monitor.next_command()["command"] for _ in range(3)]
        assert commands == ["HELLO 3 AUTH (redacted) (redacted)", "CLIENT SETNAME ann", "PING"]
    await ann.aclose()
    broker.close()


async def test_nothing_is_retried_and_nothing_times_out(embedded: None) -> None:
    settings = broker.named_client("ann").connection_pool.connection_kwargs
    assert settings["retry"].get_retries() == 0
    assert settings["socket_timeout"] is None
    assert settings["socket_connect_timeout"] <= 5


def test_the_embedded_broker_is_the_default(embedded: None) -> None:
    assert (broker.broker().kind, broker.broker().url) == ("embedded", "")


@pytest.mark.parametrize("name", ["", "ann lee", "ann\n", "안", "ann\t"])
def test_a_name_that_redis_would_refuse(embedded: None, name: str) -> None:
    with pytest.raises(CourseError, match="cannot be a client's name"):
        broker.named_client(name)


def test_redis_url_is_ignored(embedded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://production.invalid:6379")
    assert broker.broker().kind == "embedded"


def test_changing_the_broker_in_mid_notebook(
    embedded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.named_client("ann")
    monkeypatch.setenv("COURSE_BROKER", "embedded")  # says the same as nothing
    broker.named_client("ann")
    monkeypatch.setenv("COURSE_BROKER", "server")
    with pytest.raises(CourseError, match="restart the kernel"):
        broker.named_client("bob")


def test_a_mistake_can_be_corrected(embedded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_BROKER", "embeded")
    with pytest.raises(CourseError):
        broker.named_client("ann")
    monkeypatch.setenv("COURSE_BROKER", "embedded")
    broker.named_client("ann")


def test_closing_begins_anew(embedded: None) -> None:
    first = broker.broker()
    broker.close()
    assert broker.broker() is not first


def test_the_browser_has_the_embedded_broker_only(
    embedded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setenv("COURSE_BROKER", "redis://localhost:6379")
    with pytest.warns(UserWarning, match="embedded broker only"):
        assert broker.broker().kind == "embedded"


def test_importing_needs_nothing_that_a_browser_lacks() -> None:
    code = (  # redis-py comes first: how it does without TLS is its own affair
        "import sys, redis.asyncio, fakeredis; "
        "sys.platform = 'emscripten'; sys.modules['ssl'] = None; import helpers"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_no_server_is_said_in_one_sentence(embedded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_BROKER", "server")
    monkeypatch.setenv("COURSE_SERVER", "no-such-program")
    with pytest.raises(CourseError, match=r"COURSE_SERVER|needs Linux or macOS") as caught:
        broker.named_client("ann")
    assert caught.value.__context__ is None


def test_a_notebook_shows_the_sentence_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_BROKER", "redis://:secret#word@localhost")
    cell = nbformat.v4.new_code_cell("from helpers import broker\nbroker.named_client('ann')")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    (output,) = notebook.cells[0].outputs
    assert output.ename == "CourseError"
    assert output.traceback == [output.evalue]
    assert output.evalue.startswith("COURSE_BROKER is neither embedded, nor server")
    assert "secret" not in str(notebook.cells[0].outputs)


def test_importing_makes_no_broker() -> None:
    code = "from helpers.broker import choice as b; assert b._chosen is None"
    subprocess.run([sys.executable, "-c", code], check=True)
