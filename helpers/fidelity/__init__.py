"""fakeredis made faithful: each rule of Redis that it breaks, restored, one class a rule.

A broker from `embedded_server()` follows RULES. It is assembled by subclassing, so any other use
of fakeredis in the same process stays as it was.
"""

from ._checked import PROVED_ON
from .assembly import RULES, Rules, assemble
from .connections import EmbeddedConnection, EmbeddedSyncConnection, open_connection
from .server import EmbeddedServer

__all__ = [
    "PROVED_ON",
    "RULES",
    "EmbeddedConnection",
    "EmbeddedServer",
    "EmbeddedSyncConnection",
    "embedded_server",
    "open_connection",
]


def embedded_server(rules: Rules = RULES) -> EmbeddedServer:
    """Make a broker of its own inside this process, which follows the rules of Redis 8.2.

    A test may leave rules out. Use it with a plain redis-py client:
    `Redis(connection_pool=ConnectionPool(connection_class=EmbeddedConnection, server=server))`.
    """
    return EmbeddedServer(assemble(rules))
