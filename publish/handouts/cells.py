"""Small parts that both editions of a lesson are made of."""

import copy
import re

import nbformat
from nbformat import NotebookNode

DETAILS = re.compile(r"<details><summary>.*?</summary>(.*?)</details>", re.S)
CALL = re.compile(r"\b(predict|check|hint|quiz)\(\"([\d.]+)\"")


def markdown(text: str) -> NotebookNode:
    """Make a cell of text."""
    return nbformat.v4.new_markdown_cell(text)


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def call(cell: NotebookNode) -> tuple[str, str]:
    """Tell which practice a code cell calls, and its number: ("check", "4.1"), or two blanks."""
    found = CALL.search(cell.source)
    return (found[1], found[2]) if found else ("", "")


def plain(cell: NotebookNode) -> NotebookNode:
    """Copy a cell with its outputs and its tags, and with no other settings."""
    copied = copy.deepcopy(cell)
    copied.metadata = NotebookNode(tags=sorted(tags(cell)))
    return copied


def without_outputs(cell: NotebookNode) -> NotebookNode:
    """Copy a code cell as if it had not run."""
    copied = plain(cell)
    copied.outputs, copied.execution_count = [], None
    return copied


def question_of(cell: NotebookNode) -> str:
    """Return the text of a prediction, without what is folded away below it."""
    return DETAILS.sub("", cell.source).strip()


def answer_of(cell: NotebookNode) -> str:
    """Return what is folded away below a prediction."""
    found = DETAILS.search(cell.source)
    return found[1].strip() if found else ""


def notebook_of(cells: list[NotebookNode]) -> NotebookNode:
    """Make a notebook of cells; nothing else of the old one comes along."""
    return nbformat.v4.new_notebook(cells=cells)
