"""The embedded broker's state: fakeredis' databases, who is connected, and who waits."""

import asyncio
import threading
import time
from collections import defaultdict, deque
from typing import Any

from ._fakeredis import Database, FakeServer
from .waiting_room import WaitingRoom

VERSION = (8, 2)
COMMANDS_A_TURN = 100  # a task that asks again and again may run alone no longer than this


def now() -> float:
    """The seconds since 1970, in the milliseconds in which Redis counts."""
    return int(time.time() * 1000) / 1000


class EmbeddedDatabase(Database):
    """A database that tells the waiting room which key has changed."""

    def __init__(self, lock: Any, room: WaitingRoom) -> None:
        super().__init__(lock)
        self._room = room
        self.time = now()  # a transaction may be the first to come here

    def notify_watch(self, key: bytes) -> None:
        super().notify_watch(key)
        self._room.key_changed(self, key)

    def swap(self, other: Database) -> None:
        super().swap(other)
        self._room.all_keys_changed(self, other)


class EmbeddedServer(FakeServer):
    """A broker of its own; clients share it by being given the same object.

    Set `connected` to False to make an outage: every connection is cut and none can be made.
    """

    def __init__(self, socket_class: type) -> None:
        self._connected = True
        super().__init__(version=VERSION)
        self.socket_class = socket_class
        self.room = WaitingRoom(self._running)
        self.lock = threading.RLock()
        self.dbs = defaultdict(lambda: EmbeddedDatabase(self.lock, self.room))
        # Who is subscribed to what, by kind of subscription, named as CLIENT LIST names them.
        self.topics: dict[str, dict[bytes, dict[Any, None]]] = {"sub": {}, "psub": {}, "ssub": {}}
        self.started = time.time()
        self.commands_processed = 0
        self._since_turn = 0
        self.closed_sockets: deque[Any] = deque()
        self.resumable: deque[Any] = deque()  # clients that were served and may go on
        self.current: Any = None  # the client whose command runs
        self._settling = False

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

    @property
    def connections_received(self) -> int:
        """How many connections were ever made."""
        return self._next_client_id - 1

    def must_give_way(self) -> bool:
        """Say whether other tasks have long had no turn: nothing here waits for a network."""
        self._since_turn += 1
        if self._since_turn == 1:
            asyncio.get_running_loop().call_soon(self._turn_taken)
        if self._since_turn <= COMMANDS_A_TURN:
            return False
        self._turn_taken()
        return True

    def _turn_taken(self) -> None:
        self._since_turn = 0

    def _running(self) -> str:
        return self.current.running[0] if self.current else ""

    def prepare(self) -> None:
        """Do what is due before a command runs: forget closed clients, end expired waits."""
        while self.closed_sockets:
            self.closed_sockets.popleft().close()
        moment = now()
        for database in self.dbs.values():
            database.time = moment
        self.room.expire_due()

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
