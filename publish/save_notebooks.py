"""Run notebooks and save them so that a second save changes no byte.

Usage: python -m publish.save_notebooks [NOTEBOOK ...]      (none named: all in notebooks/)
Each runs in a fresh kernel, in its own folder, on the embedded broker.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

FOLDER = Path("notebooks")
SECONDS_PER_CELL = 60
KEPT_CELL_METADATA = {"tags", "jupyter"}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
RAISES = "raises-exception"
MEASURED = "nbval-ignore-output"
WIDGETS = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class CellFailed(Exception):
    """Tell which cell of which notebook failed, and how, in one sentence."""


def save(path: Path) -> None:
    """Run the notebook at `path` and write it back normalised; a failure leaves the file alone.

    Raises CellFailed when a cell raises without the tag `raises-exception`, raises nothing
    with it, takes over a minute, or loses its kernel.
    """
    notebook = nbformat.read(path, as_version=4)
    before = {cell.id: deepcopy(cell.outputs) for cell in notebook.cells if MEASURED in _tags(cell)}
    run(notebook, path)
    normalise(notebook)
    _keep_figures(notebook, before)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def run(notebook: NotebookNode, path: Path) -> None:
    """Run every cell of `notebook` in a fresh kernel that works in the folder of `path`."""
    notebook.metadata.pop("widgets", None)
    started = [0]
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name=KERNEL["name"],
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise _failed(path, started[-1], f"{error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise _failed(path, started[-1], f"not done after {SECONDS_PER_CELL} s") from None
    except DeadKernelError:
        raise _failed(path, started[-1], "its kernel died") from None
    for index, cell in enumerate(notebook.cells):
        if RAISES in _tags(cell) and not _errors(cell):
            raise _failed(path, index, f"it is tagged {RAISES} and raised nothing")


def _failed(path: Path, index: int, why: str) -> CellFailed:
    return CellFailed(f"{path.name}: cell {index} (counting all cells from 0) failed: {why}")


def _tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def _errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


def normalise(notebook: NotebookNode) -> None:
    """Remove from `notebook` whatever differs between two runs, or between two machines."""
    notebook.nbformat_minor = 5
    widgets = notebook.metadata.get("widgets", {}).get(WIDGETS)
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    for index, cell in enumerate(notebook.cells):
        _tidy(cell, index)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate((cell for cell in code if cell.source), start=1):
        cell.execution_count = count
        cell.outputs = [_plain(output, count) for output in _merge_streams(cell.outputs)]
    if widgets:
        _number_widgets(notebook, widgets)


def _tidy(cell: NotebookNode, index: int) -> None:
    cell.source = cell.source.rstrip()
    cell.metadata = NotebookNode(
        {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}
    )
    cell.setdefault("id", f"cell-{index:02}")


def _merge_streams(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    # The kernel cuts a stream into pieces where its timer happens to tick.
    held = None
    for output in outputs:
        if held and output.get("name") == held.get("name") and output.output_type == "stream":
            held.text += output.text
            continue
        if held:
            yield held
        held = output
    if held:
        yield held


def _plain(output: NotebookNode, count: int) -> NotebookNode:
    if output.output_type == "execute_result":
        output.execution_count = count
    if output.output_type == "error":
        # The frames above the last line name files of this machine.
        output.traceback = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in output.traceback[-1:]]
    return output


def _keep_figures(notebook: NotebookNode, before: dict[str, list[NotebookNode]]) -> None:
    """Put back what was saved before where only figures of measurements have changed."""
    for cell in notebook.cells:
        old = before.get(cell.get("id", ""), [])
        if old and _words(old) == _words(cell.outputs):
            cell.outputs = [_plain(output, cell.execution_count) for output in old]


def _words(outputs: list[NotebookNode]) -> list[str]:
    texts = (output.get("text") or output.get("data", {}).get("text/plain") for output in outputs)
    return [" ".join(re.sub(r"[\d.,█]+", "#", text or "").split()) for text in texts]


def _number_widgets(notebook: NotebookNode, widgets: NotebookNode) -> None:
    """Give the widgets on show ids 0, 1, 2, … and forget those that nothing shows."""
    shown = [
        output.data[WIDGET_VIEW]["model_id"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if WIDGET_VIEW in output.get("data", {})
    ]
    order: list[str] = []
    for model in shown:
        _reach(model, widgets["state"], order)
    numbers = {model: f"{number:032x}" for number, model in enumerate(order)}
    widgets["state"] = {model: widgets["state"][model] for model in order}
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = _renamed(cell.outputs, numbers)
    notebook.metadata.widgets = NotebookNode({WIDGETS: _renamed(widgets, numbers)})


def _reach(model: str, state: NotebookNode, order: list[str]) -> None:
    if model in order or model not in state:
        return
    order.append(model)
    inner = json.dumps(state[model]["state"], sort_keys=True)
    for part in re.findall(r"IPY_MODEL_([0-9a-f]{32})", inner):
        _reach(part, state, order)


def _renamed(part: NotebookNode, numbers: dict[str, str]) -> NotebookNode:
    text = re.sub(r"[0-9a-f]{32}", lambda found: numbers.get(found[0], found[0]), json.dumps(part))
    return nbformat.from_dict(json.loads(text))


def main(arguments: list[str]) -> int:
    """Save the notebooks named in `arguments`, or all; answer the exit code."""
    paths = [Path(argument) for argument in arguments] or sorted(FOLDER.glob("*.ipynb"))
    os.environ["COURSE_BROKER"] = "embedded"
    for path in paths:
        try:
            save(path)
        except (CellFailed, FileNotFoundError) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"saved {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
