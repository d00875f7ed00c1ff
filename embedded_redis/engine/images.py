"""Tell two brokers apart, and make another that holds what one held: for whoever explores.

A broker is seen as its clients can see it: keys and values, who waits, who watches, who listens.
"""

from __future__ import annotations

import copy
import pickle
import threading
from collections import OrderedDict, defaultdict, deque
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, NamedTuple

from ._fakeredis import ClientInfo, Item
from .clock import Clock, ClockedLock
from .core import EmbeddedSocket
from .outlets import BufferOutlet, Outlet
from .server import EmbeddedDatabase, EmbeddedServer
from .waiting_room import WaitingRoom

Sockets = Mapping[Any, EmbeddedSocket]  # each with a name, by which it is known
Topics = dict[str, list[tuple[bytes, list[Any]]]]

PLAIN = frozenset((bytes, int, float, str, bool, type(None)))
SAID_ELSEWHERE = {"stream", "_byscore"}  # a group names the stream that holds it
UNORDERED = {"_bylex", "consumers"}


def seen(
    server: EmbeddedServer, sockets: Sockets, known: dict[Hashable, int] | None = None
) -> Hashable:
    """Return the same for two brokers that no client could tell apart.

    `known` is a memory for many calls: data that were seen before are looked at no more.
    """
    names = {socket: name for name, socket in sockets.items()}
    return (
        _sight(server) if known is None else _number(server, known),
        tuple((n, _watches(db, names)) for n, db in server.dbs.items()),
        tuple(sorted((name, _client(socket)) for name, socket in sockets.items())),
        tuple(_frozen(topics) for topics in _topics(server, names).values()),
        _waits(server.room, names),
        _frozen(server.config),
        tuple(sorted(server.script_cache)),
        server.dice,
    )


def _sight(server: EmbeddedServer) -> Hashable:
    return tuple((n, _keys(db)) for n, db in server.dbs.items() if db._dict)


def _number(server: EmbeddedServer, known: dict[Hashable, int]) -> int:
    """Number what the databases hold: by their bytes, which is quick, or else by sight."""
    data = _pickled(server)
    if data in known:
        return known[data]
    number = known.setdefault(_sight(server), len(known))
    if data is not None:
        known[data] = number
    return number


def _pickled(server: EmbeddedServer) -> bytes | None:
    """Return all data as bytes, or None where a value cannot be copied."""
    try:
        return pickle.dumps({n: _contents(db) for n, db in server.dbs.items() if db._dict}, 5)
    except (TypeError, AttributeError, pickle.PicklingError):
        return None


def _keys(database: EmbeddedDatabase) -> Hashable:
    items = database._dict
    return tuple((key, items[key].expireat, _frozen(items[key].value)) for key in sorted(items))


def _watches(database: EmbeddedDatabase, names: dict[Any, Any]) -> Hashable:
    watched = database._watches.items()
    who = [(key, sorted(names[s] for s in sockets if s in names)) for key, sockets in watched]
    return tuple(sorted((key, tuple(found)) for key, found in who if found))


def _client(socket: Any) -> Hashable:
    return (
        socket._db_num,
        socket._client_info["resp"],
        socket._client_info.get("name") or "",
        tuple(socket.typed) if socket._paused else (),
        socket._inbox,
        -1 if socket._transaction is None else len(socket._transaction),
        socket._transaction_failed,
        socket._watch_notified,
        socket._reply_off,
    )


def _topics(server: EmbeddedServer, names: dict[Any, Any]) -> Topics:
    return {
        kind: [(topic, [names[s] for s in who if s in names]) for topic, who in topics.items()]
        for kind, topics in server.topics.items()
    }


def _waits(room: WaitingRoom, names: dict[Any, Any]) -> Hashable:
    who = {_waiter(socket): name for socket, name in names.items() if _waiter(socket)}
    queues = [(key, tuple(who[w] for w in waiters)) for (_, key), waiters in room._queues.items()]
    ends = [(due, who[w]) for due, _, w in room._deadlines if w in room._waiting]
    return tuple(sorted(queues)), tuple(sorted(ends))


