"""Find every claim of a lesson that no cell prints."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.practice.catalogue import exercises, find_quiz, predictions
from publish.lesson import markdown_of, read

ROOT = Path(__file__).parent.parent.parent
CLOSING = ("## Recap", "## In practice")
CARD = ("## Common misconceptions", "## The lesson on a card")
ITEM = re.compile(r"^(?:[-*] +|\d+\. +)(.+)$")
TABLE_ROW = re.compile(r"^\|(.+)\|$")


@dataclass(frozen=True)
class Claim:
    """One sentence or line, and where it is said."""

    where: str
    sentence: str


def claims(lesson: str) -> list[Claim]:
    """Return what a lesson, such as "4", claims in its questions, hints, endings and card."""
    found = [*_reasons(lesson), *_hints(lesson), *_closing(lesson), *_card(lesson)]
    return list({claim.sentence: claim for claim in reversed(found)}.values())[::-1]


def _reasons(lesson: str) -> Iterator[Claim]:
    for kind, asked in (("prediction", predictions(lesson)), ("quiz", find_quiz(lesson))):
        for number, question in asked.items():
            for option in question.options:
                yield _claim(f"{kind} {number}, on {option.text!r}", option.why)


def _hints(lesson: str) -> Iterator[Claim]:
    for number, exercise in exercises(lesson).items():
        for place, hint in enumerate(exercise.hints, start=1):
            yield _claim(f"hint {place} of {number}", hint)


def _closing(lesson: str) -> Iterator[Claim]:
    [path] = (ROOT / "notebooks").glob(f"{int(lesson):02}_*.ipynb")
    yield from _lines(f"lesson {lesson}", markdown_of(read(path).cells), CLOSING)


def _card(lesson: str) -> Iterator[Claim]:
    path = ROOT / f"publish/handouts/notes/{int(lesson):02}.md"
    yield from _lines(f"card {lesson}", path.read_text(encoding="utf-8"), CARD)


def _lines(where: str, text: str, headings: tuple[str, ...]) -> Iterator[Claim]:
    """Find the items and the table rows in the sections under these headings."""
    heading, previous = "", ""
    for line in text.splitlines():
        if re.match(r"#{1,2} ", line):
            heading = line
        elif heading in headings and (item := ITEM.match(line)):
            yield _claim(f"{where}, {heading.lstrip('# ')}", item[1])
        elif heading in headings and (row := _row(line)) and _row(previous) is not None:
            yield _claim(f"{where}, {heading.lstrip('# ')}", row)
        previous = line


def _row(line: str) -> str | None:
    """Return what stands in a row of a table: nothing in the line below its head."""
    found = TABLE_ROW.match(line)
    return found and found[1].strip("|-: ")


def _claim(where: str, sentence: str) -> Claim:
    return Claim(where, " ".join(sentence.split()))
