"""Where the class's stream is: one server, a cluster, or what Sentinel calls the primary."""

from __future__ import annotations

import hashlib
import re
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import redis.asyncio
import redis.asyncio.retry
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException

from ..broker.clients import PLAIN
from ..errors import CourseError

STREAM = "course:class"
PATIENCE = 5.0  # seconds without an answer, after which a connection counts as broken
FAILURES = (redis.RedisError, RedisClusterException, OSError)
"""What a client of a class raises. A cluster that nobody reaches is no RedisError to redis-py."""

PORTS = {"server": 6379, "cluster": 6379, "sentinel": 26379}
MALFORMED = (
    "COURSE_CLASS is not a valid address: write it as redis://user:password@host:port/number, "
    "redis+cluster://user:password@host:port or redis+sentinel://user:password@host:port/service, "
    "with rediss for TLS, #name at the end for a class of that name, and %23, %2F, %3A, %3F and "
    "%40 for #, /, :, ? and @ in a password."
)
_SCHEME = re.compile(r"(?P<secure>rediss?)(\+(?P<kind>cluster|sentinel))?")
_NAME = re.compile(r"[A-Za-z0-9-]{0,40}")
_DATABASE = re.compile(r"/?[0-9]{0,4}")
_SERVICE = re.compile(r"/[\w.-]+(/[0-9]{1,4})?")

Client = redis.asyncio.Redis | RedisCluster


@dataclass(frozen=True)
class ClassAddress:
    """The address of a class; printing it never shows the user or the password."""

    kind: str  # server, cluster or sentinel
    nodes: tuple[tuple[str, int], ...]  # host and port
    service: str  # what Sentinel calls the primary; empty without Sentinel
    db: int
    is_secure: bool
    stream: str  # the one key
    username: str | None = field(repr=False)
    password: str | None = field(repr=False)

    @property
    def mark(self) -> str:
        """Eight characters that tell this class from others; no password is in them."""
        told = repr((self.kind, self.nodes, self.service, self.db, self.stream))
        return hashlib.sha256(told.encode()).hexdigest()[:8]

    def client(self) -> Client:
        """Return a client that never retries by itself. It connects when it is used; close it."""
        how = PLAIN | self._login() | {"socket_timeout": PATIENCE, "retry": _once()}
        if self.kind == "cluster":
            nodes = [ClusterNode(host, port) for host, port in self.nodes]
            return RedisCluster(startup_nodes=nodes, **how)
        if self.kind == "sentinel":
            asked = {name: how[name] for name in _FOR_SENTINELS if name in how}
            sentinel = Sentinel(self.nodes, sentinel_kwargs=asked, db=self.db, **how)
            return sentinel.master_for(self.service)
        ((host, port),) = self.nodes
        return redis.asyncio.Redis(host=host, port=port, db=self.db, **how)

    def _login(self) -> dict[str, Any]:
        login: dict[str, Any] = {"username": self.username, "password": self.password}
        return login | ({"ssl": True, "ssl_cert_reqs": ssl.CERT_REQUIRED} if self.is_secure else {})


_FOR_SENTINELS = (*PLAIN, "socket_timeout", "retry", "ssl", "ssl_cert_reqs")


def _once() -> redis.asyncio.retry.Retry:
    return redis.asyncio.retry.Retry(NoBackoff(), 0)


def read_class_address(url: str) -> ClassAddress:
    """Read an address. Raises CourseError, which never repeats it: a password may be in it.

    `redis+cluster` and `redis+sentinel` take several places, with commas between them. User and
    password are those of the Redis servers; sentinels are asked without any.
    """
    address = _read(url.strip())  # raising outside the handler leaves no trace of the parser's own
    if address is None:
        raise CourseError(MALFORMED)
    return address


def _read(url: str) -> ClassAddress | None:
    try:
        parts = urlsplit(url)
        scheme = _SCHEME.fullmatch(parts.scheme)
        if not scheme or not _is_plain(parts, scheme["kind"] or "server"):
            return None
        return _address(parts, scheme["kind"] or "server", scheme["secure"] == "rediss")
    except ValueError:
        return None


def _is_plain(parts: SplitResult, kind: str) -> bool:
    """Refuse what would be misread, such as a # or / inside a password."""
    path = {"server": _DATABASE, "cluster": re.compile("/?"), "sentinel": _SERVICE}[kind]
    _, _, places = parts.netloc.rpartition("@")
    return bool(
        path.fullmatch(parts.path)
        and _NAME.fullmatch(parts.fragment)
        and not parts.query
        and places
        and (kind != "server" or "," not in places)
    )


def _address(parts: SplitResult, kind: str, is_secure: bool) -> ClassAddress:
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    service, _, number = parts.path.strip("/").rpartition("/")
    if kind == "sentinel" and not service:
        service, number = number, ""
    return ClassAddress(
        kind=kind,
        nodes=tuple(_place(place, PORTS[kind]) for place in places.split(",")),
        service=service,
        db=int(number or 0),
        is_secure=is_secure,
        stream=f"{STREAM}:{parts.fragment}" if parts.fragment else STREAM,
        username=unquote(user) or None,
        password=unquote(password) or None,
    )


def _place(place: str, port: int) -> tuple[str, int]:
    parts = urlsplit(f"//{place}")
    if not parts.hostname:
        raise ValueError(place)
    return parts.hostname, parts.port or port
