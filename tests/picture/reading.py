"""Read a picture of a flow back: what stands where, drawn with which pen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from helpers.picture.ink import KINDS, PENS
from helpers.picture.paper import CHAR, MARGIN, SMALL
from helpers.picture.text import wide

SVG = "{http://www.w3.org/2000/svg}"
FROM_THE_STYLE = {"fill", "stroke", "font-weight", "d"}


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Tell whether two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Tell whether this one lies inside another."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True)
class Word:
    """Words in the picture."""

    words: str
    kind: str
    x: float
    y: float
    size: float

    @property
    def box(self) -> Box:
        """Where they stand."""
        length = (CHAR if self.size > 11 else SMALL) * wide(self.words)
        left = self.x - length / 2 if "middle" in KINDS[self.kind] else self.x
        return Box(left, self.y - self.size * 0.75, left + length, self.y + self.size * 0.2)


class Drawing:
    """A picture, read."""

    def __init__(self, svg: str) -> None:
        self.root = ElementTree.fromstring(svg)
        self.width, self.height = (float(self.root.get(x, "")) for x in ("width", "height"))
        self.words = [*self._words()]
        legend = [w.y for w in self.words if w.kind == "muted" and w.x == MARGIN + 50]
        self.legend = min(legend, default=self.height) - 12
        self.texts = [word for word in self.words if word.y < self.legend]
        self.strokes: dict[str, list[str]] = {}
        for path in self.root.iter(f"{SVG}path"):
            pen = _look(path.attrib)
            self.strokes[PEN_OF[pen]] = re.findall("M[^M]+", path.get("d", ""))

    def _words(self) -> Iterator[Word]:
        size = float(self.root.get("font-size", ""))
        for parent in self.root.iter():
            of_parent = float(parent.get("font-size", size))
            for text in parent.findall(f"{SVG}text"):
                kind = KIND_OF[_look(parent.attrib) if parent.tag == f"{SVG}g" else ()]
                words = "".join(text.itertext())
                yield Word(
                    words, kind, float(text.get("x", "")), float(text.get("y", "")), of_parent
                )

    def drawn(self, pen: str) -> list[str]:
        """Give the strokes of a pen above the legend."""
        return [s for s in self.strokes.get(pen, ()) if start(s)[1] < self.legend]

    def boxes(self, *pens: str) -> list[tuple[Box, str]]:
        """Give the boxes of these pens, each with the words in it, from the left."""
        found = []
        for stroke in (stroke for pen in pens for stroke in self.drawn(pen)):
            x, y, width, height = map(float, re.findall(r"-?[\d.]+", stroke)[:4])
            box = Box(x, y, x + width, y + height)
            inside = [w.words for w in self.texts if w.box.within(_grown(box))]
            found.append((box, inside[0] if inside else ""))
        return sorted(found, key=lambda pair: (pair[0].top, pair[0].left))

    def arrows(self) -> list[tuple[str, float, float, str]]:
        """Give what the broker hands over: the kind, the receiver's lane, its height, the label."""
        found = []
        labels = [w for w in self.texts if w.kind == "label"]
        for pen in (pen for pen in PENS if pen.startswith("head ") and pen != "head sent"):
            for stroke in self.drawn(pen):
                x, y = start(stroke)
                label = next(
                    (w.words for w in labels if w.y == y + 4 and self._in_gutter(w, x)), ""
                )
                found.append((pen.removeprefix("head "), x, y, label))
        return sorted(found, key=lambda arrow: arrow[2])

    def _in_gutter(self, word: Word, x: float) -> bool:
        return min(x, self.band.left) <= word.x <= max(x, self.band.right)

    @property
    def band(self) -> Box:
        """The broker's lane."""
        [(box, _)] = self.boxes("band")
        return box

    def lanes(self) -> dict[str, float]:
        """Give the place of each client's lane; a name of several lines is whole again."""
        names: dict[float, str] = {}
        for word in self.texts:
            if word.kind == "name":
                names[word.x] = names.get(word.x, "") + word.words
        return {name: x for x, name in names.items() if not self.band.left < x < self.band.right}


def start(stroke: str) -> tuple[float, float]:
    """Return where a stroke begins."""
    x, y = re.findall(r"-?[\d.]+", stroke)[:2]
    return float(x), float(y)


def _grown(box: Box) -> Box:
    return Box(box.left - 3, box.top - 3, box.right + 3, box.bottom + 3)


def _look(attributes: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((k, v) for k, v in attributes.items() if k not in FROM_THE_STYLE))


def _looks(known: dict[str, str]) -> dict[tuple[tuple[str, str], ...], str]:
    looks = {_look(dict(re.findall(r'([\w-]+)="([^"]*)"', look))): n for n, look in known.items()}
    assert len(looks) == len(known), "two of them look alike"
    return looks


PEN_OF, KIND_OF = _looks(PENS), _looks(KINDS)
