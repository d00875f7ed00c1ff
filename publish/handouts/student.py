"""The student's edition: predictions as questions, room to write, and no answer anywhere."""

from collections.abc import Iterator

from nbformat import NotebookNode

from helpers.exercises.catalogue import find_prediction, find_quiz
from publish.solution import unlabelled

from . import asked
from .cells import (
    call,
    markdown,
    notebook_of,
    plain,
    question_of,
    tags,
    without_outputs,
)
from .notes import CARD, Notes

EXERCISES = """## Exercises

Write each function here with a pencil, or in the notebook. There the check runs it on a broker \
of its own, more than once, breaks what may break, and looks at what is left. It judges what \
happened, not how you wrote it. `hint("{number}")` gives the first of three hints.
"""
QUIZ = """### Five questions

Tick one answer each. The notebook says why it is right or wrong.
"""

LAB = "On paper this is only how it opens. In the notebook it answers."
CODE_ANSWERS = {"3.1"}  # what is asked there is what to type, so the code that runs would tell


def student(notebook: NotebookNode, notes: Notes) -> NotebookNode:
    """Make the student's edition of a lesson, with its card as the last page."""
    made = [cell for at in range(len(notebook.cells)) for cell in _cells(notebook.cells, at)]
    return notebook_of([*made, card(notes)])


def card(notes: Notes) -> NotebookNode:
    """Make the last page: the lesson on a card."""
    return markdown(f'<div class="card">\n\n## {CARD}\n\n{notes.card}\n\n</div>')


def _cells(cells: list[NotebookNode], at: int) -> Iterator[NotebookNode]:
    cell = cells[at]
    if "predict" in tags(cell):
        yield from _prediction(cells, at)
    elif "exercise" in tags(cell):
        yield from _exercise(cells, at)
    elif "solution" in tags(cell):
        return
    elif asking := _prediction_answered(cells, at):
        if asking not in CODE_ANSWERS:
            yield without_outputs(cell)
        yield markdown(asked.room("Run it. What did you see?", _lines_seen(cell)))
    else:
        yield plain(cell)
        yield from lab_note(cell)


def lab_note(cell: NotebookNode) -> Iterator[NotebookNode]:
    """Say below the picture of a lab that it is one."""
    if "lab" in tags(cell) and cell.cell_type == "code":
        yield markdown(LAB)


def _prediction(cells: list[NotebookNode], at: int) -> Iterator[NotebookNode]:
    if question := find_prediction(call(cells[at])[1]):
        text = question_of(cells[at - 1])
        yield asked.together(text, asked.options(question), asked.room("Because", 1))


def _prediction_answered(cells: list[NotebookNode], at: int) -> str:
    """Number the prediction that the code cell at `at` answers; nothing for another cell."""
    while at and cells[at].cell_type == "code" and "predict" not in tags(cells[at]):
        at -= 1
    asks = cells[at].cell_type == "code" and "predict" in tags(cells[at])
    return call(cells[at])[1] if asks else ""


def _lines_seen(cell: NotebookNode) -> int:
    texts = [output.get("text") or output.data["text/plain"] for output in cell.outputs]
    return min(5, max(1, sum(text.strip().count("\n") + 1 for text in texts)))


def _exercise(cells: list[NotebookNode], at: int) -> Iterator[NotebookNode]:
    cell = cells[at]
    practice, number = call(cell)
    if cell.cell_type == "markdown":
        yield markdown(exercise_text(cell))
    elif practice == "quiz":
        yield markdown(asked.quiz(find_quiz(number), answered=False))
    elif practice == "check":
        room = asked.room("Your function", lines_of_solution(cells, at) + 3)
        yield asked.together(room, f"Check it in the notebook: `{cell.source}`")
    elif practice != "hint" and "import check" not in cell.source:
        yield without_outputs(cell)


def exercise_text(cell: NotebookNode) -> str:
    """Return the text of an exercise; two of them speak of buttons and say something else here."""
    if cell.source.startswith("## Exercises"):
        return EXERCISES.format(number=call(cell)[1])
    return QUIZ if cell.source.startswith("### Five questions") else cell.source


def lines_of_solution(cells: list[NotebookNode], at: int) -> int:
    """Count the lines of the solution that follows the check at `at`."""
    solution = next(cell for cell in cells[at:] if "solution" in tags(cell))
    return len(unlabelled(solution.source).split("\nawait check(")[0].strip().splitlines())
