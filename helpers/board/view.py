"""The board on a page. Names and files go there as messages, so no notebook is saved with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from . import sheet
from .model import Board
from .plain import names, plain, questions

BYTE_ORDER_MARK = "\ufeff"  # by it a spreadsheet knows the letters of the names
FILES = {"scores.csv": sheet.scores, "answers.csv": sheet.answers}


class BoardPage(anywidget.AnyWidget):
    """A page of a board that tells what is pressed there."""

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    questions: traitlets.List[Any] = traitlets.List().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)


class BoardView:
    """A board on show: in Jupyter live, elsewhere as text."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.page = BoardPage(questions=questions(), shown=plain(board))
        self.page.on_msg(self._told)
        # A widget of ipywidgets around it: anywidget does not tell its page that the kernel ended.
        self.widget = ipywidgets.VBox([self.page])
        self._names: list[dict[str, Any]] = []

    def show(self) -> None:
        """Show the board as it is now."""
        self.page.shown = plain(self.board)
        if (found := names(self.board)) != self._names:
            self._names = found
            self._send_names()

    def _told(self, _: Any, told: dict[str, Any], __: Any) -> None:
        match told:
            case {"vote": str(key)}:
                self.board.choose(key)
            case {"step": int(by)}:
                self.board.step(by)
            case {"right": bool(is_shown)}:
                self.board.shows_right = is_shown
            case {"names": bool(is_shown)}:
                self.board.shows_names = is_shown
            case {"file": str(name)} if name in FILES:
                self.page.send({"file": name, "text": self.text_of(name)})
            case {"begun": True}:  # a page that was opened again has no names yet
                self._send_names()
        self.show()

    def text_of(self, name: str) -> str:
        """Return a file as it is downloaded."""
        return BYTE_ORDER_MARK + FILES[name](self.board.state)

    def save(self, folder: str | Path = ".") -> str:
        """Write the files into a folder, and say so."""
        for name in FILES:
            Path(folder, name).write_text(self.text_of(name), encoding="utf-8", newline="")
        return f"Written: {' and '.join(FILES)}."

    def _send_names(self) -> None:
        self.page.send({"names": self._names})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.widget._repr_mimebundle_() | {"text/plain": repr(self.board)}
