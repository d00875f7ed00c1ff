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
