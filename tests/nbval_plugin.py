"""A plugin that lets nbval run a lesson: in a kernel that is reached, judged by what is saved.

Usage: python -m pytest --nbval -p tests.nbval_plugin notebooks
"""

import tempfile
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile

from publish.saved_form import saved_outputs
from tests.kernel.start import STARTED_AGAIN, listening_in, patiently


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[Any], list[Any]]:
    """Replace what nbval makes of a notebook by a Lesson."""
    found = yield
    return [
        Lesson.from_parent(node.parent, path=node.path) if type(node) is IPyNbFile else node
        for node in found
    ]


class Lesson(IPyNbFile):
    """A notebook as nbval runs it, with a kernel that is started again when nobody reaches it."""

    def setup(self) -> None:
        self.sockets = tempfile.TemporaryDirectory(prefix="kernel-")
        with listening_in(self.sockets.name):
            in_vain = patiently(super().setup)
        first = next(item for item in self.session.items if item.parent is self)
        first.user_properties += [(STARTED_AGAIN, why) for why in in_vain]

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
