"""The one reading of a notebook: it loses no cell, and says where a lesson has another form."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from publish.lesson import LABEL, Cell, Lesson, Part, Quiz, cells_of, lessons, parsed, read

ROOT = Path(__file__).parents[2]
LESSONS = lessons(ROOT / "notebooks")
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.stem)


def cells_in(part: Part) -> Iterator[Cell]:
    """Yield the cells of a part in their order."""
    if isinstance(part, Cell):
        yield part
        return
    for field in fields(part):
        value: Any = getattr(part, field.name)
        inside = value if isinstance(value, tuple) else [value]
        yield from (each for each in inside if isinstance(each, Cell))


@each_lesson
def test_the_parts_hold_every_cell_once_and_in_order(lesson: Lesson) -> None:
    held = [cell.id for part in lesson.parts for cell in cells_in(part)]
    assert held == [cell.id for cell in lesson.cells]


@each_lesson
def test_a_cell_is_what_nbformat_reads(lesson: Lesson) -> None:
    for cell, saved in zip(
        lesson.cells, nbformat.read(lesson.path, as_version=4).cells, strict=True
    ):
        assert (cell.id, cell.kind, cell.source) == (saved.id, saved.cell_type, saved.source)
        assert cell.tags == set(saved.metadata.get("tags", []))
        shown = [output.picture for output in cell.outputs if output.picture]
        outputs = saved.get("outputs", [])
        drawn = [o.data["image/svg+xml"] for o in outputs if "image/svg+xml" in o.get("data", {})]
        assert shown == drawn
        for output, told in zip(cell.outputs, outputs, strict=True):
            text = told.get("text") or told.get("data", {}).get("text/plain")
            assert output.text == (text or "\n".join(told.get("traceback", [])))
            assert (output.kind, output.stream) == (told.output_type, told.get("name", ""))


@each_lesson
def test_what_is_practised_belongs_to_its_lesson(lesson: Lesson) -> None:
    practised = [*lesson.predictions, *lesson.exercises]
    assert all(part.number.startswith(f"{lesson.number}.") for part in practised)
    assert [part.number for part in lesson.parts if isinstance(part, Quiz)] == (
        [str(lesson.number)] if practised else []
    )
    for exercise in lesson.exercises:
        assert LABEL not in exercise.solution.source
        assert exercise.text.source.startswith(f"### {exercise.number} ")


# A small lesson, in its agreed form, and ways to break it.


def markdown(source: str, *tags: str) -> nbformat.NotebookNode:
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def code(source: str, *tags: str) -> nbformat.NotebookNode:
    return v4.new_code_cell(source, metadata={"tags": list(tags)})


FOLD = "<details><summary>Open</summary>\n\nTwo.\n\n</details>"


def small() -> list[nbformat.NotebookNode]:
    return [
        markdown("# Title\n\nPromise.\n\n**5 minutes**"),
        markdown("Before.\n\n## A `claim`\n\n```\n# no heading\n```\n\nText."),
        markdown(f"**Predict.** How many?\n\n{FOLD}", "predict"),
        code('predict("1.1")', "predict"),
        code("1 + 1"),
        markdown("### 1.1 Write", "exercise"),
        code("def f(): ...", "exercise"),
        code('await check("1.1", f)', "exercise"),
        code(f"{LABEL}\ndef our_f(): ...", "solution"),
    ]


def written(folder: Path, cells: list[nbformat.NotebookNode]) -> Path:
    path = folder / "01_x.ipynb"
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


def test_a_small_lesson(tmp_path: Path) -> None:
    lesson = read(written(tmp_path, small()))
    assert (lesson.title, lesson.promise, lesson.minutes) == ("Title", "Promise.", 5)
    [section] = lesson.sections
    assert (section.heading, section.title) == ("A `claim`", "A claim")
    [prediction] = lesson.predictions
    assert prediction.question == "**Predict.** How many?"
    assert (prediction.folded, prediction.answer) == (FOLD, "Two.")
    assert [cell.source for cell in prediction.runs] == ["1 + 1"]
    [exercise] = lesson.exercises
    assert exercise.hint is None and exercise.solution.source == "def our_f(): ..."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda cells: cells[0].update(source="# Title\n\nPromise."), "and the minutes"),
        (lambda cells: cells.clear(), "and the minutes"),
        (lambda cells: cells.pop(3), "must come a code cell with the tag predict"),
        (lambda cells: cells[2].update(source="How many?"), "no answer is folded away"),
        (lambda cells: cells[3].update(source="ask()"), "must have a call with a number"),
        (lambda cells: cells.pop(6), "with the tag exercise"),
        (lambda cells: cells.pop(8), "with the tag solution"),
        (lambda cells: cells.insert(8, markdown("Look:")), "with the tag solution"),
    ],
)
def test_a_lesson_of_another_form_is_refused_in_one_sentence(
    tmp_path: Path, change: Callable[[list[nbformat.NotebookNode]], object], said: str
) -> None:
    cells = small()
    change(cells)
    with pytest.raises(ValueError, match=rf"01_x\.ipynb: [^\n]*{said}[^\n]*\.$"):
        read(written(tmp_path, cells))


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{}", '{"cells": [{}], "metadata": {}}', '{"cells": [], "metadata": 3}']
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError):
        parsed(text)
    path = tmp_path / "01_x.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError):
        cells_of(path)


# Who runs a notebook, or writes it back, opens the file itself; all others take it from here.
WRITERS = {"navigation.py", "save_notebooks.py", "working_copies.py"}
OWN_READING = re.compile(r"nbformat\.reads?\(|get\(\"tags\"|\[\"cells\"\]")


def test_nobody_else_reads_a_notebook_in_a_way_of_his_own() -> None:
    paths = (ROOT / "publish").rglob("*.py")
    found = {path.name for path in paths if OWN_READING.search(path.read_text(encoding="utf-8"))}
    assert found == WRITERS | {"lesson.py"}
