"""Build the site into build/site.

Usage: python -m publish.site      (in the environment that `make site` makes)
First the sources are laid out in build/site-source, then the generator makes pages of them, and at
last their links are checked. Nothing is executed and nothing is fetched.
"""

import os
import shutil
import sys
import time
from pathlib import Path

import nbformat

from .. import navigation
from ..lesson import Lesson, lessons
from . import addresses, front, handouts, lesson_page, links, stories

SETTINGS = Path(__file__).parent
SOURCE = Path("build/site-source")
SITE = Path("build/site")
NO_BROKER = {"COURSE_BROKER": "none"}  # a cell that ran would fail, and be an error on the page
HANDOUTS = Path("build/handouts")
DOCS = Path("docs")


def lay_out(folder: Path) -> list[Lesson]:
    """Write the sources of all pages into `folder`, which is made again; return the lessons."""
    shutil.rmtree(folder, ignore_errors=True)
    course = lessons()
    shutil.copytree(DOCS, folder / DOCS)
    (folder / "notebooks").mkdir()
    for entry in course:
        nbformat.write(lesson_page.page(entry), folder / "notebooks" / entry.path.name)
    for path in sorted(DOCS.rglob("*.md")):
        _write(folder / path, addresses.resolved(_read(path), path.parent.as_posix()))
    _write(folder / "handouts.md", handouts.page(HANDOUTS, course))
    _write(folder / "index.md", front.page(_read(Path("README.md")), course, _more()))
    return course


def _more() -> list[str]:
    return ["handouts", *(path.with_suffix("").as_posix() for path in sorted(DOCS.rglob("*.md")))]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _generate() -> int:
    from sphinx.cmd.build import build_main  # the tests of the sources go without it

    shutil.rmtree(SITE, ignore_errors=True)
    os.environ.update(NO_BROKER)
    # Every warning is an error, and a reference that leads nowhere is a warning.
    switches = ["-b", "html", "-n", "-W", "--keep-going", "-q", "-E", "-j", "2"]
    address = ["-D", f"html_baseurl={navigation.site()}"]
    places = ["-c", SETTINGS, "-d", "build/site-doctrees", SOURCE, SITE]
    return build_main([*switches, *address, *map(str, places)])


def _lay_beside(course: list[Lesson]) -> None:
    for entry in course:
        shutil.copy(entry.path, SITE / "notebooks")
    if HANDOUTS.is_dir():
        shutil.copytree(HANDOUTS, SITE / "handouts")
    stories.lay_beside(SITE / "_static")


def main() -> int:
    """Build the site and check it; return the exit status."""
    began = time.monotonic()
    print("1/3  Laying out the lessons and documents ...", flush=True)
    course = lay_out(SOURCE)
    print(f"2/3  Making pages of {len(course)} lessons ...", flush=True)
    if _generate():
        print("The site is not complete: see the warnings above.", file=sys.stderr)
        return 1
    _lay_beside(course)
    print("3/3  Checking the links ...", flush=True)
    found = links.faults(SITE.resolve())
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    if found:
        return 1
    print(f"{SITE}/index.html is ready ({time.monotonic() - began:.0f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
