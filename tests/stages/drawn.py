"""What is to be read in the picture of a stage, and whether all of it is inside."""

from __future__ import annotations

from xml.etree import ElementTree

from helpers.picture.paper import CHAR
from helpers.picture.text import wide

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
