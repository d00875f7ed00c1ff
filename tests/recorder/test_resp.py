"""Every byte that passes is counted to a value, and every value is read as what it is."""

import random

import pytest
import redis

from helpers.recorder.resp import UNREAD, Passage

VALUES = {
    b"+OK\r\n": "OK",
    b"-ERR no such thing\r\n": redis.ResponseError("no such thing"),
    b"-WRONGTYPE no\r\n": redis.ResponseError("WRONGTYPE no"),
    b":-12\r\n": -12,
    b"$0\r\n\r\n": "",
    b"$4\r\na\r\nb\r\n": "a\r\nb",
    b"$-1\r\n": None,
    b"*-1\r\n": None,
    b"*0\r\n": [],
    b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n": ["a", [1]],
    b"_\r\n": None,
    b"#t\r\n": True,
    b"#f\r\n": False,
    b",1.5\r\n": 1.5,
    b",inf\r\n": float("inf"),
    b"(12345678901234567890\r\n": 12345678901234567890,
    b"!3\r\nERR\r\n": redis.ResponseError("ERR"),
    b"=7\r\ntxt:abc\r\n": "abc",
    b"~1\r\n+a\r\n": ["a"],
    b"%1\r\n+key\r\n*1\r\n:1\r\n": {"key": [1]},
    b"%1\r\n*1\r\n:1\r\n:2\r\n": {(1,): 2},
    b">3\r\n+message\r\n+news\r\n+hi\r\n": ["message", "news", "hi"],
    b"|1\r\n+ttl\r\n:1\r\n+value\r\n": "value",
    "$3\r\n€\r\n".encode(): "€",
    b"$1\r\n\xff\r\n": "\\xff",
}


def same(one: object, other: object) -> bool:
    """Compare values, exceptions by class and words."""
    if isinstance(other, Exception):
        return type(one) is type(other) and str(one) == str(other)
    return one == other and type(one) is type(other)


@pytest.mark.parametrize("raw", VALUES, ids=repr)
def test_a_value_is_read_however_it_comes(raw: bytes) -> None:
    whole = list(Passage().feed(raw))
    passage = Passage()
    by_bytes = [pair for at in range(len(raw)) for pair in passage.feed(raw[at : at + 1])]
    for pairs in (whole, by_bytes):
        assert len(pairs) == 1
        assert same(pairs[0][0], VALUES[raw])
        assert pairs[0][1] == len(raw)


def test_nothing_is_lost_or_added_in_random_pieces() -> None:
    choose = random.Random(7)
    for _ in range(200):
        values = choose.choices(list(VALUES), k=20)
        data = b"".join(values)
        passage, passed = Passage(), []
        while data:
            size = choose.randint(1, 40)
            passed += passage.feed(data[:size])
            data = data[size:]
        assert [size for _, size in passed] == [*map(len, values)]
        assert all(same(value, VALUES[raw]) for (value, _), raw in zip(passed, values, strict=True))


def test_words_on_a_line_are_a_command_of_a_client() -> None:
    assert list(Passage(of_client=True).feed(b"set a 1\r\n\r\nget a\n")) == [
        (["set", "a", "1"], len(b"set a 1\r\n")),
        ([], len(b"\r\n")),
        (["get", "a"], len(b"get a\n")),
    ]


@pytest.mark.parametrize("raw", [b"HTTP/1.1 400\r\nmore", b"*x\r\n:1\r\n", b"*1\r\nnothing\r\n"])
def test_what_is_not_of_the_protocol_passes_as_it_is(raw: bytes) -> None:
    passage = Passage()
    passed = [*passage.feed(b"+OK\r\n" + raw), *passage.feed(b"+OK\r\n")]
    assert passed[0] == ("OK", len(b"+OK\r\n"))
    assert {value for value, _ in passed[1:]} == {UNREAD}
    assert sum(size for _, size in passed[1:]) == len(raw + b"+OK\r\n")


def test_what_is_unfinished_is_counted() -> None:
    passage = Passage()
    assert list(passage.feed(b"+OK\r\n$5\r\nhal")) == [("OK", 5)]
    assert passage.unfinished == len(b"$5\r\nhal")
    assert list(passage.feed(b"lo\r\n")) == [("hallo", len(b"$5\r\nhallo\r\n"))]
    assert passage.unfinished == 0
