"""Steps of an answer are counted in each of its turns, and what judges is not traced."""

import sys
from typing import Any

import pytest

from helpers.exercises.trial import Answer, trial
from helpers.sandbox import limits

ROUNDS = 1000


async def goes_round(client: Any) -> None:
    await client.ping()  # so that what follows is another turn
    for _ in range(ROUNDS):
        pass


@pytest.mark.parametrize("by_turns", [False, True])
async def test_steps_are_counted_in_each_turn(
    by_turns: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BY_TURNS", by_turns)
    async with trial(1) as opened:
        before = opened.budget.steps
        await opened.run(Answer("goes_round", goes_round), opened.client("ann"))
        assert before - opened.budget.steps > 2 * ROUNDS
        assert (sys.gettrace() is None) is by_turns
