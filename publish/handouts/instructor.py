"""The instructor's edition: minutes, answers with their reasons, hints and solutions."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from helpers.practice.catalogue import find_exercise
from publish.cells import markdown, notebook, shown
from publish.lesson import Exercise, Lesson, Part, Prediction, plain
from publish.questions import question_of

from . import asked
from .notes import Notes
from .student import as_in_both, card, not_run

HEADING = re.compile(r"^## (.+)$", re.M)


def instructor(lesson: Lesson, notes: Notes) -> NotebookNode:
    """Return the instructor's edition of a lesson: notes first, the card last."""
    title, *rest = (cell for part in lesson.parts for cell in _cells(part))
    return notebook([title, _notes(notes), *(_timed(c, notes.minutes) for c in rest), card(notes)])


def _notes(notes: Notes) -> NotebookNode:
    parts = "\n\n".join(f"## {name}\n\n{text.strip()}" for name, text in notes.parts.items())
    return markdown(f'<div class="notes">\n\n{parts}\n\n</div>')


def _timed(cell: NotebookNode, minutes: dict[str, int]) -> NotebookNode:
    def mark(heading: re.Match[str]) -> str:
        time = minutes.get(plain(heading[1]))
        return heading[0] + (f'\n\n<p class="minutes">{time} min</p>\n' if time else "")

    if cell.cell_type == "markdown":
        cell.source = HEADING.sub(mark, cell.source)
    return cell


def _cells(part: Part) -> Iterator[NotebookNode]:
    match part:
        case Prediction():
            yield _prediction(part)
            yield from map(shown, part.runs)
        case Exercise():
            yield from _exercise(part)
        case _:
            yield from as_in_both(part, answered=True)


def _prediction(part: Prediction) -> NotebookNode:
    answer = f'<div class="answer">\n\n**Answer.** {part.answer}\n\n</div>'
    return asked.together(part.question, asked.options_answered(question_of(part)), answer)


def _exercise(part: Exercise) -> Iterator[NotebookNode]:
    exercise = find_exercise(part.number)
    assert exercise, f"nothing checks exercise {part.number}"
    hints = "\n".join(f"{n}. {hint}" for n, hint in enumerate(exercise.hints, 1))
    yield markdown(part.text.source)
    yield not_run(part.stub)
    yield asked.together('<p class="label">Hints</p>', hints)
    yield markdown('<p class="label">Solution</p>')
    yield shown(part.solution)
