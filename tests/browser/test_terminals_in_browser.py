"""The terminals of lesson 2 in JupyterLab, used with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .jupyter import (
    CHROMIUM,
    JUPYTERLAB,
    Course,
    as_wide_as,
    cells_of,
    paint,
    reopen,
    restart_kernel,
    run_all,
)
from .looks import broken_chains, hindrances, hindrances_of_all, moves

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
LESSON = "02_publish_subscribe.ipynb"
ENDED = "The kernel of this terminal has ended: run its cell to begin again."
PAGE_PARTS = ".jp-OutputArea-output, .jp-RenderedMarkdown"
IS_IN_SIGHT = """screen => {
    const [box, last] = [screen, screen.querySelector('.lines').lastElementChild]
        .map(part => part.getBoundingClientRect());
    return last.height > 0 && box.top <= last.top && last.bottom <= box.bottom;
}"""
PROMPT = re.compile(r"^127\.0\.0\.1:6379> $")

pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def ran(page: Page, course: Course) -> Locator:
    run_all(page, course, LESSON)
    return page.locator(".jp-CodeCell", has_text="await terminals(")


@pytest.fixture
def cell(ran: Locator, page: Page) -> Iterator[Locator]:
    """Run the setup cell and this one again: the kernel may be another, the terminals are new."""
    for each in (page.locator(".jp-CodeCell", has_text="from helpers import").first, ran):
        each.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
    expect(log(ran, "shop")).to_have_text("")
    expect(line(ran, "shop")).to_have_value("")
    expect(prompt(ran, "ann")).to_have_text("not connected> ")
    yield ran
    paint(page, "light")


def log(cell: Locator, name: str) -> Locator:
    return cell.get_by_role("log", name=f"Terminal of {name}", exact=True)


def line(cell: Locator, name: str) -> Locator:
    return cell.get_by_role("textbox", name=re.compile(f"^{name}: "))


def prompt(cell: Locator, name: str) -> Locator:
    return line(cell, name).locator("xpath=..").locator("span")


def newest_is_in_sight(cell: Locator, name: str) -> bool:
    return log(cell, name).evaluate(IS_IN_SIGHT)


def talk(page: Page, cell: Locator, messages: int) -> None:
    """Let Ann listen, and the shop publish: more lines than a screen holds."""
    enter(page, cell, "ann", "SUBSCRIBE talk")
    expect(log(cell, "ann")).to_contain_text("(integer) 1")
    for number in range(messages):
        enter(page, cell, "shop", f"PUBLISH talk message-{number}")
    expect(log(cell, "ann")).to_contain_text(f"message-{messages - 1}")


def enter(page: Page, cell: Locator, name: str, text: str) -> None:
    """Type a line, press Enter, and wait for the prompt."""
    line(cell, name).focus()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(line(cell, name)).to_have_value("")
    expect(log(cell, name)).to_contain_text(f"> {text}")


def test_a_message_arrives_in_the_other_terminal(page: Page, cell: Locator) -> None:
    enter(page, cell, "ann", "SUBSCRIBE talk")
    expect(log(cell, "ann")).to_contain_text('2) "talk"\n3) (integer) 1')
    expect(prompt(cell, "ann")).to_contain_text("(subscribed mode)")
    enter(page, cell, "shop", 'PUBLISH talk "hello, Ann"')
    expect(log(cell, "shop")).to_contain_text("(integer) 1")
    expect(log(cell, "ann")).to_contain_text('1) "message"\n2) "talk"\n3) "hello, Ann"')
    page.keyboard.type("PUBLISH talk again")
    page.keyboard.press("Enter")
    expect(log(cell, "ann")).to_contain_text('3) "again"')
    enter(page, cell, "ann", "PING")
    expect(log(cell, "ann")).to_contain_text('1) "pong"')


def test_what_is_typed_fast_arrives_whole_and_in_order(page: Page, cell: Locator) -> None:
    line(cell, "shop").focus()
    for number in range(10):
        page.keyboard.type(f"ECHO {number}")
        page.keyboard.press("Enter")
    replies = "".join(f'[^"]*ECHO {n}\n"{n}"' for n in range(10))
    expect(log(cell, "shop")).to_have_text(re.compile(f"^{replies}\n$"))


def test_arrow_keys_bring_back_earlier_lines(page: Page, cell: Locator) -> None:
    enter(page, cell, "shop", "INCR visits")
    enter(page, cell, "shop", "GET visits")
    for key, wanted in [
        ("ArrowUp", "GET visits"),
        ("ArrowUp", "INCR visits"),
        ("ArrowUp", "INCR visits"),
        ("ArrowDown", "GET visits"),
        ("ArrowDown", ""),
        ("ArrowUp", "GET visits"),
        ("ArrowUp", "INCR visits"),
    ]:
        page.keyboard.press(key)
        expect(line(cell, "shop")).to_have_value(wanted)
    before = log(cell, "shop").inner_text().count("INCR visits")
    page.keyboard.press("Enter")
    expect(line(cell, "shop")).to_have_value("")
    expect(log(cell, "shop")).to_have_text(
        re.compile("INCR visits.*" * (before + 1), re.DOTALL), use_inner_text=True
    )


def test_tab_completes_and_is_no_trap(page: Page, cell: Locator) -> None:
    line(cell, "shop").focus()
    page.keyboard.type("xgroup destr")
    page.keyboard.press("Tab")
    expect(line(cell, "shop")).to_have_value("XGROUP DESTROY ")
    expect(line(cell, "shop")).to_be_focused()
    page.keyboard.press("Escape")
    expect(line(cell, "shop")).to_have_value("")
    page.keyboard.type("xa")
    page.keyboard.press("Tab")
    expect(log(cell, "shop")).to_contain_text("XACK  XACKDEL  XADD")
    page.keyboard.press("Shift+Tab")
    expect(log(cell, "shop")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(line(cell, "shop")).not_to_be_focused()


def test_pasted_lines_run_one_after_another(page: Page, cell: Locator) -> None:
    line(cell, "shop").focus()
    line(cell, "shop").evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData('text', text);
            field.dispatchEvent(
                new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
        }""",
        "SET pasted 1\nGET pasted\nGE",
    )
    expect(log(cell, "shop")).to_contain_text('GET pasted\n"1"')
    expect(line(cell, "shop")).to_have_value("GE")


