"""The picture as text: who, what, the reply, what it delivered, and what the broker holds."""

import itertools
from textwrap import dedent
from typing import Any

import pytest
import redis

from helpers.picture import Flow
from helpers.picture.text import broken, fit, wide
from helpers.record import Command, Delivery, Step

orders = itertools.count(1)


def step(
    words: str | tuple[str, ...], reply: Any = None, client: str = "shop", **more: Any
) -> Step:
    """Make a step of an answered command."""
    parts = tuple(words.split()) if isinstance(words, str) else words
    command = Command(next(orders), client, 1, parts, answered=True, reply=reply)
    return Step(command, reply, **more)


def lost(words: str, why: str, **more: Any) -> Step:
    made = step(words, **more)
    made.command.answered, made.command.lost = False, why
    return made


def text(*steps: Step, earlier: frozenset[int] = frozenset()) -> str:
    return repr(Flow(list(steps), ["shop", "ann", "bob"], earlier))


def shows(expected: str, *steps: Step) -> None:
    assert text(*steps) == dedent(expected).strip("\n")


def test_columns_are_aligned() -> None:
    got = Delivery("bob", "element", "orders", "a")
    shows(
        """
        ann   BLPOP orders 0            waits
        shop  RPUSH orders a b          → 2
          └─▶ bob  a from list orders      | orders: [b]
        shop  LLEN orders               → 1
        """,
        step("blpop orders 0", ["orders", "a"], "ann", waited=True),
        step("RPUSH orders a b", 2, deliveries=[got], holds={"orders": "[b]"}),
        step("LLEN orders", 1),
    )


def test_each_kind_of_delivery() -> None:
    shows(
        r"""
        shop  PUBLISH e hi   → 5
          └─▶ ann  message e hi
          └─▶ ann  pmessage e hi by e\*
          └─▶ ann  smessage e hi
          └─▶ ann  a from list q
          └─▶ ann  entry 1-1 from stream s
        """,
        step(
            "PUBLISH e hi",
            5,
            deliveries=[
                Delivery("ann", "message", "e", "hi"),
                Delivery("ann", "pmessage", "e", "hi", r"e\*"),
                Delivery("ann", "smessage", "e", "hi"),
                Delivery("ann", "element", "q", "a"),
                Delivery("ann", "entry", "s", "1-1"),
            ],
        ),
    )


REPLIES: dict[str, tuple[str, Any, str]] = {
    "nil": ("GET a", None, "nil"),
    "a number": ("LLEN a", 3, "3"),
    "nothing in it": ("LRANGE a 0 -1", [], "empty array"),
    "nothing in a map": ("HGETALL a", {}, "empty array"),
    "a list": ("LRANGE a 0 -1", ["a", "b c", None], 'a, "b c", nil'),
    "lists in a list": ("EXEC", [1, ["a", []]], "1, [a, []]"),
    "a map": ("HGETALL a", {"b": "c", "d": 1}, "b: c, d: 1"),
    "an error": ("LLEN a", redis.ResponseError("WRONGTYPE no"), "error: WRONGTYPE no"),
    "another node's slot": (
        "LLEN a",
        redis.exceptions.MovedError("105 127.0.0.1:7001"),
        "error: MOVED 105",
    ),
    "an error of two lines": ("LLEN a", redis.ResponseError("a\nb"), r"error: a\nb"),
    "no entries": ("XRANGE s - +", [], "empty array"),
    "an entry": ("XRANGE s - +", [["1-1", ["a", "b"]]], "entry 1-1"),
    "an entry that is gone": ("XREADGROUP s", [["s", [["1-1", None]]]], "entry 1-1"),
    "entries under RESP2": (
        "XREAD s",
        [["s", [["1-1", ["9-9", "('8-8', [']"]], ["2-1", ["a", "b"]]]]],
        "entries 1-1, 2-1",
    ),
    "entries under RESP3": ("XREAD s", {"s": [["1-1", ["a", "b"]]]}, "entry 1-1"),
    "nobody wrote": ("XREAD s", None, "nil"),
    "nothing pending under RESP2": ("XREADGROUP s", [["s", []]], "no entries"),
    "nothing pending under RESP3": ("XREADGROUP s", {"s": []}, "no entries"),
    "ids alone": ("XCLAIM s", ["1-1", "2-1"], "entries 1-1, 2-1"),
    "a cursor is no entry": ("XAUTOCLAIM s", ["0-0", [["1-1", ["a"]]], ["5-5"]], "entry 1-1"),
    "nothing to claim": ("XAUTOCLAIM s", ["0-0", [], []], "no entries"),
    "many entries": (
        "XREVRANGE s + -",
        [[f"{n}-0", ["a", "b"]] for n in range(9)],
        "entries 0-0, 1-0, 2-0 and 6 more",
    ),
    "a long text": ("GET a", "x" * 100, "x" * 47 + "…"),
}


@pytest.mark.parametrize(("words", "reply", "expected"), REPLIES.values(), ids=list(REPLIES))
def test_a_reply(words: str, reply: Any, expected: str) -> None:
    assert text(step(words, reply)).endswith(f"→ {expected}")


