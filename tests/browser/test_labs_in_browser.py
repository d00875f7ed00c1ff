"""The labs of the lessons in JupyterLab: pressed on the page, compared with the broker.

Run with `make test-browser`. It takes the JupyterLab that `make lab` installs. Each lab is opened
once, in a notebook of its own; every test begins with the lab started over. Its page at other sizes
and in other colours is tried without JupyterLab.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from .due import differences
from .held import ON_THE_PAGE, Held, Moment, Shown, question
from .jupyter import (
    CHROMIUM,
    JUPYTERLAB,
    Course,
    as_wide_as,
    cells_of,
    lay_down,
    paint,
    reopen,
    restart_kernel,
    run_what_is_open,
)
from .looks import at_rest, broken_chains, hindrances, moves, shades, smallest_letters
from .presses import button, play, play_by_keys, status
from .stories import STORIES, Story

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
BEGINNING = re.compile(
    r"Nothing (sent|published) yet|(Pushed|Added) 0\b|So far 0 messages|No design has run yet|"
    r"Steps so far: none"
)
BUS = STORIES[6]
OUTAGE = "setattr(_broker.broker()._options['server'], 'connected', {})"
NAMES = "[c['name'] for c in await r.client_list() if c['name'].startswith('lab')]"
LEFT = f"[{NAMES}, await r.keys('lab:*'), await r.pubsub_channels('lab:*')]"
SHOWN = "__import__('helpers.practice.labs', fromlist=['lab'])._shown.values()"
COMMANDS = f"[len(lab.record.commands) for lab in {SHOWN}]"
SILENT = ("Channel=", "Pattern=", "Keep the newest=")  # sends nothing, and counts as no press
SPILLED = """output => [...output.querySelectorAll('button, input, p, svg, .course-token')]
    .filter(part => part.checkVisibility())
    .filter(part => part.getBoundingClientRect().right > output.getBoundingClientRect().right + 1)
    .map(part => part.outerHTML.slice(0, 100))"""
ENDED = "The kernel of this lab has ended: run its cell to begin again."


pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module", params=STORIES, ids=lambda story: f"lab-{story.lesson}")
def story(request: pytest.FixtureRequest) -> Story:
    return request.param


@pytest.fixture(scope="module")
def notebook(page: Page, course: Course) -> None:
    """Open a notebook for one lab after another, and run its first cell."""
    lay_down(page, course, "lab.ipynb", ["from helpers import lab", "lab"])
    run_what_is_open(page)


@pytest.fixture(scope="module")
def ran(page: Page, notebook: None, story: Story) -> Iterator[Locator]:
    """Run the cell of a lab, as it stands in its lesson, and return it."""
    cell = page.locator(".jp-CodeCell").last
    cell.locator(".cm-content").fill(f"await lab({story.lesson})")
    page.keyboard.press("Control+Enter")
    expect(status(cell)).to_contain_text(BEGINNING)
    yield cell
    start_over(cell)  # it leaves nothing to the next


@pytest.fixture
def cell(ran: Locator, page: Page) -> Iterator[Locator]:
    start_over(ran)
    yield ran
    paint(page, "light")


def start_over(cell: Locator) -> None:
    button(cell, "Start over").click()
    expect(cell.locator(".course-steps")).to_be_hidden()
    expect(status(cell)).to_contain_text(BEGINNING)
    expect(alert(cell)).to_have_count(0)


def is_at_step(cell: Locator, number: int) -> None:
    """Wait until the page shows this moment; the first one is the beginning."""
    place = f"press {number - 1} of " if number > 1 else "the start"
    expect(cell.locator(".course-where")).to_contain_text(place)


def alert(cell: Locator) -> Locator:
    return cell.get_by_role("alert")


def agrees(cell: Locator, course: Course, story: Story) -> None:
    """Wait until the page says what the story ends with; then ask the broker."""
    expect(status(cell)).to_contain_text(re.compile(story.said))
    said = re.search(story.said, status(cell).inner_text())
    assert said
    assert [int(figure) for figure in said.groups()] == course.ask(story.question)


def compare_each_press(cell: Locator, ask: Callable[[str], Any], story: Story) -> None:
    """Play a story, and compare the page with the broker after each press.

    That this can fail is seen, too: a message less on the page would be noticed, whichever it is.
    """
    was, presses = moment_of(cell, ask, story, []), []
    for press in story.presses.split(", "):
        play(cell, press)
        if not press.startswith(SILENT):
            presses = [*presses, press]
            now = moment_of(cell, ask, story, presses)
            assert list(differences(story.lesson, now, was)) == [], f"{len(presses)}: {press}"
            for shown in now.shown.losing_a_message():
                assert any(differences(story.lesson, replace(now, shown=shown), was))
            was = now


def moment_of(
    cell: Locator, ask: Callable[[str], Any], story: Story, presses: Sequence[str]
) -> Moment:
    """Wait until the page shows what came of these presses, then ask the broker for the same."""
    is_at_step(cell, len(presses) + 1)
    held = ask(question(story.lesson))
    return Moment(Shown(cell.evaluate(ON_THE_PAGE)), Held(story.lesson, held), presses)


def first(story: Story) -> str:
    """Name the first act of a story."""
    return next(p for p in story.presses.split(", ") if "=" not in p)


def test_each_press_shows_what_the_broker_holds(
    cell: Locator, course: Course, story: Story
) -> None:
    compare_each_press(cell, course.ask, story)
    agrees(cell, course, story)
    assert alert(cell).count() == 0
    at_rest(cell)
    assert not moves(cell)


def test_the_keyboard_is_enough(page: Page, cell: Locator, course: Course, story: Story) -> None:
    play_by_keys(cell, story.presses)
    agrees(cell, course, story)


def test_nothing_hinders_anybody(page: Page, cell: Locator, story: Story) -> None:
    play(cell, story.presses)
    expect(status(cell)).to_contain_text(re.compile(story.said))
    assert hindrances(page, cell, "dark") == []


def test_a_broker_that_fails_is_told_in_the_lab(
    cell: Locator, course: Course, story: Story
) -> None:
    play(cell, first(story))
    is_at_step(cell, 2)
    course.ask(OUTAGE.format(False))
    button(cell, "Start over").click()
    expect(alert(cell)).to_contain_text("ConnectionError")
    course.ask(OUTAGE.format(True))
    start_over(cell)
    assert course.ask(LEFT) == [[], [], []]
    play(cell, first(story))
    is_at_step(cell, 2)
    expect(alert(cell)).to_have_count(0)


def test_running_the_cell_again_leaves_one_lab_and_nothing_else(
    page: Page, cell: Locator, course: Course, story: Story
) -> None:
    play(cell, first(story))
    is_at_step(cell, 2)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(status(cell)).to_contain_text(BEGINNING)
    assert course.ask(LEFT) == [[], [], []]
    play(cell, first(story))
    is_at_step(cell, 2)


def test_no_key_pressed_in_a_lab_reaches_the_notebook(page: Page, cell: Locator) -> None:
    before = cells_of(page)
    cell.locator(".course-stage").click(position={"x": 5, "y": 5})
    page.keyboard.type("xaby1dd")
    button(cell, "Start over").focus()
    page.keyboard.type("xaby1dd")
    assert cells_of(page) == before


def test_what_is_chosen_is_told_and_seen(cell: Locator) -> None:
    groups = cell.locator(".jp-OutputArea-output .course-toolbar").get_by_role("group").all()
    if not groups:
        pytest.skip("nothing is chosen in this lab")
    for group in groups:
        chosen = group.locator(":checked")
        before = chosen.get_attribute("value")
        other = group.locator(":not(:checked)[type=radio]").last.get_attribute("value")
        group.get_by_role("radio", name=other, exact=True).check(force=True)
        expect(group.get_by_role("radio", checked=True)).to_have_value(other)
        mark = chosen.evaluate("i => getComputedStyle(i.nextElementSibling, '::before').content")
        assert "✓" in mark
        group.get_by_role("radio", name=before, exact=True).check(force=True)
        expect(group.get_by_role("radio", checked=True)).to_have_value(before)


def test_looking_back_sends_nothing(cell: Locator, course: Course, story: Story) -> None:
    play(cell, first(story))
    is_at_step(cell, 2)
    before = course.ask(COMMANDS)
    act = button(cell, first(story))
    button(cell, "Step back").click()
    is_at_step(cell, 1)
    expect(status(cell)).to_contain_text(BEGINNING)
    expect(act).to_be_disabled()
    button(cell, "Back to now").click()
    is_at_step(cell, 2)
    expect(act).to_be_enabled()
    assert course.ask(COMMANDS) == before


def test_a_picture_follows_the_theme_of_jupyterlab_and_not_the_system(
    page: Page, cell: Locator
) -> None:
    for theme in ("light", "dark"):
        for system in ("light", "dark"):
            paint(page, theme, system)
            assert shades(cell) == [theme, theme], f"the system is {system}"


def test_a_phone_has_letters_to_read_and_buttons_to_hit(
    page: Page, cell: Locator, story: Story
) -> None:
    play(cell, story.presses)
    expect(status(cell)).to_contain_text(re.compile(story.said))
    at_rest(cell)  # a message on its way was measured before
    with as_wide_as(page, 390):
        assert smallest_letters(cell) >= 11
        output = cell.locator(".jp-OutputArea-output")
        assert output.evaluate(SPILLED) == []
        for pressed in output.get_by_role("button").all():
            box = pressed.bounding_box()
            assert box
            assert box["height"] >= 40


def test_without_its_kernel_a_lab_is_only_read(page: Page, course: Course) -> None:
    """One lab stands for all: each is shown, and saved, by the same view."""
    name, cells = "read.ipynb", ["from helpers import lab", f"await lab({BUS.lesson})"]
    cell = page.locator(".jp-CodeCell").last
    for end in (lambda: reopen(page, course, name), lambda: restart_kernel(page, course)):
        lay_down(page, course, name, cells)
        run_what_is_open(page)
        play(cell, BUS.presses)
        expect(status(cell)).to_contain_text(re.compile(BUS.said))
        end()
        is_only_read(cell, BUS)


def is_only_read(cell: Locator, story: Story) -> None:
    output = cell.locator(".jp-OutputArea-output")
    expect(output.get_by_text(ENDED)).to_be_visible()
    expect(status(cell)).to_contain_text(re.compile(story.said))
    expect(output.locator(".course-stage")).to_be_visible()
    assert output.get_by_role("button").count() == 0
    assert output.get_by_role("textbox").count() == 0
    assert output.get_by_role("spinbutton").count() == 0
    assert output.locator("input:enabled:visible").count() == 0
    assert broken_chains(cell) == 0
