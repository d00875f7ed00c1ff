"""make libraries tells what was not the same each time, and writes only what was."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from helpers.libraries import FAULTS, Outcome
from tools import libraries
from tools.libraries import Seen, Situation, chosen, differing, plain, table

RQ = Situation("rq", "default", "killed before")
CELERY = Situation("celery", "safe", "cut off")
SENT = ("order-1", "order-2")


def seen(situation: Situation, *packed: str, exits: int = 0, left: int = 1) -> Seen:
    outcome = Outcome(SENT, {"at once": [*packed], "a day": []}, {"failed jobs": left}, exits)
    return Seen(situation, "Redis 8.2.3", outcome)


def test_the_same_each_time_is_no_difference() -> None:
    assert differing([seen(RQ, "order-1"), seen(RQ, "order-1", exits=1)]) == {}


@pytest.mark.parametrize(
    "other",
    [seen(RQ, "order-2"), seen(RQ, "order-1", left=2), Seen(RQ, "Redis 8.2.3", None, "no start")],
    ids=["packed", "left", "error"],
)
def test_anything_else_is_told(other: Seen) -> None:
    found = differing([seen(RQ, "order-1"), other, seen(CELERY, "order-1")])
    assert [*found] == [RQ]
    assert "; " in found[RQ]


def test_an_error_each_time_is_told_too() -> None:
    assert differing([Seen(RQ, "Redis 8.2.3", None, "no start")] * 2) == {RQ: "no start"}


def test_what_was_seen_takes_its_place_and_leaves_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "measured.json"
    monkeypatch.setattr(libraries, "MEASURED", file)
    monkeypatch.setattr(libraries, "versions", lambda names: dict.fromkeys(names, "1"))
    libraries.write([seen(CELERY, *SENT, exits=0), seen(CELERY, *SENT, exits=1)])
    libraries.write([seen(RQ, "order-1")])
    known = json.loads(file.read_text())
    assert known["results"]["celery"]["safe"]["cut off"] == {
        **{"sent": [*SENT], "packed": {"at once": [*SENT]}, "left": {"failed jobs": 1}},
        **{"prompted": [], "exits": [0, 1]},
    }
    assert known["results"]["rq"]["default"]["killed before"]["exits"] == [0]
    assert known["versions"] == {"celery": "1", "rq": "1"}


def test_an_exit_that_was_seen_of_the_same_version_still_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "measured.json"
    monkeypatch.setattr(libraries, "MEASURED", file)

    def exits(version: str, count: int) -> list[int]:
        monkeypatch.setattr(libraries, "versions", lambda names: dict.fromkeys(names, version))
        libraries.write([seen(CELERY, *SENT, exits=count)])
        return json.loads(file.read_text())["results"]["celery"]["safe"]["cut off"]["exits"]

    assert [exits("1", 0), exits("1", 1), exits("2", 1)] == [[0], [0, 1], [1]]


def test_results_stand_in_the_sequence_of_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "measured.json"
    monkeypatch.setattr(libraries, "MEASURED", file)
    monkeypatch.setattr(libraries, "versions", lambda names: {})
    late = RQ._replace(settings="safe")
    libraries.write([seen(late, "order-1"), seen(RQ._replace(fault="cut off")), seen(RQ)])
    libraries.write([seen(CELERY, *SENT)])
    results = json.loads(file.read_text())["results"]
    assert [*results] == ["celery", "rq"]
    assert [*results["rq"]] == ["default", "safe"]
    assert [*results["rq"]["default"]] == ["killed before", "cut off"]


def test_a_rung_at_which_nothing_came_is_left_out() -> None:
    outcome = seen(RQ, "order-1").outcome
    assert outcome and plain(outcome)["packed"] == {"at once": ["order-1"]}


def test_all_is_chosen_unless_less_is_asked_for() -> None:
    all_of_them = chosen(Namespace(library=None, settings=None, fault=None))
    assert {situation.fault for situation in all_of_them} == {*FAULTS}
    assert len(all_of_them) == len({*all_of_them}) > 20
    some = chosen(Namespace(library=["rq"], settings=["safe"], fault=["cut off"]))
    assert some == [Situation("rq", "safe", "cut off")]


def test_the_table_has_a_line_for_each_situation_in_the_sequence_of_the_catalogue() -> None:
    lines = table([seen(RQ, "order-1"), seen(CELERY, *SENT), seen(RQ, "order-1")]).splitlines()
    assert [line.split()[0] for line in lines] == ["celery", "rq"]
    assert lines[1].endswith("lost: order-2; twice: none; comes back: not")
