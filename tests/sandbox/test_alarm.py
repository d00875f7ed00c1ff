"""The alarm rings for a learner's code only: what judges may take longer."""

import asyncio
import signal
from types import ModuleType

import pytest

from helpers.exercises.trial import Answer, trial
from helpers.sandbox import limits, runner
from helpers.sandbox.limits import is_foreign
from helpers.sandbox.plain import NotYet


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


# As if asyncio had written it, so that the alarm finds the loop at work in it.
INTERRUPTED = """
def call_soon(*given, **options):
    if is_foreign.get():
        ring()
    return before(*given, **options)
"""
# And as if it were what traces the learner's steps, which is called in asyncio's functions, too.
RING = """
def ring():
    rung.append(signal.raise_signal(signal.SIGALRM))
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")
@pytest.mark.parametrize("rings", [asyncio.base_events, limits], ids=lambda at: at.__name__)
async def test_an_alarm_in_the_midst_of_the_loop_takes_no_turn_from_a_task(
    monkeypatch: pytest.MonkeyPatch, rings: ModuleType
) -> None:
    loop, rung = asyncio.get_running_loop(), list[None]()
    names = {"is_foreign": is_foreign, "rung": rung, "signal": signal, "before": loop.call_soon}
    exec(compile(RING, str(rings.__file__), "exec"), names)
    exec(compile(INTERRUPTED, asyncio.base_events.__file__, "exec"), names)
    monkeypatch.setattr(runner, "DEADLINE", 0.0)
    monkeypatch.setattr(loop, "call_soon", names["call_soon"])

    async def takes_turns() -> str:
        for _ in range(10):
            await asyncio.sleep(0)
        return "done"

    async with asyncio.timeout(20), trial(1) as opened:
        assert await opened.run(Answer("takes_turns", takes_turns)) == "done"
    assert rung


class Lost(asyncio.Future):
    """What a task waits for in vain, as when its next turn was lost: cancelling does not end it."""

    def cancel(self, msg: object = None) -> bool:
        return True


async def test_an_answer_that_never_has_a_turn_again_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "DEADLINE", 0.0)
    monkeypatch.setattr(runner, "CANCELLED", 0.01)
    lost = Lost()
    async with asyncio.timeout(20):
        async with trial(1) as opened:
            with pytest.raises(NotYet, match="was not done after"):
                await opened.run(Answer("waits", lambda: lost))
            [task] = opened.runner.tasks()
        lost.set_result(None)
        await task
