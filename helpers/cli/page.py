"""The page of terminals, made of anywidget: the widgets of ipywidgets tell of no key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Page(anywidget.AnyWidget):
    """A page of terminals that tells of each key, with the line that was typed, and of each button.

    The page empties the line at Enter. It drops an answer that comes when the line has changed.
    """

    _esm = Path(__file__).with_name("terminals.js")
    _css = Path(__file__).with_name("terminals.css")
    told = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    terminals: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, pressed: Callable[[dict[str, Any]], None], **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, told, __: pressed(told))

    def answer(self, terminal: int, line: str, edits: int) -> None:
        """Put another line in place of the one that stood there, unless it has changed since."""
        self.send({"terminal": terminal, "line": line, "edits": edits})
