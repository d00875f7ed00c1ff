"""Which broker this notebook talks to, and plain redis-py clients on it.

COURSE_BROKER chooses: `embedded` (the default), `server` (a private real server), or the address
of a Redis server. It is read once, at first use.
"""

import atexit
import contextlib
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import fakeredis
import redis
import redis.asyncio

from embedded_redis import EmbeddedConnection, EmbeddedSyncConnection, embedded_server

from ..errors import REAL_SERVER, CourseError
from .address import read_address
from .admission import answered_within, inspect, translated
from .clients import blocking_client, client
from .guard import Guard, guarded, guarded_blocking
from .servers import NoServer, start_server

ANSWER_LIMIT = 4.0  # seconds


@dataclass(frozen=True)
class Broker:
    """The broker of this notebook: `kind` is embedded, server or address."""

    kind: str
    url: str  # without user and password; empty when embedded
    version: str
    _options: dict[str, Any] = field(repr=False)
    _blocking_options: dict[str, Any] = field(repr=False)
    _end: Callable[[], object] = field(repr=False)

    def side_client(self) -> redis.asyncio.Redis:
        """Return a client for questions about the broker; no record shows it. Close it."""
        return client(self._options, client_name="course")

    def blocking_client(self) -> redis.Redis:
        """Return the same for code that cannot await. Close it."""
        return blocking_client(self._blocking_options, client_name="course")


_chosen: tuple[str, Broker] | None = None


def broker() -> Broker:
    """Return this notebook's broker, made at first use.

    Raises CourseError when COURSE_BROKER is wrong, when the server does not suit, or when the
    variable changed after the first use: clients of two brokers must not meet in one notebook.
    """
    global _chosen
    asked = _asked()
    if _chosen is None:
        _chosen = asked, _make(asked)
        atexit.register(close)
    if _chosen[0] != asked:
        raise CourseError(
            "COURSE_BROKER changed after the first use: restart the kernel, "
            "and set it before the first cell runs."
        )
    return _chosen[1]


def named_client(name: str, **options: Any) -> redis.asyncio.Redis:
    """Return a plain redis-py client called `name` on this notebook's broker.

    Options are redis-py's, such as protocol=2, db=1 or socket_timeout=0.2 (seconds). Unlike a
    client of redis-py's own making it never times out and never retries. Raises CourseError.
    Follows https://redis.io/docs/latest/develop/clients/redis-py/connect/
    """
    if not _can_be_a_name(name):
        raise CourseError(f"{name!r} cannot be a client's name: use letters, digits and hyphens.")
    return client(broker()._options, **({"client_name": name} | options))


def _can_be_a_name(name: object) -> bool:
    if not isinstance(name, str) or not name or " " in name:
        return False
    return name.isascii() and name.isprintable()


def close() -> None:
    """End this notebook's broker; the next `named_client` begins a new one."""
    global _chosen
    if _chosen is not None:
        atexit.unregister(close)
        ended, _chosen = _chosen[1], None
        with contextlib.suppress(redis.RedisError):  # the next start removes what is left
            ended._end()


def _asked() -> str:
    asked = os.environ.get("COURSE_BROKER", "").strip() or "embedded"
    if sys.platform == "emscripten" and asked != "embedded":
        warnings.warn("The browser has the embedded broker only; it is used.", stacklevel=3)
        return "embedded"
    return asked


def _make(asked: str) -> Broker:
    makers = {"embedded": _embedded, "server": _private_server}
    return makers[asked]() if asked in makers else _address(asked)


def _embedded() -> Broker:
    server = embedded_server(advice=REAL_SERVER)
    claimed = ".".join(map(str, server.version))
    return Broker(
        kind="embedded",
        url="",
        version=f"Redis {claimed} (fakeredis {fakeredis.__version__})",
        _options={"connection_class": EmbeddedConnection, "server": server},
        _blocking_options={"connection_class": EmbeddedSyncConnection, "server": server},
        _end=lambda: None,
    )


def _private_server() -> Broker:
    try:
        server = start_server()
    except NoServer as why:
        problem = str(why)
    else:
        where = server.options
        return Broker("server", server.url, server.version, where, where, server.stop)
    raise CourseError(problem)


def _address(asked: str) -> Broker:
    address = read_address(asked)
    guard = Guard(address)
    try:
        version = answered_within(
            ANSWER_LIMIT, lambda: inspect(guard.side(address.db), address), address
        )
        translated(guard.open, address)
    except CourseError:
        guard.close()
        raise
    options, blocking = guarded(address, guard), guarded_blocking(address, guard)
    return Broker("address", address.shown, version, options, blocking, guard.close)
