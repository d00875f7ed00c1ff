"""A lesson as the site shows it: its saved outputs, and nothing that needs a kernel."""

from collections.abc import Iterator

from nbformat import NotebookNode

from publish.cells import Bundle, notebook, shown
from publish.lesson import Cell, Exercise, Introduction, Lab, Lesson, Output, Part, Prediction, Quiz
from publish.saved_form import METADATA

from . import addresses, launch, practice, stories
from .picture import figure


def page(lesson: Lesson) -> NotebookNode:
    """Return the notebook from which the page of a lesson is made."""
    name = lesson.path.name
    cells = [cell for part in lesson.parts for cell in _cells(part, name)]
    cells[0].source += f"\n\n{launch.lesson(name)}"
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = addresses.resolved(cell.source, lesson.path.parent.name)
    return notebook(cells, **METADATA)


def _cells(part: Part, name: str) -> Iterator[NotebookNode]:
    match part:
        case Prediction():
            yield practice.prediction(part)
            yield from map(_shown, part.runs)
        case Lab():
            yield from (_shown(part.text), _shown(part.shows))
            number = stories.number_of(part)
            yield stories.block(number, name) if number else practice.lab_note(name)
        case Introduction():
            yield _shown(part.text)
        case Exercise():
            before = (part.text, part.stub, part.check, part.hint)
            yield from map(_shown, filter(None, before))
            yield practice.fold(_shown(part.solution))
        case Quiz():
            yield from (_shown(part.text), practice.quiz(part.number))
        case Cell():
            yield _shown(part)


def _shown(cell: Cell) -> NotebookNode:
    return shown(cell, _readable)


def _readable(output: Output) -> Bundle:
    """Choose what of an output a page shows: a picture with its words, or the words."""
    drawn = {"text/html": figure(output.picture, output.text)} if output.picture else {}
    return drawn | {"text/plain": output.text}
