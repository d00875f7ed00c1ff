"""Questions as widgets: radio buttons, which a keyboard and a screen reader can use."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ipywidgets import HTML, Layout, RadioButtons, VBox

from .question import Question

Choose = Callable[[str, int], str]


def questions_view(questions: dict[str, Question], choose: Choose) -> VBox:
    """Show questions, one below the other; each choice is answered at once, below it."""
    return VBox([_view(number, question, choose) for number, question in questions.items()])


def _view(number: str, question: Question, choose: Choose) -> VBox:
    # What is said to a choice can be reached with the Tab key, and names itself as a status.
    said = HTML(tabbable=True)
    buttons = RadioButtons(
        options=[option.text for option in question.options],
        value=None,
        description="Your answer",
        layout=Layout(width="max-content"),
        tabbable=True,
    )

    def answer(change: dict[str, int | None]) -> None:
        if change["new"] is not None:
            said.value = f'<p role="status">{escape(choose(number, change["new"]))}</p>'

    buttons.observe(answer, names="index")
    return VBox([HTML(f"<p>{escape(question.text)}</p>"), buttons, said])
