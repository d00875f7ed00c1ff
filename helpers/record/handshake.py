"""Tell a connection's handshake from what its client says."""

from __future__ import annotations

from typing import Any

from redis.asyncio.connection import AbstractConnection


class KnowsItsHandshake(AbstractConnection):
    """A mark while HELLO, CLIENT SETNAME and the like pass: redis-py's words, not the client's."""

    shaking_hands = False

    async def on_connect_check_health(self, *args: Any, **kwargs: Any) -> None:
        self.shaking_hands = True
        try:
            await super().on_connect_check_health(*args, **kwargs)
        finally:
            self.shaking_hands = False
