"""The student's edition: predictions as questions, room to write, and no answer anywhere."""

from collections.abc import Iterator
from dataclasses import replace

from nbformat import NotebookNode

from helpers.practice.catalogue import find_quiz
from publish.cells import markdown, notebook, shown
from publish.lesson import Cell, Exercise, Introduction, Lab, Lesson, Part, Prediction, Quiz
from publish.questions import question_of

from . import asked
from .notes import CARD, Notes

# Two texts of the notebook speak of buttons. Paper says another thing there.
EXERCISES = """## Exercises

Write each function here with a pencil, or in the notebook. There the check runs it on a broker \
of its own, more than once, breaks what may break, and looks at what is left. It judges what \
happened, not how you wrote it. `hint("{number}")` gives the first of three hints.
"""
QUIZ = """### Five questions

Tick one answer each. The notebook says why it is right or wrong.
"""
MOST_LINES = 24  # to write on: with a long task above them they still have one page
LAB = "On paper this is only how it opens. In the notebook it answers."


def student(lesson: Lesson, notes: Notes) -> NotebookNode:
    """Return the student's edition of a lesson, with its card as the last page."""
    made = (cell for part in lesson.parts for cell in _cells(part))
    return notebook([*made, card(notes)])


def card(notes: Notes) -> NotebookNode:
    """Return the last page: the lesson on a card."""
    return markdown(f'<div class="card">\n\n## {CARD}\n\n{notes.card}\n\n</div>')


def as_in_both(part: Part, answered: bool) -> Iterator[NotebookNode]:
    """Yield the cells of a part that is the same, but for the answers, in both editions."""
    match part:
        case Introduction():
            yield markdown(EXERCISES.format(number=part.number))
        case Quiz():
            yield markdown(QUIZ)
            yield markdown(asked.quiz(find_quiz(part.number), answered))
        case Lab():
            yield from (shown(part.text), shown(part.shows), markdown(LAB))
        case Cell():
            yield shown(part)


def not_run(cell: Cell) -> NotebookNode:
    """Return a code cell as if it had not run."""
    return shown(replace(cell, outputs=()))


def _cells(part: Part) -> Iterator[NotebookNode]:
    match part:
        case Prediction():
            yield from _prediction(part)
        case Exercise():
            yield from _exercise(part)
        case _:
            yield from as_in_both(part, answered=False)


def _prediction(part: Prediction) -> Iterator[NotebookNode]:
    options = asked.options(question_of(part))
    yield asked.together(part.question, options, asked.room("Because", 1))
    for cell in part.runs:
        yield not_run(cell)
        if cell.outputs:
            yield markdown(asked.room("Run it. What did you see?", _lines_seen(cell)))


def _lines_seen(cell: Cell) -> int:
    lines = sum(output.text.strip().count("\n") + 1 for output in cell.outputs)
    return min(5, max(1, lines))


def _exercise(part: Exercise) -> Iterator[NotebookNode]:
    room = asked.room("Your function", min(MOST_LINES, _lines_of_solution(part) + 3))
    yield markdown(part.text.source)
    yield not_run(part.stub)
    yield asked.together(room, f"Check it in the notebook: `{part.check.source}`")


def _lines_of_solution(part: Exercise) -> int:
    function, _, _ = part.solution.source.partition("\nawait check(")
    return len(function.strip().splitlines())
