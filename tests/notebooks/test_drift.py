"""Changing one word in any compared output makes validation fail.

The places are others in each run; `DRIFT_SEED=… make test` tries those of an earlier run again.
"""

import os
import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from publish.lesson import tags
from tests.validation import SKIPPED, Lesson, difference
from tools.engines import validate

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
PLACES = 20
WORD = re.compile(r"\S+")
SEED = os.environ["DRIFT_SEED"]  # conftest.py chooses it
OUTPUTS = ["text", "text/plain", "image/svg+xml"]


@cache
def saved(lesson: Path) -> NotebookNode:
    return nbformat.read(lesson, as_version=4)


@dataclass(frozen=True)
class Output:
    """One text that a cell shows."""

    lesson: Path
    number: int  # of the cell, counting all cells of the lesson
    output: int
    kind: str  # a MIME type, `text` of a stream or `evalue` of an error

    def __str__(self) -> str:
        return f"{self.lesson.stem}-{self.number}-{self.kind}"

    @property
    def tags(self) -> frozenset[str]:
        return tags(saved(self.lesson).cells[self.number])

    def change(self, notebook: NotebookNode, to: Callable[[str], str]) -> None:
        output = notebook.cells[self.number].outputs[self.output]
        holder = output.get("data", output)
        holder[self.kind] = to(holder[self.kind])


def outputs(lesson: Path) -> Iterator[Output]:
    """List what is compared in a lesson."""
    for number, cell in enumerate(saved(lesson).cells):
        if "nbval-ignore-output" in tags(cell):
            continue
        for at, output in enumerate(cell.get("outputs", [])):
            for kind in output.get("data", output):
                if kind not in (*SKIPPED, "ename"):
                    yield Output(lesson, number, at, kind)


def with_one_word_changed(luck: random.Random, text: str) -> str:
    word = luck.choice([*WORD.finditer(text)])
    return f"{text[: word.start()]}{word[0]}x{text[word.end() :]}"


def found(fresh: NotebookNode, old: NotebookNode) -> list[str]:
    """Compare two runs of a lesson as `make test` does."""
    pairs = zip(fresh.cells, old.cells, strict=True)
    faults = (difference(a.get("outputs", []), b.get("outputs", [])) for a, b in pairs)
    return [fault for fault in faults if fault]


@cache
def found_in_a_copy(lesson: Path) -> list[str]:
    """Compare a lesson with a copy of itself."""
    return found(saved(lesson), deepcopy(saved(lesson)))


ALL = [place for lesson in LESSONS for place in outputs(lesson)]
OF_LABS = [place for place in ALL if "lab" in place.tags]
LUCK = random.Random(SEED)
TRIED = LUCK.sample(ALL, PLACES) + LUCK.sample(OF_LABS, len(OF_LABS) // 2)


def test_every_kind_of_text_is_among_them() -> None:
    assert {place.kind for place in ALL} >= set(OUTPUTS)


def test_the_text_and_the_picture_of_every_lab_are_among_them() -> None:
    labs = {(place.lesson, place.kind) for place in OF_LABS}
    assert labs >= {(lesson, kind) for lesson in LESSONS[1:] for kind in OUTPUTS[1:]}


@pytest.mark.parametrize("number", range(len(TRIED)))  # the same names in every run
def test_a_changed_word_is_a_difference(number: int) -> None:
    place = TRIED[number]
    changed = deepcopy(saved(place.lesson))
    assert found_in_a_copy(place.lesson) == []
    place.change(changed, partial(with_one_word_changed, random.Random(f"{SEED} {place}")))
    assert len(found(saved(place.lesson), changed)) == 1, f"{place} (DRIFT_SEED={SEED})"


def test_a_run_skips_what_this_test_takes_for_skipped(request: pytest.FixtureRequest) -> None:
    lesson = Lesson.from_parent(request.session, path=LESSONS[0])
    assert lesson.skip_compare == SKIPPED


def test_a_run_fails_in_exactly_the_changed_cells(tmp_path: Path) -> None:
    lesson = NOTEBOOKS / "04_lists_as_queues.ipynb"
    notebook = deepcopy(saved(lesson))
    luck = random.Random(SEED)
    places = [*outputs(lesson)]
    chosen = [luck.choice([place for place in places if place.kind == kind]) for kind in OUTPUTS]
    chosen.append(luck.choice([place for place in places if "lab" in place.tags]))
    for place in dict.fromkeys(chosen):
        place.change(notebook, partial(with_one_word_changed, luck))
    nbformat.write(notebook, tmp_path / lesson.name)
    ran = validate([tmp_path], workers=0)
    code = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    changed = {f"Cell {code.index(place.number)}" for place in chosen}
    assert {cell.name for cell in ran if not cell.passed} == changed
    assert len(ran) == len(code)
