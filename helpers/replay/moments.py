"""The moments of a record: what everybody held after each command."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..picture.rows import rows_of
from ..picture.text import write
from ..record import Record, printable
from ..stage import words
from ..stage.model import Stage
from .cast import cast_of
from .on_demand import OnDemand
from .scene import stage_of
from .walk import beats_of

TITLE = "The clients and the broker"
MOST_TOLD = 3  # deliveries in a sentence

MOST_COMMANDS = 200
"""Of a longer record only the latest commands can be stepped through."""

MOST_TOKENS = words.MOST_TOKENS - 1  # the page would leave out some of those that are left
"""In a place with more tokens than this the middle ones are counted, not shown."""


@dataclass(frozen=True)
class Moment:
    """What happened, in words, and what was where afterwards.

    `did` is the command alone, `headline` what came of it, `words` everything as `flow()` says it.
    `order` is that of the record.
    """

    order: int
    did: str
    headline: str
    words: str
    stage: Stage


class Moments(OnDemand[Moment]):
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
        self._made = cache(self._moment)

    def __len__(self) -> int:
        return len(self._beats)

    @property
    def note(self) -> str:
        """Say what is left out."""
        if not self.left_out:
            return ""
        return f"These are the latest {MOST_COMMANDS} commands; {self.left_out:,} came before."

    def make(self, number: int) -> Moment:
        """Make the moment of this number, once."""
        return self._made(number)

    def _moment(self, number: int) -> Moment:
        beat = self._beats[number]
        stage = stage_of(beat, self._cast, TITLE, self._most)
        if beat.step is None:
            said = f"{printable(beat.client)}: {beat.words}"
            return Moment(beat.order, said, "", said, stage)
        did, *came = rows = rows_of([beat.step], set())
        headline = _sentence([f"{row.client} gets {row.words}" for row in came])
        return Moment(beat.order, f"{did.client} {did.words}", headline, write(rows), stage)


def _sentence(parts: list[str]) -> str:
    """Join what came of a command to one sentence, if it is short enough for that."""
    if len(parts) > MOST_TOLD:
        parts = [*parts[: MOST_TOLD - 1], f"{len(parts) - MOST_TOLD + 1} more deliveries"]
    return "; ".join(parts) + "." if parts else ""
