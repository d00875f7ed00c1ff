"""A lab on the page: ipywidgets for what the learner presses, a picture, and the same in words."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from html import escape
from typing import Any

import ipywidgets

from ..picture.rows import rows_of
from ..picture.text import write
from ..record import Record, Step
from .controls import Button, Choice, Control, Entry, Number
from .drawing import Drawing
from .model import Lab, what_happened
from .page import Headline, Options

# A reader of the screen gets it, an eye does not.
HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
WRAPPED = {"flex_flow": "row wrap", "align_items": "flex-end"}
OWN_WIDTH = {"description_width": "initial"}
LAST = 6  # commands that are shown in words


class LabView:
    """A lab on show: in Jupyter live, elsewhere as its first picture.

    JupyterLab may tell of a press in another thread than that of the cells. All work is done in
    the loop in which the view was made: the lab's clients and its lock belong to that one.
    """

    def __init__(self, model: Lab) -> None:
        self.model = model
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()
        self._headline = Headline()
        self._picture, self._sent = ipywidgets.HTML(), ipywidgets.HTML()
        made = [self._widget(control) for control in model.controls()]
        row = ipywidgets.HBox(made, layout=ipywidgets.Layout(**WRAPPED))
        row.add_class("course-controls")
        self.widget = ipywidgets.VBox([row, self._headline, self._picture, self._sent])
        self.widget.add_class("course-lab")
        model.changed = self.show
        self.show()

    def show(self) -> None:
        """Draw the lab as it is now; a fault in drawing is shown as well."""
        try:
            self._draw()
        except Exception as error:
            self._headline.problem = what_happened(error)

    def _draw(self) -> None:
        model = self.model
        drawn, summary = model.picture(), model.summary()
        self._picture.value = _pictured(drawn)
        self._sent.value = _preformatted(last_sent(model.record))
        with self._headline.hold_sync():
            self._headline.hint, self._headline.summary = model.hint, summary
            self._headline.chosen, self._headline.problem = self._chosen(), model.problem

    def _chosen(self) -> str:
        """Say what is chosen in words, to whoever is told of what has changed."""
        choices = [c for c in self.model.controls() if isinstance(c, Choice)]
        return " ".join(f"{c.label}: {getattr(self.model, c.setting)}." for c in choices)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        drawn = self.model.picture()
        live = self.widget._repr_mimebundle_()
        return live | {"text/plain": drawn.text, "image/svg+xml": drawn.svg}

    def _widget(self, control: Control) -> ipywidgets.Widget:
        if isinstance(control, Button):
            return self._button(control)
        widget = _input(control, getattr(self.model, control.setting))
        widget.observe(lambda change: self._set(control, change["new"]), names="value")
        return widget

    def _button(self, control: Button) -> ipywidgets.Button:
        button = ipywidgets.Button(description=control.label)
        button.layout.width = "auto"
        button.on_click(lambda _: self._begin(self.model.do(control.action)))
        return button

    def _set(self, control: Choice | Entry | Number, value: Any) -> None:
        self._begin(self.model.set(control.setting, value))
        action = control.action if isinstance(control, Choice | Number) else None
        if action:
            self._begin(self.model.do(action))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let an action run while the page goes on."""
        self._loop.call_soon_threadsafe(self._start, work)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)  # which nobody else holds: it might be collected
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _input(control: Choice | Entry | Number, value: Any) -> ipywidgets.Widget:
    shared = {"description": control.label, "value": value, "style": OWN_WIDTH}
    if isinstance(control, Number):
        # A slider would suit, but those of ipywidgets have no name that a screen reader could say.
        layout = ipywidgets.Layout(width=f"{len(control.label) + 12}ch")
        bounds = {"min": control.low, "max": control.high}
        return ipywidgets.BoundedIntText(layout=layout, **bounds, **shared)
    if isinstance(control, Choice):
        return Options(description=control.label, options=list(control.options), value=value)
    return ipywidgets.Text(continuous_update=False, **shared)


def _pictured(drawn: Drawing) -> str:
    """Return both pictures, of which the page shows the one that has room, and their words."""
    pictures = (
        f'<div class="wide">{drawn.svg}</div><div class="narrow">{drawn.narrow}</div>'
        f'<pre style="{HIDDEN}">{escape(drawn.text)}</pre>'
    )
    return f'<div class="course-picture">{pictures}</div>'


def _preformatted(text: str) -> str:
    return f'<pre class="course-sent" aria-label="The last commands">{escape(text)}</pre>'


def last_sent(record: Record) -> str:
    """Write the last commands of a lab's clients with their replies; a waiting one says so."""
    steps = [Step(c, c.reply, waited=c.waiting) for c in record.commands[-LAST:]]
    return write(rows_of(steps, set())) if steps else "Nothing has been sent yet."
