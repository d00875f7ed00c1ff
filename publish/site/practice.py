"""What one does in a lesson, in a form for reading: predictions, quizzes, solutions, labs."""

from nbformat import NotebookNode

from helpers.exercises.look import words
from helpers.exercises.question import Question
from helpers.practice.catalogue import find_quiz
from publish.cells import markdown
from publish.lesson import Prediction
from publish.questions import question_of

from . import launch

SOLUTION = {"code_prompt_show": "Open the solution", "code_prompt_hide": "Fold the solution"}


def prediction(part: Prediction) -> NotebookNode:
    """Return a prediction with its options; the answer stays folded."""
    options = _options(question_of(part))
    return markdown(
        f'<div class="practice">\n\n{part.question}\n\n{options}\n\n{part.folded}\n\n</div>'
    )


def quiz(lesson: str) -> NotebookNode:
    """Return the questions of a lesson's quiz with their options."""
    questions = (
        f'<p class="asked">{number} {words(question.text)}</p>\n{_options(question)}'
        for number, question in find_quiz(lesson).items()
    )
    note = "<p>Run the lesson to choose, and to read why.</p>"
    body = "\n".join([*questions, note])
    return markdown(f'<div class="practice">\n{body}\n</div>')


def fold(solution: NotebookNode) -> NotebookNode:
    """Fold a solution and what it answered."""
    solution.metadata.tags.append("hide-cell")
    solution.metadata["mystnb"] = SOLUTION
    return solution


def lab_note(notebook: str) -> NotebookNode:
    """Return where a lab is alive: on a page it is only a picture."""
    return markdown(f"This is how it opens. To use it, run the lesson {launch.links(notebook)}.")


def _options(question: Question) -> str:
    return f"<ol>{''.join(f'<li>{words(option.text)}</li>' for option in question.options)}</ol>"
