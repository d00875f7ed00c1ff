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


async def test_a_live_picture_says_the_same_and_can_be_stepped_through() -> None:
    async with helpers.connect("shop") as shop:
        await shop.rpush("orders", "a", "b")
        await shop.lpop("orders")
        live = helpers.flow(live=True)
    bundle = live._repr_mimebundle_()
    assert bundle["text/plain"] == repr(live)
    assert repr(live).splitlines()[0] == "shop  RPUSH orders a b   → 2   | orders: [a] [b]"
    assert bundle["image/svg+xml"].startswith("<svg ")
    assert "application/vnd.jupyter.widget-view+json" in bundle
    told = live.page.shown["stage"]["places"]
    assert [[item["text"] for item in place["items"]] for place in told] == [["a"], ["b"]]


async def test_a_live_picture_shows_what_is_new_only() -> None:
    async with helpers.connect("shop") as shop:
        await shop.rpush("orders", "a")
        helpers.flow()
        await shop.rpush("orders", "b")
        [moment] = helpers.flow(live=True).moments
    assert moment.did == "shop RPUSH orders b"
    assert [token.text for token in moment.stage.places[-1].tokens] == ["a", "b"]


async def test_a_live_picture_of_nothing_is_still() -> None:
    assert "text/plain" in helpers.flow(live=True)._repr_mimebundle_()
    assert repr(helpers.flow(live=True)).startswith("(nothing was sent")


async def test_without_widgets_a_live_picture_is_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "missing_widgets", lambda: ["anywidget"])
    async with helpers.connect("shop") as shop:
        await shop.ping()
    assert set(helpers.flow(live=True)._repr_mimebundle_()) == {
        "text/plain",
        "image/svg+xml",
        "text/html",
    }