def test_ctrl_c_ends_a_wait(page: Page, cell: Locator, course: Course) -> None:
    enter(page, cell, "ann", "BLPOP none 0")
    expect(prompt(cell, "ann")).to_have_text("(waiting)")
    page.keyboard.press("Control+c")
    expect(log(cell, "ann")).to_contain_text("^C")
    expect(prompt(cell, "ann")).to_have_text(PROMPT)


def test_more_terminals_come_on_demand_and_all_of_them_end(
    page: Page, cell: Locator, course: Course
) -> None:
    cell.get_by_role("button", name="One more terminal").focus()
    page.keyboard.press("Space")
    enter(page, cell, "bob", "CLIENT GETNAME")
    expect(log(cell, "bob")).to_contain_text('"bob"')
    enter(page, cell, "ann", "SUBSCRIBE talk")
    cell.get_by_role("button", name="Disconnect all").focus()
    page.keyboard.press("Space")
    expect(prompt(cell, "bob")).to_have_text("not connected> ")
    expect(prompt(cell, "ann")).to_have_text("not connected> ")
    assert course.ask("(await r.pubsub_numsub('talk'))[0][1]") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_hinders_anybody(page: Page, cell: Locator, theme: str) -> None:
    enter(page, cell, "shop", "LRANGE none 0 -1")
    expect(log(cell, "shop")).to_contain_text("(empty array)")
    assert hindrances(page, cell, theme) == []
    assert not moves(cell)


