"""A plugin of pytest that runs lessons and compares what each cell prints with what was saved.

Usage: python -m pytest -p tests.validation notebooks

All that the project uses of nbval is named here, and nowhere else.
"""

import os
import tempfile
from collections.abc import Generator, Iterable, Iterator
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams, nocolors

from publish.saved_form import saved_outputs
from publish.unattended import UNATTENDED
from tests.kernel.start import STARTED_AGAIN, patiently, reached_kernel

LONGEST_CELL = 60  # seconds
# Of an output, this is not compared.
SKIPPED = (
    *("metadata", "traceback", "prompt_number", "output_type", "name", "execution_count"),
    *("application/vnd.jupyter.widget-view+json", "image/png", "image/jpeg"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Choose what nbval offers: compare all outputs, in a kernel of this Python."""
    config.option.nbval = True
    config.option.nbval_current_env = True
    config.option.nbval_cell_timeout = LONGEST_CELL
    os.environ |= UNATTENDED


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[Any], list[Any]]:
    """Replace what nbval makes of a notebook by a Lesson."""
    found = yield
    return [
        Lesson.from_parent(node.parent, path=node.path) if type(node) is IPyNbFile else node
        for node in found
    ]


class Lesson(IPyNbFile):
    """A notebook with a kernel that is reached, and started again when nobody reaches it."""

    def setup(self) -> None:
        self.sockets = tempfile.TemporaryDirectory(prefix="kernel-")
        with patch("nbval.kernel.start_new_kernel", self._start):
            in_vain = patiently(super().setup)
        first = next(item for item in self.session.items if item.parent is self)
        first.user_properties += [(STARTED_AGAIN, why) for why in in_vain]

    def _start(self, startup_timeout: float, kernel_name: str, **launch: Any) -> tuple[Any, Any]:
        return reached_kernel(self.sockets.name, **launch)

    def teardown(self) -> None:
        super().teardown()
        self.sockets.cleanup()

    def collect(self) -> Iterator[pytest.Item]:
        for cell in super().collect():
            yield Cell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )


class Cell(IPyNbCell):
    """A cell whose fresh outputs are compared without what no saved lesson holds."""

    def compare_outputs(
        self, test: list[NotebookNode], ref: list[NotebookNode], skip_compare: Any = None
    ) -> bool:
        return super().compare_outputs(saved_outputs(test), ref, skip_compare)


def difference(fresh: Iterable[NotebookNode], saved: Iterable[NotebookNode]) -> str:
    """Compare outputs as the plugin does; say in one line what differs, if anything."""
    judge = _Judge()
    ours, theirs = coalesce_streams(saved_outputs(fresh)), coalesce_streams([*saved])
    same = IPyNbCell.compare_outputs(judge, ours, theirs)
    return "" if same else " ".join(map(str, judge.comparison_traceback))


class _Judge:
    """What the comparison needs of a test item, without a run of pytest around it."""

    colors = nocolors
    parent = SimpleNamespace(skip_compare=SKIPPED)
    comparison_traceback: list[str]

    def sanitize(self, text: Any) -> Any:
        return text

    def format_output_compare(self, kind: str, saved: Any, fresh: Any) -> None:
        first = next(pair for pair in _lines(saved, fresh) if pair[0] != pair[1])
        self.comparison_traceback.append("{}: {!r}, saved: {!r}".format(kind, *first[::-1]))


def _lines(*texts: Any) -> Iterator[tuple[str, str]]:
    first, second = ([*str(text).splitlines(keepends=True), ""] for text in texts)
    yield from zip_longest(first, second, fillvalue="")