def _frozen(value: Any) -> Hashable:
    """Return a value as something that can be compared and hashed, with the order of its parts."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if isinstance(value, dict):
        return tuple([(_frozen(key), _frozen(part)) for key, part in value.items()])
    if isinstance(value, list | tuple | deque):
        return tuple([part if type(part) in PLAIN else _frozen(part) for part in value])
    if isinstance(value, set | frozenset):
        return frozenset(map(_frozen, value))
    if not hasattr(value, "__dict__"):
        return tuple(map(_frozen, value)) if hasattr(value, "__iter__") else id(value)
    parts = [(name, part) for name, part in vars(value).items() if name not in SAID_ELSEWHERE]
    return kind.__name__, *[
        _frozen(sorted(part.items()) if name in UNORDERED else part) for name, part in parts
    ]


class _Wait(NamedTuple):
    """A blocked command, and when it was sent."""

    words: list[bytes]
    since: float


class _Client(NamedTuple):
    """What a broker knows of a client."""

    info: dict[str, Any]
    database: int
    watches: list[tuple[bytes, int]]
    notified: bool
    wait: _Wait | None


class Image(NamedTuple):
    """What a broker holds, for making another that holds the same."""

    socket_class: type[EmbeddedSocket]
    data: bytes
    config: dict[bytes, bytes]
    scripts: dict[bytes, bytes]
    dice: int  # what scripts draw comes from here
    clients: dict[Any, _Client]
    topics: Topics
    queue: list[Any]  # who waits, the first in front


def image_of(server: EmbeddedServer, sockets: Sockets, since: Mapping[Any, float]) -> Image | None:
    """Take an image of a broker; `since` says when each client sent its latest command.

    None in the middle of a transaction, and where a value cannot be copied.
    """
    if any(s._transaction is not None or s._inbox or s._reply_off for s in sockets.values()):
        return None
    names = {socket: name for name, socket in sockets.items()}
    data = _pickled(server)
    if data is None:
        return None
    numbers = {database: number for number, database in server.dbs.items()}
    clients = {
        name: _client_image(socket, numbers, since.get(name, 0.0))
        for name, socket in sockets.items()
    }
    waiters = {_waiter(socket): name for name, socket in sockets.items() if _waiter(socket)}
    queue = dict.fromkeys(waiters[w] for q in server.room._queues.values() for w in q)
    topics = _topics(server, names)
    scripts = dict(server.script_cache)
    return Image(
        server.socket_class,
        data,
        dict(server.config),
        scripts,
        server.dice,
        clients,
        topics,
        [*queue],
    )


def _waiter(socket: Any) -> Any:
    """Return how a client waits; a broker whose rules leave that out lets none wait."""
    return getattr(socket, "_waiter", None)


def _contents(database: EmbeddedDatabase) -> dict[bytes, tuple[float | None, Any]]:
    return {key: (item.expireat, item.value) for key, item in database._dict.items()}


def _client_image(socket: Any, numbers: dict[Any, int], since: float) -> _Client:
    watches = [(key, numbers[database]) for key, database in socket._watches]
    wait = _Wait(list(socket.typed), since) if _waiter(socket) else None
    info = dict(socket._client_info)
    return _Client(info, socket._db_num, watches, socket._watch_notified, wait)


def restored(
    image: Image, outlets: Mapping[Any, Outlet], clock: Clock
) -> tuple[EmbeddedServer, dict[Any, EmbeddedSocket]]:
    """Make a broker that holds what an image shows, each client with an outlet of its own.

    The clock is set, so that who waits has waited as long.
    """
    server = _empty(image.socket_class, clock)
    server.config, server.script_cache = dict(image.config), dict(image.scripts)
    server.dice = image.dice
    _fill(server, image.data)
    sockets = {
        name: _connect(server, client, outlets[name]) for name, client in image.clients.items()
    }
    for kind, topics in image.topics.items():
        for topic, who in topics:
            server.topics[kind][topic] = dict.fromkeys(sockets[name] for name in who)
            for name in who:
                sockets[name].topics[kind][topic] = None
    for name in image.queue:
        wait = image.clients[name].wait
        assert wait, "who stands in a queue waits"
        clock.now = wait.since
        sockets[name].run(wait.words)
    if image.queue:  # to have asked again has left traces
        _fill(server, image.data)
    return server, sockets


def _connect(server: EmbeddedServer, client: _Client, outlet: Outlet) -> EmbeddedSocket:
    socket = _socket(server, outlet)
    socket._client_info = ClientInfo.__new__(ClientInfo)  # its parts are known already
    socket._client_info.update(client.info)
    socket._db_num, socket._db = client.database, server.dbs[client.database]
    for key, number in client.watches:
        socket._watches.add((key, server.dbs[number]))
        server.dbs[number].add_watch(key, socket)
    socket._watch_notified = client.notified
    return socket


def _fill(server: EmbeddedServer, data: bytes) -> None:
    for number, contents in pickle.loads(data).items():
        database = server.dbs[number]
        database._dict = {}
        for key, (expireat, value) in contents.items():
            item = database._dict[key] = Item(value)
            item.expireat = expireat
            database.schedule_expiry(key, expireat)


@cache
def _model(socket_class: type[EmbeddedSocket]) -> EmbeddedServer:
    return EmbeddedServer(socket_class)


@cache
def _model_socket(socket_class: type[EmbeddedSocket]) -> EmbeddedSocket:
    return socket_class(_model(socket_class), BufferOutlet(threading.RLock()))


def _socket(server: EmbeddedServer, outlet: Outlet) -> Any:
    """Make a client's connection, more quickly than from scratch."""
    socket: Any = server.socket_class.__new__(server.socket_class)
    vars(socket).update(vars(_model_socket(server.socket_class)))
    socket._server, socket._outlet = server, outlet
    socket._late, socket._watches = [], set()
    socket._subkey_events, socket._fieldsets = [], {}
    socket.topics = {"sub": {}, "psub": {}, "ssub": {}}
    server.sockets.append(socket)
    return socket


def _empty(socket_class: type[EmbeddedSocket], clock: Clock) -> EmbeddedServer:
    """Make a broker that holds nothing, more quickly than from scratch."""
    server = copy.copy(_model(socket_class))
    server.room = WaitingRoom(server._running, server.expire)
    server.clock, server.lock = clock, ClockedLock(clock)
    lock, room = server.lock, server.room
    server.dbs = defaultdict(lambda: EmbeddedDatabase(lock, room))
    server.topics = {"sub": {}, "psub": {}, "ssub": {}}
    server.sockets, server.closed_sockets, server.clients = [], [], {}
    server.script_cache, server.scan_cursors = {}, OrderedDict()
    server.written, server.abandoned, server.resumable = {}, deque(), deque()
    return server
