"""The links between the lessons, and README's table, follow from the lessons."""

import re
from pathlib import Path

import pytest

from publish.lesson import Lesson, lessons
from publish.navigation import TOGETHER, browser_edition, navigation, picture, readme, table, where

HERE = Path(__file__).parents[2]
COURSE = lessons(HERE / "notebooks")


@pytest.mark.parametrize("place", range(len(COURSE)))
def test_a_lesson_links_to_its_neighbours(place: int) -> None:
    assert COURSE[place].cells[0].source.endswith(navigation(COURSE, place)), "run: make links"


def test_readme_is_current() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    assert readme(text, COURSE) == text, "run: make links"


def test_lesson_0_tells_where_it_runs() -> None:
    about = COURSE[0].cells[1].source
    assert where(COURSE[0].path.name) in about.splitlines(), "run: make links"


def test_the_browser_edition_is_where_github_pages_puts_it() -> None:
    assert browser_edition("00_x.ipynb") == (
        "https://redis-message-broker-course.github.io/redis-message-broker-course"
        "/lite/lab/index.html?path=notebooks/00_x.ipynb"
    )


def test_the_picture_in_readme_is_the_lesson_s() -> None:
    saved = (HERE / "docs" / "waiting-in-line.svg").read_text(encoding="utf-8")
    assert saved == picture(HERE / "notebooks"), "run: make links"
    assert "docs/waiting-in-line.svg" in (HERE / "README.md").read_text(encoding="utf-8")


def test_the_first_and_the_last_lesson_have_one_neighbour() -> None:
    two = [Lesson(Path(f"0{n}_x.ipynb"), f"Title {n}", "Promise.", 10 * n) for n in (1, 2)]
    assert navigation(two, 0) == (
        f"**10 minutes** · [Map](../README.md#the-lessons) · [Title 2{TOGETHER}→](02_x.ipynb)"
    )
    assert navigation(two, 1) == (
        f"**20 minutes** · [←{TOGETHER}Title 1](01_x.ipynb) · [Map](../README.md#the-lessons)"
    )


def test_the_table_names_every_lesson_with_its_minutes() -> None:
    rows = table(COURSE).splitlines()[2:]
    assert len(rows) == len(COURSE)
    for row, lesson in zip(rows, COURSE, strict=True):
        assert f"[{lesson.title}](notebooks/{lesson.path.name}) | {lesson.minutes} |" in row


def test_the_map_in_lesson_0_names_every_lesson() -> None:
    [line] = [line for line in COURSE[0].cells[-1].source.splitlines() if "The map:" in line]
    named = [int(number) for number in re.findall(r"\b\d+\b", line)]
    told = f'"The map:", at the end of {COURSE[0].path.name}, names lessons {named}'
    assert named == [lesson.number for lesson in COURSE[1:]], told


def test_readme_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for lessons"):
        readme("# Course\n", COURSE)
