"""The moments of a record: what everybody held after each command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import overload

from ..picture.rows import rows_of
from ..picture.text import write
from ..record import Record, printable
from ..stage.model import Stage
from .beats import Beat
from .cast import cast_of
from .scene import stage_of
from .walk import beats_of

MOST_COMMANDS = 200
"""Of a longer record only the latest commands can be stepped through."""

MOST_TOKENS = 40
"""In a place with more tokens than this the middle ones are counted, not shown."""


@dataclass(frozen=True)
class Moment:
    """What happened, in words, and what was where afterwards; `order` is the record's."""

    order: int
    words: str
    stage: Stage


class Moments(Sequence[Moment]):
    """The moments of a record from the command of this order on, made when they are asked for.

    Nothing is sent: all is worked out from the record, and what it cannot tell is "not known".
    """

    def __init__(self, record: Record, since: int = 0, most_tokens: int = MOST_TOKENS) -> None:
        asked = [c.order for c in record.commands if c.order >= since]
        latest = asked[-MOST_COMMANDS:]
        self.left_out = len(asked) - len(latest)
        self._beats = beats_of(record, since if not self.left_out else latest[0])
        self._cast = cast_of(self._beats, record.clients)
        self._most = most_tokens
        self._moment = cache(self._made)

    def __len__(self) -> int:
        return len(self._beats)

    @overload
    def __getitem__(self, at: int) -> Moment: ...
    @overload
    def __getitem__(self, at: slice) -> list[Moment]: ...
    def __getitem__(self, at: int | slice) -> Moment | list[Moment]:
        if isinstance(at, slice):
            return [self._moment(i) for i in range(len(self))[at]]
        return self._moment(range(len(self))[at])

    def note(self) -> str:
        """Say what is left out."""
        if not self.left_out:
            return ""
        return f"Only the latest {MOST_COMMANDS} commands: {self.left_out} came before."

    def _made(self, number: int) -> Moment:
        beat = self._beats[number]
        title = f"{number + 1} of {len(self)}"
        return Moment(beat.order, _words(beat), stage_of(beat, self._cast, title, self._most))


def _words(beat: Beat) -> str:
    """Write a command as `flow()` does, with its reply and what it delivered."""
    if beat.step is None:
        return f"{printable(beat.client)}  {beat.words}"
    return write(rows_of([beat.step], set()))
