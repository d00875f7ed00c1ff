"""Terminals on a page, made of ipywidgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from html import escape
from typing import Any

import ipywidgets

from .session import Session
from .still import still
from .typed_line import TypedLine

HINT = "Type SUBSCRIBE event1 in one terminal, then PUBLISH event1 hello in another."
HOW = (
    "Enter runs a line; nothing is sent before. The arrows bring back earlier lines. "
    "Tab completes a command; on an empty line it goes on, and Escape empties the line."
)
# The newest line stays in sight: what is laid out from below also scrolls from below.
SCREEN = "height:15em;overflow:auto;display:flex;flex-direction:column-reverse;border:1px solid"
WRAPPED = {"flex_flow": "row wrap"}

Do = Callable[[Coroutine[Any, Any, None]], None]


class View:
    """Show terminals side by side; `more` makes one more of them.

    JupyterLab may tell of a key in another thread than that of the cells. All work is done in the
    loop in which the view was made: the connections belong to that one.
    """

    def __init__(self, sessions: Sequence[Session], more: Callable[[], Session]) -> None:
        self._sessions = list(sessions)
        self._more = more
        self._loop = asyncio.get_running_loop()
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
        told = f"Terminals of {names}. {HINT}"
        drawn = still(f"Terminals of {names}", HINT, self._sessions)
        return self.widget._repr_mimebundle_() | {"text/plain": told, "image/svg+xml": drawn}

    async def _add(self) -> None:
        session = self._more()
        self._sessions.append(session)
        self._row.children = [*self._row.children, _Window(session, self._do).widget]

    def _button(
        self, label: str, action: Callable[[], Coroutine[Any, Any, None]]
    ) -> ipywidgets.Button:
        return _button(label, lambda: self._do(action()))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work run while the page goes on."""
        self._loop.call_soon_threadsafe(self._start, work)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(self._told(work))  # which nobody else holds
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
    """Show one terminal: its screen, and the line that is typed."""

    def __init__(self, session: Session, do: Do) -> None:
        self._session = session
        self._do = do
        self._screen = ipywidgets.HTML()
        self._line = TypedLine(self._told, name=session.terminal.name)
        self.widget = ipywidgets.VBox([self._screen, self._line])
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
        self._line.prompt = session.prompt

    def _told(self, key: str, line: str, edits: int) -> None:
        self._do(self._pressed(key, line, edits))

    async def _pressed(self, key: str, line: str, edits: int) -> None:
        answer = self._answer(key, line)
        if answer is not None:
            self._line.answer(answer, edits)

    def _answer(self, key: str, line: str) -> str | None:
        session = self._session
        match key:
            case "Enter":
                session.enter(line)
            case "Ctrl-C":
                self._do(session.interrupt())
            case "ArrowUp":
                return session.terminal.history.earlier()
            case "ArrowDown":
                return session.terminal.history.later()
            case "Tab":
                return session.completed(line)
        return None


def _button(label: str, action: Callable[[], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=label)
    button.layout.width = "auto"
    button.on_click(lambda _: action())
    return button
