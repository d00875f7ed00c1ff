"""fakeredis made faithful: each rule of Redis that it breaks, restored, one class a rule.

A broker from `embedded_server()` follows RULES. It is assembled by subclassing, so any other use
of fakeredis in the same process stays as it was.
"""

from . import _proved_on  # noqa: F401 # first, before anything that another fakeredis may lack
from .assembly import RULES, Rules, assemble
from .engine.clock import Clock
from .engine.commands import known_commands
from .engine.connections import EmbeddedConnection, EmbeddedSyncConnection, open_connection
from .engine.globs import matches
from .engine.images import Image, image_of, restored, seen
from .engine.outlets import StreamOutlet
from .engine.server import EmbeddedServer
from .engine.wire import split_command

__all__ = [
    "RULES",
    "Clock",
    "EmbeddedConnection",
    "EmbeddedServer",
    "EmbeddedSyncConnection",
    "Image",
    "StreamOutlet",
    "embedded_server",
    "image_of",
    "known_commands",
    "matches",
    "open_connection",
    "restored",
    "seen",
    "split_command",
]


def embedded_server(
    rules: Rules = RULES, advice: str = "", clock: Clock | None = None
) -> EmbeddedServer:
    """Make a broker of its own inside this process, which follows the rules of Redis 8.2.

    A test may leave rules out; `advice` says what to do about a command that needs a real server.
    On a `clock` time passes only when it is turned on.
    Use it with a plain redis-py client:
    `Redis(connection_pool=ConnectionPool(connection_class=EmbeddedConnection, server=server))`.
    """
    return EmbeddedServer(assemble(rules, advice), clock)
