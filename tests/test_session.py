"""`connect` and `flow` join the rooms for one notebook."""

import asyncio
from collections.abc import Iterator

import pytest
import redis

import helpers
from helpers import broker, session
from helpers.broker import choice
from helpers.record import Record, Unseen


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with an empty record and a broker of its own, as a new kernel does."""
    record = Record()
    monkeypatch.setattr(session, "_record", record)
    monkeypatch.setattr(session, "_unseen", Unseen(record))
    monkeypatch.setattr(choice, "_chosen", None)
    yield
    broker.close()


async def test_a_client_of_the_notebook_is_plain_and_appears_in_flow() -> None:
    shop = helpers.connect("shop")
    assert type(shop) is redis.asyncio.Redis
    await shop.rpush("orders", "a")
    assert repr(helpers.flow()) == "shop  RPUSH orders a   → 1   | orders: [a]"
    assert repr(helpers.flow()).startswith("(nothing was sent")
    await shop.aclose()


async def test_awaiting_a_client_is_allowed() -> None:
    async with await helpers.connect("shop", protocol=2) as shop:
        assert (await shop.client_info())["resp"] == "2"


async def test_last_keeps_the_latest_commands_with_what_they_delivered() -> None:
    async with helpers.connect("shop") as shop, helpers.connect("ann") as ann:
        task = asyncio.create_task(ann.blpop("orders", 0))
        await helpers.until_blocked(ann)
        await shop.ping()
        await shop.rpush("orders", "a")
        await task
        await shop.llen("orders")
        assert repr(helpers.flow(last=2)).splitlines() == [
            "shop  RPUSH orders a            → 1",
            "  └─▶ ann  a from list orders      | orders: empty",
            "shop  LLEN orders               → 0",
        ]
        assert repr(helpers.flow(last=2)).startswith("(nothing was sent")


async def test_lanes_follow_the_order_of_connecting() -> None:
    clients = [helpers.connect(name) for name in ("shop", "bob", "ann")]
    for client in reversed(clients):
        await client.ping()
        await client.aclose()
    assert helpers.flow().lanes == ["shop", "bob", "ann"]


async def test_a_reply_that_is_lost_is_in_the_picture() -> None:
    async with helpers.connect("shop", lose_replies=1) as shop:
        with pytest.raises(redis.ConnectionError):
            await shop.rpush("orders", "a")
        assert await shop.rpush("orders", "a") == 2
        assert repr(helpers.flow()).splitlines() == [
            "shop  RPUSH orders a   → connection lost",
            "shop  RPUSH orders a   → 2",
        ]


async def test_a_picture_comes_as_text_and_as_svg() -> None:
    async with helpers.connect("shop") as shop:
        await shop.ping()
    bundle = helpers.flow()._repr_mimebundle_()
    assert bundle["text/plain"] == "shop  PING   → PONG"
    assert bundle["image/svg+xml"].startswith("<svg ")
    assert set(bundle) == {"text/plain", "image/svg+xml", "text/html"}


def test_a_notebook_may_be_pictured_before_it_sends_anything() -> None:
    assert repr(helpers.flow()).startswith("(nothing was sent")
