"""Saving: two saves give the same bytes, and a failing cell is named."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from publish import save_notebooks
from publish.save_notebooks import CellFailed, save
from publish.saved_form import normalise
from tools.engines import validate

LIVE = """\
import ipywidgets
ipywidgets.HBox([ipywidgets.IntSlider(3), ipywidgets.Label("orders")])"""
IN_EACH_WAY = """\
class Picture:
    def _repr_mimebundle_(self, include=None, exclude=None):
        about = {"text/html": {"isolated": True}, "image/svg+xml": {"width": 9}}
        return {"text/plain": "one", "image/svg+xml": "<svg/>", "text/html": "<b>one</b>"}, about

Picture()"""
ONLY_HTML = "from IPython.display import HTML, display\ndisplay({'text/html': '<i>'}, raw=True)"


def code(source: str, *tags: str) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"tags": list(tags)} if tags else {})


def written(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "lesson.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved lesson that shows more than is saved; nobody changes it."""
    folder = tmp_path_factory.mktemp("saved")
    path = written(folder, code(LIVE), code(IN_EACH_WAY), code(ONLY_HTML))
    save(path)
    return path


def test_two_saves_give_the_same_bytes(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        new_markdown_cell("# Title\n\n"),
        code("print('one', flush=True)\nprint('two')"),
        code("1 / 0", "raises-exception"),
        code(LIVE),
        code("{'orders': 3}\n"),
        code(IN_EACH_WAY),
        code(ONLY_HTML),
    )
    save(path)
    first = path.read_bytes()
    save(path)
    assert path.read_bytes() == first
    saved = nbformat.read(path, as_version=4)
    assert [cell.get("execution_count") for cell in saved.cells] == [None, 1, 2, 3, 4, 5, 6]
    assert saved.cells[2].outputs[0].traceback == ["ZeroDivisionError: division by zero"]
    assert saved.cells[0].source == "# Title"
    assert saved.metadata.language_info == {"name": "python"}


def test_text_and_pictures_are_saved_and_nothing_of_a_widget_or_of_html(saved: Path) -> None:
    notebook = nbformat.read(saved, as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    [live], [picture], nothing = (cell.outputs for cell in notebook.cells)
    assert live.data.keys() == {"text/plain"}
    assert live.data["text/plain"].startswith("HBox(")
    assert picture.data == {"text/plain": "one", "image/svg+xml": "<svg/>"}
    assert picture.metadata == {"image/svg+xml": {"width": 9}}
    assert nothing == []


def test_a_run_that_shows_more_than_is_saved_passes_and_other_text_does_not(
    saved: Path, tmp_path: Path
) -> None:
    notebook = nbformat.read(saved, as_version=4)
    nbformat.write(notebook, tmp_path / "as_saved.ipynb")
    notebook.cells[0].outputs[0].data["text/plain"] += "x"
    notebook.cells[1].outputs[0].data["image/svg+xml"] += "x"
    nbformat.write(notebook, tmp_path / "changed.ipynb")
    ran = {(cell.lesson, cell.name): cell.passed for cell in validate([tmp_path], workers=0)}
    assert [ran["as_saved", f"Cell {number}"] for number in range(3)] == [True, True, True]
    assert [ran["changed", f"Cell {number}"] for number in range(3)] == [False, False, True]


def test_a_new_measurement_alone_changes_no_byte(tmp_path: Path) -> None:
    measured = "import time\nprint('rpush', time.perf_counter_ns())"
    path = written(tmp_path, code(measured, "nbval-ignore-output"))
    save(path)
    first = path.read_bytes()
    save(path)
    assert path.read_bytes() == first
    path.write_text(first.decode().replace("'rpush'", "'publish'"))
    save(path)
    assert "publish " in nbformat.read(path, as_version=4).cells[0].outputs[0].text


def test_a_lesson_runs_in_its_folder_on_the_embedded_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_BROKER", "server")
    where = "import os, pathlib\nos.environ['COURSE_BROKER'], pathlib.Path.cwd().name"
    path = written(tmp_path, code(where))
    assert save_notebooks.main([str(path)]) == 0
    seen = nbformat.read(path, as_version=4).cells[0].outputs[0].data["text/plain"]
    assert seen == str(("embedded", tmp_path.name))


def test_the_class_of_who_saves_or_validates_hears_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_CLASS", "redis://127.0.0.1:1")
    path = written(tmp_path, code("import os\nprint('class:', os.environ['COURSE_CLASS'])"))
    assert save_notebooks.main([str(path)]) == 0
    assert nbformat.read(path, 4).cells[0].outputs[0].text == "class: \n"
    monkeypatch.setenv("COURSE_CLASS", "redis://127.0.0.1:1")
    assert [cell.passed for cell in validate([path], workers=1)] == [True]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (code("{}['orders']"), "lesson.ipynb: cell 1 .* KeyError: 'orders'"),
        (code("1 + 1", "raises-exception"), "lesson.ipynb: cell 1 .* raised nothing"),
        (code("import os; os._exit(1)"), "lesson.ipynb: cell 1 .* kernel died"),
    ],
)
def test_a_failing_cell_is_named_and_the_file_left_alone(
    tmp_path: Path, cell: nbformat.NotebookNode, said: str
) -> None:
    path = written(tmp_path, new_markdown_cell("# Title"), cell)
    before = path.read_bytes()
    with pytest.raises(CellFailed, match=said):
        save(path)
    assert path.read_bytes() == before


def test_the_command_says_one_sentence_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, code("1 / 0"))
    assert save_notebooks.main([str(path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_pieces_of_a_stream_become_one() -> None:
    pieces = [new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")]
    pieces += [new_output("stream", name="stderr", text="c\n")]
    pieces += [new_output("stream", name="stdout", text="d\n")]
    notebook = new_notebook(cells=[new_code_cell("print()", outputs=pieces)])
    normalise(notebook)
    assert [output.text for output in notebook.cells[0].outputs] == ["a\nb\n", "c\n", "d\n"]


def test_traces_of_a_run_and_of_an_editor_are_removed() -> None:
    editor = {"execution": {"iopub.execute_input": "10:00"}, "vscode": {}, "scrolled": True}
    kept = {"tags": ["setup"], "jupyter": {"source_hidden": True}}
    notebook = new_notebook(cells=[new_code_cell("1", metadata=editor | kept)])
    notebook.cells[0].execution_count = 7
    notebook.metadata = nbformat.from_dict({"kernelspec": {"name": "mine"}, "colab": {}})
    normalise(notebook)
    assert notebook.cells[0].metadata == kept
    assert notebook.cells[0].execution_count == 1
    assert notebook.metadata.kernelspec["name"] == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_the_id_of_a_cell_stays_and_a_missing_one_is_its_place() -> None:
    notebook = new_notebook(cells=[new_code_cell("1", id="mine"), new_code_cell("2")])
    del notebook.cells[1]["id"]
    normalise(notebook)
    assert [cell.id for cell in notebook.cells] == ["mine", "cell-01"]
