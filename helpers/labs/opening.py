"""Show a lab, and close the one that it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import CourseError, with_widgets
from ..kernel import awaited, on_beginning_again
from .board import Board
from .bus import Bus
from .channel import Channel
from .crash import Crash
from .history import History
from .line import Line
from .model import Lab
from .patterns import Patterns
from .two_copies import TwoCopies

if TYPE_CHECKING:
    from .view import View

KINDS: tuple[type[Lab], ...] = (
    TwoCopies,
    Channel,
    Patterns,
    Line,
    History,
    Board,
    Bus,
    Crash,
)
LABS = {str(kind.number): kind for kind in KINDS}

_shown: dict[str, Lab] = {}


@awaited
async def lab(number: int | str) -> View:
    """Return the live lab of a lesson, for the last line of a cell to show.

    It sends nothing until a button is pressed. Its keys and channels begin with `lab:`, the names
    of its clients with `lab`. A cell that runs again closes the lab that it showed before. Raises
    CourseError for a lesson without a lab, and where no widgets are installed.
    """
    with_widgets("A lab")
    from .view import View  # here, so that a model can be used where no widgets are installed

    wanted = str(number)
    if wanted not in LABS:
        raise CourseError(f"There is no lab {wanted}: take one of {', '.join(LABS)}.")
    if wanted in _shown:
        await _shown.pop(wanted).close()
    _shown[wanted] = LABS[wanted]()
    return View(_shown[wanted])


@on_beginning_again
def _abandon_labs() -> None:
    """Let go of every lab on show: its broker is gone."""
    while _shown:
        _shown.popitem()[1].abandon()
