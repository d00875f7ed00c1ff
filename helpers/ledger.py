"""The keys that the course created on somebody's server, written down on that server.

What is written there outlives a killed notebook, so that the next start can remove the leftovers.
A name that is in the ledger is the course's until the end, also while no key has it.
"""

import redis

from .admission import ELSEWHERE
from .errors import CourseError

LEDGER = "redis-course:ledger"
OWNER = "redis-course:owner"


class Ledger:
    """Keep in one database the list of the keys that the course created there."""

    def __init__(self, side: redis.Redis, owner: str, shown: str) -> None:
        self._side, self._owner, self._shown = side, owner, shown
        self._keys: set[bytes] = set()

    def open(self) -> None:
        """Take the database; raises CourseError if it is not empty, or another notebook's."""
        self._remove_what_a_dead_owner_left()
        if self._side.dbsize():
            raise CourseError(
                f"The database at {self._shown} holds keys already, and the course takes only an "
                f"empty one: add another number, such as /1, to the address, or {ELSEWHERE}."
            )
        if not self._side.set(OWNER, self._owner, nx=True):
            raise CourseError(self._taken())

    def claim(self, key: bytes, *, creates: bool) -> None:
        """Note a key before it is created; raises CourseError if it is somebody else's."""
        if key in self._keys:
            return
        if key.decode(errors="replace") in (LEDGER, OWNER) or self._side.exists(key):
            raise CourseError(
                f"The course did not create the key {key.decode(errors='replace')!r} at "
                f"{self._shown}, so it does not touch it: use another key, or {ELSEWHERE}."
            )
        if creates:
            self._side.sadd(LEDGER, key)
            self._keys.add(key)

    def close(self) -> None:
        """Remove what the course created here, and the ledger."""
        if self._side.get(OWNER) == self._owner.encode():
            self._remove()

    def _remove_what_a_dead_owner_left(self) -> None:
        owner = self._side.get(OWNER)
        if owner is None:
            return
        if owner.decode() in {client["name"] for client in self._side.client_list()}:
            raise CourseError(self._taken())
        self._remove()

    def _remove(self) -> None:
        for key in self._side.sscan_iter(LEDGER):
            self._side.unlink(key)
        self._side.unlink(LEDGER, OWNER)

    def _taken(self) -> str:
        return (
            f"Another notebook of this course is using the database at {self._shown}: stop it, or "
            f"add another number, such as /1, to the address."
        )
