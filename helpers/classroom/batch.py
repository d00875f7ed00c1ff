"""What a reader of the class's stream hands over at a time."""

from __future__ import annotations

from dataclasses import dataclass

from .event import Event


@dataclass(frozen=True)
class Batch:
    """Events with the times of their entries, and how things stand; `taken` may be empty.

    Times are milliseconds by the broker's clock. `lag` and `pending` are those of the reader's own
    group; Redis does not always know the lag. `trouble` is a sentence while the broker is out of
    reach: then `now`, `lag` and `pending` are as last known.
    """

    taken: tuple[tuple[Event, int], ...] = ()
    now: int = 0
    lag: int | None = None
    pending: int = 0
    trouble: str = ""
