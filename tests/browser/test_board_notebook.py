"""The instructor's notebook in JupyterLab, with a real Redis behind it: from an answer to the room.

Run with `make test-browser`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from helpers.classroom.event import Event
from helpers.classroom.reader import UNREACHABLE
from helpers.classroom.telling import CLASS
from publish.board import ORIGINAL
from publish.working_copies import working_copy
from tests.real_servers import found_servers

from ..classroom.kit import ClassRedis, class_redis
from ..classroom.pretend import answered, checked
from .jupyter import (
    CHROMIUM,
    JUPYTERLAB,
    ROOT,
    Course,
    command,
    jupyterlab,
    open_notebook,
    reopen,
    restart_kernel,
    run_what_is_open,
)
from .looks import broken_chains, hindrances

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not found_servers(), reason="no real server is installed"),
]
NAME = ORIGINAL.name


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassRedis]:
    program = next(iter(found_servers().values()))
    with class_redis(program, tmp_path_factory.mktemp("class") / "redis") as started:
        yield started


@pytest.fixture(scope="module")
def room(place: ClassRedis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A JupyterLab of an instructor."""
    folder = tmp_path_factory.mktemp("room")
    with jupyterlab(folder, variables={CLASS: place.url}) as running:
        text = (ROOT / ORIGINAL).read_text(encoding="utf-8")
        (folder / NAME).write_text(working_copy(text), encoding="utf-8")
        yield running


@pytest.fixture
def opened(page: Page, room: Course) -> Iterator[Page]:
    """Open the instructor's notebook, and leave it before its server ends."""
    open_notebook(page, room, NAME)
    room.until_connected()
    yield page
    page.goto("about:blank")


def tell(place: ClassRedis, *events: Event) -> None:
    async def add() -> None:
        client = place.address.client()
        try:
            for event in events:
                await client.xadd(place.address.stream, event.fields())
        finally:
            await client.aclose()

    with ThreadPoolExecutor(1) as thread:  # in this one runs the loop of playwright
        thread.submit(asyncio.run, add()).result()


def cell(page: Page, source: str) -> Locator:
    return page.locator(".jp-CodeCell", has_text=source)


def vote(page: Page) -> Locator:
    return page.get_by_role("region", name="Vote", exact=True)


def shares(page: Page) -> list[str]:
    texts = vote(page).get_by_role("listitem").all_inner_texts()
    return [" ".join(text.split()) for text in texts]


def test_a_lesson_of_an_instructor(opened: Page, room: Course, place: ClassRedis) -> None:
    """One test: what happens in an hour, with the notebook open all the time."""
    page = opened
    tell(place, answered("ann", "2.1", 1), checked("ann", "2.1"))
    run_what_is_open(page)
    expect(vote(page)).to_contain_text("1 of 1 have voted")

    # Votes come in, and one is changed.
    tell(place, answered("bob", "2.1", 0), answered("carol", "2.1", 1))
    expect(vote(page)).to_contain_text("3 of 3 have voted")
    assert shares(page)[:2] == ["1 and 1 33 % (1)", "2 and 1 67 % (2)"]
    tell(place, answered("carol", "2.1", 0))
    expect(vote(page).get_by_role("listitem").first).to_contain_text("67 % (2)")

    # No name is in the page or in the file, before and after it was saved with them on show.
    output = cell(page, "await board()")
    assert "carol" not in output.inner_html()
    page.get_by_role("button", name="Show names").press("Enter")
    learners = page.get_by_role("region", name="Learners by name")
    expect(learners).to_contain_text("carol")
    command(page, "docmanager:save")
    saved = (room.folder / NAME).read_text(encoding="utf-8")
    assert "Prediction 2.1" in saved and "carol" not in saved
    for theme in ("light", "dark"):
        assert hindrances(page, output, theme) == []
    page.get_by_role("button", name="Show names").press("Enter")
    expect(learners).to_be_hidden()

    # The broker goes and comes back.
    place.kill()
    status = output.get_by_role("status")
    expect(status).to_have_text(UNREACHABLE)
    place.start()
    tell(place, answered("dan", "2.1", 2))
    expect(vote(page)).to_contain_text("4 of 4 have voted")
    expect(status).to_have_text("")

    # The files beside the notebook.
    for name in ("scores.csv", "answers.csv"):
        assert (room.folder / name).read_text(encoding="utf-8-sig").startswith("nickname,")
    expect(cell(page, "print(show.board)").locator(".jp-OutputArea-output")).to_contain_text(
        "Prediction 2.1: 1 of 1 have voted"
    )

    # The kernel goes: nothing looks alive. It comes back, and everything is there.
    restart_kernel(page, room)
    asleep = output.get_by_text("The board does not follow the class any more: run its cell.")
    expect(asleep).to_be_visible()
    expect(output.locator(".course-board").get_by_role("button")).to_have_count(0)
    assert broken_chains(output) == 0
    run_what_is_open(page)
    expect(vote(page)).to_contain_text("4 of 4 have voted")
    expect(asleep).to_be_hidden()

    # The next day.
    reopen(page, room, NAME)
    expect(vote(page)).to_contain_text("4 of 4 have voted")
    expect(asleep).to_be_visible()
    assert broken_chains(output) == 0
