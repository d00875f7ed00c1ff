"""The lessons have the form in which they were saved, and a trace of an editor is noticed."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from publish.saved_form import saved_outputs
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


def test_what_is_not_saved_does_not_cut_a_stream() -> None:
    """A line of progress appears on a slow machine only."""
    line = new_output("display_data", {"text/html": "<p>12 situations so far</p>"})
    one, two = (new_output("stream", name="stdout", text=text) for text in ("one\n", "two\n"))
    assert [output.text for output in saved_outputs([one, line, two])] == ["one\ntwo\n"]
    assert one.text == "one\n", "what was shown is left as it was"
