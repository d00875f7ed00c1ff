"""A terminal on a page, without the page: its screen, its next line, and what arrives meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .completion import complete
from .terminal import NOT_CONNECTED, Terminal

LINES_KEPT = 500


class Session:
    """A runner of typed lines, one after another, that shows messages as they arrive in between.

    `changed` is called whenever there is something new to draw. Nothing is sent, and no task runs,
    before the first line.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.changed: Callable[[], None] = lambda: None
        self.is_busy = False
        self.lines: list[str] = []
        self.shown = 0  # lines that ever stood on the screen, with those that have left it
        self._typed: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    @property
    def screen(self) -> str:
        """What stands above the prompt."""
        return "\n".join(self.lines)

    @property
    def prompt(self) -> str:
        """What stands before the line that is typed."""
        if self.is_busy:
            return "(waiting)"
        return NOT_CONNECTED if self._task is None else self.terminal.prompt

    def enter(self, line: str) -> None:
        """Press Enter after a line; it is run when those before it are done."""
        self._typed.put_nowait(line)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def completed(self, text: str) -> str:
        """Press Tab: return the completed name of the command; show the names if it has several."""
        names = complete(text)
        if len(names) == 1:
            return f"{names[0]} "
        if names:
            self._show("  ".join(names))
        return text

    async def interrupt(self) -> None:
        """Press Ctrl-C."""
        await self.terminal.interrupt()
        self.changed()

    async def close(self) -> None:
        """Stop running lines, and close the connection; another line begins again."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._typed = asyncio.Queue()
        await self.terminal.close()
        self.changed()

    async def _run(self) -> None:
        while True:
            line = await self._next_line()
            self._show(f"{self.terminal.prompt}{line}")
            await self._do(line)

    async def _do(self, line: str) -> None:
        self.is_busy = True
        self.changed()
        try:
            printed = await self.terminal.type(line)
        except Exception as problem:  # a fault of ours must not end the terminal without a word
            printed = f"Something went wrong: {problem}"
        finally:
            self.is_busy = False
        self._show(printed)

    async def _next_line(self) -> str:
        typed = asyncio.ensure_future(self._typed.get())
        try:
            while self.terminal.is_listening and not typed.done():
                await self._show_message_unless(typed)
            return await typed
        finally:
            typed.cancel()

    async def _show_message_unless(self, typed: asyncio.Future[str]) -> None:
        """Show the next message, unless a line is typed first: then the message can wait."""
        heard = asyncio.ensure_future(self.terminal.listen())
        try:
            await asyncio.wait({typed, heard}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()
            await asyncio.wait({heard})
        if not heard.cancelled():
            self._show(heard.result())

    def _show(self, text: str) -> None:
        fresh = text.split("\n") if text else []
        self.lines = [*self.lines, *fresh][-LINES_KEPT:]
        self.shown += len(fresh)
        self.changed()
