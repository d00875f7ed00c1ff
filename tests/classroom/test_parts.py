"""An event, an address and an outbox: what they hold, and what they refuse."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from helpers.classroom.address import MALFORMED, read_class_address
from helpers.classroom.event import NAMES, Event, event_of
from helpers.classroom.outbox import Outbox
from helpers.errors import CourseError

from .kit import answer


def test_an_event_is_the_same_after_the_journey() -> None:
    for event in (answer(), Event("bob", "check", "6.3", "failed", False)):
        assert event_of(event.fields()) == event


def test_an_event_has_six_fields_and_no_more() -> None:
    assert sorted(answer().fields()) == sorted(NAMES)
    assert {each.name for each in fields(Event)} == {*NAMES} - {"right"} | {"is_right"}
    assert set(map(type, answer().fields().values())) == {str}
    assert len({answer().id for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "change",
    [
        {"code": "print()"},
        {"who": ""},
        {"who": "x" * 81},
        {"kind": "lab"},
        {"right": "yes"},
        {"number": None},
    ],
)
def test_what_is_no_event_is_refused(change: dict) -> None:
    with pytest.raises(ValueError, match="event"):
        event_of(answer().fields() | change)


def test_an_event_that_lacks_a_field_is_refused() -> None:
    for name in NAMES:
        with pytest.raises(ValueError, match="fields"):
            event_of({other: text for other, text in answer().fields().items() if other != name})


@pytest.mark.parametrize(
    ("url", "kind", "nodes", "service", "db", "stream"),
    [
        ("redis://h", "server", [("h", 6379)], "", 0, "course:class"),
        ("rediss://u:p@h:7000/3#tue-2", "server", [("h", 7000)], "", 3, "course:class:tue-2"),
        ("redis://[::1]:7000", "server", [("::1", 7000)], "", 0, "course:class"),
        ("redis+cluster://a,b:7001", "cluster", [("a", 6379), ("b", 7001)], "", 0, "course:class"),
        ("redis+sentinel://:p@a,b:1/main", "sentinel", [("a", 26379), ("b", 1)], "main", 0, ""),
        ("rediss+sentinel://a/my.main/2#x", "sentinel", [("a", 26379)], "my.main", 2, ""),
    ],
)
def test_an_address_is_read(
    url: str, kind: str, nodes: list, service: str, db: int, stream: str
) -> None:
    address = read_class_address(url)
    found = (address.kind, [*address.nodes], address.service, address.db)
    assert found == (kind, nodes, service, db)
    assert address.stream.startswith(stream or "course:class")
    assert address.is_secure == url.startswith("rediss")


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "http://:hunter2@h",
        "redis://:hunter2",
        "redis://:hunter2@h:port",
        "redis://:hunter2@a,b",
        "redis://:hunter2@h/x",
        "redis://:hun#ter2@h",
        "redis://:hun/ter2@h",
        "redis://:hunter2@h?db=1",
        "redis://:hunter2@h#a:b",
        "redis+cluster://:hunter2@h/1",
        "redis+sentinel://:hunter2@h",
        "redis+sentinel://:hunter2@h/a/b/c",
        "redis+sentinel://:hunter2@h,/main",
        "redis+other://:hunter2@h",
    ],
)
def test_what_is_no_address_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(CourseError) as caught:
        read_class_address(url)
    assert str(caught.value) == MALFORMED
    assert caught.value.__context__ is None


def test_user_and_password_are_decoded_and_never_shown() -> None:
    address = read_class_address("redis://us%3Aer:hunter%402%23@h")
    assert (address.username, address.password) == ("us:er", "hunter@2#")
    assert "hunter" not in f"{address} {address!r}" and "us:er" not in f"{address} {address!r}"


def test_each_class_has_a_mark_of_its_own_which_no_password_changes() -> None:
    urls = ("redis://h", "redis://i", "redis://h/1", "redis://h#x", "redis+cluster://h")
    assert len({read_class_address(url).mark for url in urls}) == len(urls)
    assert read_class_address("redis://:secret@h").mark == read_class_address("redis://h").mark


def test_an_outbox_keeps_events_in_sequence_for_the_next_kernel(tmp_path: Path) -> None:
    events = [answer(str(number)) for number in range(20)]
    for event in events:
        Outbox(tmp_path / "new" / "folder").put(event)
    again = Outbox(tmp_path / "new" / "folder")
    waiting = again.waiting()
    assert [*waiting.values()] == events
    for name in [*waiting][:5]:
        again.remove(name)
        again.remove(name)  # another notebook may have done so
    assert [*again.waiting().values()] == events[5:]


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"who": "ada"}', "\x00", '"' * 9])
def test_a_damaged_file_goes_and_the_others_stay(text: str, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(answer())
    (tmp_path / "0.json").write_text(text)
    (tmp_path / "0.part").write_text("half")
    assert len(outbox.waiting()) == 1
    assert not (tmp_path / "0.json").exists()


def test_where_nothing_can_be_written_the_outbox_is_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outbox = Outbox(tmp_path / "file" / "folder")
    events = [answer("1"), answer("2")]
    for event in events:
        outbox.put(event)
    assert [*outbox.waiting().values()] == events
    outbox.remove(next(iter(outbox.waiting())))
    assert [*outbox.waiting().values()] == events[1:]


def test_what_lies_in_the_outbox_is_what_is_sent(tmp_path: Path) -> None:
    Outbox(tmp_path).put(answer())
    (file,) = tmp_path.iterdir()
    assert sorted(json.loads(file.read_text())) == sorted(NAMES)
