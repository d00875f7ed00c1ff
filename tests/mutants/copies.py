"""Lies about the copies that task libraries keep of a job."""

from typing import Any

from embedded_redis.engine.core import EmbeddedSocket

from .lie import lie


@lie(EmbeddedSocket, "hdel", "commands/hdel/", lesson="11")
def hdel_always_answers_0(truth: Any, self: Any, key: Any, *fields: bytes) -> int:
    """HDEL answers how many fields it has removed."""
    truth(self, key, *fields)
    return 0
