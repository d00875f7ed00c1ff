"""What has arrived whole is read as redis-py reads it bit by bit."""

import asyncio
from typing import Any

import pytest
import redis
from fakeredis._helpers import SimpleError, SimpleString
from redis._parsers.encoders import Encoder

from embedded_redis import EmbeddedConnection, embedded_server
from embedded_redis.engine.outlets import ReplyReader
from embedded_redis.engine.parsing import FOR_WHOLE_REPLIES
from embedded_redis.engine.wire import Pairs, Push, RespSet, Text, encode

REPLIES: list[Any] = [
    *(0, -1, 2**63 - 1, 1.5, float("inf"), True, False, None, [], {}, b"", "text"),
    *(SimpleString(b"OK"), SimpleError("WRONGTYPE no"), Text(b"txt"), RespSet([1, 2])),
    b"line\r\nand line\r\n",
    "\N{SNOWMAN}".encode(),
    [1, [b"a", [None, [{b"k": [b"v"]}]]], SimpleError("ERR inside")],
    {b"a": {b"b": 1.0}, b"c": [True, None]},
    b"x" * 100_000,
]
ONLY_RESP3 = [Pairs([(b"s", [[b"1-0", [b"k", b"v"]]]), (b"s", [])])]
MESSAGE = Push([b"message", b"event1", b"hello"])
TEXTS = [b"hello", b"", b"line\r\n$3\r\nline\r\n", "\N{SNOWMAN}".encode(), b"x" * 100_000]
PUSHES = [Push([kind, b"event1", text]) for kind in (b"message", b"smessage") for text in TEXTS] + [
    Push([b"pmessage", b"event?", b"event1", b"hello"]),
    Push([b"subscribe", b"event1", 1]),
    Push([b"unsubscribe", None, 0]),
    Push([b"message", b"event1", [b"hello"]]),
]
PARSERS = {2: redis._parsers._AsyncRESP2Parser, 3: redis._parsers._AsyncRESP3Parser}


class Connected:
    """The parts of a connection that a parser looks at."""

    def __init__(self, decodes: bool) -> None:
        self.encoder = Encoder("utf-8", "strict", decodes)
        self._reader = ReplyReader(asyncio.get_running_loop())


async def read_all(kind: type, data: list[bytes], decodes: bool, **options: Any) -> list[Any]:
    parser, connected = kind(socket_read_size=65536), Connected(decodes)
    parser.on_connect(connected)
    for piece in data:
        connected._reader.feed_data(piece)
    connected._reader.feed_eof()
    read = []
    with pytest.raises(redis.ConnectionError, match="closed by server"):
        while True:
            reply = await parser.read_response(**options)
            read.append(repr(reply))
    assert await parser.can_read()  # the end is news, too
    return read


@pytest.mark.parametrize("decodes", [False, True])
@pytest.mark.parametrize("protocol", PARSERS)
async def test_whole_replies_are_read_as_redis_py_reads_them(protocol: int, decodes: bool) -> None:
    replies = REPLIES + ONLY_RESP3 * (protocol == 3)
    data = [encode(reply, protocol) for reply in replies]
    one_by_one = PARSERS[protocol]
    assert await read_all(FOR_WHOLE_REPLIES[one_by_one], data, decodes) == [
        reply for piece in data for reply in await read_all(one_by_one, [piece], decodes)
    ]


@pytest.mark.parametrize("decodes", [False, True])
async def test_messages_are_read_as_redis_py_reads_them_one_by_one_or_together(
    decodes: bool,
) -> None:
    data = [encode(push, 3) for push in PUSHES]
    plain, whole = PARSERS[3], FOR_WHOLE_REPLIES[PARSERS[3]]
    each = [await read_all(plain, [piece], decodes, push_request=True) for piece in data]
    assert [len(read) for read in each] == [1] * len(PUSHES)
    for ours in (
        [await read_all(whole, [piece], decodes, push_request=True) for piece in data],
        [[read] for read in await read_all(whole, data, decodes, push_request=True)],
    ):
        assert ours == each


@pytest.mark.parametrize(("wants_it", "found"), [(False, 2), (True, 4)])
async def test_a_message_is_only_given_to_who_wants_it(wants_it: bool, found: int) -> None:
    data = [encode(reply, 3) for reply in (MESSAGE, 1, MESSAGE, b"two")]
    whole = FOR_WHOLE_REPLIES[PARSERS[3]]
    replies = await read_all(whole, data, True, push_request=wants_it)
    assert len(replies) == found
    assert ("['message', 'event1', 'hello']" in replies) == wants_it


async def test_a_reply_whose_reading_is_interrupted_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parser, connected = FOR_WHOLE_REPLIES[PARSERS[3]](socket_read_size=65536), Connected(True)
    parser.on_connect(connected)
    connected._reader.feed_data(encode([b"a", b"b"], 3))

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Encoder, "decode", interrupted)
        await parser.read_response()
    assert await parser.read_response() == ["a", "b"]


@pytest.mark.parametrize("protocol", PARSERS)
def test_connections_read_whole_replies(protocol: int) -> None:
    connection = EmbeddedConnection(server=embedded_server(), protocol=protocol)
    assert type(connection._get_parser()) is FOR_WHOLE_REPLIES[PARSERS[protocol]]
