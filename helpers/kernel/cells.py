"""Know which cell runs, and whether it is the one that connected first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """A cell as it runs; `run` counts the cells that have run, and `id` is empty outside a page."""

    run: int
    id: str
    source: str

    def is_again(self, earlier: Cell) -> bool:
        """Tell whether this is a later run of the same cell, perhaps edited in between."""
        if self.run == earlier.run:
            return False
        if self.id and earlier.id:
            return self.id == earlier.id
        return self.source == earlier.source


class Cells:
    """Follow the cells of a shell, from the one that runs now."""

    def __init__(self, shell: Any) -> None:
        self.running = self.first = Cell(0, *_running_now(shell))
        shell.events.register("pre_run_cell", self._begin)

    def first_runs_again(self) -> bool:
        """Tell whether the first of these cells has been run again; each run is told once."""
        if not self.running.is_again(self.first):
            return False
        self.first = self.running
        return True

    def _begin(self, info: Any) -> None:
        cell_id = getattr(info, "cell_id", None) or ""
        self.running = Cell(self.running.run + 1, cell_id, info.raw_cell)


def _running_now(shell: Any) -> tuple[str, str]:
    """Ask for the cell that was begun before anybody followed."""
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    typed = shell.user_ns.get("In") or [""]
    source = request.get("content", {}).get("code", typed[-1])
    return request.get("metadata", {}).get("cellId") or "", source
