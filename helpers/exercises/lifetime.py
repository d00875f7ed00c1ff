"""Clients that lose power, stop in the middle, or are refused; and the handler of their worker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from redis import ResponseError

from embedded_redis import EmbeddedConnection, split_command

from ..record import commands_in
from ..record.handshake import KnowsItsHandshake
from ..sandbox.limits import Budget, is_foreign
from ..sandbox.plain import plain
from ..sandbox.runner import WorkerDied

GROWING = {"APPEND", "HINCRBY", "HSET", "HSETNX", "INCR", "INCRBY", "LINSERT", "LMOVE", "LPUSH"}
GROWING |= {"MSET", "RPUSH", "SADD", "SET", "SETEX", "SETNX", "XADD", "XGROUP", "ZADD"}
"""What a broker refuses when its memory is full."""

_OF_XADD = ("NOMKSTREAM", "KEEPREF", "DELREF", "ACKED")  # may stand before its bound


class Lifetime:
    """What becomes of one client, by the number of commands that it has sent.

    It may lose its power for good, stop until it may go on, or find the broker's memory full.
    """

    def __init__(
        self,
        budget: Budget,
        dies_after: int | None = None,
        stops_after: int | None = None,
        refused_after: int | None = None,
    ) -> None:
        self._budget = budget
        self._dies_after = dies_after
        self._stops_after = stops_after
        self._refused_after = refused_after
        self.dead = False
        self.was_refused = False
        self.trims: set[str] = set()  # the streams that it bounds
        self.sent: list[tuple[str, ...]] = []  # names; those of a transaction are together
        self.at_work = 0  # how many answers have it
        self.is_late = False  # whether a command came after the answer had returned
        self.stands = False
        self.may_go_on = asyncio.Event()

    def go_on(self, until: int | None = None) -> None:
        """Let it go on for good, or until it has sent so many commands."""
        self.may_go_on.set()
        if until is not None:
            self._stops_after, self.stands, self.may_go_on = until, False, asyncio.Event()

    async def before_command(self, *names: str, is_on_its_way: bool = False) -> bool:
        """Let one more command pass, unless it is refused. Raises WorkerDied without power.

        What was on its way when `handle` lost the power arrives all the same.
        """
        self._budget.command()
        if self._stops_after == len(self.sent) and not self.stands:
            self.stands = True  # what the same client sends beside it may overtake it
            await self.may_go_on.wait()
        is_cut_here = self._dies_after == len(self.sent)
        self.dead = self.dead or is_cut_here
        if is_cut_here or (self.dead and not is_on_its_way):
            raise WorkerDied
        self.is_late = self.is_late or (is_foreign.get() and not self.at_work)
        self.sent.append(names)
        is_full = self._refused_after is not None and len(self.sent) > self._refused_after
        is_refused = is_full and bool(GROWING & {*names})
        self.was_refused = self.was_refused or is_refused
        return not is_refused


met: WeakKeyDictionary[ResponseError, tuple[str, ...]] = WeakKeyDictionary()
"""By which command an answer came upon an error of the broker."""


class MortalConnection(KnowsItsHandshake, EmbeddedConnection):
    """Meet a lifetime, command by command; a transaction is one command."""

    def __init__(self, *, lifetime: Lifetime, **settings: Any) -> None:
        self._lifetime = lifetime
        self._latest: tuple[str, ...] = ()  # the command that went out last
        super().__init__(**settings)

    async def read_response(self, *given: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*given, **options)
        except ResponseError as error:
            met.setdefault(error, self._latest)
            raise

    async def _may_pass(self, *names: str) -> bool:
        if self.shaking_hands:
            return True
        has_power = not self._lifetime.dead
        await asyncio.sleep(0)  # so that others come between the commands of a pipeline, too
        return await self._lifetime.before_command(*names, is_on_its_way=has_power)

    def _notes(self, commands: list[tuple[str, ...]]) -> None:
        self._latest = commands[-1]
        self._lifetime.trims |= {words[1] for words in commands if _trims(words)}

    async def send_command(self, *words: Any, **options: Any) -> None:
        is_whole = await self._may_pass(_name(words[0]))
        self._notes([tuple(map(_text, words))])
        await super().send_command(*(words if is_whole else words[:1]), **options)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        packed = command if isinstance(command, bytes) else b"".join(command)
        for unit in _units(packed):
            commands = [*commands_in(unit)]
            self._notes(commands)
            names = [words[0].upper() for words in commands]
            is_whole = await self._may_pass(*names)
            await super().send_packed_command(unit if is_whole else _bare(names), check_health)


def _trims(words: tuple[str, ...]) -> bool:
    """Say whether a command takes entries from a stream beyond a bound, however large."""
    name, *options = words[0].upper(), *(word.upper() for word in words[2:8])
    first = next((each for each in options if each not in _OF_XADD), "")
    is_bounded = name == "XTRIM" or (name == "XADD" and first in ("MAXLEN", "MINID"))
    return is_bounded and len(words) > 1


def _name(word: Any) -> str:
    return _text(word).upper()


def _text(word: Any) -> str:
    return word.decode(errors="replace") if isinstance(word, bytes) else str(word)


def _bare(names: list[str]) -> bytes:
    """Write commands without what they are given, which the broker refuses."""
    return b"".join(b"*1\r\n$%d\r\n%s\r\n" % (len(n), n) for n in map(str.encode, names))


def _units(packed: bytes) -> Iterator[bytes]:
    """Cut a pipeline into its commands; MULTI to EXEC stays whole, as the broker sees it."""
    held, within = b"", False
    while packed and (found := split_command(packed)):
        words, end = found
        held, packed = held + packed[:end], packed[end:]
        within = words[0].upper() == b"MULTI" or (within and words[0].upper() != b"EXEC")
        if not within:
            yield held
            held = b""
    if held:
        yield held


class CannotHandle(ValueError):
    """What a handler raises when it cannot do its job."""


class JobLog:
    """A handler that does a job by writing it down; at the call that is named, it loses power.

    `dies` says at which call, counted from 1, and whether `before` or `after` the work; `raises`,
    at which call it finds that it cannot do the job.
    """

    def __init__(
        self,
        lifetime: Lifetime | None = None,
        dies: tuple[int, str] | None = None,
        raises: int = 0,
    ) -> None:
        self.done: list[Any] = []
        self._calls = 0
        self._lifetime = lifetime
        self._dies = dies or (0, "")
        self._raises = raises

    def __call__(self, job: Any) -> None:
        self._calls += 1
        if self._lifetime and self._lifetime.dead:
            raise WorkerDied
        if self._dies == (self._calls, "before"):
            self._lose_power()
        if self._calls == self._raises:
            raise CannotHandle("this one cannot be handled")
        self.done.append(plain(job))
        if self._dies == (self._calls, "after"):
            self._lose_power()

    def _lose_power(self) -> None:
        if self._lifetime:
            self._lifetime.dead = True
        raise WorkerDied
