"""The keys that the course created on somebody's server, written down on that server.

What is written there outlives a killed notebook, so that the next start can remove the leftovers.
A name that is in the ledger is the course's until the end, also while no key has it. The database
is not taken once and for all: with each command that names a key the course looks whether it still
has it, because a restart, a FLUSHALL or an eviction takes the owner's mark away.
"""

from collections.abc import Iterable
from typing import Any

import redis

from ..errors import CourseError
from .admission import ELSEWHERE
from .removal import IsOurs, digest, holds_only_ours, made_up, remove

LEDGER = "redis-course:ledger"
OWNER = "redis-course:owner"
WORDS = "redis-course:words"  # digests of what the course wrote: what is not there is somebody's
OWN = (LEDGER, OWNER, WORDS)
GUARDS = "redis-course-"  # the names of guards' clients begin so


class Ledger:
    """The list of the keys that the course created in one database, kept in that database."""

    def __init__(self, side: redis.Redis, owner: str, shown: str) -> None:
        self._side, self._owner, self._shown = side, owner, shown
        self._keys: set[bytes] = set()
        self._words: set[bytes] = set()
        self.was_lost = False  # whether the owner's mark was ever gone

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

    def renew(self) -> None:
        """Look whether the database is still ours, and take it again if it is nobody's.

        Raises CourseError if it is another notebook's, and once when our mark had gone.
        """
        owner, noted = self._asked()
        if owner == self._owner.encode():
            if noted < len(self._keys):  # the list alone was evicted
                self._write_down()
            return
        if owner is not None or not self._side.set(OWNER, self._owner, nx=True):
            raise CourseError(self._taken())
        self.was_lost = True
        self._keep_what_is_left()
        raise CourseError(
            f"The server at {self._shown} was emptied or restarted, or it evicts keys: what this "
            "lesson had put there may be gone. Begin again at the lesson's first cell."
        )

    def claim(self, key: bytes, *, creates: bool) -> None:
        """Note a key before it is created; raises CourseError if it is somebody else's."""
        if key in self._keys:
            return
        if key.decode(errors="replace") in OWN or self._side.exists(key):
            raise CourseError(
                f"The course did not create the key {key.decode(errors='replace')!r} at "
                f"{self._shown}, so it does not touch it: use another key, or {ELSEWHERE}."
            )
        if creates:
            self._side.sadd(LEDGER, key)
            self._keys.add(key)

    def note(self, words: Iterable[bytes], keys_made_up: Iterable[bytes] = ()) -> None:
        """Note what is about to be written: what nobody noted is not the course's to remove.

        `keys_made_up` are the keys whose content the server will make up, as INCR does.
        """
        words = [*words, *map(made_up, keys_made_up)]
        if new := set(map(digest, words)) - self._words:
            self._side.sadd(WORDS, *new)
            self._words |= new

    def close(self) -> None:
        """Remove what the course created here, and the ledger."""
        owner, noted = self._asked()
        if owner is None and noted:
            self._remove(self._words)
        self.was_lost |= not self.remove_ours()

    def remove_ours(self) -> bool:
        """Remove all of the course's if this owner's mark is here, and tell whether it is."""
        if self._side.get(OWNER) != self._owner.encode():
            return False
        noted: Any = self._side.smembers(WORDS)
        self._remove(self._words | noted)
        return True

    def _asked(self) -> tuple[bytes | None, int]:
        pipeline: Any = self._side.pipeline(transaction=False)
        owner, noted = pipeline.get(OWNER).scard(LEDGER).execute()
        return owner, noted

    def _keep_what_is_left(self) -> None:
        """Forget the keys that are gone, or may by now be somebody else's."""
        left = self._side.smembers(LEDGER)
        self._keys = {
            key
            for key in self._keys
            if key in left or holds_only_ours(self._side, key, self._wrote(self._words))
        }
        self._write_down()

    def _write_down(self) -> None:
        for name, noted in ((LEDGER, self._keys), (WORDS, self._words)):
            if noted:
                self._side.sadd(name, *noted)

    def _remove_what_a_dead_owner_left(self) -> None:
        owner, noted = self._asked()
        if owner is None and not noted:
            return
        if self._is_in_use(owner):
            raise CourseError(self._taken())
        words: Any = self._side.smembers(WORDS)
        self._remove(words)

    def _is_in_use(self, owner: bytes | None) -> bool:
        """Tell whether the guard lives that took this database, or any where its mark is gone."""
        guards = [c for c in self._side.client_list() if c["name"].startswith(GUARDS)]
        if owner is not None:
            return owner.decode() in {guard["name"] for guard in guards}
        here = str(self._side.get_connection_kwargs().get("db", 0))
        return any(guard["db"] == here and guard["name"] != self._owner for guard in guards)

    def _remove(self, words: set[bytes]) -> None:
        for key in self._side.sscan_iter(LEDGER):
            remove(self._side, key, self._wrote(words))
        self._side.unlink(*OWN)

    @staticmethod
    def _wrote(words: set[bytes]) -> IsOurs:
        return lambda word: digest(word) in words

    def _taken(self) -> str:
        return (
            f"Another notebook of this course is using the database at {self._shown}: stop it, or "
            f"add another number, such as /1, to the address."
        )
