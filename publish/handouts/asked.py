"""Write predictions, quizzes and room to answer as HTML for paper."""

from nbformat import NotebookNode

from helpers.exercises.look import words
from helpers.exercises.question import Option, Question
from publish.cells import markdown


def options(question: Question) -> str:
    """Return the options of a question, each with a box to tick."""
    items = "".join(f"<li>{words(option.text)}</li>" for option in question.options)
    return f'<ul class="options">{items}</ul>'


def options_answered(question: Question) -> str:
    """Return the options with the verdict and the reason of each."""
    items = "".join(f"<li>{_verdict(option)}</li>" for option in question.options)
    return f'<ul class="answered">{items}</ul>'


def _verdict(option: Option) -> str:
    word = "Right" if option.is_right else "Wrong"
    text = words(option.text)
    shown = f"<strong>{text}</strong>" if option.is_right else text
    return f"{shown} — <em>{word}.</em> {words(option.why)}"


def together(*parts: str) -> NotebookNode:
    """Return a cell of parts that stay on one page."""
    inside = "\n\n".join(parts)
    return markdown(f'<div class="question">\n\n{inside}\n\n</div>')


def quiz(questions: dict[str, Question], answered: bool) -> str:
    """Return all questions of a quiz."""
    write = options_answered if answered else options
    return "\n".join(
        f'<div class="question"><p><strong>{number}</strong> {words(question.text)}</p>'
        f"{write(question)}</div>"
        for number, question in questions.items()
    )


def room(label: str, lines: int) -> str:
    """Return room to write: ruled lines below a word."""
    return f'<div class="room"><p>{label}</p>{"<div></div>" * lines}</div>'
