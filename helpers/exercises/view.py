"""Questions as widgets: radio buttons, which a keyboard and a screen reader can use."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from ipywidgets import HTML, Layout, RadioButtons, VBox

from .question import Question

Choose = Callable[[str, int], str]


def questions_view(questions: dict[str, Question], choose: Choose) -> VBox:
    """Show questions, one below the other; each choice is answered at once, below it.

    One alone shows only its options: the lesson has just asked it in the text above.
    """
    views = [_view(number, question, choose) for number, question in questions.items()]
    if len(views) > 1:
        for question, view in zip(questions.values(), views, strict=True):
            view.children = [HTML(f"<p>{_html(question.text)}</p>"), *view.children]
    return VBox(views)


def _view(number: str, question: Question, choose: Choose) -> VBox:
    # The Tab key reaches each answer, then what is said to it, which names itself as a status.
    said = HTML(tabbable=True)
    buttons = RadioButtons(
        options=[option.text for option in question.options],
        value=None,
        description="Your answer",
        tooltip="Tab goes from one answer to the next, Space chooses",
        layout=Layout(width="max-content"),
    )

    def answer(change: dict[str, int | None]) -> None:
        if change["new"] is not None:
            said.value = f'<p role="status">{_html(choose(number, change["new"]))}</p>'

    buttons.observe(answer, names="index")
    return VBox([buttons, said])


def _html(text: str) -> str:
    return re.sub(r"`(.+?)`", r"<code>\1</code>", escape(text))
