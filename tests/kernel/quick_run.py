"""Run a lesson in this process and judge its cells as `make test` does, without a kernel.

For runs by the hundred: a kernel takes a second to start. A test shows that both agree.
"""

import os
from collections.abc import AsyncIterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Type
from traitlets.config import Config

from publish.lesson import tags
from tests.validation import difference


@dataclass(frozen=True)
class Ran:
    """One code cell that has run; `fault` says why it fails, and is empty when it passes."""

    number: int  # counts the code cells from 0, as reports do
    cell: str  # its id
    fault: str


async def run_lesson(path: Path) -> AsyncIterator[Ran]:
    """Run the code cells of a lesson one by one, in its folder.

    Once in a process only: the cells leave behind what they import and connect.
    """
    os.chdir(path.parent)
    shell = _Shell.instance(config=Config(HistoryManager={"enabled": False}))
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells):
        yield Ran(number, cell.id, await _fault(shell, cell))


async def _fault(shell: "_Shell", cell: NotebookNode) -> str:
    error, outputs = await shell.run(cell.source)
    if error and "raises-exception" not in tags(cell):
        return f"{type(error).__name__}: {error}"
    return "" if "nbval-ignore-output" in tags(cell) else difference(outputs, cell.outputs)


class _Hook(DisplayHook):
    """Shows the value of a cell."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.shown.append(new_output("execute_result", data=format_dict))

    def write_output_prompt(self) -> None:
        """No `Out[1]:`."""

    def finish_displayhook(self) -> None:
        """No empty line after it."""


class _Publisher(DisplayPublisher):
    """Shows what a cell passes to `display`."""

    def publish(self, data: dict[str, Any], *others: Any, **options: Any) -> None:
        self.shell.shown.append(new_output("display_data", data=data))


class _Shell(InteractiveShell):
    """A shell that collects what a cell shows, as the outputs of a notebook."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    async def run(self, source: str) -> tuple[BaseException | None, list[NotebookNode]]:
        """Run a cell; return the error that it raised, and its outputs."""
        self.shown: list[NotebookNode] = []
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as complaints:
            ran = await self.run_cell_async(source, transformed_cell=self.transform_cell(source))
            self.events.trigger("post_execute")  # a kernel tells that the cell is over
            self.events.trigger("post_run_cell", ran)
        streams = {"stdout": out.getvalue(), "stderr": complaints.getvalue()}
        self.shown += [
            new_output("stream", name=n, text=text) for n, text in streams.items() if text
        ]
        error = ran.error_before_exec or ran.error_in_exec
        if error:
            self.shown.append(new_output("error", ename=type(error).__name__, evalue=str(error)))
        return error, self.shown

    def ask_exit(self) -> None:
        """A kernel's shell can be asked; this one goes on."""

    def _showtraceback(self, *error: Any) -> None:
        """An error is an output of its own, not a text on stdout."""
