"""Terminals on a page: they start stopped, run a line on Enter, show what arrives, and end."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest

from helpers import broker
from helpers.cli import Terminal, cells, terminals
from helpers.cli.session import LINES_KEPT, Session
from helpers.cli.view import HINT, TerminalsView
from tests.waiting import until

from ..stage import TWO_ENGINES, Stage, staged

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
async def view(closed: None) -> TerminalsView:
    return await terminals(*NAMES)


async def connected() -> list[str]:
    async with broker.broker().side_client() as side:
        return sorted(c["name"] for c in await side.client_list() if c["name"] != "course")


async def until_connected(*names: str) -> None:
    async def are_there() -> bool:
        return await connected() == sorted(names)

    await until(are_there, f"{names} to be connected")


class Window:
    """What a learner sees of one terminal, and presses."""

    def __init__(self, view: TerminalsView, number: int) -> None:
        self.session = view._sessions[number]
        self._page = view.widget
        self._number = number

    @property
    def state(self) -> dict[str, object]:
        """What the page is told of this terminal."""
        return self._page.terminals[self._number]

    @property
    def prompt(self) -> str:
        return str(self.state["prompt"])

    def shows(self, text: str) -> bool:
        return text in self.session.screen and not self.session.is_busy

    async def press(self, key: str, line: str = "") -> list[str]:
        """Press a key after a line, as the page tells of it; return what it is answered."""
        answers: list[dict[str, object]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self._page, "send", answers.append)
            pressed = {"terminal": self._number, "key": key, "line": line, "edits": 7}
            self._page._handle_custom_msg(pressed, [])
            await asyncio.sleep(0)  # to begin the work
            await asyncio.sleep(0)  # and to do it
        assert all((a["terminal"], a["edits"]) == (self._number, 7) for a in answers)
        return [str(answer["line"]) for answer in answers]

    async def enter(self, line: str) -> None:
        assert await self.press("Enter", line) == []

    async def type(self, line: str, then: str) -> None:
        await self.enter(line)
        await until(lambda: self.shows(then), then)


@pytest.fixture
def shop(view: TerminalsView) -> Window:
    return Window(view, 0)


@pytest.fixture
def ann(view: TerminalsView) -> Window:
    return Window(view, 1)


def press(view: TerminalsView, button: str) -> None:
    """Press a button that concerns all terminals."""
    view.widget._handle_custom_msg({"button": button}, [])


async def test_it_starts_stopped_and_says_what_to_try(view: TerminalsView, shop: Window) -> None:
    assert HINT in view.widget.told
    assert (shop.session.screen, shop.prompt) == ("", "not connected> ")
    assert shop.session._task is None
    assert await connected() == []


async def test_two_terminals_talk(shop: Window, ann: Window) -> None:
    await ann.type("SUBSCRIBE talk", "(integer) 1")
    await shop.type("PUBLISH talk hello", "(integer) 1")
    await until(lambda: ann.shows('3) "hello"'), "the message")
    assert shop.session.screen.endswith("> PUBLISH talk hello\n(integer) 1")
    assert ann.prompt.endswith("(subscribed mode)> ")
    await ann.type("PING", '1) "pong"')
    await shop.type("PUBLISH talk again", "again\n(integer) 1")
    await until(lambda: ann.shows('3) "again"'), "a message after another line")
    assert ann.session.screen.count('"message"') == 2


async def test_a_terminal_that_waits_says_so_and_its_next_line_comes_later(
    shop: Window, ann: Window
) -> None:
    await ann.enter("BLPOP orders 0")
    await until(lambda: ann.prompt == "(waiting)", "the command to wait")
    await ann.enter("LLEN orders")
    await shop.type("RPUSH orders a b", "(integer) 2")
    await until(lambda: ann.shows("LLEN orders\n(integer) 1"), "the second line")
    assert ann.prompt.endswith("> ")


async def test_the_same_line_may_be_typed_again(ann: Window) -> None:
    await ann.type("INCR a", "(integer) 1")
    await ann.type("INCR a", "(integer) 2")
    await ann.type("INCR a", "(integer) 3")


async def test_keys_walk_through_history_and_complete_names(ann: Window) -> None:
    await ann.type("SET a 1", "OK")
    await ann.type("GET a", '"1"')
    assert [await ann.press("ArrowUp"), await ann.press("ArrowUp", "GET a")] == [
        ["GET a"],
        ["SET a 1"],
    ]
    assert [await ann.press("ArrowDown"), await ann.press("ArrowDown")] == [["GET a"], [""]]
    assert await ann.press("Tab", "xgroup destr") == ["XGROUP DESTROY "]
    assert await ann.press("Tab", "xa") == ["xa"]
    assert ann.shows("XACK  XACKDEL  XADD  XAUTOCLAIM")


async def test_what_a_key_sets_off_may_fail_and_is_told(
    view: TerminalsView, ann: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ann.session, "completed", lambda line: 1 / 0)
    assert await ann.press("Tab", "GE") == []
    assert view.widget.problem == "Something went wrong. division by zero"


async def test_ctrl_c_ends_a_wait_and_a_subscription(ann: Window) -> None:
    await ann.enter("BLPOP none 0")
    await until(lambda: ann.session.is_busy, "the command to wait")
    async with broker.broker().side_client() as side, asyncio.timeout(5):
        while "b" not in "".join(c["flags"] for c in await side.client_list()):
            await asyncio.sleep(0)
    await ann.press("Ctrl-C")
    await until(lambda: ann.shows("^C"), "the prompt")
    await ann.type("SUBSCRIBE talk", "(integer) 1")
    await ann.press("Ctrl-C")
    await until(lambda: ann.session.screen.endswith("^C"), "the end of the subscription")
    await ann.type("GET none", "(nil)")


async def test_a_subscriber_that_is_cut_off_says_so(shop: Window, ann: Window) -> None:
    await ann.type("SUBSCRIBE talk", "(integer) 1")
    await shop.type("CLIENT KILL TYPE pubsub", "(integer) 1")
    await until(lambda: ann.shows("Error: Server closed the connection"), "the bad news")
    assert ann.prompt == "not connected> "
    await ann.type("PING", "PONG")


async def test_more_terminals_come_on_demand(view: TerminalsView) -> None:
    for count in (3, 4, 5):
        press(view, "more")
        await until(lambda: len(view.widget.terminals) == count, "another terminal")  # noqa: B023
    names = [session.terminal.name for session in view._sessions]
    assert names == ["shop", "ann", "bob", "carol", "terminal-5"]
    await Window(view, 4).type("CLIENT GETNAME", '"terminal-5"')


async def test_disconnecting_leaves_nothing_and_is_not_the_end(
    view: TerminalsView, ann: Window
) -> None:
    await ann.type("SELECT 1", "OK")
    await Window(view, 0).type("SUBSCRIBE talk", "(integer) 1")
    assert await connected() == sorted(NAMES)
    press(view, "close")
    await until(lambda: not view._running, "the end")
    await until_connected()
    assert ann.session._task is None
    await ann.type("GET none", "(nil)")
    assert "[1]" not in ann.prompt


async def test_a_cell_that_runs_again_closes_what_it_showed(ann: Window) -> None:
    await ann.type("PING", "PONG")
    again = await terminals()
    await until_connected()
    assert [session.terminal.name for session in again._sessions] == list(NAMES)


async def test_it_may_be_shown_twice(view: TerminalsView, ann: Window) -> None:
    first, second = view._repr_mimebundle_(), view._repr_mimebundle_()
    assert first == second
    assert first["text/plain"] == f"Terminals of shop and ann. {HINT}"
    assert HINT in first["image/svg+xml"]
    assert first["application/vnd.jupyter.widget-view+json"]["model_id"] == view.widget.model_id
    await ann.type("PING", "PONG")


async def test_the_page_is_told_what_stands_on_each_screen(shop: Window, ann: Window) -> None:
    await ann.type("ECHO <b>", '"<b>"')
    lines = [f"{ann.prompt}ECHO <b>", '"<b>"']
    assert ann.state == {"name": "ann", "prompt": ann.prompt, "screen": lines, "shown": 2}
    assert shop.state == {"name": "shop", "prompt": "not connected> ", "screen": [], "shown": 0}


async def test_a_fault_of_ours_is_told_in_one_sentence(
    view: TerminalsView, ann: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: object, *_: object) -> str:
        raise ZeroDivisionError("division by <zero>")

    monkeypatch.setattr(Terminal, "type", fail)
    await ann.type("PING", "Something went wrong: division by <zero>")
    monkeypatch.undo()
    monkeypatch.setattr(Terminal, "interrupt", fail)
    await ann.press("Ctrl-C")
    told = "Something went wrong. division by <zero>"
    await until(lambda: view.widget.problem == told, "it")
    monkeypatch.undo()


async def test_a_long_screen_is_cut_at_the_top(stage: Stage) -> None:
    session = Session(Terminal("ann"))
    for _ in range(LINES_KEPT):
        session._show("a\nb")
    assert session.screen.count("\n") == LINES_KEPT - 1
    assert session.shown == 2 * LINES_KEPT  # so that the page knows which lines are new


def test_terminals_can_be_imported_where_no_widgets_are_installed() -> None:
    script = "import sys; sys.modules['ipywidgets'] = None; from helpers.cli import Terminal"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


async def test_the_picture_shows_what_stands_on_each_screen(
    view: TerminalsView, ann: Window
) -> None:
    def drawn() -> list[str]:
        svg = ElementTree.fromstring(view._repr_mimebundle_()["image/svg+xml"])
        return [text.text or "" for text in svg.iter("{http://www.w3.org/2000/svg}text")]

    assert drawn() == [HINT, "shop", "not connected>", "ann", "not connected>"]
    await ann.type("ECHO <b>", '"<b>"')
    assert drawn()[-3:] == [f"{ann.prompt}ECHO <b>", '"<b>"', ann.prompt.rstrip()]
