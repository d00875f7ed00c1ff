"""Build all handouts into build/handouts, one line a file.

Usage: python -m publish.handouts
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader

from publish.lesson import lessons

from . import course, links
from .handout import EDITIONS, Handout, handout
from .page import page
from .paper import NoBrowser, Printer, printer

FOLDER = Path("build/handouts")
COURSE = FOLDER / "course.pdf"


def main() -> int:
    """Build everything, and return the exit status."""
    began = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with printer() as press:
            for path in _built(press):
                print(f"{path}  {_size(path)}", flush=True)
    except NoBrowser as error:
        print(error, file=sys.stderr)
        return 1
    print(f"All handouts are in {FOLDER}, after {time.monotonic() - began:.0f} s.")
    return 0


def _size(path: Path) -> str:
    if path.suffix == ".pdf":
        return f"{len(PdfReader(path).pages)} pages"
    return f"{path.stat().st_size // 1024} kB"


def _built(press: Printer) -> Iterator[Path]:
    if not press.has_korean():
        print("No font here has Korean, so lesson 0 shows boxes (on Debian: fonts-nanum).")
    made = [handout(lesson, edition) for lesson in lessons() for edition in EDITIONS]
    for each in made:
        yield from _files(press, each)
    yield _course(press, [each for each in made if each.edition == "student"])


def _files(press: Printer, made: Handout) -> Iterator[Path]:
    written = page(made.title, made.body)
    on_screen, on_paper = FOLDER / f"{made.name}.html", FOLDER / f"{made.name}.pdf"
    on_screen.write_text(links.beside(written, made.edition), encoding="utf-8")
    yield on_screen
    press.write(links.published(written), on_paper)
    yield on_paper


def _course(press: Printer, chapters: list[Handout]) -> Path:
    """Print once to learn the page numbers, and once with them."""
    press.write(course.document(chapters, {}), COURSE)
    known = course.pages_of(COURSE)
    press.write(course.document(chapters, known), COURSE)
    assert course.pages_of(COURSE) == known, "the table of contents moved the lessons"
    return COURSE


if __name__ == "__main__":
    sys.exit(main())
