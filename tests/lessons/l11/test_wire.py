"""What the cells say of recorded traffic is what was said of an order."""

import pytest

from helpers.errors import CourseError
from helpers.kept import Kept
from helpers.lessons.l11.wire import SHOPS, about, source, traffic
from helpers.record import Exchange, Record


def heard() -> Record:
    """Give a record in which order-1 waits for nobody, and order-10 is somebody else's."""
    record = Record()
    record.clients = ["shop", "ann"]
    shop, ann = Exchange(record, "shop"), Exchange(record, "ann")
    shop.begin()
    ann.begin()
    ann.ask(("BRPOP", "orders", "0"))
    shop.ask(("LPUSH", "orders", "{order-1}"))
    ann.receive(["orders", "{order-1}"])
    shop.receive(1)
    for words, reply in (
        (("XADD", "log", "*", "order", "{order-1}"), "1-0"),
        (("XADD", "log", "*", "order", "{order-10}"), "11-0"),
        (("EVALSHA", "abc", "1", "queue", "fetch", "order-1"), None),
        (("FCALL", "read_streams", "1", "queue", "order-1"), None),
        (("XACK", "log", "team", "11-0"), 1),
        (("XACK", "log", "team", "1-0"), 1),
    ):
        shop.ask(words)
        shop.receive(reply)
    shop.ask(("XREADGROUP", "GROUP", "team", "ann", "STREAMS", "log", ">"))
    shop.receive([["log", [["1-0", ["order", "{order-1}"]]]]])
    return record


def test_who_spoke_of_an_order_in_the_sequence_of_the_broker() -> None:
    assert about(Kept(heard()), "order-1") == [
        "shop  LPUSH orders",
        "ann   BRPOP orders",
        "shop  XADD log",
        "shop  EVALSHA fetch",
        "shop  FCALL read_streams",
        "shop  XACK log",
        "shop  XREADGROUP log",
    ]


def test_of_another_order_nothing_else_is_said() -> None:
    assert about(Kept(heard()), "order-10") == ["shop  XADD log", "shop  XACK log"]
    assert about(Kept(heard()), "order-7") == []


def test_a_shop_is_shown_as_it_runs() -> None:
    for path in SHOPS.glob("*_shop.py"):
        shown = source(path.stem.removesuffix("_shop"))
        assert f"{shown}\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("asked", [source, traffic])
def test_what_is_not_there_is_told_in_a_sentence_without_a_path(asked) -> None:
    with pytest.raises(CourseError, match=r"nothing called 'sidekiq': choose one of celery[\w-]*,"):
        asked("sidekiq")
