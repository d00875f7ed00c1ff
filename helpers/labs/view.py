"""A lab on the page: its stage, what can be pressed and set there, its story."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any
from zlib import crc32

import ipywidgets

from ..stage.model import Stage
from ..stage.page import StagePage
from ..stage.svg import WIDTH, draw
from ..stage.text import write
from .acts import Act, Control, Entry, Finding, Number
from .model import Lab, what_happened

Plain = dict[str, Any]
OF_ITS_STORY = "a moment of its story"


class LabView:
    """A lab on show: in Jupyter live, elsewhere as a picture.

    JupyterLab may tell of a press in another thread than that of the cells. All work is done in
    the loop in which the view was made: the lab's clients and its lock belong to that one.
    """

    def __init__(self, model: Lab) -> None:
        self.model = model
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()
        self.page = StagePage(lambda: model.frames, self._asked)
        # A widget of ipywidgets around it: anywidget does not tell its page that the kernel ended.
        self.widget = ipywidgets.VBox([self.page])
        self.page.can_go_on = model.can_go_on
        model.changed = self.show
        self.show()

    def show(self) -> None:
        """Show the lab as it is now; a fault in that is shown as well."""
        try:
            self._show()
        except Exception as error:
            self.page.problem = what_happened(error)

    def _show(self) -> None:
        model, page, controls = self.model, self.page, self.model.controls()
        with page.hold_sync():
            page.show_newest()
            page.controls = [_control(control) for control in controls]
            settings = [c.setting for c in controls if not isinstance(c, Act)]
            page.values = {setting: getattr(model, setting) for setting in settings}
            page.hint, page.problem = model.hint, model.problem
            page.primary, page.next_act = model.primary(), model.next_act()
            page.finding = _finding(model.finding()) if model.is_finished() else {}
            page.answered = page.answered if page.finding else ""
            page.turns += 1

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        live = self.widget._repr_mimebundle_()
        stage, headline = self._to_keep()
        kept = {"text/plain": write(stage, headline), "image/svg+xml": draw(stage, WIDTH, headline)}
        return live | kept

    def _to_keep(self) -> tuple[Stage, str]:
        """Return what is shown where nothing can be pressed: at first, a moment of the story."""
        story, now = self.model.story(), self.model.frames[-1]
        if story is None or len(self.model.frames) > 1:
            return now.stage, now.headline
        frame = story.middle
        return replace(frame.stage, title=f"{frame.stage.title}: {OF_ITS_STORY}"), frame.headline

    def _asked(self, asked: Any) -> None:
        """Do what was pressed, or set what was chosen, while the page goes on."""
        match asked:
            case {"act": str(name)}:
                self._begin(self.model.press(name))
            case {"go_on_from": int(number)} if self.model.can_go_on:
                self._begin(self.model.resume(number))
            case {"set": str(setting), "value": value}:
                self._begin(self.model.choose(setting, value))

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        """Tell what the page should not have asked: an act or a value that is not there."""
        try:
            await work
        except ValueError as error:
            with self.page.hold_sync():
                self.page.problem = what_happened(error)
                self.page.turns += 1

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.call_soon_threadsafe(self._start, work)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        # Nobody else holds the task: it might be collected.
        task = self._loop.create_task(self._told(work))
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
            "whyNot": control.why_not,
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
