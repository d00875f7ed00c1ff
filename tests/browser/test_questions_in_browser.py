"""Predictions, quizzes and results in JupyterLab: by keyboard, by ear, by colour, on the next day.

They stand in a notebook of their own. Its questions are asked anew for each test; its exercises,
which take seconds, are checked anew for each test that is about their results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.practice.catalogue import find_quiz

from .jupyter import CHROMIUM, JUPYTERLAB, NOTEBOOKS, Course, command, open_notebook, paint, reopen
from .looks import hindrances, moves

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect

NAME = "questions.ipynb"
WRONG = 'await check("4.1", next_order)'
PASSES = """async def ours(worker):
    return (await worker.blpop(["urgent", "normal"]))[1]


await check("4.1", ours)"""
CELLS = [
    "from helpers import check, hint, predict, progress, quiz",
    'predict("4.1")',
    'quiz("4")',
    "async def next_order(worker):\n    print('taken')",
    WRONG,
    'hint("4.1")',
    PASSES,
    "progress()",
]
QUESTIONS = 3  # cells, with the one that imports
PREDICTION = "4.1 Your prediction"
WHY = find_quiz("4")["4.2"].options[2].why
MOST_TABS = 12
WIDE, PHONE, ZOOMED = 1200, 390, 600  # 600 is what 1200 are at 200 %
COLOURS = """element => {
    const style = getComputedStyle(element);
    return [style.color, style.borderTopColor];
}"""
# How light a colour is, from 0 to 1.
LIGHT = """element => {
    const [r, g, b] = getComputedStyle(element).color.match(/[\\d.]+/g).map(Number);
    return (r + g + b) / 765;
}"""
# What stands out of its box at the right, in words. A box that scrolls, as that of the table of
# `progress()`, cuts nothing off.
CUT_OFF = """root => [root, ...root.querySelectorAll('*')]
    .filter(each => !each.closest('table'))
    .filter(each => each.getBoundingClientRect().right > innerWidth
        || each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0
            && getComputedStyle(each).overflowX !== 'auto'
            && getComputedStyle(each).display !== 'inline')
    .map(each => each.outerHTML.slice(0, 80))"""
IS_LAID_OUT = """() =>
    document.querySelector('.jp-Notebook').getBoundingClientRect().right <= innerWidth"""
RING = """label => {
    const style = getComputedStyle(label);
    return [style.outlineStyle, parseFloat(style.outlineWidth), style.outlineColor];
}"""

pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def notebook(page: Page, course: Course) -> None:
    """Lay the notebook down and open it."""
    page.goto("about:blank")
    course.end_kernels()
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    cells = [new_code_cell(source) for source in CELLS]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), course.folder / NAME)
    page.set_viewport_size({"width": WIDE, "height": 1400})
    open_again(page, course)


@pytest.fixture
def opened(page: Page, course: Course, notebook: None) -> Iterator[Page]:
    """Ask the questions as if nothing had been chosen."""
    (course.folder / ".progress.json").unlink(missing_ok=True)
    ask(page)
    yield page
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    paint(page, "light")
    page.set_viewport_size({"width": WIDE, "height": 1400})


def open_again(page: Page, course: Course) -> None:
    open_notebook(page, course, NAME)
    page.evaluate("jupyterapp.restored.then(() => jupyterapp.shell.collapseLeft())")
    course.until_connected()


@pytest.fixture
def checked(opened: Page) -> Page:
    """Run what is below the questions, too."""
    run_cells(opened)
    return opened


def ask(page: Page) -> None:
    """Run the cells from the top down to the last question."""
    page.evaluate("at => (jupyterapp.shell.currentWidget.content.activeCellIndex = at)", QUESTIONS)
    command(page, "notebook:run-all-above")
    are_there(page)


def run_cells(page: Page) -> None:
    command(page, "notebook:run-all-cells")
    are_there(page)


def are_there(page: Page) -> None:
    expect(prediction(page).get_by_role("radio")).to_have_count(3)
    expect(a_quiz(page).get_by_role("group")).to_have_count(5)


def cell(page: Page, source: str) -> Locator:
    return page.locator(".jp-CodeCell").nth(CELLS.index(source))


def prediction(page: Page) -> Locator:
    return cell(page, 'predict("4.1")').locator(".course-questions")


def a_quiz(page: Page) -> Locator:
    return cell(page, 'quiz("4")').locator(".course-questions")


def question(page: Page, number: str) -> Locator:
    return a_quiz(page).locator("form", has_text=number)


def radio(asked: Locator, name: str) -> Locator:
    return asked.get_by_role("radio", name=name, exact=True)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.closest('label')?.textContent ?? ''")


def reach(page: Page, asked: Locator) -> None:
    """Select the cell of a question and go into it with the Tab key."""
    around = asked.locator("xpath=ancestor::*[contains(@class, 'jp-CodeCell')]")
    around.locator(".jp-InputPrompt").first.click()
    inside = "asked => asked.contains(document.activeElement)"
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if asked.evaluate(inside):
            return
    pytest.fail("the Tab key does not lead to the question")


def test_each_question_is_a_named_group_of_radio_buttons(opened: Page) -> None:
    group = prediction(opened).get_by_role("group", name=PREDICTION, exact=True)
    expect(group.get_by_role("radio")).to_have_count(3)
    expect(group.locator("legend")).to_be_visible()
    groups = a_quiz(opened).get_by_role("group")
    expect(groups).to_have_count(5)
    names = {each.get_attribute("name") for each in opened.get_by_role("radio").all()}
    assert len(names) == 6
    for place in range(5):
        expect(groups.nth(place)).to_have_accessible_name(re.compile(rf"^4\.{place + 1} .{{15,}}"))
        expect(groups.nth(place).locator("legend")).to_be_visible()


def test_arrow_keys_move_between_options_and_never_leave_the_question(opened: Page) -> None:
    asked = prediction(opened)
    reach(opened, asked)
    seen = []
    for key in ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft"]:
        opened.keyboard.press(key)
        seen.append(focused(opened))
    assert seen == ["Nobody can know", "Carol", "Ann", "Carol", "Ann", "Carol"]
    for key in ["j", "k", "a", "b", "d", "d", "m", "y", "ArrowDown"]:  # shortcuts of JupyterLab
        opened.keyboard.press(key)
    assert focused(opened) == "Ann"
    expect(opened.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))
    expect(asked.get_by_role("status").first).to_have_text("")  # to look is not to answer
    assert not (opened.locator(".jp-MarkdownCell")).count()


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_key_answers_and_the_answer_is_told(opened: Page, course: Course, key: str) -> None:
    asked = prediction(opened)
    reach(opened, asked)
    opened.keyboard.press("ArrowUp")
    opened.keyboard.press(key)
    expect(asked.get_by_role("status").first).to_have_text(re.compile(r"^✓ Right\. First come"))
    expect(asked.get_by_role("status").last).to_have_text("Run the next cell to see it.")
    expect(radio(asked, "Carol")).to_be_checked()
    expect(radio(asked, "Carol")).to_be_focused()
    kept = json.loads((course.folder / ".progress.json").read_text(encoding="utf-8"))
    assert kept["chosen"] == {"predictions": {"4.1": "Carol"}}


def test_a_button_answers_for_whoever_has_no_other_key(opened: Page) -> None:
    asked = prediction(opened)
    answer = asked.get_by_role("button", name="Answer", exact=True)
    expect(answer).to_have_count(0)
    reach(opened, asked)
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Tab")
    expect(answer).to_be_focused()
    opened.keyboard.press("Enter")
    expect(asked.get_by_role("status").first).to_contain_text("✗ Not quite.")
    expect(radio(asked, "Nobody can know")).to_be_focused()
    opened.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="Choose again")).to_be_focused()
    opened.keyboard.press("Enter")
    expect(asked.get_by_role("radio", checked=True)).to_have_count(0)
    expect(asked.get_by_role("status").first).to_have_text("")


def test_a_click_answers_and_a_quiz_counts(opened: Page) -> None:
    summary = a_quiz(opened).get_by_role("status").last
    question(opened, "4.1").get_by_text("1, the list is empty").click()
    expect(summary).to_have_text("0 of 5 right. Next: question 4.2.")
    question(opened, "4.2").get_by_text("Whoever has waited longest").click()
    expect(summary).to_have_text("1 of 5 right. Next: question 4.3.")
    question(opened, "4.1").get_by_text("0", exact=True).click()
    expect(summary).to_have_text("2 of 5 right. Next: question 4.3.")


def test_the_page_holds_no_reason_before_a_choice(opened: Page) -> None:
    html = a_quiz(opened).inner_html()
    assert "Whoever has waited longest" in html and WHY not in html


def test_a_choice_is_remembered_after_a_reload_and_another_run(
    opened: Page, course: Course
) -> None:
    prediction(opened).get_by_text("Ann", exact=True).click()
    expect(prediction(opened).get_by_role("status").first).to_contain_text("✗ Not quite.")
    command(opened, "docmanager:save")
    open_again(opened, course)  # the kernel goes on
    expect(radio(prediction(opened), "Ann")).to_be_checked()
    ask(opened)
    asked = prediction(opened)
    expect(asked.get_by_role("status").first).to_have_text(
        re.compile(r"^You chose “Ann”\. ✗ Not quite\.")
    )
    expect(radio(asked, "Ann")).to_be_checked()
    asked.get_by_role("button", name="Choose again").click()
    expect(asked.get_by_role("radio", checked=True)).to_have_count(0)
    asked.get_by_text("Carol", exact=True).click()
    expect(asked.get_by_role("status").first).to_have_text(re.compile(r"^✓ Right\."))


def test_the_next_day_shows_what_was_chosen_and_nothing_that_looks_alive(
    opened: Page, course: Course
) -> None:
    prediction(opened).get_by_text("Carol", exact=True).click()
    question(opened, "4.1").get_by_text("1, the list is empty").click()
    expect(a_quiz(opened).get_by_role("status").last).to_have_text(re.compile("^0 of 5 right"))
    reopen(opened, course, NAME)
    asked = prediction(opened)
    expect(asked.get_by_role("status").first).to_have_text(re.compile(r"^✓ Right\. First come"))
    expect(radio(asked, "Carol")).to_be_checked()
    expect(asked.get_by_text("Run this cell to answer again.")).to_be_visible()
    expect(question(opened, "4.1").get_by_role("status")).to_contain_text("✗ Not quite.")
    expect(a_quiz(opened).get_by_text("Run this cell to answer.")).to_be_visible()
    for shown in (asked, a_quiz(opened)):
        assert all(each.is_disabled() for each in shown.get_by_role("radio").all())
        expect(shown.locator("form button:visible")).to_have_count(0)
        chain = "element => getComputedStyle(element, '::before').content"
        assert shown.evaluate(chain) == "none"
    assert hindrances(opened, cell(opened, 'predict("4.1")'), "dark") == []
    ask(opened)
    expect(radio(asked, "Carol")).to_be_enabled()


def answered(page: Page) -> None:
    """Have something right and something wrong on the page."""
    question(page, "4.1").get_by_text("1, the list is empty").click()
    question(page, "4.2").get_by_text("Whoever has waited longest").click()
    expect(a_quiz(page).get_by_role("status").last).to_have_text(re.compile("^1 of 5 right"))


def test_colours_follow_the_theme_and_not_the_system(checked: Page) -> None:
    answered(checked)
    parts = {
        "wrong": question(checked, "4.1").locator(".course-said strong"),
        "right": question(checked, "4.2").locator(".course-said strong"),
        "chosen": question(checked, "4.2").locator("label", has_text="Whoever has waited longest"),
        "text": question(checked, "4.3").locator("legend"),
        "not yet": cell(checked, WRONG).locator(".jp-RenderedHTMLCommon b").first,
        "passed": cell(checked, PASSES).locator(".jp-RenderedHTMLCommon b").first,
    }
    seen = {}
    for theme in ("light", "dark"):
        for system in ("light", "dark"):
            paint(checked, theme)
            checked.emulate_media(color_scheme=system)
            seen[theme, system] = {name: part.evaluate(COLOURS) for name, part in parts.items()}
        for name, part in parts.items():
            assert (part.evaluate(LIGHT) < 0.5) == (theme == "light"), name
    for theme in ("light", "dark"):
        assert seen[theme, "light"] == seen[theme, "dark"]
        told = seen[theme, "light"]
        assert told["wrong"][0] == told["not yet"][0] != told["passed"][0] == told["right"][0]
        assert told["chosen"][1] == told["right"][0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_hinders_anybody(checked: Page, theme: str) -> None:
    answered(checked)
    for source in CELLS[1:3] + CELLS[4:]:
        assert hindrances(checked, cell(checked, source), theme) == [], source
        assert not moves(cell(checked, source))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_who_uses_keys_sees_where_they_are(opened: Page, theme: str) -> None:
    paint(opened, theme)
    asked = question(opened, "4.1")
    reach(opened, asked)
    opened.keyboard.press("ArrowDown")
    ring = asked.locator("label").nth(1).evaluate(RING)
    # Against the page, white or nearly black, each of these has a contrast of more than 7.
    assert ring == ["solid", 3, "rgb(5, 80, 174)" if theme == "light" else "rgb(140, 196, 255)"]
    expect(asked.get_by_text("Arrow keys move, Space answers.")).to_be_visible()
    expect(question(opened, "4.2").get_by_text("Arrow keys move")).to_be_hidden()


def test_with_forced_colours_a_choice_is_still_seen(opened: Page) -> None:
    answered(opened)
    opened.emulate_media(forced_colors="active")
    width = "label => getComputedStyle(label).borderTopWidth"
    options = question(opened, "4.2").locator("label")
    assert [each.evaluate(width) for each in options.all()] == ["1px", "1px", "2px"]
    expect(options.last.locator(".course-mark")).to_have_text("✓")


@pytest.mark.parametrize("width", [PHONE, ZOOMED])
def test_everything_fits_on_a_phone_and_at_double_size(checked: Page, width: int) -> None:
    answered(checked)
    checked.evaluate("jupyterapp.shell.collapseLeft()")
    checked.set_viewport_size({"width": width, "height": 900})
    checked.wait_for_function(IS_LAID_OUT)
    for source in CELLS[1:3] + CELLS[4:]:
        output = cell(checked, source).locator(".jp-OutputArea-output").first
        output.scroll_into_view_if_needed()
        assert output.evaluate(CUT_OFF) == [], source
    label = question(checked, "4.2").locator("label").first.bounding_box()
    assert label and label["height"] >= 24, "what a finger can hit"


def test_results_are_told_by_mark_word_and_what_comes_next(checked: Page) -> None:
    wrong = cell(checked, WRONG).locator(".jp-RenderedHTMLCommon")
    expect(wrong).to_contain_text("✗ Not yet: four orders")
    lefts = [each.bounding_box()["x"] for each in wrong.locator("dd").all()]
    assert len(lefts) == 2 and lefts[0] == lefts[1]
    expect(wrong).to_contain_text("Your code printed:taken")
    expect(cell(checked, PASSES)).to_contain_text(
        "Next: 4.2, work. 1 of 3 exercises of lesson 4 done."
    )
    practised = [path for path in NOTEBOOKS.glob("[0-9]*.ipynb") if path.name[:2] != "00"]
    rows = cell(checked, "progress()").get_by_role("rowheader")
    expect(rows).to_have_count(len(practised))
    expect(cell(checked, 'hint("4.1")')).to_contain_text("→ Hint 1 of 3")


def test_to_run_all_cells_again_gives_no_hint_away(checked: Page, course: Course) -> None:
    run_cells(checked)
    expect(cell(checked, 'hint("4.1")')).to_contain_text("Hint 1 of 3")
    cell(checked, 'hint("4.1")').locator(".cm-content").click()
    checked.keyboard.press("Control+Enter")
    expect(cell(checked, 'hint("4.1")')).to_contain_text("Hint 1 of 3")
    checked.keyboard.press("Control+Enter")
    expect(cell(checked, 'hint("4.1")')).to_contain_text("Hint 2 of 3")
