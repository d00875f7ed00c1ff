"""redis-py's parsers for replies that are there: nothing is awaited between their parts.

The embedded broker sends whole replies. So whatever has arrived is read by redis-py's own blocking
parser, and only what has not arrived is awaited.
"""

from typing import Any

import redis
from redis._parsers import _AsyncRESP2Parser, _AsyncRESP3Parser, _RESP2Parser, _RESP3Parser

CLOSED = "Connection closed by server."  # in the words of redis-py


class _Arrived:
    """Bytes that have arrived, as redis-py's blocking parsers read them."""

    def __init__(self) -> None:
        self.data = b""
        self.at = 0

    def readline(self, timeout: Any = None) -> bytes:
        begin, end = self.at, self.data.index(b"\r\n", self.at)
        self.at = end + 2
        return self.data[begin:end]

    def read(self, length: int, timeout: Any = None) -> bytes:
        begin, end = self.at, self.at + length
        self.at = end + 2
        return self.data[begin:end]


class _PlainRESP3Parser(_RESP3Parser):
    def handle_push_response(self, response: Any, **kwargs: Any) -> Any:
        return response  # the asynchronous parser deals with it


class _Whole:
    """What both parsers of whole replies share."""

    BLOCKING: type

    def on_connect(self, connection: Any) -> None:
        super().on_connect(connection)
        self._arrived = _Arrived()
        self._reader = self.BLOCKING(0)
        self._reader._buffer, self._reader.encoder = self._arrived, self.encoder

    async def can_read(self) -> bool:
        return self._arrived.at < len(self._arrived.data) or await super().can_read()

    async def _await_reply(self) -> None:
        """Return once a reply is there. Raises redis.ConnectionError at the end."""
        arrived = self._arrived
        if arrived.at == len(arrived.data):
            arrived.data, arrived.at = await self._stream.read_arrived(), 0
            if not arrived.data:
                raise redis.ConnectionError(CLOSED)


class WholeRESP2Parser(_Whole, _AsyncRESP2Parser):
    """redis-py's parser of RESP2, for whole replies."""

    BLOCKING = _RESP2Parser

    async def read_response(self, disable_decoding: bool = False) -> Any:
        await self._await_reply()
        return self._reader._read_response(disable_decoding)


class WholeRESP3Parser(_Whole, _AsyncRESP3Parser):
    """redis-py's parser of RESP3, for whole replies."""

    BLOCKING = _PlainRESP3Parser

    async def read_response(self, disable_decoding: bool = False, push_request: bool = False) -> Any:
        while True:
            await self._await_reply()
            is_push = self._arrived.data.startswith(b">", self._arrived.at)
            reply = self._reader._read_response(disable_decoding, push_request=True)
            if is_push:
                reply = await self.handle_push_response(reply)
            if push_request or not is_push:
                return reply


FOR_WHOLE_REPLIES: dict[type, type] = {
    _AsyncRESP2Parser: WholeRESP2Parser,
    _AsyncRESP3Parser: WholeRESP3Parser,
}
