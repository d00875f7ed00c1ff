"""A busy machine does not fail an answer: its time is the processor's while it gets on."""

import pytest

from helpers.sandbox import clock
from helpers.sandbox.limits import Budget


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What the wall's clock and the processor's say; a test moves them on."""
    times = {"wall": 100.0, "processor": 10.0}
    monkeypatch.setattr(clock, "monotonic", lambda: times["wall"])
    monkeypatch.setattr(clock, "process_time", lambda: times["processor"])
    return times


@pytest.mark.parametrize("what", ["steps", "commands"])
def test_an_answer_that_gets_on_uses_what_the_processor_gave_it(
    times: dict[str, float], what: str
) -> None:
    budget = Budget()
    measured = clock.Clock(budget)
    times["wall"] += 30
    times["processor"] += 0.5
    setattr(budget, what, getattr(budget, what) - 1)
    assert measured.used() == 0.5


def test_an_answer_that_waits_uses_the_time_of_the_wall(times: dict[str, float]) -> None:
    measured = clock.Clock(Budget())
    times["wall"] += 3
    assert measured.used() == 3
    times["wall"] += 3
    times["processor"] += 3  # a loop that nobody can count
    assert measured.used() == 6
    measured.start()
    assert measured.used() == 0
