"""The broker of an exploration: what it holds, and what each command does to that.

What a broker holds is known by what its clients can see of it. So what a command did to it once is
remembered; for another command, a broker is made anew from an image.
"""

from __future__ import annotations

import random
import re
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from embedded_redis import Image, embedded_server, image_of, restored, seen

from ..errors import CourseError
from .gate import Mailbox, commands_of
from .life import Role
from .loop import BEGINNING, Clock
from .program import Given

Connection = tuple[Role, int]
GIVER = Role("(given)", "", 0, BEGINNING)
Output = tuple[Connection, bytes | None]  # None: the broker has closed the connection

KEPT = 200
"""How many brokers are kept where they stand."""

CHANCE = (b"RANDMEMBER\r\n", b"RANDFIELD\r\n", b"SPOP\r\n", b"RANDOMKEY\r\n")
LISTING = (b"KEYS\r\n", b"SCAN\r\n", b"RANDOMKEY\r\n")
SCRIPTS = (b"EVAL", b"EVALSHA", b"EVAL_RO", b"EVALSHA_RO")  # any command may be in one

REFUSED = re.compile(rb"-ERR '([^'\r\n]+)' needs a real server(, or the package lupa)?")
NO_SERVER = "A program that is explored may not use {}, which needs a real server."
NO_LUA = (
    "A program that is explored may use {} only where the package lupa is installed: in place of a "
    "script, and of redis-py's own lock, write WATCH and MULTI."
)


class Said(NamedTuple):
    """What a broker is told: a command, that connections have closed, or that time has passed."""

    what: str  # command, closed, time
    when: float
    connections: tuple[Connection, ...] = ()
    greeting: bytes = b""
    data: bytes = b""


@dataclass(eq=False, slots=True)
class Holding:
    """What a broker holds, and what it does when it is told something."""

    way: tuple[Said, ...] = ()  # what leads to it: from the image, or where there is none, from new
    image: Image | None = None
    timer: float | None = None
    connections: frozenset[Connection] = frozenset()
    then: dict[Said, tuple[Holding, tuple[Output, ...]]] = field(default_factory=dict)


Greeted = dict[bytes, tuple[dict[str, Any], int]]
"""What a broker knows of a client after a handshake, and which database the client is in."""


class Broker:
    """A broker at work."""

    def __init__(self, clock: Clock, greeted: Greeted, image: Image | None = None) -> None:
        self._clock, self._greeted = clock, greeted
        clients = image.clients if image else {}
        self._posts = {name: Mailbox() for name in clients}
        self._since = {name: client.wait.since for name, client in clients.items() if client.wait}
        self._server, self._sockets = (
            restored(image, self._posts, clock) if image else (embedded_server(clock=clock), {})
        )

    @property
    def timer(self) -> float | None:
        """When the next wait ends."""
        return self._server.next_wake()

    @property
    def connections(self) -> frozenset[Connection]:
        """Whose connections are open."""
        return frozenset(self._sockets)

    def tell(self, said: Said) -> tuple[Output, ...]:
        """Do what it is told; return what goes to whom."""
        if said.what == "command":
            self._run(said)
        elif said.what == "closed":
            for connection in said.connections:
                socket = self._forget(connection)
                socket.leave()
                vars(socket).clear()
        else:
            self._server.end_waits()
        return tuple([_possible(output) for output in self._outputs()])

    def _run(self, said: Said) -> None:
        [connection] = said.connections
        if connection not in self._sockets:
            self._open(connection, said.greeting)
        self._since[connection] = said.when
        upper = said.data.upper()
        scripted = any(b"%b\r\n" % word in upper for word in SCRIPTS)
        if scripted or any(word in upper for word in LISTING):
            self._sort_keys()
        with _loaded_dice(scripted or any(word in upper for word in CHANCE)):
            self._sockets[connection].sendall(said.data)

    def _open(self, connection: Connection, greeting: bytes) -> None:
        post = self._posts[connection] = Mailbox()
        socket: Any = self._server.socket_class(self._server, post)
        self._sockets[connection] = socket
        if greeting not in self._greeted:
            socket.sendall(greeting)
            post.empty()
            self._greeted[greeting] = dict(socket._client_info), socket._db_num
        info, number = self._greeted[greeting]
        socket._client_info.update(info)
        socket._client_info["id"] = _client_id(*connection)
        socket._db, socket._db_num = self._server.dbs[number], number

    def _sort_keys(self) -> None:
        """Let keys be listed in one sequence, whichever was made first: Redis promises none."""
        for database in self._server.dbs.values():
            database._dict = {key: database._dict[key] for key in sorted(database._dict)}

    def _outputs(self) -> Iterator[Output]:
        for connection, post in list(self._posts.items()):
            if post.parts:
                yield connection, post.empty()
            if post.closed:
                self._forget(connection)
                yield connection, None

    def _forget(self, connection: Connection) -> Any:
        del self._posts[connection]
        self._since.pop(connection, None)
        return self._sockets.pop(connection)

    def seen(self, known: dict[Hashable, int]) -> Hashable:
        """Return the same for two brokers that nobody could tell apart."""
        return seen(self._server, self._sockets, known), self.timer

    def image(self) -> Image | None:
        """Return what it takes to make another broker like this one."""
        return image_of(self._server, self._sockets, self._since)

    def end(self) -> None:
        """Untie its parts, which hold each other: while it explores nobody collects garbage."""
        server = self._server
        for part in (*self._sockets.values(), server.room, server):
            vars(part).clear()


