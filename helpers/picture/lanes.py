"""Where everybody stands: the broker in the middle, who sends at its left, the others at right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .paper import CHAR, MARGIN, SMALL
from .rows import TAKES, Row
from .text import broken, wide

BROKER = "broker"
BAND = 62  # pixels that the broker's lane is wide
NAME = 9  # characters of a client's name in a line above its lane; a longer one goes on below
LABEL = 12  # characters of what an arrow brings
STUB = 12  # pixels of an arrow before its label, and of its head
# Who makes a group stands with those who write its stream.
_BRINGING = "PUBLISH SPUBLISH RPUSH LPUSH RPUSHX LPUSHX XADD XGROUP"
BRINGS = frozenset(_BRINGING.split())
ASKS = TAKES | {"XREAD", "XREADGROUP", "XCLAIM", "XAUTOCLAIM", "SUBSCRIBE", "PSUBSCRIBE"}


@dataclass(frozen=True)
class Lanes:
    """The places of the clients and of the broker, in pixels from the left."""

    x: dict[str, int]
    left: int  # of the broker's lane
    end: int  # of the last lane

    @property
    def right(self) -> int:
        """The right edge of the broker's lane."""
        return self.left + BAND

    def edge(self, client: str) -> int:
        """Return which edge of the broker's lane is nearer to a client."""
        return self.left if self.x[client] < self.left else self.right


def title_of(rows: list[Row], lanes: list[str]) -> str:
    """Say what the picture is: whose messages."""
    *most, last = taking_part(rows, lanes) or ["nobody"]
    return f"Message flow of {', '.join(most)} and {last}" if most else f"Message flow of {last}"


def taking_part(rows: list[Row], lanes: list[str]) -> list[str]:
    """Give the clients that these rows speak of, in the order of the cast."""
    present = [name for r in rows for name in (r.sender or r.client, r.client) if name]
    return [name for name in dict.fromkeys([*lanes, *present]) if name in present]


def sides(rows: list[Row], clients: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the clients: those who mostly bring, and those who mostly get; else in their order."""
    score: Counter[str] = Counter()
    for row in rows:
        name = row.words.split(" ")[0]
        score[row.client] += (name in BRINGS) - (name in ASKS) - bool(row.sender)
    left = [name for name in clients if score[name] > 0]
    right = [name for name in clients if score[name] < 0]
    for name in (name for name in clients if not score[name]):
        (left if not left or (right and len(left) <= len(right)) else right).append(name)
    if not left or not right:
        half = (len(clients) + 1) // 2
        return [*clients[:half]], [*clients[half:]]
    order = [*clients].index
    return sorted(left, key=order), sorted(right, key=order)


def stand(rows: list[Row], clients: Sequence[str], labels: dict[int, str]) -> Lanes:
    """Place the lanes; between the broker and its neighbours there is room for the labels.

    `labels` has what the arrow of a row brings, by the number of the row.
    """
    left, right = sides(rows, clients)
    x: dict[str, int] = {}
    at = MARGIN
    for name in left:
        at = _place(x, name, at)
    at += _gutter(rows, labels, left)
    band = at
    at += BAND + _gutter(rows, labels, right)
    for name in right:
        at = _place(x, name, at)
    return Lanes(x, band, at)


def _place(x: dict[str, int], name: str, at: int) -> int:
    room = max(46, round(CHAR * max(map(wide, heading(name)))) + 10)
    x[name] = at + room // 2
    return at + room


def _gutter(rows: list[Row], labels: dict[int, str], side: list[str]) -> int:
    """Return how far the first lane of a side stands from the broker."""
    widest = max((wide(label) for i, label in labels.items() if rows[i].client in side), default=0)
    return round(SMALL * widest) + 2 * STUB - 10 if widest else STUB


def heading(name: str, most: int = NAME) -> list[str]:
    """Break a client's name into lines, after its hyphens and the like where it has any."""
    lines = [""]
    for part in re.findall(r"[^-_:. ]*[-_:. ]*", name):
        if wide(lines[-1] + part) > most:
            lines += broken(part, most)
        else:
            lines[-1] += part
    return [line for line in lines if line] or [""]
