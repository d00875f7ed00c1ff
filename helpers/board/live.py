"""The board of a class that goes on: it reads the class's stream while other cells run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..classroom.address import ClassAddress, read_class_address
from ..classroom.reader import Reader, Round
from ..classroom.telling import CLASS
from ..errors import CourseError, with_widgets
from ..kernel import awaited
from .model import Board

if TYPE_CHECKING:
    from .view import BoardView

SECONDS_BETWEEN = 0.2  # two drawings: a whole class may answer within a second
NO_CLASS = f"Which class? Set {CLASS} to the address of its Redis, or write it: board(address)."
STOPPED = "The board has stopped: run its cell again."

_open: list[Following] = []


class Following:
    """A board that follows its class, until it is closed."""

    def __init__(self, address: ClassAddress) -> None:
        self._board = Board()
        self._reader = Reader(address, self._board.state)
        self._rounds: AsyncIterator[Round] = self._reader.rounds()
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._is_due = self._is_closed = False

    async def begin(self) -> BoardView:
        """Read what there is, and return a view that goes on by itself."""
        from .view import BoardView  # here: a state can be used where no widgets are installed

        self._board.note(await anext(self._rounds))
        self._view = BoardView(self._board)
        self._task = self._loop.create_task(self._follow())
        return self._view

    async def close(self) -> None:
        """Read no more, and close the connection."""
        self._is_closed = True  # the client may swallow a cancellation: a round takes a second
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._reader.close()

    async def _follow(self) -> None:
        try:
            async for one in self._rounds:
                if self._is_closed:
                    return
                self._board.note(one)
                self._show_soon()
        except Exception as error:
            self._board.trouble = f"{STOPPED} ({type(error).__name__})"
            self._show_soon()

    def _show_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_later(SECONDS_BETWEEN, self._show)

    def _show(self) -> None:
        self._is_due = False
        self._view.show()


@awaited
async def board(address: str = "") -> BoardView:
    """Return the board of a class, for the last line of a cell to show.

    `address` is that of the class's Redis; without it COURSE_CLASS is read. A cell that runs again
    closes the board that it showed before. Raises CourseError when neither is there, when the
    address is malformed, and where no widgets are installed.
    """
    with_widgets("The board")
    while _open:
        await _open.pop().close()
    following = Following(_address(address))
    _open.append(following)
    return await following.begin()


def _address(given: str) -> ClassAddress:
    if not (url := given or os.environ.get(CLASS, "")):
        raise CourseError(NO_CLASS)
    return read_class_address(url)
