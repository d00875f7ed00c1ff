"""Run notebooks and save them so that a second save changes no byte.

Usage: python -m publish.save_notebooks [NOTEBOOK ...]      (none named: all in notebooks/)
Each runs in a fresh kernel, in its own folder, on the embedded broker.
"""

import os
import re
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from .lesson import FOLDER, tags
from .saved_form import KERNEL, normalise, plain_output, saved_outputs
from .unattended import ON_EMBEDDED

SECONDS_PER_CELL = 60
RAISES = "raises-exception"
MEASURED = "nbval-ignore-output"


class CellFailed(Exception):
    """An error in one sentence: which cell of which notebook failed, and how."""


class NoNotebook(Exception):
    """An error in one sentence: which file cannot be read as a notebook."""


def named(arguments: list[str]) -> list[Path]:
    """Return the notebooks that somebody named, or all."""
    return [Path(argument) for argument in arguments] or sorted(FOLDER.glob("*.ipynb"))


def notebook_at(path: Path) -> NotebookNode:
    """Read a notebook. Raises NoNotebook."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no JSON"
        raise NoNotebook(f"{path} cannot be read as a notebook: {why}.") from None


def save(path: Path) -> None:
    """Run the notebook at `path` and write it back normalised; a failure leaves the file alone.

    Raises CellFailed when a cell raises without the tag `raises-exception`, raises nothing
    with it, takes over a minute, or loses its kernel; NoNotebook where there is none.
    """
    notebook = notebook_at(path)
    before = {
        cell.id: saved_outputs(deepcopy(cell.outputs))
        for cell in notebook.cells
        if MEASURED in tags(cell)
    }
    run(notebook, path)
    normalise(notebook)
    _keep_figures(notebook, before)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def run(notebook: NotebookNode, path: Path) -> None:
    """Run every cell of `notebook` in a fresh kernel that works in the folder of `path`."""
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
        if RAISES in tags(cell) and not _errors(cell):
            raise _failed(path, index, f"it is tagged {RAISES} and raised nothing")


def _failed(path: Path, index: int, why: str) -> CellFailed:
    return CellFailed(f"{path.name}: cell {index} (counting all cells from 0) failed: {why}")


def _errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


def _keep_figures(notebook: NotebookNode, before: dict[str, list[NotebookNode]]) -> None:
    """Put back what was saved before where only figures of measurements have changed."""
    for cell in notebook.cells:
        old = before.get(cell.get("id", ""), [])
        if old and _words(old) == _words(cell.outputs):
            cell.outputs = [plain_output(output, cell.execution_count) for output in old]


def _words(outputs: list[NotebookNode]) -> list[str]:
    texts = (output.get("text") or output.get("data", {}).get("text/plain") for output in outputs)
    return [" ".join(re.sub(r"[\d.,█]+", "#", text or "").split()) for text in texts]


def main(arguments: list[str]) -> int:
    """Save the notebooks named in `arguments`, or all; return the exit status."""
    os.environ |= ON_EMBEDDED
    for path in named(arguments):
        try:
            save(path)
        except (CellFailed, NoNotebook) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"saved {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