WORDS = {
    "plain": ("order-1", "order-1"),
    "spaces": ("sale starts", '"sale starts"'),
    "nothing": ("", '""'),
    "quotes": ("say \"hi\" 'now'", '"say \\"hi\\" \'now\'"'),
    "a backslash": ("mail-\\*", '"mail-\\\\*"'),
    "a line break and a zero byte": ("a\nb\0", '"a\\nb\\x00"'),
    "a control sequence": ("\x1b[31m", '"\\x1b[31m"'),
    "a text that runs backwards": ("\u202eabc", '"\\u202eabc"'),
    "Korean": ("주문", "주문"),
    "long": ("1234567890" * 10, "1234567890" * 4 + "1234567…"),
}


@pytest.mark.parametrize(("word", "expected"), WORDS.values(), ids=list(WORDS))
def test_a_word(word: str, expected: str) -> None:
    assert text(step(("ECHO", word), 1)) == f"shop  ECHO {expected}   → 1"
    got = Delivery("ann", "message", "e", word)
    assert text(step("ECHO", 1, deliveries=[got])).endswith(f"message e {expected}")


def test_a_channel_and_a_key_with_line_breaks() -> None:
    got = Delivery("ann", "pmessage", "a\nb c", "hi", "a\n*")
    assert text(step("PUBLISH", 1, deliveries=[got])).count("\n") == 1


def test_a_command_of_many_words() -> None:
    line = text(step(("RPUSH", "q", *map(str, range(1000))), 1000))
    assert line == "shop  RPUSH q 0 1 2 3 4 5 6 7 8 9 10 11 12 13 … 986 more   → 1000"


def test_the_ends_of_waiting() -> None:
    shows(
        """
        shop  BLPOP q 0         waits
        shop  BLPOP q 1         waits, → nil
        shop  BLPOP q 0         waits, → cancelled
        shop  BLPOP q 0         → connection lost
        shop  RPUSH q a         → not read yet
        shop  SUBSCRIBE e1 e2   → 1, 2
        """,
        step("BLPOP q 0", ["q", "a"], waited=True),
        step("BLPOP q 1", None, waited=True),
        lost("BLPOP q 0", "cancelled", waited=True),
        lost("BLPOP q 0", "connection lost"),
        lost("RPUSH q a", ""),
        confirmed("SUBSCRIBE e1 e2"),
    )


def confirmed(words: str) -> Step:
    made = lost(words, "")
    made.command.confirmations = [["subscribe", "e1", 1], ["subscribe", "e2", 2]]
    return made


def test_what_was_sent_earlier_says_so() -> None:
    old = step("RPUSH q a", 1, deliveries=[Delivery("ann", "element", "q", "a")])
    assert text(old, earlier=frozenset({old.command.order})).startswith(
        "shop  RPUSH q a (sent earlier)   → 1\n"
    )


def test_a_queued_command_says_so() -> None:
    assert text(step("RPUSH q a", 1, queued=True)) == "shop  RPUSH q a (in MULTI)   → 1"


def test_nothing_to_show() -> None:
    words = "(nothing was sent or received since the last flow)"
    assert text() == words
    assert Flow([], ["shop"])._repr_mimebundle_() == {"text/plain": words}, "no empty card"


@pytest.mark.parametrize(("count", "cut"), [(40, ""), (41, "1 more row "), (100, "60 more rows ")])
def test_many_rows_are_cut_in_the_middle(count: int, cut: str) -> None:
    lines = text(*(step(f"ECHO {n}", n) for n in range(count))).splitlines()
    assert len(lines) == min(count, 41)
    assert lines[0].split()[-1] == "0" and lines[-1].split()[-1] == str(count - 1)
    assert [line for line in lines if "…" in line] == ([f"… {cut}…"] if cut else [])


def test_a_long_line_does_not_push_the_others() -> None:
    short, long = text(step("PING", 1), step(("ECHO", "a b " * 9, "c d " * 9), 1)).splitlines()
    assert len(short) < 75 < len(long)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("→ ✓", 3),
        ("주문", 4),
        ("🍎", 2),
        ("cafe\u0301", 4),
        ("\u2764\ufe0f", 2),
        ("\u1112\u1161", 2),
    ],
    ids=["signs", "Hangul", "emoji", "accent", "heart turned emoji", "Hangul in two parts"],
)
def test_a_text_is_as_wide_as_a_screen_shows_it(text: str, columns: int) -> None:
    assert wide(text) == columns


def test_wide_characters_take_two_columns() -> None:
    first, second, third = text(
        step("RPUSH 주문 a", 1), step("RPUSH 🍎 a", 1), step("RPUSH cafe\u0301 a", 1)
    ).splitlines()
    assert {wide(line.split("→")[0]) for line in (first, second, third)} == {21}


@pytest.mark.parametrize("width", range(1, 12))
def test_fitting_into_columns(width: int) -> None:
    assert wide(fit("주문 a주문 b", width)) <= width
    assert fit("주문", 4) == "주문" and fit("주문주", 5) == "주문…"


@pytest.mark.parametrize(
    ("long", "lines"),
    [
        ("", [""]),
        ("LPOP orders", ["LPOP orders"]),
        ("XADD s 1-1 item lamp", ["XADD s 1-1", "item lamp"]),
        ("PUBLISH a-name-that-is-long x", ["PUBLISH", "a-name-that-", "is-long x"]),
        ("주문 주문 주문", ["주문 주문", "주문"]),
    ],
)
def test_a_long_text_goes_on_in_the_next_line(long: str, lines: list[str]) -> None:
    assert broken(long, 12) == lines
