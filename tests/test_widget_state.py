"""A widget that changes after it was displayed is seen, though nbval alone does not see it."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from publish.save_notebooks import save
from tests.engines import Cell, validate
from tests.widget_state import STATE, VIEW, differences

CHANGE = "state.children[0].state.value is 6, saved: 5"
LIGHT = """\
import ipywidgets
light = ipywidgets.IntSlider(3)
ipywidgets.HBox([light, ipywidgets.Button(description="next")])"""


def displayed(model: str) -> list[nbformat.NotebookNode]:
    return [new_output("display_data", data={VIEW: {"model_id": model}})]


def state(**values: Any) -> dict[str, Any]:
    return {"model_name": "IntSliderModel", "state": values}


def test_a_widget_that_drifts_is_caught_and_an_unchanged_one_passes(tmp_path: Path) -> None:
    steady, drifts = tmp_path / "steady.ipynb", tmp_path / "drifts.ipynb"
    cells = [new_code_cell(LIGHT), new_code_cell("light.value = 5")]
    nbformat.write(new_notebook(cells=cells), steady)
    save(steady)
    notebook = nbformat.read(steady, as_version=4)
    notebook.cells[1].source = "light.value = 6"
    nbformat.write(notebook, drifts)
    ran = sorted(validate([tmp_path], workers=0), key=lambda cell: cell.lesson)
    assert ran == [
        Cell("drifts", "Cell 0", passed=True),  # all that nbval alone looks at
        Cell("drifts", "Cell 1", passed=True),
        Cell("drifts", "widgets", passed=False, fault=f"Failed: Cell 0: {CHANGE}"),
        Cell("steady", "Cell 0", passed=True),
        Cell("steady", "Cell 1", passed=True),
        Cell("steady", "widgets", passed=True),
    ]
    assert nbformat.read(steady, as_version=4).metadata.widgets[STATE].state


@pytest.mark.parametrize(
    ("fresh", "saved", "said"),
    [
        ({"a": state(value=3)}, {"b": state(value=3)}, []),
        ({"a": state(value=4)}, {"b": state(value=3)}, ["state.value is 4, saved: 3"]),
        ({"a": state(value=[1])}, {"b": state(value=[2])}, ["state.value[0] is 1, saved: 2"]),
        ({"a": state(value=4)}, {}, None),
    ],
)
def test_what_differs_is_named(
    fresh: dict[str, Any], saved: dict[str, Any], said: list[str] | None
) -> None:
    found = [*differences(displayed("a"), fresh, displayed("b"), saved)]
    assert found == said if said is not None else "saved: 'no state'" in found[0]


def test_what_a_widget_contains_is_compared_and_a_circle_ends() -> None:
    fresh = {"a": state(inner="IPY_MODEL_b"), "b": state(around="IPY_MODEL_a", value=1)}
    saved = {"c": state(inner="IPY_MODEL_d"), "d": state(around="IPY_MODEL_c", value=2)}
    found = [*differences(displayed("a"), fresh, displayed("c"), saved)]
    assert found == ["state.inner.state.value is 1, saved: 2"]


def test_a_missing_widget_is_told() -> None:
    assert [*differences([], {}, displayed("a"), {})] == ["0 widgets, saved: 1"]
