"""Lesson 4 as a learner does it: an evening in what `make lab` starts, and the next day."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .jupyter import (
    CHROMIUM,
    JUPYTERLAB,
    ROOT,
    SECONDS_TO_RUN,
    Course,
    command,
    open_notebook,
    paint,
    reopen,
    serving,
)
from .looks import CHAINS, hindrances_of_all
from .presses import play
from .stories import STORIES
from .test_binder_in_browser import copied, run

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(os.name != "posix", reason="a signal is what stops a cell here"),
]
LESSON = "my_notebooks/04_lists_as_queues.ipynb"
STORY = STORIES[3]
PREDICTIONS = [f"l04-p{number}-ask" for number in (1, 2, 3, 4)]
OUTPUTS = ".jp-Notebook .jp-OutputArea-output"
ERRORS = f"{OUTPUTS}[data-mime-type*=error]"
STOP = '.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"]'
SECONDS_TO_STOP = 1.0  # more than it takes to run nothing
TERMINALS = 'from helpers.cli import terminals\n\nawait terminals("shop", "ann")'
WRONG = "async def next_order(worker):\n    return await worker.lpop('urgent')"
RIGHT = """async def next_order(worker):
    return (await worker.blpop(['urgent', 'normal']))[1]"""
SAID = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].map(cell =>
    [...cell.querySelectorAll('.jp-OutputArea-output')].map(each => each.innerText))"""


@pytest.fixture
def evening(page: Page, tmp_path: Path) -> Iterator[Course]:
    """Start a fresh clone of the course with `make lab`."""
    course, home = copied(tmp_path / "course"), tmp_path / "home"
    home.mkdir()
    run("git", "init", "--quiet", cwd=course)
    run("git", "add", "--all", cwd=course)
    python = ROOT / ".venv/bin/python"
    with serving(course, home, [python, "-m", "publish.lab"], {}) as running:
        yield running
        page.goto("about:blank")  # a page that stays would miss its server, aloud


class Notebook:
    """The open lesson: its cells by the names that the lesson gives them."""

    def __init__(self, page: Page, path: Path) -> None:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        self.page = page
        self.places = {cell["id"]: place for place, cell in enumerate(cells)}

    def cell(self, name: str) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(self.places[name])

    def run(self, cell: Locator) -> Locator:
        """Press Ctrl-Enter in a cell; return what is below it, once it has run."""
        self.begin(cell)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))
        return cell.locator(".jp-OutputArea").first

    def begin(self, cell: Locator) -> None:
        cell.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Control+Enter")

    def write(self, cell: Locator, text: str) -> None:
        """Write something in place of what stands in a cell."""
        cell.locator(".cm-content").fill(text)

    def add_below(self, cell: Locator, text: str) -> Locator:
        """Add a cell, and write into it."""
        cell.locator(".jp-InputPrompt").click()
        command(self.page, "notebook:insert-cell-below")
        made = self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        expect(made.locator(".cm-content")).to_have_text("")
        self.write(made, text)
        index = self.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def run_all(self) -> list[list[str]]:
        """Run every cell from the top; return what is below each."""
        command(self.page, "notebook:run-all-cells")
        expect(self.page.locator(ERRORS)).to_have_count(0)
        for name in (*PREDICTIONS, "l04-quiz"):
            expect(self.cell(name).get_by_role("radio").last).to_be_visible()
        expect(self.cell("l04-lab-01").get_by_role("status")).to_contain_text("Pushed 0")
        return self.page.evaluate(SAID)


PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def picture(page: Page, name: str, cell: Locator | None = None) -> None:
    """Keep what the page looks like, for a person to look at, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        if cell:
            cell.scroll_into_view_if_needed()
        page.evaluate(PAINTED)
        page.screenshot(path=Path(folder, f"{name}.png"))


def test_an_evening_and_the_next_day(page: Page, evening: Course) -> None:
    page.set_viewport_size({"width": 1280, "height": 1000})
    clean = run("git", "status", "--porcelain", cwd=evening.folder)
    open_notebook(page, evening, LESSON)
    evening.until_connected()
    notebook = Notebook(page, evening.folder / LESSON)
    nothing_is_shown(page)
    read_on(notebook)
    predict_by_keyboard(notebook)
    wait_and_stop(notebook)
    run_from_the_top_twice(notebook)
    solve(notebook)
    press_the_lab(notebook)
    answer_the_quiz(notebook)
    talk_in_terminals(notebook)
    picture(page, "evening")
    reopen(page, evening, LESSON)
    for theme in ("light", "dark"):
        paint(page, theme)
        everything_is_still_there(notebook, theme)
        assert hindrances_of_all(page, OUTPUTS) == []
    assert run("git", "status", "--porcelain", cwd=evening.folder) == clean


def nothing_is_shown(page: Page) -> None:
    expect(page.locator(OUTPUTS)).to_have_count(0)
    expect(page.locator(".jp-Notebook .jupyter-widgets")).to_have_count(0)
    picture(page, "before")


def read_on(notebook: Notebook) -> None:
    """Press Shift and Enter until the first question is there."""
    page = notebook.page
    page.locator(".jp-Notebook .jp-Cell").first.click()
    for _ in range(notebook.places["l04-p1-ask"] + 1):
        page.keyboard.press("Shift+Enter")
    expect(notebook.cell("l04-17").locator(".jp-InputPrompt")).to_have_text("[ ]:")


def predict_by_keyboard(notebook: Notebook) -> None:
    """Answer wrongly, then rightly, then see."""
    asked, page = notebook.cell("l04-p1-ask"), notebook.page
    expect(asked.get_by_role("radio")).to_have_count(3)
    reach_by_tab(page, asked)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(asked.get_by_role("status").first).to_contain_text("✗ Not quite.")
    expect(asked.get_by_role("radio", name="Nobody can know")).to_be_focused()
    picture(page, "predicted-wrongly", asked)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(asked.get_by_role("status").first).to_contain_text("✓ Right.")
    picture(page, "predicted-rightly", asked)
    page.keyboard.press("Shift+Enter")  # this one again, and then the next
    page.keyboard.press("Shift+Enter")
    expect(asked.get_by_role("status").first).to_contain_text("You chose “Carol”. ✓ Right.")
    said = notebook.cell("l04-17").locator(".jp-OutputArea").first
    expect(said).to_contain_text("('orders', 'order-6')")
    notebook.run(notebook.cell("l04-19"))
    picture(page, "flow", notebook.cell("l04-19"))


def reach_by_tab(page: Page, cell: Locator) -> None:
    cell.locator(".jp-InputPrompt").click()
    while not cell.evaluate(
        "cell => cell.contains(document.activeElement) && document.activeElement.type === 'radio'"
    ):
        page.keyboard.press("Tab")


def wait_and_stop(notebook: Notebook) -> None:
    """Wait for what never comes, be told, press the stop button, and go on."""
    page = notebook.page
    cell = notebook.add_below(notebook.cell("l04-19"), "None")
    began = time.monotonic()
    notebook.run(cell)
    usual = time.monotonic() - began
    notebook.write(cell, 'await ann.blpop("none")')
    notebook.begin(cell)
    expect(cell).to_contain_text("ann still waits: BLPOP none 0.", timeout=SECONDS_TO_RUN * 1000)
    picture(page, "waits", cell)
    page.locator(STOP).click()
    pressed = time.monotonic()
    expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))
    assert time.monotonic() - pressed < usual + SECONDS_TO_STOP
    expect(cell).to_contain_text("Stopped. The broker and your clients are well")
    expect(cell).not_to_contain_text("still waits")
    picture(page, "stopped", cell)
    notebook.write(cell, "await ann.ping()")
    expect(notebook.run(cell)).to_have_text(re.compile("True$"))
    delete(page, cell)


def delete(page: Page, cell: Locator) -> None:
    cell.locator(".jp-InputPrompt").click()
    page.keyboard.press("d")
    page.keyboard.press("d")


def run_from_the_top_twice(notebook: Notebook) -> None:
    """A cell twice, and then the whole lesson twice: it begins anew, and says the same."""
    page = notebook.page
    cell = notebook.cell("l04-17")
    expect(notebook.run(cell)).to_contain_text("order-6")
    expect(page.locator(ERRORS)).to_have_count(0)
    first = notebook.run_all()
    assert notebook.run_all() == first


def solve(notebook: Notebook) -> None:
    """Check a wrong answer to an exercise, then a right one."""
    stub, check = notebook.cell("l04-x1-stub"), notebook.cell("l04-x1-check")
    for name, code, said in [("wrong", WRONG, "✗ Not yet:"), ("right", RIGHT, "✓ Passed:")]:
        notebook.write(stub, code)
        notebook.run(stub)
        expect(notebook.run(check)).to_contain_text(said)
        picture(notebook.page, f"exercise-{name}", check)


def press_the_lab(notebook: Notebook) -> None:
    lab = notebook.cell("l04-lab-01")
    play(lab, STORY.presses)
    expect(lab.get_by_role("status")).to_contain_text(re.compile(STORY.said))
    picture(notebook.page, "lab", lab)


def answer_the_quiz(notebook: Notebook) -> None:
    """Answer two questions with the keyboard alone."""
    page, quiz = notebook.page, notebook.cell("l04-quiz")
    reach_by_tab(page, quiz)
    page.keyboard.press("Space")
    expect(quiz.get_by_role("status").last).to_have_text("0 of 5 right. Next: question 4.2.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(quiz.get_by_role("status").last).to_have_text("1 of 5 right. Next: question 4.3.")
    picture(page, "quiz", quiz)


def talk_in_terminals(notebook: Notebook) -> None:
    page = notebook.page
    cell = notebook.add_below(notebook.cell("l04-quiz"), TERMINALS)
    notebook.run(cell)
    cell.get_by_role("textbox", name=re.compile("^shop: ")).fill("LLEN orders")
    page.keyboard.press("Enter")
    expect(cell.get_by_role("log", name="Terminal of shop")).to_contain_text("(integer)")
    picture(page, "terminals", cell)


def everything_is_still_there(notebook: Notebook, theme: str) -> None:
    """Look at a page without its kernel's widgets: nothing is lost, or looks alive."""
    page = notebook.page
    asked, quiz = notebook.cell("l04-p1-ask"), notebook.cell("l04-quiz")
    expect(asked.get_by_role("status").first).to_contain_text("✓ Right.")
    expect(asked.get_by_role("radio", name="Carol")).to_be_checked()
    expect(quiz.get_by_role("status").last).to_have_text("1 of 5 right. Next: question 4.3.")
    expect(quiz.get_by_role("radio", checked=True)).to_have_count(2)
    lab = notebook.cell("l04-lab-01")
    expect(lab.get_by_role("status")).to_contain_text(re.compile(STORY.said))
    log = page.get_by_role("log", name="Terminal of shop")
    expect(log).to_contain_text("(integer)")
    expect(notebook.cell("l04-x1-check")).to_contain_text("✓ Passed:")
    outputs = page.locator(OUTPUTS)
    expect(outputs.locator("button:enabled:visible, input:enabled:visible")).to_have_count(0)
    expect(page.locator(".jp-Notebook")).not_to_contain_text("Error displaying widget")
    assert page.locator(".jp-Notebook").evaluate(CHAINS) == 0
    shown = {
        "predicted": asked,
        "flow": notebook.cell("l04-19"),
        "lab": lab,
        "quiz": quiz,
        "terminals": log,
        "passed": notebook.cell("l04-x1-check"),
    }
    for name, cell in shown.items():
        picture(page, f"next-day-{theme}-{name}", cell)
