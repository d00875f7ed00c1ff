"""Whether somebody's server suits the course, asked without changing anything on it."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import redis
from redis.exceptions import AuthenticationError, InvalidResponse, NoPermissionError

from ..errors import CourseError
from .address import Address

try:
    from ssl import SSLCertVerificationError, SSLError
except ImportError:  # in the browser, which has no TLS, and no use for an address either
    SSLCertVerificationError = SSLError = NotImplementedError  # type: ignore[misc, assignment]

OLDEST = 7
ELSEWHERE = "name another server, or set COURSE_BROKER=server"

# Queued in a transaction that is discarded: the server checks the permission and runs nothing.
NEEDED = """
publish event1 x | spublish event1 x | subscribe event1 | psubscribe event* | ssubscribe event1
pubsub channels | pubsub numpat | pubsub shardchannels | client list | client id | dbsize
rpush orders x | lpop orders | lrange orders 0 1 | lrem orders 1 x | blpop orders 1
blmove orders jobs left right 1 | set orders x | get orders | incr orders | exists orders
hset orders a b | sadd orders x | sscan orders 0 | unlink orders | watch orders
xadd orders * a b | xrange orders - + | xtrim orders maxlen 1 | xread streams orders 0
xgroup create orders g 0 | xreadgroup group g ann streams orders > | xack orders g 0
xpending orders g | xclaim orders g ann 0 0 | xautoclaim orders g ann 0 0 | xinfo groups orders
command getkeysandflags get orders
"""

Answer = TypeVar("Answer")


def inspect(side: redis.Redis, address: Address) -> str:
    """Return the server's name and version if it suits; raises CourseError or redis-py's errors."""
    info = side.info()
    if problem := _unsuited(info, address.shown):
        raise CourseError(problem)
    _require_permissions(side)
    valkey = info.get("valkey_version")
    return f"Valkey {valkey}" if valkey else f"Redis {info['redis_version']}"


def _unsuited(info: dict[str, Any], shown: str) -> str | None:
    mode = info.get("redis_mode", info.get("server_mode"))  # Valkey says server_mode
    if mode == "sentinel":
        return f"{shown} is a sentinel, not a server that holds data: {ELSEWHERE}."
    if mode == "cluster" or info.get("cluster_enabled"):
        return f"{shown} belongs to a cluster, and the course needs a single server: {ELSEWHERE}."
    if info.get("role") != "master":
        return f"{shown} is a read-only replica: name its primary, or set COURSE_BROKER=server."
    version = str(info.get("redis_version", "0"))
    if int(version.split(".")[0]) < OLDEST:
        return (
            f"{shown} runs Redis {version}, and the course needs {OLDEST}.0 or newer: {ELSEWHERE}."
        )
    return None


def _require_permissions(side: redis.Redis) -> None:
    connection = side.connection_pool.get_connection()
    try:
        for command in ["multi", *re.split(r"[|\n]", NEEDED.strip()), "discard"]:
            connection.send_command(*command.split())
            _read_permission(connection)
    finally:
        side.connection_pool.release(connection)


def _read_permission(connection: redis.Connection) -> None:
    try:
        connection.read_response()
    except NoPermissionError:
        raise
    except redis.ResponseError:
        return  # a command that cannot be queued says nothing about permissions


def translated(work: Callable[[], Answer], address: Address) -> Answer:
    """Do the work; raises CourseError, with one sentence, for any error of redis-py."""
    try:
        return work()
    except (redis.RedisError, OSError, TypeError, ValueError) as error:
        problem = _explain(error, address.shown)
    raise CourseError(problem)  # outside the handler: redis-py's own error leaves no trace


def answered_within(limit: float, work: Callable[[], Answer], address: Address) -> Answer:
    """Do the same, but give up after `limit` seconds, looking up the host's name included."""
    answers: list[Answer] = []
    problems: list[CourseError] = []

    def run() -> None:
        try:
            answers.append(translated(work, address))
        except CourseError as problem:
            problems.append(problem)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(limit)
    if answers:
        return answers[0]
    raise problems[0] if problems else CourseError(_silent(address.shown))


def _silent(shown: str) -> str:
    tls = " and write redis:// if it does not speak TLS," if shown.startswith("rediss") else ""
    return f"{shown} does not answer as a Redis server: check host and port,{tls} or {ELSEWHERE}."


def _explain(error: Exception, shown: str) -> str:
    """Reword the error: what a server says may repeat a password that it was sent."""
    causes = tuple(_causes(error))
    for kind, sentence in SENTENCES:
        if any(isinstance(cause, kind) for cause in causes):
            return sentence.format(shown=shown, command=_command(str(error)), elsewhere=ELSEWHERE)
    return _silent(shown)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _command(text: str) -> str:
    named = re.search(r"run the '([\w|]+)' command", text)
    return f"run {named[1].upper().replace('|', ' ')}" if named else "use all keys and channels"


Kinds = type[Exception] | tuple[type[Exception], ...]
SENTENCES: tuple[tuple[Kinds, str], ...] = (
    (
        NoPermissionError,
        "{shown} does not let this user {command}, which the course needs: "
        "ask for the permission, or {elsewhere}.",
    ),
    (
        AuthenticationError,
        "{shown} does not accept the user name and password: "
        "write them in COURSE_BROKER as redis://user:password@host:port.",
    ),
    (
        SSLCertVerificationError,
        "The certificate of {shown} is not trusted: "
        "add ?ssl_ca_certs= and the path of its authority's certificate to the address.",
    ),
    (SSLError, "{shown} does not speak TLS: write redis:// in place of rediss://."),
    (socket.gaierror, "{shown} has no such host: check the name, or {elsewhere}."),
    (
        (ConnectionRefusedError, FileNotFoundError),
        "No server listens at {shown}: start it, or {elsewhere}.",
    ),
    (redis.BusyLoadingError, "{shown} is still loading its data: try again in a while."),
    (
        redis.exceptions.OutOfMemoryError,
        "{shown} is full (maxmemory) and takes nothing new: free some memory, or {elsewhere}.",
    ),
    (
        redis.ReadOnlyError,
        "{shown} has become a read-only replica: name its primary, or {elsewhere}.",
    ),
    (redis.ResponseError, "{shown} refuses what the course asks first: {elsewhere}."),
    (InvalidResponse, "{shown} is not a Redis server: check the port, or {elsewhere}."),
    (
        redis.ConnectionError,
        "{shown} closes the connection: check the port, and write rediss:// if it expects TLS.",
    ),
    ((TypeError, ValueError), "{shown} has an option that redis-py does not know: remove it."),
)
