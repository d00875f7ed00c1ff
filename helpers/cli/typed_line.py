"""The line under a terminal on a page, made of anywidget: those of ipywidgets tell of no key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

Pressed = Callable[[str, str, int], None]
"""Takes a key, the line as it stood, and the number of that state of the line."""


class TypedLine(anywidget.AnyWidget):
    """Tell of Enter, ArrowUp, ArrowDown, Tab and Ctrl-C, with the line that was typed.

    The page empties the line at Enter. It drops an answer that comes when the line has changed.
    """

    _esm = Path(__file__).with_suffix(".js")
    name = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)

    def __init__(self, pressed: Pressed, **traits: str) -> None:
        super().__init__(**traits)
        self._pressed = pressed
        self.on_msg(self._told)

    def _told(self, _: TypedLine, told: dict[str, Any], __: Any) -> None:
        self._pressed(told["key"], told["line"], told["edits"])

    def answer(self, line: str, edits: int) -> None:
        """Put another line in place of the one that stood there, unless it has changed since."""
        self.send({"line": line, "edits": edits})
