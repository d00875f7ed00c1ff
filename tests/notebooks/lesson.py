"""A lesson as the structure rules see it: its cells, its prose, its code, its neighbours."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from publish.lesson import cells_of, headings, markdown_of, without_fences

LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
WORD = re.compile(r"[A-Za-z0-9가-힣']+")

# Cells with these tags are practice: they do not count in how a lesson reads.
PRACTICE = {"exercise", "solution", "lab", "predict"}


@dataclass
class Lesson:
    """Hold one notebook, with the file names of the notebooks before and after it."""

    path: Path
    notebook: NotebookNode
    previous: str | None = None
    next: str | None = None
    reads_freely: bool = field(default=False)  # no bounds on its length and its prose

    @property
    def cells(self) -> list[NotebookNode]:
        return self.notebook.cells

    @property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def markdown(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @cached_property
    def trees(self) -> list[tuple[NotebookNode, ast.Module]]:
        """The code cells that are Python, each with its syntax tree."""
        return [(cell, tree) for cell in self.code if (tree := parsed(cell.source))]

    def place(self, cell: NotebookNode) -> str:
        """Name `cell` so that a person finds it."""
        return f"cell {self.cells.index(cell)} ({cell.get('id', 'no id')})"


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree of `source`, or None where it is not Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def words(text: str) -> int:
    """Count the words of `text` outside its fenced code."""
    return len(WORD.findall(without_fences(text)))


def lines(source: str) -> int:
    """Count the lines of `source` that are not blank."""
    return sum(1 for line in source.splitlines() if line.strip())


def prose(text: str) -> str:
    """Return Markdown without its fenced and its inline code."""
    return re.sub(r"`[^`\n]*`", "", without_fences(text))


def links(text: str) -> list[tuple[str, str]]:
    """Return the links of Markdown as pairs of label and target."""
    return LINK.findall(prose(text))


def anchors(path: Path) -> set[str]:
    """Return the anchors of a file: those of JupyterLab in a notebook, of GitHub in a page."""
    if path.suffix == ".ipynb":
        found = headings(markdown_of(cells_of(path)))
        return {title.replace(" ", "-") for _, title in found}
    text = path.read_text(encoding="utf-8")
    bare = (re.sub(r"[^\w\- ]", "", title.lower()) for _, title in headings(text))
    return {title.replace(" ", "-") for title in bare}


def lessons_of(folder: Path, free: frozenset[str]) -> Iterator[Lesson]:
    """Yield the notebooks of `folder` in order; those named in `free` read freely."""
    paths = sorted(folder.glob("*.ipynb"))
    names = [None, *(path.name for path in paths), None]
    for number, path in enumerate(paths):
        notebook = nbformat.read(path, as_version=4)
        before, after = names[number], names[number + 2]
        yield Lesson(path, notebook, before, after, reads_freely=path.name in free)
