"""Terminals on a page: what is pressed there, done; what they show, handed to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from .page import Page
from .session import Session
from .svg import terminals_svg

HINT = "Type SUBSCRIBE talk in one terminal, then PUBLISH talk hello in another."
HOW = (
    "Enter runs a line; nothing is sent before. The arrows bring back earlier lines. "
    "Tab completes a command; on an empty line it goes on, and Escape empties the line. "
    "Page Up and Page Down scroll."
)


class TerminalsView:
    """Terminals side by side; `more` makes one more of them.

    JupyterLab may tell of a key in another thread than that of the cells. All work is done in the
    loop in which the view was made: the connections belong to that one.
    """

    def __init__(self, sessions: Sequence[Session], more: Callable[[], Session]) -> None:
        self._sessions: list[Session] = []
        self._more = more
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[Any]] = set()
        self.widget = Page(self._told, told=f"{HINT} {HOW}")
        for session in sessions:
            self._show(session)

    async def close(self) -> None:
        """Close every connection; a line typed later makes a new one."""
        for session in self._sessions:
            await session.close()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        names = " and ".join(session.terminal.name for session in self._sessions)
        told = f"Terminals of {names}. {HINT}"
        drawn = terminals_svg(f"Terminals of {names}", HINT, self._sessions)
        live: Any
        live, _ = self.widget._repr_mimebundle_() or ({}, {})
        return live | {"text/plain": told, "image/svg+xml": drawn}

    def _show(self, session: Session) -> None:
        self._sessions.append(session)
        session.changed = self._draw
        self._draw()

    def _draw(self) -> None:
        self.widget.terminals = [
            {"name": s.terminal.name, "prompt": s.prompt, "screen": s.lines, "shown": s.shown}
            for s in self._sessions
        ]

    def _told(self, told: dict[str, Any]) -> None:
        match told:
            case {"button": "more"}:
                self._do(self._add())
            case {"button": "close"}:
                self._do(self.close())
            case {"terminal": number, "key": key, "line": line, "edits": edits}:
                self._do(self._pressed(number, key, line, edits))

    async def _add(self) -> None:
        self._show(self._more())

    async def _pressed(self, number: int, key: str, line: str, edits: int) -> None:
        answer = self._answer(self._sessions[number], key, line)
        if answer is not None:
            self.widget.answer(number, answer, edits)

    def _answer(self, session: Session, key: str, line: str) -> str | None:
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

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work run while the page goes on."""
        self._loop.call_soon_threadsafe(self._start, work)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(self._watched(work))  # which nobody else holds
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _watched(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
            self.widget.problem = ""
        except Exception as problem:
            told = str(problem) or type(problem).__name__
            self.widget.problem = f"Something went wrong. {told}"
