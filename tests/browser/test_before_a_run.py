"""What a learner sees before any cell has run, and the next day, when no kernel is there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .jupyter import CHROMIUM, JUPYTERLAB, NOTEBOOKS, Course, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]
LESSONS = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
SAVE = "() => jupyterapp.commands.execute('docmanager:save')"
# What the manager of widgets says of one whose state it does not have.
LOST = "Error displaying widget"


def open_notebook(page: Page, course: Course, name: str) -> None:
    """Open a notebook and return once its cells and its kernel are there."""
    cells = json.loads((course.folder / name).read_text(encoding="utf-8"))["cells"]
    page.goto(f"http://127.0.0.1:{course.port}/lab/tree/{name}?reset", wait_until="commit")
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(cells))
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    course.until_connected()  # a kernel that is ended while it starts is slow to go


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_is_shown_before_a_run(page: Page, course: Course, name: str) -> None:
    page.goto("about:blank")
    course.renew(name)
    open_notebook(page, course, name)
    expect(page.locator(".jp-Notebook .jp-OutputArea-output")).to_have_count(0)
    expect(page.locator(".jp-Notebook .jupyter-widgets")).to_have_count(0)
    prompts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").all_text_contents()
    assert {prompt.strip() for prompt in prompts} <= {"[ ]:", ""}


def test_what_widgets_show_is_there_the_next_day(page: Page, course: Course) -> None:
    name = "02_publish_subscribe.ipynb"
    run_all(page, course, name)
    views = ".jp-Notebook .jp-OutputArea-output .jupyter-widgets"
    shown = page.locator(views).count()
    assert shown > 0
    page.evaluate(SAVE)
    saved = json.loads((course.folder / name).read_text(encoding="utf-8"))
    assert saved["metadata"]["widgets"]
    page.goto("about:blank")
    course.end_kernels()
    open_notebook(page, course, name)
    expect(page.locator(views)).to_have_count(shown)
    expect(page.locator(".jp-Notebook")).not_to_contain_text(LOST)
