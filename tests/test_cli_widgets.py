"""Terminals on a page: they start stopped, run a line on Enter, show what arrives, and end."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import ipywidgets
import pytest

from helpers import broker
from helpers.cli import Terminal, cells, terminals
from helpers.cli.session import LINES_KEPT, Session
from helpers.cli.typed_text import TypedText
from helpers.cli.view import HINT, View

from .stage import TWO_ENGINES, Stage, staged

stage = staged(TWO_ENGINES)
NAMES = ("shop", "ann")


@pytest.fixture(autouse=True)
async def closed(stage: Stage) -> AsyncIterator[None]:
    """Leave no terminal to the next test."""
    cells._shown.clear()
    yield
    while cells._shown:
        await cells._shown.pop().close()


@pytest.fixture
async def view(closed: None) -> View:
    return await terminals(*NAMES)


async def until(condition: Callable[[], bool], what: str) -> None:
    """Let tasks run until this holds."""
    try:
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0)
    except TimeoutError:
        raise AssertionError(f"waited 5 seconds for {what}") from None


async def connected() -> list[str]:
    async with broker.broker().side_client() as side:
        return sorted(c["name"] for c in await side.client_list() if c["name"] != "course")


async def until_connected(*names: str) -> None:
    async with asyncio.timeout(5):
        while await connected() != sorted(names):
            await asyncio.sleep(0)


class Page:
    """What a learner sees of one terminal, and presses."""

    def __init__(self, view: View, number: int) -> None:
        self.session = view._sessions[number]
        self.screen, self.line, keys = view._row.children[number].children
        self.keys = {key.description: key for key in keys.children}

    def shows(self, text: str) -> bool:
        return text in self.session.screen and not self.session.is_busy

    def enter(self, line: str) -> None:
        """Type a line below those that stand there, as a page does, and press Enter."""
        self.line.value += f"{line}\n"

    async def type(self, line: str, then: str) -> None:
        self.enter(line)
        await until(lambda: self.shows(then), then)


@pytest.fixture
def shop(view: View) -> Page:
    return Page(view, 0)


@pytest.fixture
def ann(view: View) -> Page:
    return Page(view, 1)


def buttons(view: View) -> dict[str, ipywidgets.Button]:
    return {button.description: button for button in view.widget.children[2].children}


async def test_it_starts_stopped_and_says_what_to_try(view: View, shop: Page) -> None:
    assert HINT in view.widget.children[0].value
    assert (shop.session.screen, shop.line.value) == ("", "")
    assert shop.session._task is None
    assert await connected() == []


async def test_two_terminals_talk(shop: Page, ann: Page) -> None:
    await ann.type("SUBSCRIBE event1", "(integer) 1")
    await shop.type("PUBLISH event1 hello", "(integer) 1")
    await until(lambda: ann.shows('3) "hello"'), "the message")
    assert shop.session.screen.endswith("> PUBLISH event1 hello\n(integer) 1")
    assert ann.line.description.endswith("(subscribed mode)> ")
    await ann.type("PING", '1) "pong"')
    await shop.type("PUBLISH event1 again", "again\n(integer) 1")
    await until(lambda: ann.shows('3) "again"'), "a message after another line")
    assert ann.session.screen.count('"message"') == 2


async def test_a_terminal_that_waits_says_so_and_its_next_line_comes_later(
    shop: Page, ann: Page
) -> None:
    ann.enter("BLPOP orders 0")
    await until(lambda: ann.line.description == "(waiting)", "the command to wait")
    ann.enter("LLEN orders")
    await shop.type("RPUSH orders a b", "(integer) 2")
    await until(lambda: ann.shows("LLEN orders\n(integer) 1"), "the second line")
    assert ann.line.description.endswith("> ")


async def test_only_enter_runs_a_line_and_it_stays_above_the_next(ann: Page) -> None:
    for typed in ("P", "PI", "PIN", "PING"):
        ann.line.value = typed
    assert ann.session._task is None
    ann.line.value = "PING\n"
    await until(lambda: ann.shows("PONG"), "PONG")
    ann.line.value = "PING\nECHO a"
    await ann.type("", '"a"')
    assert ann.line.value == "PING\nECHO a\n"
    assert ann.session.screen.count("PONG") == 1


async def test_enter_in_the_middle_of_a_line_ends_all_of_it(ann: Page) -> None:
    ann.line.value = "ECHO hello"
    ann.line.value = "ECHO he\nllo"
    await until(lambda: ann.shows('ECHO hello\n"hello"'), "the whole line")
    assert ann.line.value == "ECHO hello\n"


async def test_pasted_lines_run_and_what_follows_them_stays(ann: Page) -> None:
    ann.line.value = "SET a 1\nGET a\nGET"
    await until(lambda: ann.shows('GET a\n"1"'), "both lines")
    assert ann.line.value == "SET a 1\nGET a\nGET"


def entered(*texts: str) -> list[list[str]]:
    typed = TypedText()
    return [typed.follow(text) for text in texts]


def test_what_was_entered_once_is_not_entered_again() -> None:
    assert entered("A", "A\n", "A\nB", "A\nB\n") == [[], ["A"], [], ["B"]]
    assert entered("A\n", "A\n\n", "A\n\n\nB\nC") == [["A"], [""], ["", "B"]]
    assert entered("A\n", "A", "A\n") == [["A"], [], ["A"]]  # the break was taken back
    assert entered("A\nB\n", "", "C\n") == [["A", "B"], [], ["C"]]


def test_a_line_above_may_be_changed_and_is_not_entered_again() -> None:
    assert entered("AB\nC\n", "AXB\nC\n", "AXB\nC\nD\n") == [["AB", "C"], [], ["D"]]
    assert entered("AB\nC", "A\nB\nC", "A\nB\nC\n") == [["AB"], [], ["C"]]
    assert entered("AB\nC", "AB\n\nC") == [["AB"], []]


def test_what_we_write_is_not_entered_and_what_the_page_sends_late_is_not_either() -> None:
    typed = TypedText()
    assert typed.follow("INCR a\nPING\n") == ["INCR a", "PING"]
    typed.write("INCR a")
    assert typed.line == "INCR a"
    assert typed.follow("INCR a\nPING\nGE") == []  # the page had not seen what we wrote
    assert typed.follow("INCR a\nPING\nGET a\n") == ["GET a"]
    typed.write("PING")
    assert typed.follow("PING\n") == ["PING"]
    assert typed.follow("PING\nPING\n") == ["PING"]


async def test_the_same_line_may_be_typed_again(ann: Page) -> None:
    await ann.type("INCR a", "(integer) 1")
    await ann.type("INCR a", "(integer) 2")
    await ann.type("INCR a", "(integer) 3")


async def test_keys_walk_through_history_and_complete_names(ann: Page) -> None:
    await ann.type("SET a 1", "OK")
    await ann.type("GET a", '"1"')
    for label, line in [("↑ Earlier line", "GET a"), ("↑ Earlier line", "SET a 1")]:
        ann.keys[label].click()
        assert ann.line.value == line
    ann.keys["↓ Later line"].click()
    assert ann.line.value == "GET a"
    ann.enter("")
    await until(lambda: ann.session.screen.count('"1"') == 2, "the line again")
    assert ann.line.value == "GET a\n"
    ann.line.value = "GET a\nxgroup destr"
    ann.keys["Tab: complete"].click()
    assert ann.line.value == "XGROUP DESTROY "
    ann.line.value = "xa"
    ann.keys["Tab: complete"].click()
    assert ann.line.value == "xa"
    assert ann.shows("XACK  XACKDEL  XADD  XAUTOCLAIM")


async def test_ctrl_c_ends_a_wait_and_a_subscription(ann: Page) -> None:
    ann.enter("BLPOP none 0")
    await until(lambda: ann.session.is_busy, "the command to wait")
    async with broker.broker().side_client() as side, asyncio.timeout(5):
        while "b" not in "".join(c["flags"] for c in await side.client_list()):
            await asyncio.sleep(0)
    ann.keys["Ctrl-C"].click()
    await until(lambda: ann.shows("^C"), "the prompt")
    await ann.type("SUBSCRIBE event1", "(integer) 1")
    ann.keys["Ctrl-C"].click()
    await until(lambda: ann.session.screen.endswith("^C"), "the end of the subscription")
    await ann.type("GET none", "(nil)")


async def test_a_subscriber_that_is_cut_off_says_so(shop: Page, ann: Page) -> None:
    await ann.type("SUBSCRIBE event1", "(integer) 1")
    await shop.type("CLIENT KILL TYPE pubsub", "(integer) 1")
    await until(lambda: ann.shows("Error: Server closed the connection"), "the bad news")
    assert ann.line.description == "not connected> "
    await ann.type("PING", "PONG")


async def test_more_terminals_come_on_demand(view: View) -> None:
    for count in (3, 4, 5):
        buttons(view)["One more terminal"].click()
        await until(lambda: len(view._row.children) == count, "another terminal")  # noqa: B023
    names = [session.terminal.name for session in view._sessions]
    assert names == ["shop", "ann", "bob", "carol", "terminal-5"]
    await Page(view, 4).type("CLIENT GETNAME", '"terminal-5"')


async def test_disconnecting_leaves_nothing_and_is_not_the_end(view: View, ann: Page) -> None:
    await ann.type("SELECT 1", "OK")
    await Page(view, 0).type("SUBSCRIBE event1", "(integer) 1")
    assert await connected() == sorted(NAMES)
    buttons(view)["Disconnect all"].click()
    await until(lambda: not view._running, "the end")
    await until_connected()
    assert ann.session._task is None
    await ann.type("GET none", "(nil)")
    assert "[1]" not in ann.line.description


async def test_a_cell_that_runs_again_closes_what_it_showed(ann: Page) -> None:
    await ann.type("PING", "PONG")
    again = await terminals()
    await until_connected()
    assert [session.terminal.name for session in again._sessions] == list(NAMES)


async def test_it_may_be_shown_twice(view: View, ann: Page) -> None:
    first, second = view._repr_mimebundle_(), view._repr_mimebundle_()
    assert first == second
    assert first["text/plain"] == f"Terminals of shop and ann. {HINT}"
    assert first["application/vnd.jupyter.widget-view+json"]["model_id"] == view.widget.model_id
    await ann.type("PING", "PONG")


async def test_a_reply_is_no_html_and_a_reader_of_the_screen_hears_it(ann: Page) -> None:
    await ann.type("ECHO <b>", '"<b>"')
    assert "&quot;&lt;b&gt;&quot;" in ann.screen.value
    assert 'role="log" aria-live="polite" aria-label="Terminal of ann"' in ann.screen.value
    assert ann.line.tooltip == "A line for the terminal of ann"


async def test_a_fault_of_ours_is_told_in_one_sentence(
    view: View, ann: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: object, *_: object) -> str:
        raise ZeroDivisionError("division by <zero>")

    monkeypatch.setattr(Terminal, "type", fail)
    await ann.type("PING", "Something went wrong: division by <zero>")
    monkeypatch.undo()
    monkeypatch.setattr(Terminal, "interrupt", fail)
    ann.keys["Ctrl-C"].click()
    told = view._problem
    await until(lambda: "Something went wrong.</b> division by &lt;zero&gt;" in told.value, "it")
    monkeypatch.undo()


async def test_a_long_screen_is_cut_at_the_top(stage: Stage) -> None:
    session = Session(Terminal("ann"))
    for _ in range(LINES_KEPT):
        session._show("a\nb")
    assert session.screen.count("\n") == LINES_KEPT - 1


def test_terminals_can_be_imported_where_no_widgets_are_installed() -> None:
    script = "import sys; sys.modules['ipywidgets'] = None; from helpers.cli import Terminal"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