def test_the_newest_line_is_in_sight_after_each_message(page: Page, cell: Locator) -> None:
    talk(page, cell, 3)
    assert newest_is_in_sight(cell, "ann")
    talk(page, cell, 6)
    assert newest_is_in_sight(cell, "ann")
    assert newest_is_in_sight(cell, "shop")


def test_who_reads_above_stays_there_and_finds_the_newest_line(page: Page, cell: Locator) -> None:
    talk(page, cell, 6)
    newest = cell.get_by_role("button", name="Newest ↓")
    expect(newest).to_have_count(0)
    line(cell, "ann").focus()
    page.keyboard.press("PageUp")
    expect(newest).to_have_count(1)
    enter(page, cell, "shop", "PUBLISH talk later")
    expect(log(cell, "ann")).to_contain_text("later")
    assert not newest_is_in_sight(cell, "ann")
    newest.click()
    expect(newest).to_have_count(0)
    assert newest_is_in_sight(cell, "ann")
    expect(line(cell, "ann")).to_be_focused()


@pytest.mark.parametrize("typed", ["SUBSCRIBE talk", "XADD s * a 1"])
def test_what_is_typed_on_a_screen_arrives_in_its_line(
    page: Page, cell: Locator, typed: str
) -> None:
    before = cells_of(page)
    log(cell, "ann").click()
    expect(line(cell, "ann")).to_be_focused()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(log(cell, "ann")).to_contain_text(f"> {typed}")
    page.keyboard.press("Shift+Tab")
    expect(log(cell, "ann")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.type(typed)
    expect(line(cell, "ann")).to_have_value(typed)
    assert cells_of(page) == before


def test_no_key_pressed_anywhere_in_the_terminals_reaches_the_notebook(
    page: Page, cell: Locator
) -> None:
    before = cells_of(page)
    for place in (cell.locator(".told"), cell.locator(".name").last):
        place.click()
        page.keyboard.type("xaby1")
        page.keyboard.type("dd")
    cell.get_by_role("button", name="Disconnect all").focus()
    page.keyboard.type("xaby1")
    assert cells_of(page) == before


@pytest.mark.parametrize("width", [390, 640], ids=["phone", "zoom of 200 %"])
def test_a_small_window_has_room(page: Page, cell: Locator, width: int) -> None:
    with as_wide_as(page, width):
        enter(page, cell, "ann", "SUBSCRIBE talk")
        output = cell.locator(".jp-OutputArea-output")
        assert output.evaluate("output => output.scrollWidth <= output.clientWidth")
        for pressed in output.get_by_role("button").all():
            box = pressed.bounding_box()
            assert box
            assert box["height"] >= (40 if width == 390 else 24)
        assert newest_is_in_sight(cell, "ann")


def test_nothing_hinders_anybody_in_the_whole_lesson(page: Page, cell: Locator) -> None:
    assert hindrances_of_all(page, PAGE_PARTS) == []


def test_when_its_kernel_is_started_again_a_terminal_is_only_read(
    page: Page, cell: Locator, course: Course
) -> None:
    talk(page, cell, 6)
    restart_kernel(page, course)
    is_only_read(cell)


def test_the_next_day_a_terminal_is_only_read(page: Page, ran: Locator, course: Course) -> None:
    run_all(page, course, LESSON)  # the kernel that imported is gone
    talk(page, ran, 6)
    reopen(page, course, LESSON)
    is_only_read(ran)


def is_only_read(cell: Locator) -> None:
    output = cell.locator(".jp-OutputArea-output")
    expect(output.get_by_text(ENDED)).to_have_count(2)
    for sentence in output.get_by_text(ENDED).all():
        expect(sentence).to_be_visible()
    expect(log(cell, "ann")).to_contain_text("message-5")
    assert newest_is_in_sight(cell, "ann")
    assert output.get_by_role("button").count() == 0
    assert output.get_by_role("textbox").count() == 0
    assert broken_chains(cell) == 0
