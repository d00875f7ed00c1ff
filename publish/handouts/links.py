"""Turn the links of the notebooks into links that lead somewhere from a handout."""

import re
from collections.abc import Callable

from publish import navigation

HREF = re.compile(r'href="([^"]+)"')
LESSON = re.compile(r"(\d\d)_\w+\.ipynb")
MAP = "../README.md#the-lessons"


def beside(html: str, edition: str) -> str:
    """Return HTML that leads to the other lessons' handouts in its folder."""
    return _relink(html, lambda target: target.replace(".ipynb", f".{edition}.html"))


def published(html: str) -> str:
    """Return HTML that leads to where the project is published: for a PDF that travels alone."""
    return _relink(html, lambda target: f"{_project()}/notebooks/{target}")


def within(html: str) -> str:
    """Return HTML that leads to the other lessons of the same document."""
    inside = _relink(html, lambda target: f"#lesson-{target[:2]}")
    return inside.replace(f'href="{_outside(MAP)}"', 'href="#contents"')


def _relink(html: str, to_lesson: Callable[[str], str]) -> str:
    def new(target: str) -> str:
        return to_lesson(target) if LESSON.fullmatch(target) else _outside(target)

    return HREF.sub(lambda found: f'href="{new(found[1])}"', html)


def _outside(target: str) -> str:
    if target.startswith("../"):
        return f"{_project()}/{target.removeprefix('../')}"
    return target


def _project() -> str:
    return f"{navigation.repository()}/blob/HEAD"
