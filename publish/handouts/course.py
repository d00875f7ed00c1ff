"""The whole course as one document: a title, a table of contents with page numbers, the lessons."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from pypdf import PdfReader

from .page import in_css, page

TITLE = "Redis as a message broker"
SECTION = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.S)
HIDDEN = {"Recap", "In practice", "Try it live"}


@dataclass(frozen=True)
class Chapter:
    """One lesson of the course."""

    number: int
    title: str
    html: str

    @property
    def anchor(self) -> str:
        return f"lesson-{self.number:02}"

    @property
    def sections(self) -> list[tuple[str, str]]:
        """The anchors and headings that the table of contents names."""
        return [found for found in SECTION.findall(self.html) if found[1] not in HIDDEN]


def document(chapters: list[Chapter], pages: dict[str, int]) -> str:
    """Write the course; `pages` are the page numbers by anchor, 0 where still unknown."""
    parts = [_cover(), _contents(chapters, pages), *map(_chapter, chapters)]
    return page(TITLE, "\n".join(parts), TITLE)


def pages_of(path: Path) -> dict[str, int]:
    """Read from a printed course on which page each anchor stands."""
    reader = PdfReader(path)
    return {
        name.lstrip("/"): (reader.get_destination_page_number(place) or 0) + 1
        for name, place in reader.named_destinations.items()
    }


def _cover() -> str:
    return (
        f'<header class="cover"><h1>{TITLE}</h1>'
        "<p>A hands-on course: pub/sub, list or stream, and what happens to your messages when"
        " something dies. The handouts of all lessons, without solutions.</p>"
        "<p>Text and pictures: CC BY 4.0. Code: MIT.</p></header>"
    )


def _contents(chapters: list[Chapter], pages: dict[str, int]) -> str:
    lines = "".join(_entry(chapter, pages) for chapter in chapters)
    return f'<nav class="contents"><h2 id="contents">Contents</h2><ul>{lines}</ul></nav>'


def _entry(chapter: Chapter, pages: dict[str, int]) -> str:
    title = f"{chapter.number} · {escape(chapter.title)}"
    inner = "".join(_line(anchor, text, pages) for anchor, text in chapter.sections)
    own = _line(chapter.anchor, title, pages).removesuffix("</li>")
    return f"{own}<ul>{inner}</ul></li>"


def _line(anchor: str, text: str, pages: dict[str, int]) -> str:
    number = f"<span>{pages.get(anchor, 0)}</span>"
    return f'<li><a href="#{anchor}"><span>{text}</span> {number}</a></li>'


def _chapter(chapter: Chapter) -> str:
    name = chapter.anchor
    running = in_css(f"{chapter.number} · {chapter.title}")
    style = f'@page {name} {{ @top-left {{ content: "{running}"; }} }} #{name} {{ page: {name}; }}'
    return f'<style>{style}</style><section id="{name}">{chapter.html}</section>'
