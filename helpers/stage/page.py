"""A stage on the page: what is sent to it, and what it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from .frame import Frame
from .plain import LOOKS, Plain, plain, plain_frame

HERE = Path(__file__).parent


class StagePage(anywidget.AnyWidget):
    """A story that can be stepped through; with acts, one that can be played.

    The page gets the newest moment, and asks for all of them when it is made: it steps through them
    by itself. What is pressed or set there is handed to `asked`, as {"act": name} or
    {"set": setting, "value": value}, or {"go_on_from": number of a moment}.
    """

    _esm = HERE / "stage.js"
    _css = HERE / "stage.css"
    looks = traitlets.Dict(LOOKS).tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    controls: traitlets.List[Plain] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    primary = traitlets.Unicode().tag(sync=True)
    next_act = traitlets.Unicode().tag(sync=True)
    finding = traitlets.Dict().tag(sync=True)
    answered = traitlets.Unicode().tag(sync=True)
    can_go_on = traitlets.Bool().tag(sync=True)  # from an earlier moment
    turns = traitlets.Int().tag(sync=True)  # what was asked and has been dealt with

    def __init__(
        self, frames: Callable[[], Sequence[Frame]], asked: Callable[[Plain], None] | None = None
    ) -> None:
        super().__init__()
        self._frames, self._asked = frames, asked
        self.on_msg(self._answer)
        self.show_newest()

    def show_newest(self) -> None:
        """Send the newest moment to the page."""
        frames = self._frames()  # which may be made one by one
        self.shown = plain_frame(frames[-1], frames[-2] if len(frames) > 1 else None)

    def _answer(self, widget: object, content: Any, buffers: object) -> None:
        if content == {"ask": "frames"}:
            self.send({"frames": plain(self._frames())})
        elif self._asked:
            self._asked(content)
