"""A lesson, read from its notebook: the one place that knows how a notebook of the course is made.

Whoever shows, links or judges a lesson takes it from here. Only what writes a notebook back, or
runs it, opens the file by another way. Needs nothing but Python: the copies to work in are made
by it where nothing else is installed.
"""

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

FOLDER = Path("notebooks")
LABEL = "# A solution (click to open)"  # JupyterLab shows it in place of the cell folded away

_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.S | re.M)
_HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$", re.M)
_FIRST = re.compile(r"# ([^\n]+)\n\n([^\n]+)\n\n\*\*(\d+) minutes\*\*[^\n]*")
_FOLDED = re.compile(r"<details><summary>.*?</summary>(.*?)</details>", re.S)
_CALL = re.compile(r"\b(?:predict|check|hint|quiz)\(\"([\d.]+)\"")

Notebook: TypeAlias = dict[str, Any]  # as in the file, but each source is one text


@dataclass(frozen=True)
class Output:
    """What a cell printed, returned or raised: as text and, if it drew, as a picture too."""

    kind: str  # as in nbformat: stream, display_data, execute_result or error
    text: str
    picture: str = ""  # SVG
    stream: str = ""  # stdout or stderr, if that is its kind


@dataclass(frozen=True)
class Cell:
    """A cell as it is saved."""

    id: str
    kind: str  # code or markdown
    source: str
    tags: frozenset[str] = frozenset()
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class Prediction:
    """A question before a run; its options stand under its number in `helpers.lessons`."""

    number: str
    text: Cell
    asks: Cell
    runs: tuple[Cell, ...]  # the code that tells who was right

    @property
    def question(self) -> str:
        """What is asked, in Markdown."""
        return _FOLDED.sub("", self.text.source).strip()

    @property
    def folded(self) -> str:
        """The HTML element in which the answer is folded away."""
        found = _FOLDED.search(self.text.source)
        return found[0] if found else ""

    @property
    def answer(self) -> str:
        """What is folded away, in Markdown."""
        return _FOLDED.sub(r"\1", self.folded).strip()


@dataclass(frozen=True)
class Lab:
    """A lab, or a terminal, and what to try in it."""

    text: Cell
    shows: Cell


@dataclass(frozen=True)
class Introduction:
    """What stands above the exercises: how they are done."""

    number: str  # of the first exercise
    text: Cell


@dataclass(frozen=True)
class Exercise:
    """A function to write, the check of it, and ours without its label."""

    number: str
    text: Cell
    stub: Cell
    check: Cell
    hint: Cell | None
    solution: Cell


@dataclass(frozen=True)
class Quiz:
    """The questions at the end; they stand under the lesson's number in `helpers.lessons`."""

    number: str
    text: Cell
    asks: Cell


Part: TypeAlias = Cell | Prediction | Lab | Introduction | Exercise | Quiz


@dataclass(frozen=True)
class Section:
    """A heading of the second level, and the Markdown below it."""

    heading: str
    text: str

    @property
    def title(self) -> str:
        """The heading without its marks."""
        return plain(self.heading)


