"""Break things on purpose, where a network would break them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any, NoReturn

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError

from .record.handshake import KnowsItsHandshake


def lose_replies(client: Redis, count: int, having: str = "") -> Redis:
    """Lose the next `count` replies to this client on their way back, and return the client.

    The broker has carried out the command by then; the client only sees its connection break.
    With `having`, only replies that hold this text get lost. A message is not a reply.
    Call it before the client's first command.
    """
    pool = client.connection_pool
    base = pool.connection_class
    what = {"to_lose": repeat(True, count), "having": having}
    pool.connection_class = type(base.__name__, (_LosesReplies, base), what)
    return client


async def break_off(connection: AbstractConnection) -> NoReturn:
    """Let a client see its connection break, as when a reply gets lost."""
    await connection.disconnect(nowait=True)
    raise ConnectionError("Connection reset by peer")


class _LosesReplies(KnowsItsHandshake):
    to_lose: Iterator[bool]
    having: str

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        reply = await super().read_response(*args, **kwargs)
        if self.shaking_hands or kwargs.get("push_request") or self.having not in str(reply):
            return reply
        if next(self.to_lose, False):
            await break_off(self)
        return reply
