"""A plugin that makes nbval compare widgets: what they hold at the end, with what was saved.

nbval alone sees a widget at the moment when it is displayed, and never again.
Usage: python -m pytest --nbval -p tests.widget_state notebooks
"""

import json
import tempfile
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from tests.kernel_start import STARTED_AGAIN, listening_in, patiently

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
REFERENCE = "IPY_MODEL_"
NO_STATE = "no state"  # stands where a widget should be
SECONDS_TO_ANSWER = 30

# Runs in the kernel, after the last cell; where no cell has made a widget it imports nothing.
QUESTION = """\
import json, sys
_widgets = sys.modules.get("ipywidgets")
print(json.dumps(_widgets.Widget.get_manager_state()["state"] if _widgets else {}))
"""

States = dict[str, Any]


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[Any], list[Any]]:
    """Replace what nbval makes of a notebook by a Lesson."""
    found = yield
    return [
        Lesson.from_parent(node.parent, path=node.path) if type(node) is IPyNbFile else node
        for node in found
    ]


class Lesson(IPyNbFile):
    """A notebook as nbval runs it, with one test more when it displays widgets."""

    def setup(self) -> None:
        self.sockets = tempfile.TemporaryDirectory(prefix="kernel-")
        with listening_in(self.sockets.name):
            in_vain = patiently(super().setup)
        first = next(item for item in self.session.items if item.parent is self)
        first.user_properties += [(STARTED_AGAIN, why) for why in in_vain]

    def teardown(self) -> None:
        super().teardown()
        self.sockets.cleanup()

    def collect(self) -> Iterator[pytest.Item]:
        cells = [*super().collect()]
        yield from cells
        if any(shown(cell.cell.outputs) for cell in cells):
            yield WidgetStates.from_parent(self, name="widgets", cells=cells)


class WidgetStates(pytest.Item):
    """Compare the widgets on show, after all cells have run."""

    def __init__(self, *, cells: list[IPyNbCell], **options: Any) -> None:
        super().__init__(**options)
        self.cells = cells

    def runtest(self) -> None:
        saved = self.parent.nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
        fresh = json.loads(answer(self.parent.kernel, QUESTION))
        faults = [
            f"{cell.name}: {fault}"
            for cell in self.cells
            for fault in differences(cell.test_outputs or [], fresh, cell.cell.outputs, saved)
        ]
        if faults:
            pytest.fail("\n".join(faults), pytrace=False)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, 0, f"{self.path.name}::{self.name}"


def shown(outputs: list[NotebookNode]) -> list[str]:
    """List the models that a cell displays."""
    return [output.data[VIEW]["model_id"] for output in outputs if VIEW in output.get("data", {})]


def differences(
    fresh_outputs: list[NotebookNode],
    fresh: States,
    saved_outputs: list[NotebookNode],
    saved: States,
) -> Iterator[str]:
    """Say in one line each how the widgets of a cell differ from the saved ones."""
    now, then = shown(fresh_outputs), shown(saved_outputs)
    if len(now) != len(then):
        yield f"{len(now)} widgets, saved: {len(then)}"
        return
    for fresh_model, saved_model in zip(now, then, strict=True):
        yield from _compare("", unfolded(fresh_model, fresh), unfolded(saved_model, saved))


def _compare(place: str, fresh: Any, saved: Any) -> Iterator[str]:
    if isinstance(fresh, dict) and isinstance(saved, dict):
        for name in sorted(fresh.keys() | saved.keys()):
            yield from _compare(f"{place}.{name}".lstrip("."), fresh.get(name), saved.get(name))
    elif isinstance(fresh, list) and isinstance(saved, list) and len(fresh) == len(saved):
        for number, pair in enumerate(zip(fresh, saved, strict=True)):
            yield from _compare(f"{place}[{number}]", *pair)
    elif fresh != saved:
        yield f"{place} is {fresh!r}, saved: {saved!r}"


def unfolded(model: str, states: States, inside: tuple[str, ...] = ()) -> Any:
    """Return the state of a widget with the widgets that it refers to in place of their ids."""
    if model in inside or model not in states:
        return "a widget around it" if model in inside else NO_STATE

    def unfold(value: Any) -> Any:
        if isinstance(value, str) and value.startswith(REFERENCE):
            return unfolded(value.removeprefix(REFERENCE), states, (*inside, model))
        if isinstance(value, dict):
            return {name: unfold(part) for name, part in value.items()}
        return [unfold(part) for part in value] if isinstance(value, list) else value

    return unfold(states[model])


def answer(kernel: RunningKernel, question: str) -> str:
    """Run code in the kernel and return what it prints."""
    asked = kernel.execute_cell_input(question, allow_stdin=False)
    kernel.await_reply(asked, timeout=SECONDS_TO_ANSWER)
    texts: list[str] = []
    while True:
        message = kernel.get_message("iopub", timeout=SECONDS_TO_ANSWER)
        kind, content = message["msg_type"], message["content"]
        if message["parent_header"].get("msg_id") != asked:
            continue
        if kind == "stream":
            texts.append(content["text"])
        elif kind == "error":
            raise RuntimeError(f"the widgets could not be read: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            return "".join(texts)