@dataclass(frozen=True)
class Lesson:
    """What a notebook says, from its title to its last line."""

    path: Path
    title: str
    promise: str
    minutes: int
    cells: tuple[Cell, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def number(self) -> int:
        """The number with which the name of the file begins."""
        return int(self.path.name[:2])

    @property
    def heading(self) -> str:
        """The title behind its number."""
        return f"{self.number} · {self.title}"

    @property
    def code(self) -> tuple[Cell, ...]:
        """The cells that run."""
        return tuple(cell for cell in self.cells if cell.kind == "code")

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """What is asked before a run."""
        return tuple(part for part in self.parts if isinstance(part, Prediction))

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """What is to be written."""
        return tuple(part for part in self.parts if isinstance(part, Exercise))

    @property
    def pictures(self) -> tuple[str, ...]:
        """What the cells drew, as SVG."""
        outputs = (output for cell in self.cells for output in cell.outputs)
        return tuple(output.picture for output in outputs if output.picture)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the lesson, one for each heading of the second level."""
        _, *parts = re.split(r"^## ", markdown_of(self.cells), flags=re.M)
        split = (part.partition("\n") for part in parts)
        return tuple(Section(heading, text.strip()) for heading, _, text in split)


def lessons(folder: Path = FOLDER) -> list[Lesson]:
    """Return all lessons of a folder, in their order. Raises ValueError as `read` does."""
    return [read(path) for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))]


def read(path: Path) -> Lesson:
    """Return the lesson that a file holds. Raises ValueError when it has not the agreed form."""
    cells = cells_of(path)
    first = _FIRST.fullmatch(cells[0].source) if cells else None
    if first is None:
        raise ValueError(f"{path}: the first cell must be a title, a promise, and the minutes.")
    try:
        parts = tuple(_parts(deque(cells)))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return Lesson(path, first[1], first[2], int(first[3]), cells, parts)


def cells_of(path: Path) -> tuple[Cell, ...]:
    """Return the cells of any notebook of the course. Raises ValueError when it is none."""
    return tuple(map(_cell, parsed(path.read_text(encoding="utf-8"))["cells"]))


def parsed(text: str) -> Notebook:
    """Return the notebook that a text holds. Raises ValueError when it holds none."""
    try:
        notebook: Notebook = json.loads(text)
        for cell in notebook["cells"]:
            cell |= {"source": "".join(cell["source"]), "cell_type": str(cell["cell_type"])}
        notebook["metadata"].items()
    except (AttributeError, KeyError, TypeError, RecursionError):
        raise ValueError("not a notebook") from None
    return notebook


def tags(cell: Mapping[str, Any]) -> frozenset[str]:
    """Return the tags of a cell as it stands in the file."""
    return frozenset(cell["metadata"].get("tags", ()))


def markdown_of(cells: tuple[Cell, ...]) -> str:
    """Return all text cells as one Markdown text."""
    return "\n\n".join(cell.source for cell in cells if cell.kind == "markdown")


def headings(text: str) -> list[tuple[int, str]]:
    """Return the headings of a Markdown text as pairs of level and plain title."""
    found = _HEADING.findall(without_fences(text))
    return [(len(marks), plain(title)) for marks, title in found]


def plain(title: str) -> str:
    """Return a heading without the marks of Markdown."""
    return re.sub(r"[`*]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title))


def without_fences(text: str) -> str:
    """Return Markdown without its fenced code."""
    return _FENCE.sub("", text)


def _cell(saved: Notebook) -> Cell:
    outputs = tuple(map(_output, saved.get("outputs", ())))
    return Cell(saved.get("id", ""), saved["cell_type"], saved["source"], tags(saved), outputs)


def _output(saved: Notebook) -> Output:
    kind, data = saved["output_type"], saved.get("data", {})
    if kind == "error":
        return Output(kind, "\n".join(saved["traceback"]))
    text = "".join(saved.get("text") or data.get("text/plain", ""))
    return Output(kind, text, "".join(data.get("image/svg+xml", "")), saved.get("name", ""))


def _parts(rest: deque[Cell]) -> Iterator[Part]:
    while rest:
        yield _part(rest.popleft(), rest)


def _part(first: Cell, rest: deque[Cell]) -> Part:
    if "predict" in first.tags:
        return _prediction(first, rest)
    if "lab" in first.tags:
        return Lab(first, _take(rest, first, "lab"))
    if "exercise" not in first.tags:
        return first
    if first.source.startswith("## "):
        return Introduction(_number(first), first)
    following = _take(rest, first, "exercise")
    if "quiz(" in following.source:
        return Quiz(_number(following), first, following)
    return _exercise(first, following, rest)


def _prediction(text: Cell, rest: deque[Cell]) -> Prediction:
    asks = _take(rest, text, "predict")
    runs = []
    while rest and rest[0].kind == "code":
        runs.append(rest.popleft())
    made = Prediction(_number(asks), text, asks, tuple(runs))
    if not made.answer:
        raise ValueError(f"in {text.id} no answer is folded away.")
    return made


def _exercise(text: Cell, stub: Cell, rest: deque[Cell]) -> Exercise:
    check = _take(rest, stub, "exercise")
    hint = rest.popleft() if rest and "exercise" in rest[0].tags else None
    solution = _take(rest, check, "solution")
    bare = replace(solution, source=solution.source.removeprefix(f"{LABEL}\n"))
    return Exercise(_number(check), text, stub, check, hint, bare)


def _take(rest: deque[Cell], before: Cell, tag: str) -> Cell:
    """Take the cell after `before`: it must be code with this tag."""
    if not rest or rest[0].kind != "code" or tag not in rest[0].tags:
        raise ValueError(f"after {before.id} must come a code cell with the tag {tag}.")
    return rest.popleft()


def _number(cell: Cell) -> str:
    found = _CALL.search(cell.source)
    if found is None:
        raise ValueError(f'{cell.id} must have a call with a number, as in hint("4.1").')
    return found[1]
