"""Read what is written by hand for a lesson: the instructor's notes, and the lesson on a card."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "notes"
CARD = "The lesson on a card"
MINUTES = "Minutes"
ROW = re.compile(r"^\| (.+?) \| (\d+) \|$", re.M)


@dataclass(frozen=True)
class Notes:
    """The notes of one lesson."""

    title: str
    minutes: dict[str, int]  # by the heading of the section, without its marks
    parts: dict[str, str]  # Markdown by its heading: what is for the instructor only
    card: str


def notes_of(number: int) -> Notes:
    """Read the notes of a lesson. Raises KeyError where they lack the minutes or the card."""
    return read(FOLDER / f"{number:02}.md")


def read(path: Path) -> Notes:
    """Read one file of notes: a title, then parts under headings of the second level."""
    title, *parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.M)
    named = dict(part.split("\n", 1) for part in parts)
    rows = ROW.findall(named[MINUTES])
    minutes = {part.replace("`", ""): int(number) for part, number in rows}
    card = named.pop(CARD)
    return Notes(title.strip("# \n"), minutes, named, card)
