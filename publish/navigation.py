"""Write what follows from the lessons: their links to each other, README's table and picture.

Usage: python -m publish.navigation
Title, minutes and promise stand in the first cell of each lesson; the repository's address stands
in pyproject.toml. Nothing else is a source, so nothing can disagree. The addresses of Binder, of
the site and of the browser edition are made here, for README and for the site.
"""

import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import quote

import nbformat

from .lesson import FOLDER, Lesson, lessons, read
from .working_copies import COPIES

README = Path("README.md")
PICTURE = Path("docs/waiting-in-line.svg")
SHOWN = ("04_lists_as_queues.ipynb", "order-6")  # the lesson whose picture README shows, and a word
WHICH = (
    "The browser edition starts in seconds and needs no server; Binder, a hub and your own machine "
    "can run a real Redis, and Binder takes a minute or two to start."
)
TOGETHER = "\N{NO-BREAK SPACE}"  # an arrow alone in a line points at nothing
MINUTES = re.compile(r"\*\*(\d+) minutes\*\*.*")
WHERE = re.compile(r"\*\*Where it runs\.\*\*.*")
BLOCK = r"(?s)(?<=<!-- {name}: written by make links -->\n).*?(?=<!-- end of {name} -->)"


def navigation(course: list[Lesson], place: int) -> str:
    """Return the line of links under the title of the lesson at `place`."""
    links = [f"**{course[place].minutes} minutes**"]
    if place > 0:
        links.append(f"[←{TOGETHER}{course[place - 1].title}]({course[place - 1].path.name})")
    links.append("[Map](../README.md#the-lessons)")
    if place + 1 < len(course):
        links.append(f"[{course[place + 1].title}{TOGETHER}→]({course[place + 1].path.name})")
    return " · ".join(links)


def table(course: list[Lesson]) -> str:
    """Return README's table of the lessons."""
    rows = [
        f"| {lesson.number} | [{lesson.title}](notebooks/{lesson.path.name}) "
        f"| {lesson.minutes} | [browser]({browser_edition(lesson.path.name)}), "
        f"[Binder]({binder(lesson.path.name)}) |"
        for lesson in course
    ]
    return "\n".join(["| | lesson | minutes | open |", "|---|---|---|---|", *rows]) + "\n"


@cache
def repository() -> str:
    """Return the address of the repository, read from pyproject.toml."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def binder(notebook: str) -> str:
    """Return the address that opens a notebook on Binder."""
    name = repository().removeprefix("https://github.com/")
    page = quote(f"lab/tree/{COPIES}/{notebook}", safe="")
    return f"https://mybinder.org/v2/gh/{name}/HEAD?urlpath={page}"


def site() -> str:
    """Return the address of the site, with a slash at its end: GitHub Pages of the repository."""
    owner, name = repository().removeprefix("https://github.com/").split("/")
    return f"https://{owner}.github.io/{name}/"


def browser_edition(notebook: str) -> str:
    """Return the address that opens a notebook in the browser edition, below the site."""
    return f"{site()}lite/lab/index.html?path=notebooks/{quote(notebook)}"


def archive() -> str:
    """Return the address of the whole course as one file."""
    return f"{repository()}/archive/HEAD.zip"


def readme(text: str, course: list[Lesson]) -> str:
    """Return README's text with the table and the launch link put in."""
    return filled(filled(text, "lessons", table(course)), "launch", launch(course[0].path.name))


def launch(notebook: str) -> str:
    """Return two links that open a notebook without an installation, and which to take."""
    return (
        f"**[Open in your browser]({browser_edition(notebook)})** · "
        f"**[Open on Binder]({binder(notebook)})**\n\n{WHICH}\n"
    )


def where(notebook: str) -> str:
    """Return the line of lesson 0 that tells where it can be run."""
    places = f"[in your browser]({browser_edition(notebook)}), [on Binder]({binder(notebook)})"
    return f"**Where it runs.** Here, {places} or on your own machine. {WHICH}"


def filled(text: str, name: str, content: str) -> str:
    """Return `text` with content in its marked place. Raises ValueError when there is none."""
    made, found = re.subn(BLOCK.format(name=name), lambda _: content, text)
    if not found:
        raise ValueError(f"README.md has no place for {name}.")
    return made


def picture(folder: Path = FOLDER) -> str:
    """Return the picture that README shows, from the outputs of its lesson.

    Raises StopIteration when the lesson has no such picture.
    """
    name, word = SHOWN
    return next(drawn for drawn in read(folder / name).pictures if word in drawn)


def _link(course: list[Lesson], place: int) -> None:
    path = course[place].path
    notebook = nbformat.read(path, as_version=4)
    title, about, *_ = notebook.cells
    before = title.source, about.source
    title.source = MINUTES.sub(lambda _: navigation(course, place), title.source)
    about.source = WHERE.sub(lambda _: where(path.name), about.source)
    if before != (title.source, about.source):
        nbformat.write(notebook, path)


def main() -> int:
    """Rewrite the links of all lessons and README's parts, and return the exit status."""
    course = lessons()
    for place in range(len(course)):
        _link(course, place)
    PICTURE.write_text(picture(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8"), course), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
