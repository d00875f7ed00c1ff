"""The lessons have the form in which they were saved, and a trace of an editor is noticed."""

from pathlib import Path

import nbformat
import pytest

from tests.publish.saved_form import has_saved_form, problems

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_has_its_saved_form(lesson: Path) -> None:
    assert has_saved_form(lesson)


@pytest.mark.parametrize("trace", ["metadata of the editor", "another count", "a space at the end"])
def test_a_trace_of_an_editor_is_noticed(trace: str, tmp_path: Path) -> None:
    notebook = nbformat.read(LESSONS[0], as_version=4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    if trace == "metadata of the editor":
        cell.metadata["scrolled"] = True
    elif trace == "another count":
        cell.execution_count = 7
    else:
        cell.source += " "
    path = tmp_path / "lesson.ipynb"
    nbformat.write(notebook, path)
    assert [*problems([path])] == [f"{path} is not as it was saved: run make save NB={path}"]
