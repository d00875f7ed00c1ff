"""The alarm rings for a learner's code only: what judges may take longer."""

import signal

import pytest

from helpers.exercises.trial import Answer, trial


async def answer() -> None:
    assert signal.getitimer(signal.ITIMER_REAL)[0] > 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")
async def test_no_alarm_rings_once_the_answer_has_ended() -> None:
    async with trial(1) as opened:
        await opened.run(Answer("answer", answer))
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
        both = [opened.start(Answer("answer", answer)) for _ in range(2)]
        await opened.together(*both)
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
