"""Lies of our own mechanisms are noticed by their tests."""

import pytest

from .explorer import EXPLORER_LIES
from .moments import MOMENT_LIES
from .own import OwnLie
from .pictures import PICTURE_LIES

ROOMS = {"explore": EXPLORER_LIES, "picture": PICTURE_LIES, "replay": MOMENT_LIES}
LEAST = {"explore": 8, "picture": 10, "replay": 10}


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lie, id=f"{room}-{name}")
        for room, lies in ROOMS.items()
        for name, lie in lies.items()
    ],
)
def test_a_test_notices(lie: OwnLie) -> None:
    assert lie.failed(), lie.rule


@pytest.mark.parametrize("room", ROOMS)
def test_every_lie_says_what_it_breaks(room: str) -> None:
    assert len(ROOMS[room]) >= LEAST[room]
    assert all(lie.rule.endswith(".") for lie in ROOMS[room].values())
