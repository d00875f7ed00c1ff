"""A lab on the page: its stage, what can be pressed and set there, its story."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from zlib import crc32

from ..stage.page import StagePage
from ..stage.svg import draw
from ..stage.text import write
from .acts import Act, Control, Entry, Finding, Number
from .model import Lab, what_happened

Plain = dict[str, Any]


class LabView:
    """A lab on show: in Jupyter live, elsewhere as a picture.

    JupyterLab may tell of a press in another thread than that of the cells. All work is done in
    the loop in which the view was made: the lab's clients and its lock belong to that one.
    """

    def __init__(self, model: Lab) -> None:
        self.model = model
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()
        self.widget = StagePage(lambda: model.frames, self._asked)
        model.changed = self.show
        self.show()

    def show(self) -> None:
        """Show the lab as it is now; a fault in that is shown as well."""
        try:
            self._show()
        except Exception as error:
            self.widget.problem = what_happened(error)

    def _show(self) -> None:
        model, page = self.model, self.widget
        with page.hold_sync():
            page.show_newest()
            page.controls = [_control(control) for control in model.controls()]
            page.values = {
                c.setting: getattr(model, c.setting)
                for c in model.controls()
                if not isinstance(c, Act)
            }
            page.hint, page.problem = model.hint, model.problem
            page.primary, page.next_act = model.primary(), model.next_act()
            page.finding = _finding(model.finding()) if model.is_finished() else {}
            page.answered = page.answered if page.finding else ""
            page.turns += 1

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        stage = self.model.stage()
        live = self.widget._repr_mimebundle_()
        live = live[0] if isinstance(live, tuple) else live
        return live | {"text/plain": write(stage), "image/svg+xml": draw(stage)}

    def _asked(self, asked: Any) -> None:
        """Do what was pressed, or set what was chosen, while the page goes on."""
        match asked:
            case {"act": str(name)}:
                self._begin(self.model.press(name))
            case {"set": str(setting), "value": value}:
                self._begin(self.model.choose(setting, value))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.call_soon_threadsafe(self._start, work)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)  # which nobody else holds: it might be collected
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _control(control: Control) -> Plain:
    if isinstance(control, Act):
        return {
            "kind": "act",
            "label": control.label,
            "name": control.name,
            "place": control.place,
            "isDangerous": control.danger,
        }
    told = {"label": control.label, "setting": control.setting, "place": control.place}
    if isinstance(control, Number):
        return told | {"kind": "number", "low": control.low, "high": control.high}
    if isinstance(control, Entry):
        return told | {"kind": "entry"}
    return told | {"kind": "choice", "options": list(control.options)}


def _finding(finding: Finding) -> Plain:
    """Write what was found; the answers stand in an order that tells nothing."""
    right = next(iter(finding.answers))
    answers = [
        {"answer": answer, "remark": remark, "isRight": answer == right}
        for answer, remark in finding.answers.items()
    ]
    answers.sort(key=lambda each: crc32(str(each["answer"]).encode()))
    return {"number": finding.number, "question": finding.question, "answers": answers}