def _possible(output: Output) -> Output:
    """Return what goes to a client, unless that says that this broker cannot do what was asked."""
    if output[1] and (refused := REFUSED.search(output[1])):
        raise CourseError((NO_LUA if refused[2] else NO_SERVER).format(refused[1].decode()))
    return output


def _client_id(role: Role, number: int) -> int:
    return 1000 * role.number + 10 * sum(role.name.encode()) + number


@contextmanager
def _loaded_dice(loaded: bool) -> Iterator[None]:
    """Let what a broker chooses by chance be the same each time, and put chance back."""
    if not loaded:
        yield
        return
    state = random.getstate()
    random.seed(0)
    try:
        yield
    finally:
        random.setstate(state)


@dataclass
class Brokers:
    """All that brokers were seen to hold; where it does not `recognise`, no two hold the same."""

    clock: Clock
    recognise: bool = True
    told: int = 0  # how often a broker was told something that was not known
    made: int = 0  # and how often it had to be made for that
    known: dict[Hashable, Holding] = field(default_factory=dict)
    heads: dict[Holding, Broker] = field(default_factory=dict)
    greeted: Greeted = field(default_factory=dict)
    data: dict[Hashable, int] = field(default_factory=dict)  # by which those seen are known

    def first(self, given: Given | None = None) -> Holding:
        """Return what a new broker holds once it was given something, which is no step."""
        holding = self.known.setdefault("new", Holding())
        if given is None:
            return holding
        whose = ((GIVER, 0),)
        gives = Said("command", BEGINNING, whose, data=commands_of(given))
        return self.then(self.then(holding, gives)[0], Said("closed", BEGINNING, whose))[0]

    def then(self, holding: Holding, said: Said) -> tuple[Holding, tuple[Output, ...]]:
        """Return what a broker holds once it was told something, and what it sent to whom."""
        known = holding.then.get(said)
        if known is None:
            broker = self.heads.pop(holding, None) or self._make(holding)
            self.clock.now = said.when
            self.told += 1
            outputs = broker.tell(said)
            after = self._find(broker, holding, said)
            known = holding.then[said] = after, outputs
            self._keep(after, broker)
        return known

    def close(self) -> None:
        """End all brokers, and let none hold another one."""
        while self.heads:
            self.heads.popitem()[1].end()
        for holding in self.known.values():
            holding.then.clear()

    def _make(self, holding: Holding) -> Broker:
        self.made += 1
        broker = Broker(self.clock, self.greeted, holding.image)
        for said in holding.way:
            self.clock.now = said.when
            broker.tell(said)
        return broker

    def _find(self, broker: Broker, before: Holding, said: Said) -> Holding:
        seen = broker.seen(self.data) if self.recognise else object()
        holding = self.known.get(seen)
        if holding is None:
            image = broker.image()
            way = () if image else (*before.way, said)
            image = image or before.image
            holding = Holding(way, image, broker.timer, broker.connections)
            self.known[seen] = holding
        return holding

    def _keep(self, holding: Holding, broker: Broker) -> None:
        if holding in self.heads:
            broker.end()
            return
        if len(self.heads) >= KEPT:
            self.heads.pop(next(iter(self.heads))).end()
        self.heads[holding] = broker
