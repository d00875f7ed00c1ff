"""A cluster has one face: names, clients, waiting; whether its nodes are real or modelled."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis
from redis.exceptions import MovedError

from helpers import broker
from helpers.broker.servers import NoServer
from helpers.cluster import Cluster, cluster, expect, start_cluster
from helpers.cluster.cluster import MODEL, REAL
from helpers.errors import CourseError
from helpers.record import Record
from helpers.waiting import read


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let a test choose COURSE_BROKER, with no broker begun before it or left behind it."""
    broker.close()
    monkeypatch.delenv("COURSE_BROKER", raising=False)
    yield monkeypatch
    broker.close()


@pytest.fixture
async def model() -> AsyncIterator[Cluster]:
    async with await start_cluster(model=True) as started:
        yield started


async def test_the_default_is_the_model(chosen: pytest.MonkeyPatch) -> None:
    async with await start_cluster() as started:
        assert started.kind == MODEL
        assert started.nodes == ["A", "B", "C"]
        assert started.describe() == "This lesson runs on a model of three nodes"


async def test_a_real_broker_means_real_nodes(chosen: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    async def start(count: int, program: Path) -> tuple[list, object]:
        asked.append((count, program))
        return [], lambda: None

    chosen.setattr(cluster, "start_real_nodes", start)
    chosen.setattr(cluster, "find_server", lambda: tmp_path)
    chosen.setattr(cluster, "server_version", lambda program: "Valkey 9.1.2")
    chosen.setattr(cluster, "broker", lambda: pytest.fail("asked for no reason"))
    assert (await start_cluster(2, model=False)).kind == REAL
    for kind in ("server", "address"):
        chosen.setattr(cluster, "broker", lambda kind=kind: _OfKind(kind))
        assert (await start_cluster()).kind == REAL
    assert asked == [(2, tmp_path), (3, tmp_path), (3, tmp_path)]


class _OfKind:
    def __init__(self, kind: str) -> None:
        self.kind = kind


async def test_without_a_server_program_the_model_is_taken(chosen: pytest.MonkeyPatch) -> None:
    chosen.setattr(cluster, "broker", lambda: _OfKind("address"))
    chosen.setattr(cluster, "find_server", _no_server)
    async with await start_cluster() as started:
        assert started.kind == MODEL
    with pytest.raises(CourseError, match="none here") as caught:
        await start_cluster(model=False)
    assert caught.value.__context__ is None


def _no_server() -> Path:
    raise NoServer("none here")


async def test_the_browser_takes_the_model(chosen: pytest.MonkeyPatch) -> None:
    chosen.setattr(cluster, "broker", lambda: pytest.fail("asked for no reason"))
    chosen.setattr(sys, "platform", "emscripten")
    async with await start_cluster() as started:
        assert started.kind == MODEL


@pytest.mark.parametrize("count", [0, 27])
async def test_a_number_of_nodes_that_cannot_be_is_refused(count: int) -> None:
    with pytest.raises(CourseError, match=f"A cluster has 1 to 26 nodes here, not {count}"):
        await start_cluster(count, model=True)


async def test_every_slot_has_one_node(model: Cluster) -> None:
    assert [slot for node in model.nodes for slot in model.slots(node)] == list(range(16384))
    assert [model.slots(node)[0] for node in model.nodes] == [0, 5461, 10923]  # as redis-cli
    assert model.node_of(105) == "A"
    assert model.node_of(16383) == "C"
    assert [model.node_at(model.address(node)) for node in model.nodes] == model.nodes


async def test_a_node_that_is_not_there_is_named(model: Cluster) -> None:
    with pytest.raises(CourseError, match="There is no node 'D': take one of A, B, C"):
        model.connect("D", "ann")


async def test_clients_are_plain_and_named(model: Cluster) -> None:
    ann = model.connect("B", "ann", protocol=2)
    assert type(ann) is redis.asyncio.Redis
    assert [each["name"] for each in await ann.client_list()] == ["ann"]
    assert (await ann.client_info())["resp"] == "2"


async def test_a_record_sees_the_clients_and_not_the_waiting() -> None:
    record = Record()
    async with await start_cluster(model=True, watch=record.watch) as started:
        ann, shop = started.connect("A", "ann").pubsub(), started.connect("B", "shop")
        await ann.subscribe("news")
        await shop.publish("news", "one")
        await started.settled()
        await expect(ann, 1)
    assert record.clients == ["ann", "shop"]
    assert [c.words for c in record.commands] == [("SUBSCRIBE", "news"), ("PUBLISH", "news", "one")]
    assert [(m.client, m.data) for m in record.messages] == [("ann", "one")]


@pytest.mark.parametrize("count", [1, 2, 3, 12])
async def test_a_publish_costs_one_message_for_each_other_node(count: int) -> None:
    async with await start_cluster(count, model=True) as started:
        shop = started.connect("A", "shop")
        assert [await shop.publish("silence", "x") for _ in range(100)] == [0] * 100
        info = await shop.cluster("INFO")
        sent = int(info.get("cluster_stats_messages_publish_sent", 0))
        assert sent == 100 * (count - 1)


@pytest.mark.parametrize("protocol", [2, 3])
async def test_expect_returns_once_the_messages_have_come(model: Cluster, protocol: int) -> None:
    ann = model.connect("A", "ann", protocol=protocol).pubsub()
    shop = model.connect("B", "shop")
    await ann.subscribe("news", "mail")
    await ann.psubscribe("n*")
    late = asyncio.create_task(expect(ann, 3))
    for channel in ("news", "other", "mail"):
        await shop.publish(channel, "x")
    kinds = [message["type"] for message in await late]
    assert kinds == ["subscribe", "subscribe", "psubscribe", "message", "pmessage", "message"]


async def test_expect_says_how_many_messages_came(model: Cluster) -> None:
    ann = model.connect("A", "ann").pubsub()
    await ann.subscribe("news")
    await model.connect("B", "shop").publish("news", "one")
    with pytest.raises(TimeoutError, match=r"^Waited 0.5 seconds for 2 messages, of which 1 came"):
        await expect(ann, 2, deadline=0.5)


@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_sharded_channel_names_the_right_node(model: Cluster, protocol: int) -> None:
    ann = model.connect("B", "ann", protocol=protocol).pubsub()
    await ann.ssubscribe("orders")
    with pytest.raises(MovedError) as moved:
        await expect(ann, 1)
    assert moved.value.slot_id == 105
    assert model.node_at(moved.value.node_addr) == "A"


async def test_settled_says_what_is_under_way(model: Cluster) -> None:
    model._nodes["B"].options["server"].sent += 2  # as if two messages were lost on the bus
    with pytest.raises(TimeoutError, match=r"^Waited 0.5 seconds for 2 messages to cross the bus"):
        await model.settled(deadline=0.5)


async def test_close_ends_clients_and_subscribers() -> None:
    started = await start_cluster(model=True)
    ann, shop = started.connect("A", "ann"), started.connect("B", "shop")
    listening = ann.pubsub()
    await listening.subscribe("news")
    await read(listening)
    await shop.ping()
    await started.close()
    with pytest.raises(redis.ConnectionError):
        await shop.ping()
    with pytest.raises(redis.ConnectionError):
        await read(listening)
    await started.close()  # once more does nothing


async def test_two_models_share_nothing(model: Cluster) -> None:
    async with await start_cluster(model=True) as other:
        ann = other.connect("A", "ann").pubsub()
        await ann.subscribe("news")
        shop = model.connect("A", "shop")
        assert await shop.publish("news", "one") == 0
        await shop.set("orders", 1)
        assert [message["type"] for message in await read(ann)] == ["subscribe"]
        assert await other.connect("A", "bob").exists("orders") == 0


async def test_a_database_other_than_0_is_refused(model: Cluster) -> None:
    with pytest.raises(redis.RedisError):
        await model.connect("A", "ann", db=1).ping()
