"""Every lesson is whole: whatever of it was forgotten is named here, by its path."""

import re
from pathlib import Path

import pytest

from publish.lesson import FOLDER, lessons
from tests.browser.stories import STORIES

ROOT = Path(__file__).parents[1]
COURSE = lessons(ROOT / FOLDER)
PRACTISED = [lesson.number for lesson in COURSE if lesson.number]
SAID = ["publish/handouts/notes/{0:02}.md", "tests/claims/lesson_{0}.tsv"]
PARTS = [
    f"{folder}/l{{0:02}}/{name}.py"
    for folder, names in {
        "helpers/lessons": ("__init__", "exercises", "questions", "lab"),
        "tests/lessons": ("__init__", "answers"),
    }.items()
    for name in names
]
OWNED = {  # what belongs to one lesson, and how its number stands in the name
    "helpers/lessons": r"l(\d\d)",
    "tests/lessons": r"l(\d\d)",
    "publish/handouts/notes": r"(\d\d)\.md",
    "tests/claims": r"lesson_(\d+)\.tsv",
}


def has_story(number: int) -> bool:
    """Tell whether a test plays the lab of a lesson."""
    stories = (ROOT / "tests/labs/test_stories.py").read_text(encoding="utf-8")
    return f"async def test_{number}_" in stories


def forgotten(number: int) -> list[str]:
    """Name the files that a lesson needs and does not have."""
    needed = [*SAID, *(PARTS if number else [])]
    paths = [pattern.format(number) for pattern in needed]
    return [path for path in paths if not (ROOT / path).is_file()]


def test_lessons_are_numbered_without_a_gap() -> None:
    assert [lesson.number for lesson in COURSE] == list(range(len(COURSE)))


@pytest.mark.parametrize("number", [lesson.number for lesson in COURSE])
def test_no_file_of_a_lesson_is_forgotten(number: int) -> None:
    missing = forgotten(number)
    assert not missing, f"missing, see ARCHITECTURE.md: {missing}"


def test_a_lesson_without_files_is_noticed() -> None:
    assert len(forgotten(99)) == len(SAID) + len(PARTS)
    assert not has_story(99)


@pytest.mark.parametrize("folder", OWNED)
def test_nothing_belongs_to_a_lesson_that_has_no_notebook(folder: str) -> None:
    there = (path for path in (ROOT / folder).iterdir() if path.is_file() or [*path.glob("*.py")])
    names = (path.name for path in there)
    found = {int(match[1]) for name in names if (match := re.fullmatch(OWNED[folder], name))}
    assert found <= {lesson.number for lesson in COURSE}, "a notebook is missing in notebooks/"


@pytest.mark.parametrize("number", PRACTISED)
def test_each_lab_has_its_stories_and_its_picture(number: int) -> None:
    assert has_story(number), f"a story is missing: test_{number}_… in tests/labs/test_stories.py"
    assert number in {story.lesson for story in STORIES}, "missing in tests/browser/stories.py"
    assert (ROOT / f"docs/labs/lab-{number}.png").is_file(), "run: make screenshots"
    page = (ROOT / "docs/labs.md").read_text(encoding="utf-8")
    assert f"\n## {number} " in page and f"(labs/lab-{number}.png)" in page, "docs/labs.md"
