"""Know which cell runs, and whether it is the one that connected first."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any


def current_task() -> asyncio.Task[Any] | None:
    """Return the task that runs, or None where no loop runs."""
    with suppress(RuntimeError):
        return asyncio.current_task()
    return None


def request_of(shell: Any) -> dict[str, Any]:
    """Return the message that asked for the cell, as Jupyter sent it; empty without Jupyter.

    Follows https://jupyter-client.readthedocs.io/en/stable/messaging.html
    """
    return (shell.kernel.get_parent() if hasattr(shell, "kernel") else None) or {}


@dataclass(frozen=True)
class Cell:
    """A cell as it runs; `run` counts the cells that have run, and `id` is empty outside a page."""

    run: int
    id: str
    source: str
    task: asyncio.Task[Any] | None = field(default_factory=current_task, compare=False)

    def is_again(self, earlier: Cell) -> bool:
        """Tell whether this is a later run of the same cell, perhaps edited in between."""
        if self.run == earlier.run:
            return False
        if self.id and earlier.id:
            return self.id == earlier.id
        return self.source == earlier.source


class Cells:
    """The cells of a shell, from the one that runs now."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        # It was begun before anybody followed.
        self.running = self.first = Cell(0, self._cell_id(), shell.user_ns.get("In", [""])[-1])
        shell.events.register("pre_run_cell", self._begin)

    def are_stopped(self) -> bool:
        """Tell whether somebody cancels the running cell itself, not only what it waits for."""
        task = self.running.task
        return task is not None and task.cancelling() > 0

    def first_runs_again(self) -> bool:
        """Tell whether the first of these cells has been run again; each run is told once."""
        if not self.running.is_again(self.first):
            return False
        self.first = self.running
        return True

    def _begin(self, info: Any) -> None:
        self.running = Cell(self.running.run + 1, self._cell_id(), info.raw_cell)

    def _cell_id(self) -> str:
        return request_of(self._shell).get("metadata", {}).get("cellId") or ""
