"""Build all handouts into build/handouts, one line a file.

Usage: python -m publish.handouts
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from pypdf import PdfReader

from publish.navigation import Lesson, lessons

from . import course, links
from .instructor import instructor
from .notes import Notes, notes_of
from .page import body, page
from .paper import NoBrowser, Printer, printer
from .student import student

FOLDER = Path("build/handouts")
COURSE = FOLDER / "course.pdf"
Edition = Callable[[NotebookNode, Notes], NotebookNode]
EDITIONS: dict[str, Edition] = {"student": student, "instructor": instructor}


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
    chapters = []
    for lesson in lessons():
        for edition in EDITIONS:
            html = _html(lesson, edition)
            yield from _lesson(press, lesson, edition, html)
            if edition == "student":
                chapters.append(_chapter(lesson, html))
    yield _course(press, chapters)


def _number(lesson: Lesson) -> int:
    return int(lesson.path.name[:2])


def _html(lesson: Lesson, edition: str) -> str:
    notebook = nbformat.read(lesson.path, as_version=4)
    number = _number(lesson)
    return body(EDITIONS[edition](notebook, notes_of(number)), f"lesson-{number:02}")


def _lesson(press: Printer, lesson: Lesson, edition: str, html: str) -> Iterator[Path]:
    running = f"{_number(lesson)} · {lesson.title}"
    if edition == "instructor":
        running += " · for the instructor"
    written = page(running, html, running)
    name = f"{lesson.path.stem}.{edition}"
    on_screen, on_paper = FOLDER / f"{name}.html", FOLDER / f"{name}.pdf"
    on_screen.write_text(links.beside(written, edition), encoding="utf-8")
    yield on_screen
    press.write(links.published(written), on_paper)
    yield on_paper


def _chapter(lesson: Lesson, html: str) -> course.Chapter:
    return course.Chapter(_number(lesson), lesson.title, links.within(html))


def _course(press: Printer, chapters: list[course.Chapter]) -> Path:
    """Print once to learn the page numbers, and once with them."""
    press.write(course.document(chapters, {}), COURSE)
    known = course.pages_of(COURSE)
    press.write(course.document(chapters, known), COURSE)
    assert course.pages_of(COURSE) == known, "the table of contents moved the lessons"
    return COURSE


if __name__ == "__main__":
    sys.exit(main())
