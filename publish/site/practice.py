"""What one does in a lesson, in a form for reading: predictions, quizzes, solutions, labs."""

import re
from html import escape

import nbformat
from nbformat import NotebookNode

from publish.solution import unlabelled

from . import launch

OPTION = re.compile(r"^  \d+\. (.*)$", re.M)
CODE = re.compile(r"`([^`]+)`")
HOW_TO_CHOOSE = re.compile(r"\n*^To choose without buttons:.*\Z", re.M | re.S)
SOLUTION = {"code_prompt_show": "Open the solution", "code_prompt_hide": "Fold the solution"}


def prediction(question: NotebookNode, widget: NotebookNode) -> NotebookNode:
    """Join a prediction's text with the options of its widget; the answer stays folded."""
    asked, fold, answer = question.source.partition("<details>")
    return nbformat.v4.new_markdown_cell(
        f'<div class="practice">\n\n{asked.strip()}\n\n{_options(_words(widget))}\n\n'
        f"{fold}{answer}\n\n</div>"
    )


def quiz(widget: NotebookNode) -> NotebookNode:
    """Turn a quiz into questions with their options."""
    questions = [f"{_asked(part)}\n{_options(part)}" for part in _words(widget).split("\n\n")]
    note = "<p>Run the lesson to choose, and to read why.</p>"
    body = "\n".join([*questions, note])
    return nbformat.v4.new_markdown_cell(f'<div class="practice">\n{body}\n</div>')


def fold(solution: NotebookNode) -> NotebookNode:
    """Fold a solution and what it answered."""
    solution.metadata.tags.append("hide-cell")
    solution.metadata["mystnb"] = SOLUTION
    solution.source = unlabelled(solution.source)
    return solution


def lab_note(notebook: str) -> NotebookNode:
    """Say where a lab is alive: on a page it is only a picture."""
    return nbformat.v4.new_markdown_cell(
        f"This is how it opens. To use it, run the lesson {launch.links(notebook)}."
    )


def _words(widget: NotebookNode) -> str:
    return HOW_TO_CHOOSE.sub("", widget.outputs[0].data["text/plain"])


def _asked(text: str) -> str:
    return f'<p class="asked">{_html(" ".join(OPTION.sub("", text).split()))}</p>'


def _options(text: str) -> str:
    return f"<ol>{''.join(f'<li>{_html(option)}</li>' for option in OPTION.findall(text))}</ol>"


def _html(words: str) -> str:
    return CODE.sub(r"<code>\1</code>", escape(words))
