"""A broker that is made from an image goes on as the one that it shows."""

from typing import Any

import pytest

from embedded_redis import Clock, embedded_server, image_of, restored, seen

SET_UP = {
    "a list": ["RPUSH q a b"],
    "a hash that expires": ["HSET h f 1 g 2", "EXPIRE h 100"],
    "a sorted set": ["ZADD z 2 b 1 a"],
    "a stream with a group": [
        "XADD s 1-1 f v",
        "XADD s 2-1 f v",
        "XGROUP CREATE s g 0",
        "XREADGROUP GROUP g ann COUNT 1 STREAMS s >",
    ],
    "a watched key": ["SET k 1", "WATCH k"],
    "a subscription": ["SUBSCRIBE news"],
    "a script": ["EVAL return{math.random(9)} 0"],
    "a name": ["CLIENT SETNAME ann"],
}
ASKED = ["LRANGE q 0 -1", "HGETALL h", "TTL h", "ZRANGE z 0 -1 WITHSCORES", "XPENDING s g"]
ASKED += ["XREADGROUP GROUP g bob STREAMS s >", "PUBLISH news hello", "CLIENT GETNAME"]
ASKED += ["EVALSHA 12ffb18ec2d8cb0e30bd88f139a23345fffebeaf 0"]


class Post:
    """A client's end of a connection, which keeps what comes."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self.feed = self.came.append

    def close(self) -> None: ...

    def deliver(self, ahead: bool = False) -> None: ...

    def wake_in(self, seconds: float, expire: Any) -> Any:
        return lambda: None


def say(socket: Any, line: str) -> None:
    socket.run([word.encode() for word in line.split()])


def made_of(lines: list[str]) -> tuple[Any, dict[str, Any]]:
    server = embedded_server()
    sockets = {name: server.socket_class(server, Post()) for name in ("ann", "bob")}
    for line in ["HELLO 3", *lines]:
        say(sockets["ann"], line)
    return server, sockets


def copied(server: Any, sockets: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    image = image_of(server, sockets, {})
    assert image
    return restored(image, {name: Post() for name in sockets}, Clock())


@pytest.mark.parametrize("name", SET_UP)
def test_both_answer_the_same(name: str) -> None:
    server, sockets = made_of(SET_UP[name])
    other, others = copied(server, sockets)
    assert seen(other, others) == seen(server, sockets)
    came = []
    for there in (sockets, others):
        there["ann"]._outlet.came.clear()
        for line in ASKED:
            say(there["ann"], line)
        came.append(there["ann"]._outlet.came)
    assert came[0] == came[1] and came[0]


def test_who_waits_goes_on_waiting() -> None:
    server, sockets = made_of([])
    say(sockets["ann"], "BLPOP q 0")
    other, others = copied(server, sockets)
    assert seen(other, others) == seen(server, sockets)
    say(others["bob"], "RPUSH q a")
    assert b"".join(others["ann"]._outlet.came).endswith(b"$1\r\nq\r\n$1\r\na\r\n")
    assert seen(other, others) != seen(server, sockets)


def test_who_watches_hears_of_a_change() -> None:
    server, sockets = made_of(["WATCH k"])
    _, others = copied(server, sockets)
    say(others["bob"], "SET k 2")
    for line in ("MULTI", "PING", "EXEC"):
        say(others["ann"], line)
    assert others["ann"]._outlet.came[-1] == b"_\r\n"


def test_one_does_not_change_the_other() -> None:
    server, sockets = made_of(["RPUSH q a"])
    before = seen(server, sockets)
    _, others = copied(server, sockets)
    say(others["bob"], "LPOP q")
    assert seen(server, sockets) == before


def test_in_the_middle_of_a_transaction_there_is_no_image() -> None:
    server, sockets = made_of(["MULTI"])
    assert image_of(server, sockets, {}) is None
