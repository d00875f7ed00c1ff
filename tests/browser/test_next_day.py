"""However a notebook was saved, the next day it shows what it showed: it needs no widget for that.

JupyterLab keeps nothing of a widget whose kernel was restarted, or that is not on the page yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tools.stories import PRESSES

from .jupyter import (
    CHROMIUM,
    JUPYTERLAB,
    Course,
    command,
    lay_down,
    open_notebook,
    reopen,
    restart_kernel,
)
from .looks import at_rest
from .presses import play

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
NAME = "next_day.ipynb"
SETUP = """from helpers import connect, predict, quiz
from helpers.cli import terminals
from helpers import lab

shop = connect("shop")"""
SHOWN = ['predict("4.1")', 'quiz("4")', "await lab(2)", 'await terminals("shop")']
CELLS = [SETUP, *SHOWN]  # one of each kind of widget
ROOTS = ".jp-Notebook :is(.course-questions, .course-lab, .course-terminals)"
OUTPUTS = ".jp-Notebook .jp-OutputArea-output"
NOT_SHOWN = re.compile("Loading widget|Error displaying widget|model not found")
VIEWS = """() => jupyterapp.shell.currentWidget.content.model.toJSON().cells
    .flatMap(cell => cell.outputs ?? [])
    .filter(output => output.data?.['application/vnd.jupyter.widget-view+json']).length"""
# Where everything stands on the stage of the lab, and how wide that is.
PLACED = """() => {
    const stage = document.querySelector('.jp-Notebook .course-stage');
    const [from, ...boxes] = [stage, ...stage.querySelectorAll('.course-place, .course-token')]
        .map(part => part.getBoundingClientRect());
    const placed = boxes.map(box => [box.x - from.x, box.y - from.y, box.width, box.height]);
    return [from.width, ...placed.flat()].map(Math.round);
}"""
PAINTED = """() => getComputedStyle(document.querySelector('.jp-Notebook .course-sent pre'))
    .backgroundColor"""
# It is saved in the moment in which the last widget is in the notebook, on the page or not.
SAVE_AT_ONCE = f"""async () => {{
    const panel = jupyterapp.shell.currentWidget;
    const isThere = () => ({VIEWS})() === {len(SHOWN)};
    const all = new Promise(there => panel.content.model.contentChanged.connect(
        () => isThere() && there()));
    jupyterapp.commands.execute('notebook:run-all-cells');
    await all;
    await panel.context.save();
}}"""


def use(page: Page) -> None:
    """Run all, and do something with each widget."""
    command(page, "notebook:run-all-cells")
    expect(page.locator(ROOTS)).to_have_count(len(SHOWN))
    prediction, quiz, _, terminals = page.locator(ROOTS).all()
    prediction.get_by_text("Carol", exact=True).click()
    quiz.get_by_role("radio").first.click()
    play(page.locator(".jp-CodeCell", has_text="lab(2)"), PRESSES["2"])
    terminals.get_by_role("textbox").fill("RPUSH mine a b c")
    page.keyboard.press("Enter")
    what_was_done_is_there(page)


def what_was_done_is_there(page: Page) -> None:
    expect(page.locator(ROOTS)).to_have_count(len(SHOWN))
    prediction, quiz, lab, terminals = page.locator(ROOTS).all()
    expect(prediction.get_by_role("radio", name="Carol")).to_be_checked()
    expect(prediction.get_by_role("status").first).to_contain_text("✓ Right.")
    expect(quiz.get_by_role("radio", checked=True)).to_have_count(1)
    expect(lab.get_by_role("status").first).to_contain_text("ann received 3")
    expect(lab.locator(".course-finding")).to_be_visible()
    expect(terminals.get_by_role("log")).to_contain_text("(integer) 3")


def widgets_in_the_file(course: Course) -> int:
    return (course.folder / NAME).read_text(encoding="utf-8").count("vnd.jupyter.widget")


def saved(page: Page, course: Course) -> None:
    """Save while the kernel runs."""


def saved_after_a_restart(page: Page, course: Course) -> None:
    """Save when the kernel has been restarted and nothing has run since."""
    restart_kernel(page, course)


def saved_again_the_next_day(page: Page, course: Course) -> None:
    """Save once more what was only read."""
    reopen(page, course, NAME)


def saved_when_the_kernel_is_gone(page: Page, course: Course) -> None:
    """Save when no kernel is there."""
    page.evaluate("jupyterapp.commands.execute('kernelmenu:shutdown')")


@pytest.fixture
def wide(page: Page) -> Iterator[None]:
    """Let the window be wide enough for lines between the places of a lab."""
    before = page.viewport_size
    page.set_viewport_size({"width": 1400, "height": 1400})
    yield
    page.set_viewport_size(before)


HOW = [
    saved,
    saved_after_a_restart,
    saved_again_the_next_day,
    saved_when_the_kernel_is_gone,
]


@pytest.mark.parametrize("happens", HOW)
def test_what_was_done_is_there_however_it_was_saved(
    page: Page, course: Course, wide: None, happens: Callable[[Page, Course], None]
) -> None:
    lay_down(page, course, NAME, CELLS)
    use(page)
    expect(page.locator(".course-lines")).to_be_visible()
    at_rest(page.locator(ROOTS).nth(2))
    before = page.evaluate(PLACED), page.evaluate(PAINTED)
    happens(page, course)
    reopen(page, course, NAME)
    what_was_done_is_there(page)
    assert (page.evaluate(PLACED), page.evaluate(PAINTED)) == before
    assert widgets_in_the_file(course) == 0
    alive = page.locator(OUTPUTS).locator("button:enabled:visible, input:enabled:visible")
    expect(alive).to_have_count(0)
    sentences = page.locator(ROOTS).get_by_text(re.compile("[Rr]un (this|its) cell"))
    expect(sentences).to_have_count(len(SHOWN))
    for sentence in sentences.all():
        expect(sentence).to_be_visible()


def test_what_is_saved_before_it_is_on_the_page_is_a_picture_or_a_sentence(
    page: Page, course: Course
) -> None:
    lay_down(page, course, NAME, CELLS)
    page.evaluate(SAVE_AT_ONCE)
    page.goto("about:blank")
    course.end_kernels()
    open_notebook(page, course, NAME)
    course.until_connected()
    outputs = page.locator(OUTPUTS)
    expect(outputs.nth(len(SHOWN) - 1)).to_be_attached()
    assert len(told := [output.inner_text() for output in outputs.all()]) == len(SHOWN), told
    for output in outputs.all():
        expect(output).not_to_contain_text(NOT_SHOWN)
        assert output.inner_text().strip() or output.locator("img, svg").count() > 0
    assert widgets_in_the_file(course) == 0


def test_an_open_page_keeps_its_widgets_when_it_is_saved(page: Page, course: Course) -> None:
    lay_down(page, course, NAME, CELLS)
    use(page)
    command(page, "docmanager:save")
    assert widgets_in_the_file(course) == 0
    assert page.evaluate(VIEWS) == len(SHOWN)
    lab = page.locator(ROOTS).nth(2)
    lab.get_by_role("button", name="Publish", exact=True).click()
    expect(lab.get_by_role("status").first).to_contain_text("ann received 4")


def test_a_notebook_without_widgets_is_saved_as_it_is(page: Page, course: Course) -> None:
    lay_down(page, course, NAME, CELLS)
    before = json.loads((course.folder / NAME).read_text(encoding="utf-8"))["cells"]
    command(page, "docmanager:save")
    assert json.loads((course.folder / NAME).read_text(encoding="utf-8"))["cells"] == before
