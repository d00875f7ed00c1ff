"""At least once, from the outbox to the board, whoever is killed on the way: on real servers."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import redis

from helpers.classroom.address import read_class_address
from helpers.classroom.outbox import Outbox
from helpers.classroom.reader import CONSUMER, GROUP, REFUSED, UNREACHABLE, Reader
from helpers.classroom.sender import Sender, send
from tests.real_servers import each_server

from ..waiting import until
from .kit import Board, ClassRedis, answer, class_redis, read_until, sending

pytestmark = each_server()


@pytest.fixture
def place(program: Path, tmp_path: Path) -> Iterator[ClassRedis]:
    with class_redis(program, tmp_path / "redis") as started:
        yield started


@pytest.fixture
def theirs(place: ClassRedis) -> Iterator[redis.Redis]:
    """Somebody else on the same server."""
    with redis.Redis(port=place.port, decode_responses=True) as client:
        yield client


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


async def test_an_answer_arrives_and_leaves_the_outbox(
    place: ClassRedis, outbox: Outbox, theirs: redis.Redis
) -> None:
    board, event = Board(), answer()
    reader = Reader(place.address, board)
    async with sending(place.address, outbox) as sender:
        outbox.put(event)
        sender.wake()
        last = await read_until(reader, board, 1)
        await _emptied(outbox)
    await reader.close()
    assert [*board.events.values()] == [event]
    assert (last.lag, last.pending) == (0, 0)
    assert theirs.keys() == ["course:class"]
    assert [fields for _, fields in theirs.xrange("course:class")] == [event.fields()]


async def test_what_was_kept_before_the_server_came_is_sent_when_it_comes(
    program: Path, tmp_path: Path, outbox: Outbox
) -> None:
    (tmp_path / "redis").mkdir()
    place = ClassRedis(program, tmp_path / "redis")
    events = [answer(str(number)) for number in range(5)]
    async with sending(place.address, outbox) as sender:
        for event in events:
            outbox.put(event)
        sender.wake()
        await _failed(sender)
        assert [*outbox.waiting().values()] == events
        place.start()
        await _emptied(outbox)
    board = Board()
    reader = Reader(place.address, board)
    await read_until(reader, board, 5)
    await reader.close()
    place.kill()
    assert [*board.events.values()] == events


async def test_a_server_that_is_killed_and_comes_back_costs_no_event(
    place: ClassRedis, outbox: Outbox
) -> None:
    board = Board()
    reader = Reader(place.address, board)
    events = [answer(str(number)) for number in range(40)]
    async with sending(place.address, outbox) as sender:
        for number, event in enumerate(events):
            if number in (10, 30):
                await read_until(reader, board, number - 3)
                place.kill()
            if number in (20, 35):
                place.start()
            outbox.put(event)
            sender.wake()
        await read_until(reader, board, 40)
        await _emptied(outbox)
    await reader.close()
    assert [*board.events.values()] == events


async def test_a_reply_that_is_lost_makes_a_repeat_which_counts_once(place: ClassRedis) -> None:
    board, event = Board(), answer()
    client = place.address.client()
    await send(client, "course:class", event)
    await send(client, "course:class", event)
    await client.aclose()
    reader = Reader(place.address, board)
    await read_until(reader, board, 1)
    await reader.close()
    assert len(board.taken) >= 2 and [*board.events.values()] == [event]


async def test_a_board_that_begins_anew_takes_the_history(
    place: ClassRedis, outbox: Outbox, theirs: redis.Redis
) -> None:
    events = [answer(str(number)) for number in range(1200)]
    for event in events:
        theirs.xadd("course:class", event.fields())
    for _ in range(2):  # the second finds everything acknowledged
        board = Board()
        reader = Reader(place.address, board)
        await read_until(reader, board, len(events))
        await reader.close()
        assert [*board.events.values()] == events


async def test_what_was_given_and_never_acknowledged_is_acknowledged_after_a_restart(
    place: ClassRedis, theirs: redis.Redis
) -> None:
    theirs.xgroup_create("course:class", GROUP, id="0", mkstream=True)
    theirs.xadd("course:class", answer().fields())
    theirs.xreadgroup(GROUP, CONSUMER, {"course:class": ">"})  # and dies before XACK
    assert theirs.xinfo_groups("course:class")[0]["pending"] == 1
    board = Board()
    reader = Reader(place.address, board)
    await read_until(reader, board, 1)
    await reader.close()
    assert theirs.xinfo_groups("course:class")[0]["pending"] == 0


async def test_two_boards_at_once_take_everything_each(
    place: ClassRedis, theirs: redis.Redis
) -> None:
    boards = [Board(), Board()]
    readers = [Reader(place.address, board) for board in boards]
    reading = [
        asyncio.create_task(read_until(reader, board, 300))
        for reader, board in zip(readers, boards, strict=True)
    ]
    client = place.address.client()
    events = [answer(str(number)) for number in range(300)]
    for event in events:
        await send(client, "course:class", event)
    await asyncio.gather(*reading)
    for each in (client, *(reader._redis for reader in readers)):
        await each.aclose()
    for board in boards:
        assert {*board.events} == {event.id for event in events}


async def test_an_entry_of_somebody_else_is_acknowledged_and_counts_for_nothing(
    place: ClassRedis, theirs: redis.Redis
) -> None:
    event = answer()
    theirs.xadd("course:class", {"hello": "board"})
    theirs.xadd("course:class", event.fields() | {"right": "perhaps"})
    theirs.xadd("course:class", event.fields())
    board = Board()
    reader = Reader(place.address, board)
    last = await read_until(reader, board, 1)
    await reader.close()
    assert [*board.events.values()] == [event] and last.pending == 0


async def test_a_stream_that_is_deleted_begins_anew(place: ClassRedis, theirs: redis.Redis) -> None:
    board = Board()
    reader = Reader(place.address, board)
    theirs.xadd("course:class", answer().fields())
    await read_until(reader, board, 1)
    troubles = await _rounds_while(reader, lambda: _replace_stream(theirs, board))
    await reader.close()
    assert troubles == {""} and len(board.events) == 2


async def _replace_stream(theirs: redis.Redis, board: Board) -> None:
    await until(lambda: theirs.info("clients")["blocked_clients"], "the board to wait for news")
    theirs.delete("course:class")
    theirs.xadd("course:class", answer().fields())
    await until(lambda: len(board.events) == 2, "the new event")


async def _rounds_while(reader: Reader, happen: Callable[[], Awaitable[None]]) -> set[str]:
    """Read while something happens, and return what was said of trouble."""
    troubles: set[str] = set()

    async def read() -> None:
        async for each in reader.rounds():
            troubles.add(each.trouble)

    reading = asyncio.create_task(read())
    await happen()
    reading.cancel()
    return {*troubles}  # as it was before the connection is closed


async def test_the_board_says_when_redis_cannot_be_reached_and_goes_on(place: ClassRedis) -> None:
    board = Board()
    reader = Reader(place.address, board)
    await read_until(reader, board, 0)
    place.kill()
    troubles = (each.trouble async for each in reader.rounds() if each.trouble)
    assert await anext(troubles) == UNREACHABLE
    place.start()
    await read_until(reader, board, 0)
    await reader.close()


async def test_a_key_of_another_kind_is_told_and_harms_no_sender(
    place: ClassRedis, theirs: redis.Redis, outbox: Outbox
) -> None:
    theirs.set("course:class", "mine")
    reader = Reader(place.address, Board())
    rounds = reader.rounds()
    assert (await anext(rounds)).trouble == REFUSED
    await reader.close()
    async with sending(place.address, outbox) as sender:
        outbox.put(answer())
        sender.wake()
        await _failed(sender)
        theirs.delete("course:class")
        await _emptied(outbox)
    assert theirs.xlen("course:class") == 1


async def test_a_learner_needs_no_permission_but_to_add(
    place: ClassRedis, theirs: redis.Redis, outbox: Outbox
) -> None:
    rules = ["reset", "on", ">secret", "~course:class", "+xadd"]
    theirs.execute_command("ACL", "SETUSER", "learner", *rules)
    address = read_class_address(f"redis://learner:secret@127.0.0.1:{place.port}")
    async with sending(address, outbox) as sender:
        outbox.put(answer())
        sender.wake()
        await _emptied(outbox)
    assert theirs.xlen("course:class") == 1
    reader = Reader(address, Board())
    assert (await anext(reader.rounds())).trouble == REFUSED  # nor may it read what others said
    await reader.close()


async def test_a_board_needs_no_permission_but_those_of_the_page(
    place: ClassRedis, theirs: redis.Redis
) -> None:
    page = Path("docs/the-class-as-a-stream.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"`(\+xgroup[^`]*)`", page)
    rules = ["reset", "on", ">secret", "~course:class*", *told.split()]
    theirs.execute_command("ACL", "SETUSER", "teacher", *rules)
    address = read_class_address(f"redis://teacher:secret@127.0.0.1:{place.port}")
    theirs.xadd("course:class", answer().fields())
    board = Board()
    reader = Reader(address, board)
    await read_until(reader, board, 1)
    await reader.close()


async def test_an_outbox_of_two_notebooks_is_sent_in_sequence(
    place: ClassRedis, outbox: Outbox, theirs: redis.Redis
) -> None:
    events = [answer(str(number)) for number in range(100)]
    for event in events:
        outbox.put(event)
    async with sending(place.address, outbox) as one, sending(place.address, outbox) as other:
        one.wake()
        other.wake()
        await _emptied(outbox)
    firsts = dict.fromkeys(fields["id"] for _, fields in theirs.xrange("course:class"))
    assert [*firsts] == [event.id for event in events]


async def _emptied(outbox: Outbox) -> None:
    await until(lambda: not outbox.waiting(), "the outbox to be empty")


async def _failed(sender: Sender) -> None:
    await until(lambda: sender.failures > 0, "a failure")
