"""Break things on purpose, where a network would break them."""

from __future__ import annotations

from itertools import repeat
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError

from .greeting import KnowsItsGreeting


def lose_replies(client: Redis, count: int) -> Redis:
    """Lose the next `count` replies to this client on their way back, and return the client.

    The broker has carried out the command by then; the client only sees its connection break.
    Call it before the client's first command.
    """
    pool = client.connection_pool
    base = pool.connection_class
    pool.connection_class = type(
        base.__name__, (_LosesReplies, base), {"_to_lose": repeat(True, count)}
    )
    return client


class _LosesReplies(KnowsItsGreeting):
    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        reply = await super().read_response(*args, **kwargs)
        if not self.greeting and next(self._to_lose, False):
            await self.disconnect(nowait=True)
            raise ConnectionError("Connection reset by peer")
        return reply
