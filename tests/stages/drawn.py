"""What is to be read in the picture of a stage, and whether all of it is inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from helpers.picture.paper import CHAR
from helpers.picture.text import wide
from helpers.stage.model import Link, Place, Stage

PLACED = re.compile(r"translate\((\S+) (\S+)\) scale\((\S+)\)")
NAMES = {"": "http://www.w3.org/2000/svg"}


def texts(svg: str) -> list[str]:
    """List what stands in an SVG, its description left out."""
    return [text.text or "" for text in ElementTree.fromstring(svg).iterfind(".//text", NAMES)]


def said(svg: str) -> tuple[set[str], int]:
    """Return the words of a picture, in whichever lines they stand, and how many chips it has.

    What joins two places is drawn in one picture and told in words in another.
    """
    words = {word.rstrip(":") for text in texts(svg) for word in text.split()}
    boxes = ElementTree.fromstring(svg).iterfind(".//rect", NAMES)
    return words - {"→"}, sum(box.get("rx") == "4" for box in boxes)


def spilled(svg: str) -> list[str]:
    """List what reaches beyond the edge of a picture."""
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    found = []
    for text in root.iterfind(".//text", NAMES):
        x, y = float(text.get("x", 0)), float(text.get("y", 0))
        if x < 0 or y > height or x + CHAR * wide(text.text or "") > width:
            found.append(text.text or "")
    for box in root.iterfind(".//rect", NAMES):
        x, y = float(box.get("x", 0)), float(box.get("y", 0))
        if x + float(box.get("width", 0)) > width or y + float(box.get("height", 0)) > height:
            found.append(ElementTree.tostring(box, "unicode"))
    return found


PATTERNS = [Place(f"pattern {n}", "channel", "broker", note="3 subscribed") for n in (1, 2, 3)]
CLIENTS = [Place(name, "client", "receives", state="reads") for name in ("ann", "bob", "carol")]
CROSSED = Stage(
    "Each to each",
    [*PATTERNS, *CLIENTS],
    [
        Link(pattern.name, client.name, 10 * m + n)
        for m, pattern in enumerate(PATTERNS, 1)
        for n, client in enumerate(CLIENTS, 1)
    ],
    is_one_move=True,
)
"""A stage whose lines meet in their middles, where their words would stand."""


def covered(svg: str) -> list[tuple[str, str]]:
    """List the words of a picture that stand on other words."""
    boxes = list(_boxes(ElementTree.fromstring(svg)))
    return [
        (one, other)
        for at, (one, a) in enumerate(boxes)
        for other, b in boxes[at + 1 :]
        if min(a[1], b[1]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[2], b[2]) > 1
    ]


Box = tuple[float, float, float, float]  # from left to right, from top to bottom


def _boxes(
    part: ElementTree.Element,
    origin: tuple[float, float] = (0, 0),
    scale: float = 1,
    anchor: str = "start",
) -> Iterator[tuple[str, Box]]:
    """Give each text with the room that its letters take, small ones counted as large."""
    anchor = part.get("text-anchor", anchor)
    if placed := re.fullmatch(
        r"translate\((\S+) (\S+)\) scale\((\S+)\)", part.get("transform", "")
    ):
        x, y, scale = map(float, placed.groups())
        origin = x, y
    if part.tag.endswith("}text") and part.text:
        width = CHAR * wide(part.text)
        x = float(part.get("x", 0)) - (width / 2 if anchor == "middle" else 0)
        y = float(part.get("y", 0))
        left, right = (origin[0] + scale * each for each in (x, x + width))
        top, bottom = (origin[1] + scale * each for each in (y - 9, y + 2))
        yield part.text, (left, right, top, bottom)
    for each in part:
        yield from _boxes(each, origin, scale, anchor)
