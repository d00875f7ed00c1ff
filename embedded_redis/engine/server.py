"""The embedded broker's state: fakeredis' databases, who is connected, and who waits."""

import heapq
import threading
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from ._fakeredis import Database, FakeServer
from .clock import Clock, ClockedLock
from .clock import broker_time as time
from .outlets import Outlet
from .waiting_room import Waiter, WaitingRoom

if TYPE_CHECKING:
    from .core import EmbeddedSocket

Subscribers = dict[bytes, dict["EmbeddedSocket", None]]
VERSION = (8, 2)
FIRST_DICE = 0x1234ABCD330E


def now() -> float:
    """The seconds since 1970, in the milliseconds in which Redis counts."""
    return int(time.time() * 1000) / 1000


class EmbeddedDatabase(Database):
    """A database that tells the waiting room which key has changed, or has expired."""

    def __init__(self, lock: Any, room: WaitingRoom) -> None:
        super().__init__(lock)
        self._room = room
        self.time = now()  # a transaction may be the first to come here

    def advance(self, moment: float) -> None:
        """Let it be this moment: whoever watches or waits for a key that expires hears of it."""
        self.time = moment
        while self._expiry_heap and self._expiry_heap[0][0] < moment:
            _, key = heapq.heappop(self._expiry_heap)
            item = self._dict.get(key)
            if item is not None and self.expired(item):
                del self._dict[key]
                self.notify_watch(key)
                self._room.key_expired(self, key)

    def notify_watch(self, key: bytes) -> None:
        for socket in self._watches.get(key, ()):
            socket.notify_watch()
        self._room.key_changed(self, key)  # in place of fakeredis' way to wake who waits

    def swap(self, other: Database) -> None:
        super().swap(other)
        self._room.all_keys_changed(self, other)


class EmbeddedServer(FakeServer):
    """A broker of its own; clients share it by being given the same object.

    Set `connected` to False to make an outage: every connection is cut and none can be made.
    """

    # Stricter than fakeredis' own: a lock that its holder may take again, and our databases.
    lock: "threading.RLock | ClockedLock"  # type: ignore[assignment]
    dbs: dict[int, EmbeddedDatabase]  # type: ignore[assignment]

    def __init__(self, socket_class: "type[EmbeddedSocket]", clock: Clock | None = None) -> None:
        self._connected = True
        super().__init__(version=VERSION)
        self.socket_class = socket_class
        self.room = WaitingRoom(self._running, self.expire)
        self.go_by(clock)
        self.dbs = defaultdict(lambda: EmbeddedDatabase(self.lock, self.room))
        # Who is subscribed to what, by kind of subscription, named as CLIENT LIST names them.
        self.topics: dict[str, dict[bytes, dict[EmbeddedSocket, None]]] = {
            "sub": {},
            "psub": {},
            "ssub": {},
        }
        self.started = time.time()
        self.commands_processed = 0
        self.dice = FIRST_DICE  # what scripts draw comes from here
        self.written: dict[Outlet, None] = {}  # whom a command has written to, in this order
        self.abandoned: deque[EmbeddedSocket] = deque()
        self.resumable: deque[EmbeddedSocket] = deque()  # clients that were served and may go on
        self.current: EmbeddedSocket | None = None  # the client whose command runs
        self._settling = False

    def go_by(self, clock: Clock | None) -> None:
        """Let it be as late as on this clock; None is the time of day."""
        self.clock = clock
        self.lock = ClockedLock(clock) if clock else threading.RLock()
        if clock:
            clock.servers.add(self)

    @property
    def connected(self) -> bool:
        return self._connected

    @connected.setter
    def connected(self, connected: bool) -> None:
        self._connected = connected
        if not connected:
            with self.lock:
                for socket in list(self.sockets):
                    socket.close()
                self.send_replies()

    @property
    def connections_received(self) -> int:
        """How many connections were ever made."""
        return self._next_client_id - 1

    def _running(self) -> str:
        return self.current.running[0] if self.current else ""

    def prepare(self) -> None:
        """Do what is due before a command runs: forget closed clients, end expired waits."""
        while self.abandoned:
            self.abandoned.popleft().close()
        self._pass_time()

    def _pass_time(self, at: float | None = None) -> None:
        moment = now()
        for database in self.dbs.values():
            database.advance(moment)
        self.room.expire_due(at)

    def settle(self) -> None:
        """Serve whoever the last command made ready, then let the served go on."""
        if self._settling:
            return
        self._settling = True
        try:
            while self.room.ready or self.resumable:
                self.room.serve()
                if self.resumable:
                    self.resumable.popleft().resume()
        finally:
            self._settling = False

    def send_replies(self, sender: Outlet | None = None) -> None:
        """Send what a command has written: last written to, first sent to, as Redis does.

        A client whose wait ends is written to after the client that ended it, so it hears first.
        """
        ahead = sender in self.written
        while self.written:
            outlet, _ = self.written.popitem()
            ahead = ahead and outlet is not sender
            outlet.deliver(ahead)

    def end_waits(self, at: float | None = None) -> None:
        """End the waits whose time is over, now or at another moment of time.monotonic()."""
        with self.lock:
            self._pass_time(at)
            self.settle()
            self.send_replies()

    def next_wake(self) -> float | None:
        """The moment at which the next wait ends, or the next key expires that must wake."""
        with self.lock:
            moments = self.room.next_deadline(), self.room.next_expiry()
            return min((moment for moment in moments if moment is not None), default=None)

    def expire(self, waiter: Waiter) -> None:
        """Let keys expire that this client waits for, or look again when the next one does."""
        with self.lock:
            self.end_waits()
            self.room.mind_expiry(waiter)
