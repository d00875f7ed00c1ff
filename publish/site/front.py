"""The front page: README, with the lessons to read instead of the table of files."""

import re
from pathlib import Path

from .. import navigation
from ..lesson import Lesson
from . import addresses, launch
from .picture import figure

PICTURE = re.compile(r"!\[([^]]*)\]\((docs/[\w-]+\.svg)\)")


def page(readme: str, course: list[Lesson], more: list[str]) -> str:
    """Return the front page from README's text; `more` are the other documents of the site."""
    text = navigation.filled(readme, "launch", launch.course(course[0].path.name))
    text = navigation.filled(text, "lessons", _overview(course))
    text = addresses.resolved(PICTURE.sub(_inline, _lessons_first(text)))
    return f"{text}\n{_tree('Lessons', _titles(course))}{_tree('More', more)}"


def _lessons_first(text: str) -> str:
    promise, *sections = re.split(r"(?=^## )", text, flags=re.M)
    return promise + "".join(
        sorted(sections, key=lambda part: not part.startswith("## The lessons"))
    )


def _overview(course: list[Lesson]) -> str:
    items = "\n".join(map(_item, course))
    return f"{{.lessons}}\n{items}\n"


def _item(lesson: Lesson) -> str:
    name, mark = lesson.path.name, f"{lesson.number}. "
    return (
        f"{mark}{lesson.number} · **[{lesson.title}](notebooks/{name})** "
        f"· {lesson.minutes} minutes\n\n"
        f"{' ' * len(mark)}{lesson.promise}\n"  # below its number, or the list ends there
    )


def _titles(course: list[Lesson]) -> list[str]:
    return [f"{e.number} {e.title} <notebooks/{e.path.stem}>" for e in course]


def _tree(caption: str, entries: list[str]) -> str:
    listed = "\n".join(entries)
    return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"


def _inline(found: re.Match[str]) -> str:
    return figure(Path(found[2]).read_text(encoding="utf-8"), found[1]) + "\n"
