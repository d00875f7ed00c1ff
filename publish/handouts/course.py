"""The whole course as one document: a title, a table of contents with page numbers, the lessons."""

from html import escape
from pathlib import Path

from pypdf import PdfReader

from helpers.exercises.look import words
from publish.lesson import Lesson, plain

from . import links
from .handout import Handout, anchor_of
from .notes import CARD
from .page import anchor, in_css, page

TITLE = "Redis as a message broker"
NOT_LISTED = {"Recap", "In practice", "Try it live"}


def document(chapters: list[Handout], pages: dict[str, int]) -> str:
    """Return the course; `pages` are the page numbers by anchor, 0 where still unknown."""
    contents = _contents([chapter.lesson for chapter in chapters], pages)
    return page(TITLE, "\n".join([_cover(), contents, *map(_chapter, chapters)]))


def pages_of(path: Path) -> dict[str, int]:
    """Return on which page of a printed course each anchor stands."""
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


def _contents(lessons: list[Lesson], pages: dict[str, int]) -> str:
    lines = "".join(_entry(lesson, pages) for lesson in lessons)
    return f'<nav class="contents"><h2 id="contents">Contents</h2><ul>{lines}</ul></nav>'


def _entry(lesson: Lesson, pages: dict[str, int]) -> str:
    name = anchor_of(lesson)
    listed = [each.heading for each in lesson.sections if each.title not in NOT_LISTED]
    lines = (_link(anchor(name, plain(each)), each, pages) for each in [*listed, CARD])
    inner = "".join(f"<li>{line}</li>" for line in lines)
    return f"<li>{_link(name, lesson.heading, pages)}<ul>{inner}</ul></li>"


def _link(target: str, text: str, pages: dict[str, int]) -> str:
    number = f"<span>{pages.get(target, 0)}</span>"
    return f'<a href="#{escape(target)}"><span>{words(text)}</span> {number}</a>'


def _chapter(chapter: Handout) -> str:
    name, running = anchor_of(chapter.lesson), in_css(chapter.lesson.heading)
    style = f'@page {name} {{ @top-left {{ content: "{running}"; }} }} #{name} {{ page: {name}; }}'
    html = links.within(chapter.body)
    return f'<style>{style}</style><section id="{name}">{html}</section>'
