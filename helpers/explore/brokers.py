"""The broker of an exploration: what it holds, and what each command does to that.

Two brokers are the same when nobody could tell them apart: the same keys with the same values, the
same clients that wait, watch and listen.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from embedded_redis import EmbeddedServer, embedded_server

from .gate import Mailbox
from .life import Role
from .loop import Clock
from .memory import KEPT

Connection = tuple[Role, int]
Output = tuple[Connection, bytes | None]
LISTING = (b"KEYS\r\n", b"SCAN\r\n", b"RANDOMKEY\r\n")
CHANCE = (b"RANDMEMBER", b"RANDFIELD", b"SPOP", b"RANDOMKEY")


class Told(NamedTuple):
    """What a broker is told: a command, that connections have closed, or that time has passed."""

    what: str  # runs, closes, time
    when: float
    connections: tuple[Connection, ...] = ()
    greeting: bytes = b""
    data: bytes = b""


@dataclass(eq=False, slots=True)
class Holding:
    """What a broker holds, and what it does when it is told something."""

    way: tuple[Told, ...] = ()  # what made it so
    timer: float | None = None
    connections: frozenset[Connection] = frozenset()
    then: dict[Told, tuple[Holding, tuple[Output, ...]]] = field(default_factory=dict)


class _Post(Mailbox):
    """The mailbox of one connection, with timers that its broker keeps."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self.wake_in = broker.wake_in


