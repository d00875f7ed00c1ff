"""A lesson as the site shows it: its saved outputs, and nothing that needs a kernel."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from . import addresses, launch, practice
from .picture import figure

SVG = "image/svg+xml"
QUIZ = re.compile(r"^quiz\(", re.M)


def page(path: Path) -> NotebookNode:
    """Read a lesson and return the notebook from which its page is made."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = list(_cells(notebook.cells, path.name))
    notebook.cells[0].source += f"\n\n{launch.lesson(path.name)}"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = addresses.resolved(cell.source, path.parent.name)
    return notebook


def _cells(cells: list[NotebookNode], name: str) -> Iterator[NotebookNode]:
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        match cell.cell_type, cell.metadata.get("tags", []):
            case "markdown", ["predict"]:
                yield practice.prediction(cell, following)
            case "code", ["predict"]:
                continue
            case "code", ["lab"]:
                yield _shown(cell)
                yield practice.lab_note(name)
            case "code", ["solution"]:
                yield practice.fold(_shown(cell))
            case "code", ["exercise"] if _is_quiz(cell):
                yield practice.quiz(cell)
            case "code", _:
                yield _shown(cell)
            case _:
                yield cell


def _is_quiz(cell: NotebookNode) -> bool:
    return bool(QUIZ.search(cell.source))


def _shown(cell: NotebookNode) -> NotebookNode:
    for output in cell.outputs:
        if "data" in output:
            output.data = _readable(output.data)
    return cell


def _readable(data: NotebookNode) -> NotebookNode:
    """Choose what of a bundle a page shows: a picture with its words, or the words."""
    words = data["text/plain"]
    if SVG in data:
        return NotebookNode({"text/html": figure(data[SVG], words), "text/plain": words})
    return NotebookNode({"text/plain": words})
