"""One JupyterLab and one page for each worker: each test opens the lesson that it is about.

What shares an open notebook runs in one worker, in its sequence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from .jupyter import SECONDS_TO_ANSWER, Course, chromium, jupyterlab

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page


LAB = re.compile(r"\[(lab-\d+)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the labs last: they are many and short, so that the workers end at the same time."""
    items.sort(key=lambda item: LAB.search(item.nodeid) is not None)


class ByNotebook(LoadScopeScheduling):
    """What one worker runs in its sequence: the tests of a lab, else of a file."""

    def _split_scope(self, nodeid: str) -> str:
        lab = LAB.search(nodeid)
        return super()._split_scope(nodeid) + (lab[1] if lab else "")


@pytest.hookimpl(optionalhook=True)  # without xdist, nobody knows of it
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ByNotebook(config, log)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    with jupyterlab(tmp_path_factory.mktemp("course")) as running:
        yield running


@pytest.fixture(scope="session")
def errors() -> list[str]:
    """List what the browser's console has told of errors."""
    return []


@pytest.fixture(scope="session")
def page(errors: list[str]) -> Iterator[Page]:
    from playwright.sync_api import expect  # the other tests go without it

    def note(told: ConsoleMessage) -> None:
        if told.type == "error":
            errors.append(told.text)

    expect.set_options(timeout=SECONDS_TO_ANSWER * 1000)
    with chromium() as opened:
        opened.on("console", note)
        opened.on("pageerror", lambda error: errors.append(error.stack or str(error)))
        yield opened


@pytest.fixture(autouse=True)
def no_error_in_the_console(errors: list[str]) -> Iterator[None]:
    yield
    told, errors[:] = errors[:], []
    assert told == []
