"""One JupyterLab and one page for all tests here: each opens the lesson that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .jupyter import SECONDS_TO_ANSWER, Course, chromium, jupyterlab

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    with jupyterlab(tmp_path_factory.mktemp("course")) as running:
        yield running


# Comes without a stack when the theme or the width changes around lab 1, and nothing on the page is
# wrong afterwards. Whether it is JupyterLab's or ours is not known.
NOT_EXPLAINED = (
    "Failed to execute 'removeChild' on 'Node': The node to be removed is not a child of this node."
)


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
    assert [error for error in told if error != NOT_EXPLAINED] == []
