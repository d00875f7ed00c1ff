"""A board in a page of its own, without JupyterLab: what is pressed there reaches a real view.

The page keeps what it sends; `answer` hands it to the view, and the page what the view answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from helpers.board.model import Board
from helpers.board.view import BoardView
from helpers.classroom.event import Event

from ..classroom.pretend import MINUTE, START
from .jupyter import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = ROOT / "helpers/board"
PAGE = """<!doctype html><html lang="en" style="color-scheme:light dark"><title>Board</title>
<style>body{margin:16px;background:light-dark(#fff,#111)}</style><style>%s</style>
<main><div><div id="board"></div></div></main>"""
MODEL = """([module, state]) => {
    const heard = {};
    window.sent = [];
    const model = {
        get: name => state[name],
        send: told => window.sent.push(told),
        on: (name, hear) => (heard[name] = [...(heard[name] ?? []), hear]),
        off: (name, hear) => (heard[name] = heard[name].filter(each => each !== hear)),
    };
    window.tell = (news, messages) => {
        Object.assign(state, news);
        (heard['change:shown'] ?? []).forEach(hear => hear());
        for (const message of messages)
            (heard['msg:custom'] ?? []).forEach(hear => hear(message));
    };
    const address = URL.createObjectURL(new Blob([module], {type: 'text/javascript'}));
    return import(address).then(({default: {render}}) => {
        window.leave = render({model, el: document.getElementById('board')});
    });
}"""


class BareBoard:
    """A board of pretended events, and its page."""

    def __init__(self, page: Page, events: Sequence[tuple[Event, int]], minute: int = 60) -> None:
        self.page = page
        self.board = Board()
        self.board.lag, self.board.now = 0, START + minute * MINUTE
        for event, at in events:
            self.board.state.take(event, at)
        self._messages: list[dict[str, Any]] = []
        with ThreadPoolExecutor(1) as thread:  # widgets mind the loop of playwright in this one
            self.view = thread.submit(BoardView, self.board).result()
        self.view.page.send = self._messages.append
        self.reopen()

    def reopen(self) -> None:
        """Show the board on a new page."""
        self.page.set_content(PAGE % (FOLDER / "view.css").read_text())
        self.page.evaluate(MODEL, [(FOLDER / "view.js").read_text(), self._state()])
        self.answer()

    def take(self, event: Event, minute: int = 60) -> None:
        """Let an event arrive, and the page show it."""
        self.board.state.take(event, START + minute * MINUTE)
        self.view.show()
        self._tell()

    def answer(self) -> None:
        """Let the view answer what was pressed."""
        for told in self.page.evaluate("window.sent.splice(0)"):
            self.view._told(None, told, [])
        self.view.show()
        self._tell()

    def _tell(self) -> None:
        messages, self._messages[:] = list(self._messages), []
        self.page.evaluate("([news, them]) => tell(news, them)", [self._state(), messages])

    def _state(self) -> dict[str, Any]:
        shown = {"questions": self.view.page.questions, "shown": self.view.page.shown}
        return json.loads(json.dumps(shown))
