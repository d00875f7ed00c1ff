"""redis-py's parsers for replies that are there: nothing is awaited between their parts.

The embedded broker sends whole replies. So whatever has arrived is read by redis-py's own blocking
parser, and only what has not arrived is awaited.
"""

import logging
from typing import Any

import redis
from redis._parsers import _AsyncRESP2Parser, _AsyncRESP3Parser, _RESP2Parser, _RESP3Parser
from redis._parsers.base import _AsyncRESPBase

from .outlets import ReplyReader

LOG = logging.getLogger("push_response")  # where redis-py notes them
MESSAGES = frozenset((b"message", b"pmessage", b"smessage"))
CLOSED = "Connection closed by server."  # in the words of redis-py


class _Arrived:
    """Bytes that have arrived, as redis-py's blocking parsers read them."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 0

    def is_read(self) -> bool:
        """Say whether nothing is left."""
        return self._at == len(self._data)

    def refill(self, data: bytes) -> None:
        """Go on with these bytes. Raises redis.ConnectionError at the end of the connection."""
        if not data:
            raise redis.ConnectionError(CLOSED)
        self._data, self._at = data, 0

    def is_push(self) -> bool:
        """Say whether the next reply is a message that no command asked for."""
        return self._data.startswith(b">", self._at)

    def take_push_of_texts(self) -> list[bytes] | None:
        """Take what has arrived if it is one push of texts, as messages are; else leave it."""
        if self._at:  # several have arrived
            return None
        pieces = self._data.split(b"\r\n")  # >3, $7, message, $6, event1, …, and nothing
        texts = pieces[2::2]
        if pieces[0] != b">%d" % len(texts):
            return None
        for size, text in zip(pieces[1::2], texts, strict=False):
            if size != b"$%d" % len(text):
                return None
        self._at = len(self._data)
        return texts

    def get_pos(self) -> int:
        return self._at

    def rewind(self, at: int) -> None:
        self._at = at  # an interrupt came in the middle of a reply, which will be read again

    def purge(self) -> None:
        pass

    def readline(self, timeout: Any = None) -> bytes:
        begin, end = self._at, self._data.index(b"\r\n", self._at)
        self._at = end + 2
        return self._data[begin:end]

    def read(self, length: int, timeout: Any = None) -> bytes:
        begin, end = self._at, self._at + length
        self._at = end + 2
        return self._data[begin:end]


class _PlainRESP3Parser(_RESP3Parser):
    def handle_push_response(self, response: Any, **kwargs: Any) -> Any:
        return response  # the asynchronous parser deals with it


class _Whole(_AsyncRESPBase):
    """What both parsers of whole replies share."""

    BLOCKING: type
    _stream: ReplyReader

    def on_connect(self, connection: Any) -> None:
        super().on_connect(connection)
        self._arrived = _Arrived()
        self._blocking = self.BLOCKING(0)
        self._blocking._buffer, self._blocking.encoder = self._arrived, self.encoder

    async def can_read(self) -> bool:
        return not self._arrived.is_read() or await super().can_read()


class WholeRESP2Parser(_Whole, _AsyncRESP2Parser):
    """redis-py's parser of RESP2, for whole replies."""

    BLOCKING = _RESP2Parser

    async def read_response(self, disable_decoding: bool = False) -> Any:
        if self._arrived.is_read():
            self._arrived.refill(await self._stream.read_arrived())
        return self._blocking.read_response(disable_decoding)


class WholeRESP3Parser(_Whole, _AsyncRESP3Parser):
    """redis-py's parser of RESP3, for whole replies."""

    BLOCKING = _PlainRESP3Parser

    async def read_response(
        self, disable_decoding: bool = False, push_request: bool = False
    ) -> Any:
        arrived = self._arrived
        while True:
            if arrived.is_read():
                arrived.refill(await self._stream.read_arrived())
            if not arrived.is_push():
                return self._blocking.read_response(disable_decoding)
            message = await self._push(disable_decoding)
            if push_request:
                return message

    async def _push(self, disable_decoding: bool) -> Any:
        texts = self._arrived.take_push_of_texts()
        if texts is None:
            push = self._blocking.read_response(disable_decoding, push_request=True)
            return await self.handle_push_response(push)
        decoded = texts if disable_decoding else list(map(self._blocking.encoder.decode, texts))
        if texts[0] in MESSAGES:  # redis-py asks for each push in turn what else it might be
            return await self.pubsub_push_handler_func(decoded)
        return await self.handle_push_response(decoded)

    async def handle_pubsub_push_response(self, response: Any) -> Any:
        # redis-py's own looks for its log, and writes the text, whether anybody wants it or not.
        LOG.debug("Push response: %s", response)
        return response


FOR_WHOLE_REPLIES: dict[type, type] = {
    _AsyncRESP2Parser: WholeRESP2Parser,
    _AsyncRESP3Parser: WholeRESP3Parser,
}
