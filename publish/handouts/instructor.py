"""The instructor's edition: minutes, answers with their reasons, hints and solutions."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from helpers.exercises.catalogue import find_exercise, find_prediction, find_quiz
from publish.solution import unlabelled

from . import asked
from .cells import answer_of, call, markdown, notebook_of, plain, question_of, tags, without_outputs
from .notes import Notes
from .student import card, exercise_text, lab_note

HEADING = re.compile(r"^## (.+)$", re.M)


def instructor(notebook: NotebookNode, notes: Notes) -> NotebookNode:
    """Make the instructor's edition of a lesson: notes first, the card last."""
    title, *rest = notebook.cells
    made = [_timed(new, notes.minutes) for at in range(len(rest)) for new in _cells(rest, at)]
    return notebook_of([plain(title), _notes(notes), *made, card(notes)])


def _notes(notes: Notes) -> NotebookNode:
    parts = "\n\n".join(f"## {name}\n\n{text.strip()}" for name, text in notes.parts.items())
    return markdown(f'<div class="notes">\n\n{parts}\n\n</div>')


def _timed(cell: NotebookNode, minutes: dict[str, int]) -> NotebookNode:
    def mark(heading: re.Match[str]) -> str:
        time = minutes.get(re.sub(r"[`*]", "", heading[1]))
        return heading[0] + (f'\n\n<p class="minutes">{time} min</p>\n' if time else "")

    if cell.cell_type == "markdown":
        cell.source = HEADING.sub(mark, cell.source)
    return cell


def _cells(cells: list[NotebookNode], at: int) -> Iterator[NotebookNode]:
    cell = cells[at]
    if "predict" in tags(cell):
        yield from _prediction(cells, at)
    elif "solution" in tags(cell):
        yield markdown('<p class="label">Solution</p>')
        solution = plain(cell)
        solution.source = unlabelled(cell.source)
        yield solution
    elif "exercise" in tags(cell):
        yield from _exercise(cell)
    else:
        yield plain(cell)
        yield from lab_note(cell)


def _prediction(cells: list[NotebookNode], at: int) -> Iterator[NotebookNode]:
    if question := find_prediction(call(cells[at])[1]):
        asking = cells[at - 1]
        answer = f'<div class="answer">\n\n**Answer.** {answer_of(asking)}\n\n</div>'
        yield asked.together(question_of(asking), asked.options_answered(question), answer)


def _exercise(cell: NotebookNode) -> Iterator[NotebookNode]:
    practice, number = call(cell)
    if cell.cell_type == "markdown":
        yield markdown(exercise_text(cell))
    elif practice == "quiz":
        yield markdown(asked.quiz(find_quiz(number), answered=True))
    elif practice == "check":
        yield from _hints(number)
    elif practice != "hint" and "import check" not in cell.source:
        yield without_outputs(cell)


def _hints(number: str) -> Iterator[NotebookNode]:
    if exercise := find_exercise(number):
        hints = "\n".join(f"{place}. {hint}" for place, hint in enumerate(exercise.hints, 1))
        yield asked.together('<p class="label">Hints</p>', hints)
