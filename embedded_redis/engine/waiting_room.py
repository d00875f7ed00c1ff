"""Who waits for which key, in the order of Redis.

Clients that wait for a key stand in a queue. A command that makes, removes or replaces the key
marks it, and so does what adds to a stream or removes a group. Once the command, transaction or
script has ended, each marked key serves its queue from the front. A client that is woken runs its
command again, as in Redis since 7.2: it may find nothing, and then stands at the back.
Follows https://redis.io/docs/latest/commands/blpop/
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._fakeredis import Database, SimpleError
from .clock import broker_time as time

TICK = 0.001  # seconds: a key is gone once the clock, which counts them, is past its end
Place = tuple[Database, bytes]
# These wake though the key has the same value as when it was marked; fakeredis marks after a MOVE.
WAKING = ("xadd", "xgroup|destroy", "move")


@dataclass
class Change:
    """What has happened to a key: the value that it had, and whether that alone must wake."""

    value_before: Any
    wakes: bool


@dataclass(eq=False)
class Waiter:
    """One blocked client: what it waits for, and how its command is tried again."""

    places: tuple[Place, ...]
    attempt: Callable[[], Any]
    may_run: Callable[[Any], bool]  # asked about the value of a key that has changed
    answer: Callable[[Any], None]
    wake_in: Callable[[float, Callable[[], None]], Callable[[], None]]  # a timer of its client
    cancel_timer: Callable[[], None] = lambda: None
    cancel_expiry: Callable[[], None] = lambda: None

    def try_again(self) -> Any:
        """Run the command again; an error is an answer too."""
        try:
            return self.attempt()
        except SimpleError as error:
            return error


class WaitingRoom:
    """The queues of waiting clients of one broker."""

    def __init__(self, running: Callable[[], str], expire: Callable[[Waiter], None]) -> None:
        self.ready: dict[Place, Change] = {}
        self._running = running
        self._expire = expire
        self._serving = False
        self._queues: dict[Place, dict[Waiter, None]] = {}
        self._deadlines: list[tuple[float, int, Waiter]] = []
        self._waiting: set[Waiter] = set()
        self._ticket = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, waiter: Waiter, timeout: float | None) -> None:
        """Stand at the back of every queue, for some seconds, or with None or 0 for ever."""
        self._waiting.add(waiter)
        self._stand_at_the_back(waiter)
        if timeout:
            due = time.monotonic() + timeout
            heapq.heappush(self._deadlines, (due, next(self._ticket), waiter))
        if _minds_a_missing_key(waiter):
            self.mind_expiry(waiter)

    def leave(self, waiter: Waiter) -> None:
        """Leave every queue."""
        self._waiting.discard(waiter)
        waiter.cancel_expiry()
        for place in waiter.places:
            queue = self._queues.get(place, {})
            queue.pop(waiter, None)
            if not queue:
                self._queues.pop(place, None)

    def key_changed(self, database: Database, key: bytes) -> None:
        """Mark a key, if anybody waits for it."""
        place = (database, key)
        if place in self._queues:
            change = self.ready.setdefault(place, Change(_value(place), False))
            change.wakes |= not self._serving and self._running() in WAKING

    def key_expired(self, database: Database, key: bytes) -> None:
        """Mark a key that is gone, if anybody waits for it."""
        if (database, key) in self._queues:
            self.ready[database, key] = Change(None, True)

    def mind_expiry(self, waiter: Waiter) -> None:
        """See to it that a client that waits hears when a key expires, without any command."""
        waiter.cancel_expiry()
        moment = self._expiry_of(waiter)
        if moment is not None:
            delay = max(0.0, moment - time.monotonic())
            waiter.cancel_expiry = waiter.wake_in(delay, lambda: self._expire(waiter))

    def next_expiry(self) -> float | None:
        """The moment of time.monotonic() at which the next key expires that must wake, or None."""
        moments = map(self._expiry_of, self._waiting)
        return min((moment for moment in moments if moment is not None), default=None)

    def _expiry_of(self, waiter: Waiter) -> float | None:
        if waiter not in self._waiting or not _minds_a_missing_key(waiter):
            return None
        items = (database.get(key) for database, key in waiter.places)
        ends = [item.expireat for item in items if item and item.expireat is not None]
        return min(ends) + TICK + (time.monotonic() - time.time()) if ends else None

    def all_keys_changed(self, *databases: Database) -> None:
        """Mark every key of these databases that anybody waits for."""
        for place in self._queues:
            if place[0] in databases:
                self.ready[place] = Change(None, True)

    def serve(self) -> None:
        """Serve the queues of the marked keys, in the order in which the keys were marked."""
        self._serving = True
        try:
            while self.ready:
                place = next(iter(self.ready))
                self._serve_queue(place, self.ready.pop(place))
        finally:
            self._serving = False

    def _serve_queue(self, place: Place, change: Change) -> None:
        queue = list(self._queues.get(place, ()))
        for waiter in filter(_minds_a_missing_key, queue):
            self.mind_expiry(waiter)
        for waiter in queue:
            value = _value(place)
            if not change.wakes and value is change.value_before:
                return
            if waiter in self._waiting and waiter.may_run(value):
                self._serve(waiter)

    def finish(self, waiter: Waiter, reply: Any) -> None:
        """Answer a waiting client, whatever ended its wait."""
        if waiter in self._waiting:
            self.leave(waiter)
            waiter.cancel_timer()
            waiter.answer(reply)

    def next_deadline(self) -> float | None:
        """The moment of time.monotonic() at which the next wait ends, or None."""
        while self._deadlines and self._deadlines[0][2] not in self._waiting:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def expire_due(self, at: float | None = None) -> None:
        """End the waits whose time is over, now or at another moment of time.monotonic()."""
        if not self._deadlines:  # so it is with nearly every command
            return
        now = time.monotonic() if at is None else at
        while self._deadlines and (due := self.next_deadline()) and due <= now:
            self.finish(self._deadlines[0][2], None)

    def _serve(self, waiter: Waiter) -> None:
        reply = waiter.try_again()
        if reply is not None:
            self.finish(waiter, reply)
            return
        self.leave(waiter)
        self._waiting.add(waiter)
        self._stand_at_the_back(waiter)
        if _minds_a_missing_key(waiter):
            self.mind_expiry(waiter)

    def _stand_at_the_back(self, waiter: Waiter) -> None:
        for place in waiter.places:
            self._queues.setdefault(place, {})[waiter] = None


def _minds_a_missing_key(waiter: Waiter) -> bool:
    return waiter.may_run(None)


def _value(place: Place) -> Any:
    database, key = place
    item = database.get(key)
    return item and item.value
