"""A record that was kept is drawn as the one that was recorded, and tells nothing of its machine."""

from pathlib import Path

import pytest
import redis

from helpers.kept import Kept, stable
from helpers.picture import Flow
from helpers.record import Exchange, Record, tell

NAMES = r"order-\d+"


def say(record: Record, client: str, *words: str, reply: object) -> None:
    """Note a command with its reply."""
    exchange = Exchange(record, client)
    exchange.begin()
    exchange.ask(words)
    exchange.receive(reply)
    if client not in record.clients:
        record.clients.append(client)


@pytest.fixture
def shop() -> Record:
    """Give a record of lists, streams, a wait, an error, a message and a transaction."""
    record = Record()
    record.clients = ["shop", "ann", "bob"]
    ann, bob = Exchange(record, "ann"), Exchange(record, "bob", db=1)
    ann.begin()
    bob.begin()
    ann.ask(("BLPOP", "orders", "0"))
    bob.ask(("SUBSCRIBE", "news"))
    bob.receive(["subscribe", "news", 1])
    say(record, "shop", "RPUSH", "orders", "order-1", reply=1)
    ann.receive(["orders", "order-1"])
    say(record, "shop", "PUBLISH", "news", "sale", reply=1)
    bob.receive(["message", "news", "sale"])
    for words in (("MULTI",), ("LLEN", "orders"), ("LPOP", "news"), ("EXEC",)):
        ann.ask(words)
    for reply in ("OK", "QUEUED", "QUEUED", [0, redis.ResponseError("WRONGTYPE no list")]):
        ann.receive(reply)
    say(record, "shop", "XADD", "s", "1-0", "a", "b", reply="1-0")
    say(record, "shop", "XREAD", "STREAMS", "s", "0", reply={"s": [["1-0", ["a", "b"]]]})
    say(record, "shop", "HGETALL", "h", reply={"a": None, ("k", 1): 1.5, "t": True})
    ann.ask(("BLPOP", "orders", "0"))
    record.closed("bob", bob.number, is_loss=True)
    ann.lose("connection lost")
    bob.ask(("PING",))
    return record


def test_it_is_drawn_as_it_was(shop: Record, tmp_path: Path) -> None:
    Kept(shop).write(tmp_path / "kept.json")
    read = Kept.read(tmp_path / "kept.json")
    drawn = Flow(tell(shop), shop.clients)._repr_mimebundle_()
    assert read.flow()._repr_mimebundle_() == drawn
    assert vars(read.record)["closings"] == shop.closings


def test_a_short_record_is_kept_as_it_is(shop: Record) -> None:
    assert repr(Kept(stable(shop)).flow()) == repr(Flow(tell(shop), shop.clients))
