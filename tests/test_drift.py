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
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbFile

from tests.engines import validate
from tests.lesson import tags
from tests.quick_run import Judge, difference
from tests.widget_state import STATE, differences

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
PLACES = 20
WORD = re.compile(r"\S+")
SEED = os.environ["DRIFT_SEED"]  # conftest.py chooses it
OUTPUTS = ["text", "text/plain", "image/svg+xml"]


@cache
def saved(lesson: Path) -> NotebookNode:
    return nbformat.read(lesson, as_version=4)


def holdings(notebook: NotebookNode) -> dict[str, Any]:
    """Return the saved states of the widgets, by model."""
    return notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})


@dataclass(frozen=True)
class Output:
    """One text that a cell shows."""

    lesson: Path
    number: int  # of the cell, counting all cells of the lesson
    output: int
    kind: str  # a MIME type, `text` of a stream or `evalue` of an error

    def __str__(self) -> str:
        return f"{self.lesson.stem}-{self.number}-{self.kind}"

    def change(self, notebook: NotebookNode, to: Callable[[str], str]) -> None:
        output = notebook.cells[self.number].outputs[self.output]
        holder = output.get("data", output)
        holder[self.kind] = to(holder[self.kind])


@dataclass(frozen=True)
class Trait:
    """One text that a widget holds: a label, a piece of HTML, the name of an icon."""

    lesson: Path
    model: str
    name: str
    kind: str = "widgets"

    def __str__(self) -> str:
        return f"{self.lesson.stem}-{self.model[:8]}-{self.name}"

    def change(self, notebook: NotebookNode, to: Callable[[str], str]) -> None:
        values = holdings(notebook)[self.model]["state"]
        values[self.name] = to(values[self.name])


Place = Output | Trait


def outputs(lesson: Path) -> Iterator[Output]:
    """List what nbval compares in a lesson."""
    for number, cell in enumerate(saved(lesson).cells):
        if "nbval-ignore-output" in tags(cell):
            continue
        for at, output in enumerate(cell.get("outputs", [])):
            for kind in output.get("data", output):
                if kind not in (*Judge.SKIPPED, "ename"):
                    yield Output(lesson, number, at, kind)


def traits(lesson: Path) -> Iterator[Trait]:
    """List the texts of a lesson's widgets, but for those that name another widget."""
    for model, widget in holdings(saved(lesson)).items():
        for name, value in widget["state"].items():
            if isinstance(value, str) and WORD.search(value) and "IPY_MODEL_" not in value:
                yield Trait(lesson, model, name)


def with_one_word_changed(luck: random.Random, text: str) -> str:
    word = luck.choice([*WORD.finditer(text)])
    return f"{text[: word.start()]}{word[0]}x{text[word.end() :]}"


def found(fresh: NotebookNode, old: NotebookNode) -> Iterator[str]:
    """Compare two runs of a lesson as `make test` does."""
    for one, other in zip(fresh.cells, old.cells, strict=True):
        outputs = one.get("outputs", []), other.get("outputs", [])
        if fault := difference(*outputs):
            yield fault
        yield from differences(outputs[0], holdings(fresh), outputs[1], holdings(old))


ALL_OUTPUTS = [place for lesson in LESSONS for place in outputs(lesson)]
ALL_TRAITS = [place for lesson in LESSONS for place in traits(lesson)]
LUCK = random.Random(SEED)
TRIED = LUCK.sample(ALL_OUTPUTS, PLACES) + LUCK.sample(ALL_TRAITS, PLACES)


def test_every_kind_of_text_is_among_them() -> None:
    assert {place.kind for place in ALL_OUTPUTS} >= set(OUTPUTS)
    texts = [holdings(saved(p.lesson))[p.model]["state"][p.name] for p in ALL_TRAITS]
    assert any(text.startswith("<") for text in texts)  # HTML
    assert {place.name for place in ALL_TRAITS} >= {"description", "value"}


@pytest.mark.parametrize("number", range(len(TRIED)))  # the same names in every run
def test_a_changed_word_is_a_difference(number: int) -> None:
    place = TRIED[number]
    changed = deepcopy(saved(place.lesson))
    assert [*found(saved(place.lesson), changed)] == []
    place.change(changed, partial(with_one_word_changed, random.Random(f"{SEED} {place}")))
    assert len([*found(saved(place.lesson), changed)]) == 1, f"{place} (DRIFT_SEED={SEED})"


def test_nbval_skips_what_this_test_takes_for_skipped(request: pytest.FixtureRequest) -> None:
    lesson = IPyNbFile.from_parent(request.session, path=LESSONS[0])
    assert lesson.skip_compare == Judge.SKIPPED


def test_a_run_fails_in_exactly_the_changed_cells(tmp_path: Path) -> None:
    lesson = NOTEBOOKS / "04_lists_as_queues.ipynb"
    notebook = deepcopy(saved(lesson))
    luck = random.Random(SEED)
    chosen: list[Place] = [
        luck.choice([place for place in outputs(lesson) if place.kind == kind]) for kind in OUTPUTS
    ]
    chosen.append(luck.choice([*traits(lesson)]))
    for place in chosen:
        place.change(notebook, partial(with_one_word_changed, luck))
    nbformat.write(notebook, tmp_path / lesson.name)
    ran = validate([tmp_path], workers=0)
    assert {cell.name for cell in ran if not cell.passed} == {*map(as_run(notebook), chosen)}
    assert len([cell for cell in ran if cell.name != "widgets"]) == len(code_cells(notebook))


def code_cells(notebook: NotebookNode) -> list[int]:
    return [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def as_run(notebook: NotebookNode) -> Callable[[Place], str]:
    """Name places as a run reports them."""
    numbers = code_cells(notebook)

    def name(place: Place) -> str:
        return f"Cell {numbers.index(place.number)}" if isinstance(place, Output) else "widgets"

    return name
