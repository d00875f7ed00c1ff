"""The form in which a lesson is saved: nothing of the machine, the editor or the run is in it.

What a cell shows is saved as text and as a picture: both are there without a kernel, for whoever
reads the lesson on a page, on paper or with a screen reader. A widget or HTML would stand in
their way, and would be dead.
"""

import re
from collections.abc import Iterable, Iterator

import nbformat
from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
SAVED_KINDS = ("text/plain", "image/svg+xml")
_KEPT_CELL_METADATA = {"tags", "jupyter"}


def normalise(notebook: NotebookNode) -> None:
    """Remove from `notebook` whatever differs between two runs, or between two machines."""
    notebook.nbformat_minor = 5
    notebook.metadata = nbformat.from_dict(METADATA)
    for index, cell in enumerate(notebook.cells):
        _tidy(cell, index)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate((cell for cell in code if cell.source), start=1):
        cell.execution_count = count
        cell.outputs = [plain_output(output, count) for output in saved_outputs(cell.outputs)]


def saved_outputs(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return of outputs what a saved lesson holds: streams, errors, text and pictures.

    A test that compares a run with a saved lesson compares this, too.
    """
    found = [_without_other_kinds(output) for output in outputs]
    return [*_merge_streams(output for output in found if output.get("data") != {})]


def _without_other_kinds(output: NotebookNode) -> NotebookNode:
    kept = NotebookNode(output)
    for part in {"data", "metadata"} & kept.keys():
        kept[part] = NotebookNode({k: v for k, v in kept[part].items() if k in SAVED_KINDS})
    return kept


def plain_output(output: NotebookNode, count: int) -> NotebookNode:
    """Return an output of the cell that ran as number `count`, without paths of this machine."""
    if output.output_type == "execute_result":
        output.execution_count = count
    if output.output_type == "error":
        # The frames above the last line name files of this machine.
        output.traceback = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in output.traceback[-1:]]
    return output


def _tidy(cell: NotebookNode, index: int) -> None:
    cell.source = cell.source.rstrip()
    cell.metadata = NotebookNode(
        {key: value for key, value in cell.metadata.items() if key in _KEPT_CELL_METADATA}
    )
    cell.setdefault("id", f"cell-{index:02}")


def _merge_streams(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    # The kernel cuts a stream into pieces where its timer happens to tick, and so does a line of
    # progress that is not saved.
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
