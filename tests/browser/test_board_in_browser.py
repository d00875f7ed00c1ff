"""The board of a class on a page of its own: what it shows, by mouse, by keys, by ear, by colour.

The class is pretended; a real view answers what is pressed. Run with `make test-browser`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..classroom.pretend import a_class, answered, checked
from .bare_board import BareBoard
from .jupyter import CHROMIUM
from .looks import covered, hindrances_of_all

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

SIZES = (30, 300)
THEMES = ("light", "dark")
PROJECTOR, PHONE = (1280, 720), (390, 844)
SPILLED = """() => [...document.querySelectorAll('#board *')]
    .filter(part => part.checkVisibility() && !part.closest('.board-scrolled'))
    .filter(part => part.getBoundingClientRect().right > innerWidth)
    .map(part => part.outerHTML.slice(0, 100))"""
RING = "part => getComputedStyle(part).outlineWidth + getComputedStyle(part).outlineStyle"
FOCUSED = """() => {
    const part = document.activeElement;
    return part.tagName === 'SELECT' ? 'Vote on' : part.ariaLabel || part.textContent;
}"""
MOST_TABS = 12


@pytest.fixture
def page_of_a_board(page: Page) -> Iterator[Page]:
    page.set_viewport_size({"width": 1200, "height": 1400})
    yield page
    page.emulate_media(color_scheme="light", forced_colors="null")
    page.set_viewport_size({"width": 1200, "height": 1400})
    page.goto("about:blank")


@pytest.fixture
def thirty(page_of_a_board: Page) -> BareBoard:
    return BareBoard(page_of_a_board, a_class(30))


def button(board: BareBoard, name: str) -> Locator:
    return board.page.get_by_role("button", name=name, exact=True)


def press(board: BareBoard, name: str) -> None:
    button(board, name).click()
    board.answer()


def split(board: BareBoard) -> list[str]:
    """Return what stands beside each option."""
    shares = board.page.get_by_role("region", name="Vote").get_by_role("listitem")
    return [" ".join(text.split()) for text in shares.all_inner_texts()]


def rows(board: BareBoard, name: str) -> list[list[str]]:
    table = board.page.get_by_role("region", name=name).get_by_role("table")
    shown = table.locator("tbody tr").all()
    return [row.locator("th, td").all_inner_texts() for row in shown]


# What it shows.


def test_a_vote_is_shown_as_it_comes_in(page_of_a_board: Page) -> None:
    board = BareBoard(page_of_a_board, [])
    vote = board.page.get_by_role("region", name="Vote")
    board.take(answered("ann", "2.1", 1))
    expect(vote.get_by_role("heading")).to_have_text("Prediction 2.1")
    expect(vote).to_contain_text("1 of 1 have voted")
    assert split(board) == ["1 and 1 0 % (0)", "2 and 1 100 % (1)", "3 and 3 0 % (0)"]
    bars = vote.locator(".board-length")
    for who, choice in (("bob", 0), ("carol", 1), ("dan", 1)):
        board.take(answered(who, "2.1", choice))
    assert split(board)[:2] == ["1 and 1 25 % (1)", "2 and 1 75 % (3)"]
    widths = [bar.bounding_box()["width"] for bar in bars.all()]
    assert widths[2] == 0 and abs(widths[1] - 3 * widths[0]) < 2


def test_the_right_option_is_shown_on_demand_by_word_and_mark(thirty: BareBoard) -> None:
    assert "right" not in " ".join(split(thirty))
    press(thirty, "Show what is right")
    told = split(thirty)
    assert [text.startswith("✓ ") and "(right)" in text for text in told] == [False, False, True]
    expect(button(thirty, "Show what is right")).to_have_attribute("aria-pressed", "true")
    press(thirty, "Question after →")
    assert "right" not in " ".join(split(thirty))


def test_any_question_can_be_chosen_and_the_newest_followed_again(thirty: BareBoard) -> None:
    choose = thirty.page.get_by_label("Vote on")
    heading = thirty.page.get_by_role("heading")
    choose.select_option("Quiz 6.1")
    thirty.answer()
    expect(heading).to_have_text("Quiz 6.1")
    press(thirty, "← Question before")
    expect(heading).to_have_text("Prediction 6.3")
    expect(choose).to_have_value("prediction 6.3")
    choose.select_option("What most answer now")
    thirty.answer()
    expect(heading).to_have_text("Prediction 2.2")


def test_what_resists_is_shown_without_names_and_with_them_on_demand(thirty: BareBoard) -> None:
    who = {each.who for each in thirty.board.state.standings()}
    html = thirty.page.content()
    assert not [name for name in who if name in html]
    assert [row[0] for row in rows(thirty, "Exercises")] == ["2.1", "2.2"]
    press(thirty, "Show names")
    found = rows(thirty, "Learners by name")
    assert {row[0] for row in found} == who
    first = thirty.board.learners[0]
    assert found[0] == [first.who, first.did, str(first.fails), first.failing, first.quiet]
    press(thirty, "Show names")
    html = thirty.page.content()
    assert not [name for name in who if name in html]


def test_a_page_that_is_opened_again_shows_the_names_again(thirty: BareBoard) -> None:
    press(thirty, "Show names")
    thirty.reopen()
    assert len(rows(thirty, "Learners by name")) == 30


def test_trouble_is_a_sentence_that_is_heard(thirty: BareBoard) -> None:
    status = thirty.page.get_by_role("status")
    expect(status).to_have_text("")  # it is there already: else nothing would be read aloud
    thirty.board.trouble = "The class's Redis cannot be reached: the board tries again."
    thirty.answer()
    expect(status).to_have_text(thirty.board.trouble)
    expect(status).to_be_visible()


@pytest.mark.parametrize("name", ["scores.csv", "answers.csv"])
def test_a_file_is_downloaded_as_it_is(thirty: BareBoard, name: str) -> None:
    button(thirty, f"Download {name}").click()
    with thirty.page.expect_download() as loading:
        thirty.answer()
    assert loading.value.suggested_filename == name
    written = Path(loading.value.path()).read_bytes().decode()
    assert written == thirty.view.text_of(name)
    table = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline="")))
    assert len({row["nickname"] for row in table}) == 30


# By keys.


def to(board: BareBoard, name: str) -> None:
    """Reach something by Tab alone, and see a ring around it."""
    for _ in range(MOST_TABS):
        board.page.keyboard.press("Tab")
        if board.page.evaluate(FOCUSED) == name:
            assert board.page.evaluate(f"({RING})(document.activeElement)") == "3pxsolid", name
            return
    raise AssertionError(f"{name} cannot be reached by {MOST_TABS} tabs")


def test_everything_is_done_by_keys_alone(thirty: BareBoard) -> None:
    page, keys = thirty.page, thirty.page.keyboard
    heading = page.get_by_role("heading")

    def key(name: str) -> None:
        keys.press(name)
        thirty.answer()

    to(thirty, "Vote on")
    key("ArrowDown")
    expect(heading).to_have_text("Prediction 1.1")
    to(thirty, "Question after →")
    key("Enter")
    key("Enter")
    expect(heading).to_have_text("Prediction 1.3")
    to(thirty, "Show what is right")
    key("Space")
    assert "(right)" in " ".join(split(thirty))
    to(thirty, "Fill the screen")
    key("Enter")
    page.wait_for_function("document.fullscreenElement !== null")
    expect(button(thirty, "Fill the screen")).to_have_attribute("aria-pressed", "true")
    key("Enter")
    page.wait_for_function("document.fullscreenElement === null")
    to(thirty, "Show names")
    key("Space")
    to(thirty, "Learners by name")
    before = page.locator(".board-scrolled").evaluate("part => part.scrollTop")
    keys.press("End")
    page.wait_for_function(
        "before => document.querySelector('.board-scrolled').scrollTop > before", arg=before
    )
    to(thirty, "Download scores.csv")
    keys.press("Enter")
    with page.expect_download():
        thirty.answer()


def test_whoever_is_at_a_button_or_in_the_list_stays_there_while_votes_come_in(
    thirty: BareBoard,
) -> None:
    for name in ("Vote on", "Question after →"):
        to(thirty, name)
        for place in range(5):
            thirty.take(answered(f"late-{place}", "2.2", 1))
            thirty.take(checked(f"later-{place}", "2.3"))
        assert thirty.page.evaluate(FOCUSED) == name


def test_jupyterlab_leaves_the_keys_to_what_can_be_pressed(thirty: BareBoard) -> None:
    press(thirty, "Show names")
    parts = thirty.page.locator("#board :is(button, select, [tabindex])")
    marks = parts.evaluate_all("all => all.map(each => each.dataset.lmSuppressShortcuts)")
    assert len(marks) >= 9 and set(marks) == {"true"}


# By colour and size.


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_hinders_anybody(page_of_a_board: Page, size: int, theme: str) -> None:
    page_of_a_board.emulate_media(color_scheme=theme)
    board = BareBoard(page_of_a_board, a_class(size))
    press(board, "Show what is right")
    press(board, "Show names")
    assert len(rows(board, "Learners by name")) == size
    assert hindrances_of_all(board.page, "#board") == []
    board.board.trouble = "The class's Redis cannot be reached: the board tries again."
    board.board.choose("quiz 3.4")
    board.answer()
    assert hindrances_of_all(board.page, "#board") == []


@pytest.mark.parametrize("place", [PROJECTOR, PHONE])
def test_everything_fits(page_of_a_board: Page, place: tuple[int, int]) -> None:
    page_of_a_board.set_viewport_size({"width": place[0], "height": place[1]})
    board = BareBoard(page_of_a_board, a_class(300))
    press(board, "Show names")
    assert board.page.evaluate(SPILLED) == []
    assert covered(board.page.get_by_role("region", name="Vote")) == []


def test_a_full_screen_has_the_vote_alone_in_large_letters(thirty: BareBoard) -> None:
    press(thirty, "Show names")
    thirty.page.set_viewport_size({"width": PROJECTOR[0], "height": PROJECTOR[1]})
    press(thirty, "Fill the screen")
    thirty.page.wait_for_function("document.fullscreenElement !== null")
    vote = thirty.page.get_by_role("region", name="Vote")
    box = vote.bounding_box()
    assert box and (box["width"], box["height"]) == PROJECTOR
    height = "part => parseFloat(getComputedStyle(part).fontSize)"
    sizes = [part.evaluate(height) for part in vote.locator(".board-option").all()]
    assert min(sizes) >= PROJECTOR[1] / 25, "a line of 25 on the screen is read in the last row"
    assert vote.evaluate("part => part.scrollHeight <= part.clientHeight"), "nothing is cut off"
    thirty.page.evaluate("document.exitFullscreen()")


def test_with_forced_colours_the_bars_are_still_seen(thirty: BareBoard) -> None:
    thirty.page.emulate_media(forced_colors="active")
    colour = "bar => getComputedStyle(bar).backgroundColor"
    bar = thirty.page.locator(".board-length").first
    assert bar.evaluate(colour) != thirty.page.locator(".board-bar").first.evaluate(colour)
