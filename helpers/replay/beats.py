"""What a walk through a record finds after each event: plain data, in the broker's own terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..record import Step

Key = tuple[int, str]  # database and key
GroupName = tuple[int, str, str]  # database, stream and group
Heard = tuple[str, str]  # kind of message, channel or pattern
End = tuple[str, Key | str]  # of what kind a place is, and which one: a key, or a name
CLIENT, KEY, CHANNEL, PATTERN = "client", "key", "channel", "pattern"


class Element(str):
    """An element of a list, which stays itself when it moves to another one."""

    identity: str


@dataclass(eq=False)
class Copy:
    """A message, an element or an entry that a client was handed."""

    identity: str
    text: str
    source: End
    is_read: bool = True


@dataclass(frozen=True)
class GroupState:
    """How far a group was given a stream, and who has yet to acknowledge which entry."""

    last: tuple[int, int]
    pending: dict[str, str]  # consumer, by entry


@dataclass(frozen=True)
class Move:
    """So many messages that went from one place to another."""

    start: End
    end: End
    count: int = 1


@dataclass(eq=False)
class Beat:
    """One event of a record, and what was where after it; what is None cannot be known.

    `step` is its command; `words` tell an event that is no command. `waits` come in the order in
    which they began. `hands` hold the latest copies only; `handed` counts all.
    """

    order: int
    client: str
    step: Step | None = None
    words: str = ""
    lists: dict[Key, tuple[str, ...] | None] = field(default_factory=dict)
    streams: dict[Key, tuple[str, ...] | None] = field(default_factory=dict)
    groups: dict[GroupName, GroupState | None] = field(default_factory=dict)
    readers: dict[tuple[Key, str], tuple[int, int]] = field(default_factory=dict)
    waits: Sequence[Step] = ()
    listeners: dict[Heard, tuple[str, ...]] = field(default_factory=dict)
    hands: dict[str, tuple[Copy, ...]] = field(default_factory=dict)
    handed: dict[str, int] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    moves: Sequence[Move] = ()
    unheard: tuple[str, str] = ("", "")  # channel and message that reached nobody
    texts: dict[tuple[Key, str], str] = field(default_factory=dict)  # of entries
