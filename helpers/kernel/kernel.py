"""Prepare the kernel of a notebook, once, when it connects for the first time."""

from __future__ import annotations

import sys
from typing import Any

from .again import forget_all
from .cells import Cells
from .short_errors import shorten_errors
from .stop_button import listen_to_stop_button
from .waiting_notice import WaitingNotice, Waits


class Kernel:
    """The shell that runs the cells: it stops when told to, and says in short what happened."""

    def __init__(self, shell: Any, waits: Waits) -> None:
        self.cells = Cells(shell)
        listen_to_stop_button(shell, self.cells)
        shorten_errors(shell, self.cells.are_stopped)
        WaitingNotice(shell, waits)

    def begins_again(self) -> bool:
        """Tell once whether the cell that connected first runs again; what it showed is closed."""
        if not self.cells.first_runs_again():
            return False
        forget_all()
        return True


_kernel: Kernel | None = None


def kernel(waits: Waits) -> Kernel | None:
    """Return this notebook's kernel, prepared at the first call; None where no shell runs cells.

    `waits` tells which clients wait for their broker now.
    """
    global _kernel
    shell = running_shell()
    if _kernel is None and shell is not None:
        _kernel = Kernel(shell, waits)
    return _kernel


def running_shell() -> Any:
    """Return the shell that runs the cells, or None where none does."""
    # Who runs in a shell has IPython already, and who does not need not load it.
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
