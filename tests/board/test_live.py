"""A board that follows a class on real servers: from an answer to what stands there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from helpers.board import board, live
from helpers.board.view import BoardView
from helpers.classroom.address import Client
from helpers.classroom.event import Event
from helpers.classroom.reader import UNREACHABLE
from helpers.classroom.telling import CLASS
from tests.real_servers import each_server

from ..classroom.kit import ClassRedis, class_redis
from ..classroom.pretend import answered, checked
from ..waiting import until

pytestmark = each_server()


@pytest.fixture
def place(program: Path, tmp_path: Path) -> Iterator[ClassRedis]:
    with class_redis(program, tmp_path / "redis") as started:
        yield started


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    """Leave no board to the next test."""
    yield
    while live._open:
        await live._open.pop().close()


@asynccontextmanager
async def class_of(place: ClassRedis) -> AsyncIterator[Client]:
    """Give a client of somebody who tells the class something."""
    client = place.address.client()
    try:
        yield client
    finally:
        await client.aclose()


async def tell(place: ClassRedis, *events: Event) -> None:
    async with class_of(place) as client:
        for event in events:
            await client.xadd(place.address.stream, event.fields())


def counts(view: BoardView) -> list[int]:
    return [share["count"] for share in view.page.shown["vote"]["shares"]]


async def test_a_board_begins_with_what_was_told_before_it(place: ClassRedis) -> None:
    await tell(place, answered("ann", "2.1", 1), answered("bob", "2.1", 0))
    view = await board(place.url)
    assert counts(view) == [1, 1, 0]
    assert repr(view.board).splitlines()[1] == "Prediction 2.1: 2 of 2 have voted"


async def test_a_vote_is_seen_while_it_goes_on_and_each_vote_once(place: ClassRedis) -> None:
    view = await board(place.url)
    again = answered("ann", "2.1", 1)
    await tell(place, again, again, answered("bob", "2.1", 1))
    await until(lambda: counts(view) == [0, 2, 0], "both votes")
    await tell(place, again, answered("ann", "2.1", 0))
    await until(lambda: counts(view) == [1, 1, 0], "a vote that was changed")


async def test_the_broker_goes_and_comes_back(place: ClassRedis) -> None:
    view = await board(place.url)
    await tell(place, answered("ann", "2.1", 1))
    await until(lambda: counts(view) == [0, 1, 0], "a vote")
    place.kill()
    await until(lambda: view.page.shown["trouble"] == UNREACHABLE, "the board to say so")
    assert counts(view) == [0, 1, 0], "what is known stays"
    place.start()
    await tell(place, answered("bob", "2.1", 2))
    await until(lambda: counts(view) == [0, 1, 1], "a vote after the restart")
    await until(lambda: not view.page.shown["trouble"], "the sentence to go")


async def test_a_cell_that_runs_again_shows_the_same_and_closes_the_first(
    place: ClassRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLASS, place.url)
    await tell(place, answered("ann", "2.1", 1), checked("ann", "2.1"))
    first = await board()
    second = await board()
    assert repr(second.board) == repr(first.board)
    await tell(place, answered("bob", "2.1", 0))
    await until(lambda: counts(second) == [1, 1, 0], "a vote on the second board")
    assert counts(first) == [0, 1, 0]
    async with class_of(place) as client:
        assert len([c for c in await client.client_list() if c["cmd"] != "client|list"]) == 1


async def test_what_fails_in_the_board_is_said_on_it(
    place: ClassRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await board(place.url)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(view.board.state, "take", broken)
    await tell(place, answered("ann", "2.1", 1))
    said = f"{live.STOPPED} (ZeroDivisionError)"
    await until(lambda: view.page.shown["trouble"] == said, "the board to say so")
