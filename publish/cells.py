"""Make the cells of a notebook: what the generators of HTML take."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from nbformat import NotebookNode, v4

from .lesson import Cell, Output

Bundle: TypeAlias = dict[str, str]  # what an output shows, by its kind


def markdown(text: str) -> NotebookNode:
    """Return a cell of text."""
    return v4.new_markdown_cell(text)


def _as_saved(output: Output) -> Bundle:
    """Return the text of an output, and its picture."""
    drawn = {"image/svg+xml": output.picture} if output.picture else {}
    return {"text/plain": output.text} | drawn


def shown(cell: Cell, bundle: Callable[[Output], Bundle] = _as_saved) -> NotebookNode:
    """Return a cell with its tags and its outputs; `bundle` chooses what of these is seen."""
    about = {"tags": sorted(cell.tags)}
    if cell.kind == "markdown":
        return v4.new_markdown_cell(cell.source, id=cell.id, metadata=about)
    outputs = [_output(output, bundle) for output in cell.outputs]
    return v4.new_code_cell(cell.source, id=cell.id, metadata=about, outputs=outputs)


def notebook(cells: Iterable[NotebookNode], **metadata: Any) -> NotebookNode:
    """Return a notebook of these cells."""
    return v4.new_notebook(cells=list(cells), metadata=metadata)


def _output(output: Output, bundle: Callable[[Output], Bundle]) -> NotebookNode:
    if output.kind == "stream":
        return v4.new_output("stream", name=output.stream, text=output.text)
    if output.kind == "error":
        name, _, value = output.text.partition(": ")
        return v4.new_output("error", ename=name, evalue=value, traceback=[output.text])
    return v4.new_output(output.kind, data=bundle(output))
