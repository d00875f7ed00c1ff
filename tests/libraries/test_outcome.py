"""What became of jobs is told by their effects alone, and by the rung at which each was seen."""

import pytest

from helpers.libraries.outcome import RUNGS, Outcome, at_most_twice

SENT = ("order-1", "order-2", "order-3")


def outcome(**packed: list[str]) -> Outcome:
    return Outcome(SENT, {rung.replace("_", " "): orders for rung, orders in packed.items()}, {})


@pytest.mark.parametrize(
    ("packed", "lost", "twice", "comes_back"),
    [
        ({"at_once": [*SENT]}, [], [], "at once"),
        ({"at_once": ["order-1"]}, ["order-2", "order-3"], [], "not"),
        ({"at_once": ["order-1"], "an_hour": ["order-3", "order-2"]}, [], [], "an hour"),
        ({"at_once": [*SENT], "an_hour": ["order-2"]}, [], ["order-2"], "at once"),
        (
            {"at_once": ["order-1", "order-1"], "a_day": ["order-2"]},
            ["order-3"],
            ["order-1"],
            "not",
        ),
    ],
)
def test_effects_tell_what_is_lost_twice_and_late(
    packed: dict[str, list[str]], lost: list[str], twice: list[str], comes_back: str
) -> None:
    seen = outcome(**packed)
    assert (seen.lost, seen.twice, seen.comes_back) == (lost, twice, comes_back)


def test_an_outcome_says_so_in_one_line() -> None:
    said = str(outcome(at_once=["order-1", "order-3"], an_hour=["order-1"]))
    assert said == "lost: order-2; twice: order-1; comes back: not"


def test_what_was_packed_again_and_again_is_there_twice() -> None:
    packed = ["order-3", "order-1", "order-3", "order-6", "order-3"]
    assert at_most_twice(packed, SENT) == ["order-1", "order-3", "order-3"]


def test_the_clock_only_goes_on_from_rung_to_rung() -> None:
    seconds = [*RUNGS.values()]
    assert seconds[0] == 0
    assert seconds == sorted(set(seconds))
