"""What the cells say of a measurement is what was counted."""

import re
from pathlib import Path

import pytest

from helpers.errors import CourseError
from helpers.lessons.l11.measured import (
    FAULTS,
    ROWS,
    Fate,
    fate,
    fates,
    limit_of,
    losing_nothing,
    table,
    versions,
)
from helpers.lessons.l11.protocols import MINUTE, PROTOCOLS

PINS = Path(__file__).parents[3] / "helpers" / "libraries" / "requirements.txt"
FIVE = [f"order-{number}" for number in range(1, 6)]


def became(**packed: list[str]) -> Fate:
    """Give the fate of five orders that were packed by these rungs of the ladder."""
    return Fate(FIVE, {rung.replace("_", " "): orders for rung, orders in packed.items()}, {})


@pytest.mark.parametrize(
    ("packed", "words", "short"),
    [
        ({"at_once": FIVE}, "each once, at once", "kept"),
        (
            {"at_once": FIVE[:2], "an_hour": FIVE[3:]},
            "order-3 lost; order-4, order-5 after an hour",
            "lost 1, 1 h",
        ),
        (
            {"at_once": FIVE, "ten_minutes": FIVE[2:3]},
            "order-3 twice, after ten minutes",
            "twice 1, 10 min",
        ),
        ({"at_once": [*FIVE, "order-3"]}, "order-3 twice", "twice 1"),
        (
            {"a_minute": FIVE[:1], "a_day": FIVE[1:]},
            "order-1 after a minute; order-2, order-3, order-4, order-5 after a day",
            "kept, 1 day",
        ),
        ({"at_once": []}, "order-1, order-2, order-3, order-4, order-5 lost", "lost 5"),
        (
            {"at_once": [*FIVE[:2], "order-1"], "an_hour": FIVE[3:]},
            "order-3 lost; order-1 twice; order-4, order-5 after an hour",
            "lost 1, 1 h",
        ),
    ],
)
def test_a_fate_in_words(packed: dict[str, list[str]], words: str, short: str) -> None:
    assert str(became(**packed)) == words
    assert became(**packed).short == short


def test_what_counts_as_failed_is_not_lost() -> None:
    given_up = Fate(FIVE, {"at once": FIVE[1:]}, {"failed jobs": 1})
    assert (str(given_up), given_up.short) == ("order-1 failed", "failed 1")
    elsewhere = Fate(FIVE, {"at once": FIVE[1:]}, {"queue": 1})
    assert (str(elsewhere), elsewhere.short) == ("order-1 lost", "lost 1")


def test_a_worker_that_exits_always_or_at_times_is_told() -> None:
    assert str(Fate(FIVE, {"at once": FIVE}, {}, [0, 1])) == "the worker may exit"
    assert str(Fate(FIVE, {"at once": FIVE}, {}, [1, 2])) == "the worker exits"
    assert str(Fate(FIVE, {"at once": FIVE}, {}, [0])) == "each once, at once"


def test_the_table_has_every_library_and_every_fault() -> None:
    head, *lines = table().splitlines()
    assert re.split(r"  +", head.strip()) == [*FAULTS]
    assert [re.split(r"  +", line)[0] for line in lines] == [*ROWS.values()]
    for key, line in zip(ROWS, lines, strict=True):
        assert re.split(r"  +", line)[1:] == [fate(*key, fault).short for fault in FAULTS]


def test_a_row_that_loses_nothing_says_so_in_the_table() -> None:
    lines = {re.split(r"  +", line)[0]: line for line in table().splitlines()[1:]}
    safe = [name for name, line in lines.items() if "lost" not in line and "failed" not in line]
    assert losing_nothing() == safe


def test_a_fault_that_was_not_measured_is_an_error() -> None:
    with pytest.raises(CourseError, match="was not measured"):
        fates("celery", "default", "flooded")


def test_what_was_measured_is_what_is_pinned() -> None:
    pinned = dict(re.findall(r"(?m)^([\w-]+)==(\S+)", PINS.read_text(encoding="utf-8")))
    assert versions() == {name: pinned.get(name, version) for name, version in versions().items()}
    assert {"celery", "rq", "dramatiq", "taskiq", "streaq"} <= versions().keys() & pinned.keys()


def test_the_lab_stops_a_job_after_the_limit_that_was_measured() -> None:
    for library, settings in (("RQ", "default"), ("RQ + Retry", "safe")):
        assert PROTOCOLS[library].limit == limit_of("rq", settings)
        assert fate("rq", settings, "long job").left == {"failed jobs": 1}
    assert limit_of("dramatiq", "default") == 10 * MINUTE
    assert "after 10 min" in PROTOCOLS["Dramatiq"].left_out
