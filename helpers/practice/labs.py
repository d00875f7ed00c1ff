"""Show a lab, and close the one that it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import CourseError, with_widgets
from ..kernel import awaited, on_beginning_again
from ..lessons import lessons, part

if TYPE_CHECKING:
    from ..labs.model import Lab
    from ..labs.view import LabView

_shown: dict[str, Lab] = {}


@awaited
async def lab(number: int | str) -> LabView:
    """Return the live lab of a lesson, for the last line of a cell to show.

    It sends nothing until a button is pressed. Its keys and channels begin with `lab:`, the names
    of its clients with `lab`. A cell that runs again closes the lab that it showed before. Raises
    CourseError for a lesson without a lab, and where no widgets are installed.
    """
    with_widgets("A lab")
    # Here, so that a model can be used where no widgets are installed.
    from ..labs.view import LabView

    wanted = str(number)
    if wanted not in lessons():
        raise CourseError(f"There is no lab {wanted}: take one of {', '.join(lessons())}.")
    if wanted in _shown:
        await _shown.pop(wanted).close()
    _shown[wanted] = part(wanted, "lab").LAB()
    return LabView(_shown[wanted])


@on_beginning_again
def _abandon_labs() -> None:
    """Let go of every lab on show: its broker is gone."""
    while _shown:
        _shown.popitem()[1].abandon()
