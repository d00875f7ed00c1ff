"""Changing one word in any compared output makes validation fail."""

import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbFile

from tests.engines import validate
from tests.lesson import tags
from tests.quick_run import Judge, difference

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
PLACES = 20
WORD = re.compile(r"\S+")
SEED = 5


@dataclass(frozen=True)
class Place:
    """One text that validation compares: of which cell, and how to read and change it."""

    lesson: Path
    number: int  # of the cell, counting all cells of the lesson
    output: int
    kind: str  # a MIME type, `text` of a stream or `evalue` of an error

    def __str__(self) -> str:
        return f"{self.lesson.stem}-{self.number}-{self.kind}"

    def change(self, cells: list[NotebookNode], to: Callable[[str], str]) -> None:
        output = cells[self.number].outputs[self.output]
        holder = output.get("data", output)
        holder[self.kind] = to(holder[self.kind])


def places(lesson: Path) -> Iterator[Place]:
    """List what validation compares in a lesson."""
    for number, cell in enumerate(nbformat.read(lesson, as_version=4).cells):
        if "nbval-ignore-output" in tags(cell):
            continue
        for at, output in enumerate(cell.get("outputs", [])):
            for kind in output.get("data", output):
                if kind not in (*Judge.SKIPPED, "ename"):
                    yield Place(lesson, number, at, kind)


def with_one_word_changed(luck: random.Random, text: str) -> str:
    word = luck.choice([*WORD.finditer(text)])
    return f"{text[: word.start()]}{word[0]}x{text[word.end() :]}"


ALL = [place for lesson in sorted(NOTEBOOKS.glob("*.ipynb")) for place in places(lesson)]
TRIED = random.Random(SEED).sample(ALL, PLACES)


def test_every_kind_of_output_is_among_them() -> None:
    assert {place.kind for place in ALL} >= {"text", "text/plain", "image/svg+xml"}


@pytest.mark.parametrize("place", TRIED, ids=str)
def test_a_changed_word_is_a_difference(place: Place) -> None:
    cells = nbformat.read(place.lesson, as_version=4).cells
    fresh = deepcopy(cells[place.number].outputs)
    assert difference(fresh, cells[place.number].outputs) == ""
    luck = random.Random(f"{SEED} {place}")
    place.change(cells, partial(with_one_word_changed, luck))
    assert difference(fresh, cells[place.number].outputs)


def test_nbval_skips_what_this_test_takes_for_skipped(request: pytest.FixtureRequest) -> None:
    lesson = IPyNbFile.from_parent(request.session, path=ALL[0].lesson)
    assert lesson.skip_compare == Judge.SKIPPED


def test_a_run_fails_in_exactly_the_changed_cells(tmp_path: Path) -> None:
    lesson = ALL[-1].lesson.with_name("04_lists_as_queues.ipynb")
    notebook = nbformat.read(lesson, as_version=4)
    code = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    expected = []
    for kind in ("text", "text/plain", "image/svg+xml"):
        place = random.Random(SEED).choice([p for p in places(lesson) if p.kind == kind])
        place.change(notebook.cells, partial(with_one_word_changed, random.Random(SEED)))
        expected.append(f"Cell {code.index(place.number)}")
    nbformat.write(notebook, tmp_path / lesson.name)
    ran = validate([tmp_path], workers=0)
    assert {cell.name for cell in ran if not cell.passed} == set(expected)
    assert len([cell for cell in ran if cell.name != "widgets"]) == len(code)
