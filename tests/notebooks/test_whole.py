"""A lesson has all its parts, and each part that was forgotten is named.

Most parts are found by the lesson's number, so without one of them nothing else would fail: its lab
would have no story, and its lies would be believed.
"""

import re
from pathlib import Path

import pytest

from publish.lesson import lessons

ROOT = Path(__file__).parents[2]
HEAVIEST = 85_000  # bytes of a notebook, with its outputs
AVERAGE = 67_000
NUMBERS = [lesson.number for lesson in lessons(ROOT / "notebooks")]

# Where each part of lesson {0} stands, what must be found there, and what it is.
PARTS = (
    ("notebooks/{0:02}_*.ipynb", r'"await lab\({0}\)"', "a cell that shows its lab"),
    ("notebooks/{0:02}_*.ipynb", r'"quiz\(\\"{0}\\"\)"', "a cell that asks its quiz"),
    ("helpers/lessons/l{0:02}/__init__.py", r"^TITLE = ", "its title"),
    ("helpers/lessons/l{0:02}/exercises.py", r"^EXERCISES = ", "its exercises"),
    ("helpers/lessons/l{0:02}/questions.py", r"^PREDICTIONS = ", "its predictions"),
    ("helpers/lessons/l{0:02}/questions.py", r"^QUIZ = ", "its quiz"),
    ("helpers/lessons/l{0:02}/lab.py", r"^LAB = ", "its lab"),
    ("tests/lessons/l{0:02}/__init__.py", r"", "the package of its tests"),
    ("tests/lessons/l{0:02}/answers.py", r"^other_way\(", "answers to its exercises"),
    ("tests/labs/test_stories.py", r"^(async )?def test_{0}_", "what its lab shows on each broker"),
    ("tests/labs/test_stories.py", r'^    "{0}": "', "what is grey at the end of its story: GREY"),
    ("tests/labs/test_stories.py", r'^    "{0}": \($', "another sequence of its goals: SHUFFLED"),
    ("tests/browser/stories.py", r"^        {0},$", "what is pressed in its lab on the page"),
    ("tests/browser/due.py", r"^    {0}: \w+,$", "what each row of its lab's page must show: DUE"),
    ("tools/stories.py", r'^    "{0}": "', "what its lab's story presses"),
    ("helpers/lessons/l{0:02}/story.json", r"", "the story of its lab: make stories"),
    ("tools/redraw.py", r"^from helpers\.lessons\.l{0:02}\.lab import", "a crowd for its lab"),
    (
        "docs/labs.md",
        r"^!\[Lab {0}: .+\]\(labs/lab-{0}\.png\)$",
        "the picture of its lab, in words too",
    ),
    ("docs/labs/lab-{0}.png", r"", "the picture of its lab: make screenshots"),
    ("publish/handouts/notes/{0:02}.md", r"^## The lesson on a card", "its card and notes"),
    ("tests/claims/lesson_{0}.tsv", r"\t", "the proofs of its claims"),
    ("tests/mutants/*.py", r'lesson="{0:02}"', "a lie that it notices"),
    (
        "notebooks/00_start_here.ipynb",
        r"- The map: .*\b{0} [a-z]",
        "its place on the map of lesson 0",
    ),
    ("docs/instructors-guide.md", r"^\| Lesson {0}: ", "its place in a plan"),
)


def missing(root: Path, number: int) -> list[str]:
    """List what this lesson lacks below `root`, each with the file to write it in."""
    return [
        f"lesson {number} lacks {what}: {place.format(number)}"
        for place, pattern, what in PARTS
        if not _found(root, place.format(number), pattern.format(number))
    ]


def _found(root: Path, place: str, pattern: str) -> bool:
    texts = (path.read_bytes().decode(errors="replace") for path in root.glob(place))
    return any(re.search(pattern, text, re.M) for text in texts)


def test_the_lessons_are_numbered_from_0_on() -> None:
    assert list(range(len(NUMBERS))) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS[1:])
def test_a_lesson_has_all_its_parts(number: int) -> None:
    lacks = missing(ROOT, number)
    assert not lacks, "\n".join(lacks)


def test_no_part_belongs_to_a_lesson_that_is_not_there() -> None:
    """A lesson that was renumbered or taken out leaves nothing behind."""
    places = {place.format(len(NUMBERS)) for place, *_ in PARTS if "{" in place}
    left = sorted(place for place in places if (ROOT / place).exists())
    assert not left, (
        f"notebooks/{len(NUMBERS):02}_….ipynb is missing, which these belong to: {left}"
    )


def test_every_part_that_was_forgotten_is_named(tmp_path: Path) -> None:
    """Nothing of a lesson after the last is there, not even by luck in a list of all lessons."""
    for root, number in ((tmp_path, 1), (ROOT, len(NUMBERS)), (ROOT, 10 + len(NUMBERS))):
        told = missing(root, number)
        assert len(told) == len(PARTS), told


def test_the_lessons_stay_light() -> None:
    """A change of one must be read in a diff, and thirty people load all of them over bad Wi-Fi."""
    sizes = {path.name: path.stat().st_size for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {name: size for name, size in sizes.items() if size > HEAVIEST} == {}
    assert sum(sizes.values()) / len(sizes) < AVERAGE