class Broker:
    """A broker at work."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._server: EmbeddedServer = embedded_server()
        self._sockets: dict[Connection, tuple[Any, _Post]] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._cancelled: set[int] = set()
        self._ticket = itertools.count()

    def wake_in(self, seconds: float, expire: Callable[[], None]) -> Callable[[], None]:
        """Keep a timer; return what cancels it."""
        ticket = next(self._ticket)
        heapq.heappush(self._timers, (self._clock.now + seconds, ticket, expire))
        return lambda: self._cancelled.add(ticket)

    @property
    def timer(self) -> float | None:
        """When the next wait ends."""
        while self._timers and self._timers[0][1] in self._cancelled:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    @property
    def connections(self) -> frozenset[Connection]:
        """Whose connections are open."""
        return frozenset(self._sockets)

    def tell(self, told: Told) -> tuple[Output, ...]:
        """Do what it is told; return what goes to whom."""
        if told.what == "runs":
            self._run(told)
        elif told.what == "closes":
            for connection in told.connections:
                self._sockets.pop(connection)[0].leave()
        else:
            self._pass_time()
        return tuple(self._outputs())

    def _run(self, told: Told) -> None:
        [connection] = told.connections
        if connection not in self._sockets:
            self._open(connection, told.greeting)
        upper = told.data.upper()
        if any(word in upper for word in LISTING):
            self._sort_keys()
        with _loaded_dice() if any(word in upper for word in CHANCE) else nullcontext():
            self._sockets[connection][0].sendall(told.data)

    def _sort_keys(self) -> None:
        """Let keys be listed in one sequence, whichever was made first: Redis promises none."""
        for database in self._server.dbs.values():
            database._dict = {key: database._dict[key] for key in sorted(database._dict)}

    def _open(self, connection: Connection, greeting: bytes) -> None:
        post = _Post(self)
        socket = self._server.socket_class(self._server, post)  # type: ignore[arg-type]
        self._sockets[connection] = socket, post
        role, number = connection
        socket._client_info["id"] = 1000 * role.number + 10 * sum(role.name.encode()) + number
        socket.sendall(greeting)
        post.empty()

    def _pass_time(self) -> None:
        self._server.end_waits()
        while (due := self.timer) is not None and due <= self._clock.now:
            heapq.heappop(self._timers)[2]()

    def _outputs(self) -> list[Output]:
        outputs: list[Output] = []
        for connection, (_, post) in list(self._sockets.items()):
            if post.parts:
                outputs.append((connection, post.empty()))
            if post.closed:
                outputs.append((connection, None))
                del self._sockets[connection]
        return outputs

    def seen(self) -> Hashable:
        """Return the same for two brokers that nobody could tell apart."""
        server = self._server
        numbers = {socket: connection for connection, (socket, _) in self._sockets.items()}
        return (
            tuple((n, _keys(db, numbers)) for n, db in server.dbs.items() if db._dict or db._watches),
            tuple(sorted((c, _client(socket)) for c, (socket, _) in self._sockets.items())),
            tuple(_topics(names, numbers) for names in server.topics.values()),
            _waiting(server.room, numbers),
            self.timer,
            _frozen(server.config),
        )


class _loaded_dice:  # noqa: N801 # a context manager, as random's own functions would want it
    """Let what a broker chooses by chance be the same each time, and put chance back."""

    def __enter__(self) -> None:
        self._state = random.getstate()
        random.seed(0)

    def __exit__(self, *_: object) -> None:
        random.setstate(self._state)


def _keys(database: Any, numbers: dict[Any, Connection]) -> Hashable:
    watched = [(key, sorted(numbers[s] for s in w if s in numbers)) for key, w in database._watches.items()]
    return (
        tuple((key, database._dict[key].expireat, _frozen(database._dict[key].value)) for key in sorted(database._dict)),
        tuple(sorted((key, tuple(who)) for key, who in watched if who)),
    )


def _client(socket: Any) -> Hashable:
    return (
        socket._db_num,
        socket._client_info.get("name"),
        socket._paused and (socket.running[0], tuple(socket.running[1])),
        socket._inbox,
        None if socket._transaction is None else len(socket._transaction),
        socket._transaction_failed,
        socket._watch_notified,
        tuple(tuple(names) for names in socket.topics.values()),
        socket._reply_off,
    )


def _topics(names: dict[bytes, dict[Any, None]], numbers: dict[Any, Connection]) -> Hashable:
    return tuple((name, tuple(numbers.get(s) for s in sockets)) for name, sockets in names.items())


def _waiting(room: Any, numbers: dict[Any, Connection]) -> Hashable:
    who = {socket._waiter: connection for socket, connection in numbers.items() if socket._waiter}
    queues = [
        (key, tuple(who.get(waiter) for waiter in queue)) for (_, key), queue in room._queues.items()
    ]
    ends = [(due, who.get(waiter)) for due, _, waiter in room._deadlines if waiter in room._waiting]
    return tuple(sorted(queues)), tuple(sorted(ends, key=lambda end: end[0]))


PLAIN = frozenset((bytes, int, float, str, bool, type(None)))


def _frozen(value: Any) -> Hashable:
    """Return a value as something that can be compared and hashed, with the order of its parts."""
    kind = type(value)
    if kind in PLAIN:
        return value  # type: ignore[no-any-return]
    if isinstance(value, dict):
        return tuple((_frozen(key), _frozen(part)) for key, part in value.items())
    if isinstance(value, list | tuple | deque):
        return tuple(_frozen(part) for part in value)
    if isinstance(value, set | frozenset):
        return frozenset(map(_frozen, value))
    if hasattr(value, "__dict__"):
        return kind.__name__, tuple(
            (name, _frozen(sorted(part.items()) if name in UNORDERED else part))
            for name, part in vars(value).items()
            if name not in REPEATED
        )
    if hasattr(value, "__iter__"):  # a sorted list
        return tuple(_frozen(part) for part in value)
    return id(value)


REPEATED = {"stream", "_byscore"}  # what is said elsewhere: a group names the stream that holds it
UNORDERED = {"_bylex", "consumers"}


@dataclass
class Brokers:
    """All that brokers were seen to hold."""

    clock: Clock
    made: int = 0
    known: dict[Hashable, Holding] = field(default_factory=dict)
    heads: dict[Holding, Broker] = field(default_factory=dict)

    def first(self) -> Holding:
        """Return what a new broker holds."""
        return self.known.setdefault("new", Holding())

    def then(self, holding: Holding, told: Told) -> tuple[Holding, tuple[Output, ...]]:
        """Return what a broker holds once it was told something, and what it sent to whom."""
        known = holding.then.get(told)
        if known is None:
            broker = self.heads.pop(holding, None) or self._make(holding)
            self.clock.now = told.when
            outputs = broker.tell(told)
            after = self._find(broker, (*holding.way, told))
            known = holding.then[told] = after, outputs
            self._keep(after, broker)
        return known

    def _make(self, holding: Holding) -> Broker:
        self.made += 1
        broker = Broker(self.clock)
        for told in holding.way:
            self.clock.now = told.when
            broker.tell(told)
        return broker

    def _find(self, broker: Broker, way: tuple[Told, ...]) -> Holding:
        seen = broker.seen()
        holding = self.known.get(seen)
        if holding is None:
            holding = self.known[seen] = Holding(way, broker.timer, broker.connections)
        return holding

    def _keep(self, holding: Holding, broker: Broker) -> None:
        if len(self.heads) >= KEPT:
            self.heads.pop(next(iter(self.heads)))
        self.heads[holding] = broker
