"""Terminals on a page, made of ipywidgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from html import escape
from typing import Any

import ipywidgets

from .session import Session
from .typed_text import TypedText

HINT = "Type SUBSCRIBE event1 in one terminal, then PUBLISH event1 hello in another."
HOW = "Each line runs when you press Enter. Nothing is sent before."
# The newest line stays in sight: what is laid out from below also scrolls from below.
SCREEN = "height:15em;overflow:auto;display:flex;flex-direction:column-reverse;border:1px solid"
WRAPPED = {"flex_flow": "row wrap"}


class View:
    """Show terminals side by side; `more` makes one more of them."""

    def __init__(self, sessions: Sequence[Session], more: Callable[[], Session]) -> None:
        self._sessions = list(sessions)
        self._more = more
        self._running: set[asyncio.Task[Any]] = set()
        self._problem = ipywidgets.HTML()
        self._row = ipywidgets.HBox(layout=ipywidgets.Layout(**WRAPPED))
        self._row.children = [_Window(session, self._do).widget for session in sessions]
        buttons = [
            self._button("One more terminal", self._add),
            self._button("Disconnect all", self.close),
        ]
        told = ipywidgets.HTML(f"<p>{escape(HINT)} {escape(HOW)}</p>")
        row = ipywidgets.HBox(buttons)
        self.widget = ipywidgets.VBox([told, self._row, row, self._problem])

    async def close(self) -> None:
        """Close every connection; a line typed later makes a new one."""
        for session in self._sessions:
            await session.close()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        names = " and ".join(session.terminal.name for session in self._sessions)
        return self.widget._repr_mimebundle_() | {"text/plain": f"Terminals of {names}. {HINT}"}

    async def _add(self) -> None:
        session = self._more()
        self._sessions.append(session)
        self._row.children = [*self._row.children, _Window(session, self._do).widget]

    def _button(
        self, label: str, action: Callable[[], Coroutine[Any, Any, None]]
    ) -> ipywidgets.Button:
        return _button(label, lambda: self._do(action()))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work run while the page goes on; a task that nobody holds may be collected."""
        task = asyncio.ensure_future(self._told(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
            self._problem.value = ""
        except Exception as problem:
            told = escape(str(problem) or type(problem).__name__)
            self._problem.value = f'<p role="alert"><b>Something went wrong.</b> {told}</p>'


class _Window:
    """Show one terminal: its screen, the line that is typed, and the keys of a keyboard."""

    def __init__(self, session: Session, do: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._session = session
        self._text = TypedText()
        self._screen = ipywidgets.HTML()
        # A text area tells of Enter in its value. A text field tells of it in a message of its own,
        # which may come before the last letters.
        self._line = ipywidgets.Textarea(rows=1, style={"description_width": "initial"})
        self._line.layout.width = "98%"
        self._line.observe(self._typed, names="value")
        history = session.terminal.history
        keys = [
            _button("↑ Earlier line", lambda: self._put(history.earlier())),
            _button("↓ Later line", lambda: self._put(history.later())),
            _button("Tab: complete", lambda: self._put(session.completed(self._text.line))),
            _button("Ctrl-C", lambda: do(session.interrupt())),
        ]
        row = ipywidgets.HBox(keys, layout=ipywidgets.Layout(**WRAPPED))
        self.widget = ipywidgets.VBox([self._screen, self._line, row])
        self.widget.layout.flex = "1 1 24em"  # side by side where the page is wide enough
        session.changed = self._draw
        self._draw()

    def _draw(self) -> None:
        session = self._session
        name = escape(session.terminal.name)
        self._screen.value = (
            f'<b>{name}</b><div style="{SCREEN}"><pre role="log" aria-live="polite" '
            f'aria-label="Terminal of {name}" tabindex="0">{escape(session.screen)}</pre></div>'
        )
        self._line.description = "(waiting)" if session.is_busy else session.terminal.prompt
        self._line.tooltip = f"A line for the terminal of {session.terminal.name}"

    def _put(self, line: str) -> None:
        self._text.write(line)
        self._line.value = line

    def _typed(self, change: dict[str, Any]) -> None:
        if change["new"] == self._text.text:
            return  # what we wrote ourselves
        for line in self._text.follow(change["new"]):
            self._session.enter(line)
        self._line.value = self._text.text


def _button(label: str, action: Callable[[], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=label)
    button.layout.width = "auto"
    button.on_click(lambda _: action())
    return button
