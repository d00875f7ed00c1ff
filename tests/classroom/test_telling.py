"""What a cell tells the class, and what the learner hears of it."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

import helpers
from helpers.classroom import telling
from helpers.classroom.address import MALFORMED, PATIENCE
from helpers.classroom.member import JOINED, WAITS
from helpers.classroom.outbox import FOLDER, Outbox
from tests.real_servers import found_servers, free_port, until

from .kit import ClassRedis, class_redis

SERVERS = [*found_servers().values()]
needs_server = pytest.mark.skipif(not SERVERS, reason="there is no real server here")
HELLO = JOINED.format(who="ada")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A learner's folder; at the end the kernel leaves the class."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_NICKNAME", " ada\n")
    yield tmp_path
    telling.leave()


def told(place: ClassRedis) -> list[tuple[str, ...]]:
    """Read what the class has been told, without the ids."""
    with redis.Redis(port=place.port, decode_responses=True) as client:
        entries = client.xrange("course:class")
    return [tuple(fields.values())[1:] for _, fields in entries]


def is_told(place: ClassRedis, count: int) -> bool:
    return len(told(place)) == count


def waiting(place: ClassRedis) -> list[str]:
    outbox = Outbox(Path(FOLDER, place.address.mark))
    return [event.number for event in outbox.waiting().values()]


async def right(worker: redis.asyncio.Redis) -> str:
    return (await worker.blpop(["urgent", "normal"]))[1]


async def wrong(worker: redis.asyncio.Redis) -> None:
    return None


@needs_server
async def test_a_prediction_a_quiz_and_a_check_are_told_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with class_redis(SERVERS[0], folder / "redis") as place:
        monkeypatch.setenv("COURSE_CLASS", place.url)
        said = [
            str(helpers.predict("4.1", 1)),
            str(helpers.quiz("4", 2, 1)),
            (await helpers.check("4.1", wrong)).then,
            (await helpers.check("4.1", right)).then,
        ]
        await helpers.check("4.1", right, record=False)  # a solution that the notebook shows
        await helpers.check("4.1")  # no answer at all
        helpers.hint("4.1")
        helpers.progress()
        until(lambda: is_told(place, 4), "four events")
        until(lambda: not waiting(place), "the outbox to be empty")
        found = told(place)
    quiz, prediction = helpers.practice.catalogue.find_quiz("4"), ("ada", "prediction", "4.1", "0")
    assert found[0][:4] == prediction and found[0][4] in "01"
    assert found[1] == ("ada", "quiz", "4.2", "0", str(int(quiz["4.2"].options[0].is_right)))
    assert found[2:] == [
        ("ada", "check", "4.1", "failed", "0"),
        ("ada", "check", "4.1", "passed", "1"),
    ]
    assert said[0].endswith(HELLO) and not any(HELLO in each for each in said[1:])


@needs_server
async def test_a_class_that_cannot_be_reached_is_told_of_once_and_hears_everything_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "redis").mkdir()
    place = ClassRedis(SERVERS[0], folder / "redis")
    monkeypatch.setenv("COURSE_CLASS", place.url)
    said = [str(helpers.quiz("4", 1, 1))]
    until(lambda: telling._member._sender.is_failing, "a failure")
    said += [str(helpers.quiz("4", number, 1)) for number in (2, 3, 4)]
    # At the first answer, if the sender has failed by then; else at the second.
    assert [WAITS in each for each in said].count(True) == 1
    assert WAITS in said[0] + said[1]
    assert waiting(place) == ["4.1", "4.2", "4.3", "4.4"]
    place.start()
    until(lambda: is_told(place, 4), "four events", 20.0)
    until(lambda: not waiting(place), "the outbox to be empty")
    place.kill()


@needs_server
def test_the_next_kernel_sends_what_the_last_one_could_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "redis").mkdir()
    place = ClassRedis(SERVERS[0], folder / "redis")
    monkeypatch.setenv("COURSE_CLASS", place.url)
    helpers.quiz("4", 1, 1)
    assert waiting(place) == ["4.1"]
    telling.leave()  # the kernel is gone
    with class_redis(SERVERS[0], folder / "other") as other:
        monkeypatch.setenv("COURSE_CLASS", other.url)
        telling.resume()
        helpers.quiz("4", 2, 1)
        until(lambda: is_told(other, 1), "one event")
        assert told(other)[0][2] == "4.2"  # the answer to another class waits for that class
    telling.leave()
    monkeypatch.setenv("COURSE_CLASS", place.url)
    place.start()
    telling.resume()
    until(lambda: is_told(place, 1), "one event")
    place.kill()


def test_an_address_that_cannot_be_read_is_told_of_once_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COURSE_CLASS", "redis://:hun#ter2@localhost")
    said = [str(helpers.quiz("4", number, 1)) for number in (1, 2)]
    assert said[0].endswith(MALFORMED) and MALFORMED not in said[1]
    assert "hun" not in "".join(said)
    assert not Path(FOLDER).exists()


def test_without_a_nickname_one_is_made_up_and_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_NICKNAME")
    monkeypatch.setenv("COURSE_CLASS", f"redis://127.0.0.1:{free_port()}")
    said = str(helpers.quiz("4", 1, 1))
    name = Path(FOLDER, "nickname").read_text()
    assert name.startswith("guest-") and JOINED.format(who=name) in said
    telling.leave()
    assert JOINED.format(who=name) in str(helpers.quiz("4", 1, 1))


def test_a_long_nickname_is_cut_and_has_no_line_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_NICKNAME", "a\x1b[31m\n" + "b" * 100)
    monkeypatch.setenv("COURSE_CLASS", f"redis://127.0.0.1:{free_port()}")
    helpers.quiz("4", 1, 1)
    assert telling._member is not None
    assert telling._member.who == ("a[31m" + "b" * 100)[:40]


def test_where_nothing_can_be_written_the_answer_is_told_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(FOLDER).write_text("")  # no folder can be made there
    monkeypatch.delenv("COURSE_NICKNAME")
    monkeypatch.setenv("COURSE_CLASS", f"redis://127.0.0.1:{free_port()}")
    helpers.quiz("4", 1, 1)
    assert telling._member is not None
    (event,) = telling._member._outbox.waiting().values()
    assert event.who.startswith("guest-")


def test_without_a_class_there_is_no_outbox_no_thread_and_nothing_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COURSE_CLASS", raising=False)
    before = {*threading.enumerate()}
    telling.resume()
    said = str(helpers.quiz("4", 1, 1))
    assert "class" not in said and {*threading.enumerate()} <= before
    assert not Path(FOLDER).exists() and telling._member is None


@needs_server
def test_a_kernel_whose_class_is_taken_away_sends_nothing_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with class_redis(SERVERS[0], folder / "redis") as place:
        monkeypatch.setenv("COURSE_CLASS", place.url)
        helpers.quiz("4", 1, 1)
        until(lambda: is_told(place, 1), "one event")
        monkeypatch.delenv("COURSE_CLASS")
        helpers.quiz("4", 2, 1)
        assert "class" not in {thread.name for thread in threading.enumerate()}
        with redis.Redis(port=place.port) as client:
            assert len(client.client_list()) == 1  # the one that asks
        assert is_told(place, 1)


def test_a_cell_does_not_wait_for_a_place_that_never_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A socket that listens and never accepts: a connection is made, and no reply ever comes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("COURSE_CLASS", f"redis://127.0.0.1:{silent.getsockname()[1]}")
        helpers.quiz("4", 1, 1)  # what is imported once is imported now
        began = time.monotonic()
        for _ in range(20):
            helpers.quiz("4", 1, 1)
        # Far more than it takes on a starved machine, and half of what waiting would take.
        assert time.monotonic() - began < 20 * PATIENCE / 2
