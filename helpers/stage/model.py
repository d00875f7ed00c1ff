"""What is where on a stage, as plain data: places, the messages in them, and what joins them.

The words, the picture and the page are made from the same stage, so none says more than another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["client", "list", "stream", "channel", "node", "outcome"]
Side = Literal["sends", "broker", "receives", "after"]
"""Where a place stands: left of the broker, in it, right of it, or below all, as what came of it.

On a narrow page they follow each other in this sequence.
"""


@dataclass(frozen=True)
class Mark:
    """How a message looks: a sign before its text, a colour, a dashed line or none."""

    sign: str
    style: str
    means: str
    dashes: str = ""


MARKS = {
    "sent": Mark("→", "rf-lane", "sent"),
    "held": Mark("", "rf-store", "held by the broker"),
    "given": Mark("▹", "rf-lane", "given to a worker"),
    "past": Mark("·", "rf-lane", "acknowledged, still in the stream"),
    "hand": Mark("▸", "rf-message", "in a client's hands"),
    "done": Mark("✓", "rf-smessage", "received or done"),
    "lost": Mark("✕", "rf-error", "lost or missed", "4 3"),
    "cut": Mark("-", "rf-lane", "trimmed", "4 3"),
    "aside": Mark("!", "rf-error", "set aside"),
    "again": Mark("again", "rf-pmessage", "duplicate", "7 3"),
}


@dataclass(frozen=True)
class Token:
    """One message, or one copy of it, in one place.

    What has the same `identity` in the next stage has moved there; on one stage it is there once.
    `mark` is a key of MARKS. `at` is where it stands on the axis of its place, from 0 to 1.
    """

    identity: str
    text: str
    mark: str = "held"
    at: float | None = None


@dataclass(frozen=True)
class Cursor:
    """How far somebody has read: past so many of the tokens of a stream, or to a place of its axis.

    `at` is from 0 to 1, where the place has an axis. `is_time` says that nobody has read so far,
    but that it is so late: what stands before it is past.
    """

    name: str
    past: int = 0
    at: float | None = None
    is_time: bool = False


@dataclass(frozen=True)
class Bar:
    """A number that is drawn as long as it is large; `most` would fill the place.

    `mark` is a key of MARKS, for its look.
    """

    words: str
    value: int
    most: int
    mark: str


@dataclass(frozen=True)
class Place:
    """A client, a key of the broker, a channel, a node, or an outcome, and what lies there.

    `state` is a word or two that stand before the tokens, where they do not jump ("dead",
    "waits, 2nd in line"); `note` says more, after them. `axis` labels points from 0 to 1.
    """

    name: str
    kind: Kind
    side: Side
    tokens: Sequence[Token] = ()
    state: str = ""
    note: str = ""
    cursors: Sequence[Cursor] = ()
    axis: Sequence[tuple[float, str]] = ()
    bars: Sequence[Bar] = ()


@dataclass(frozen=True)
class Link:
    """What went from one place to another: `count` messages, or a subscription where it is 0.

    `is_open` says that more comes by itself: a subscription, whatever it has brought so far.
    """

    start: str
    end: str
    count: int = 0
    words: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class Stage:
    """Everything that is to be seen at one moment; names of places are all different."""

    title: str
    places: Sequence[Place] = ()
    links: Sequence[Link] = ()
    is_one_move: bool = False
    """Whether the links tell what has just gone along them, and not all that has gone so far."""
