"""What the cells say of a measurement is what was counted."""

import re
from pathlib import Path

import pytest

from helpers.lessons.l11.measured import FAULTS, ROWS, Fate, fate, fates, table, versions

PINS = Path(__file__).parents[3] / "helpers" / "libraries" / "requirements.txt"
FIVE = [f"order-{number}" for number in range(1, 6)]


def became(**packed: list[str]) -> Fate:
    """Give the fate of five orders that were packed by these rungs of the ladder."""
    return Fate(FIVE, {rung.replace("_", " "): orders for rung, orders in packed.items()}, {}, 0)


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
            "order-3 twice; order-3 after ten minutes",
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


def test_the_table_has_every_library_and_every_fault() -> None:
    head, *lines = table().splitlines()
    assert re.split(r"  +", head.strip()) == [*FAULTS]
    assert [re.split(r"  +", line)[0] for line in lines] == [*ROWS.values()]
    for key, line in zip(ROWS, lines, strict=True):
        assert re.split(r"  +", line)[1:] == [fate(*key, fault).short for fault in FAULTS]


def test_a_fault_that_was_not_measured_is_an_error() -> None:
    with pytest.raises(KeyError):
        fates("celery", "default", "flooded")


def test_what_was_measured_is_what_is_pinned() -> None:
    pinned = dict(re.findall(r"(?m)^([\w-]+)==(\S+)", PINS.read_text(encoding="utf-8")))
    assert versions() == {name: pinned.get(name, version) for name, version in versions().items()}
    assert {"celery", "rq", "dramatiq", "taskiq", "streaq"} <= versions().keys() & pinned.keys()
