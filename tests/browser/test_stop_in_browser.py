"""The stop button of JupyterLab, pressed in a lesson while a cell waits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .jupyter import CHROMIUM, JUPYTERLAB, Course, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect

pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(os.name != "posix", reason="a signal is what stops a cell here"),
]
SECONDS = 30_000  # milliseconds, on busy cores


def test_a_cell_that_waits_says_so_and_ends(page: Page, course: Course) -> None:
    run_all(page, course, "04_lists_as_queues.ipynb")
    cell = page.locator(".jp-CodeCell").nth(2)
    cell.locator(".cm-content").fill('await ann.blpop("none")')
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(cell).to_contain_text("ann still waits: BLPOP none 0.", timeout=SECONDS)
    _picture(page, "waits")
    page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"]').click()
    expect(cell).to_contain_text("Stopped. The broker and your clients are well", timeout=SECONDS)
    expect(cell).not_to_contain_text("still waits")
    _picture(page, "stopped")
    cell.locator(".cm-content").fill("await ann.ping()")
    page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-OutputArea-output")).to_have_text("True", timeout=SECONDS)


def _picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for a person to look at, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder, f"{name}.png"))
