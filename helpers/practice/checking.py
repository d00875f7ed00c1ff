"""Check an answer: run it in several trials, each with other data and other accidents."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterable
from random import SystemRandom
from typing import Any

from .. import classroom
from ..exercises.exercise import Exercise
from ..exercises.result import CheckResult, HintText
from ..exercises.trial import Answer, trial
from ..kernel import awaited, on_beginning_again, running_shell
from ..kernel.progress import Progress
from ..sandbox.plain import NotYet
from ..sandbox.runner import catching_output
from .catalogue import find_exercise
from .overview import what_next
from .progress_file import record as record_done

TRIALS = 3
CHANCE = SystemRandom()  # the seeds of a learner, and of a lesson, are left alone
NEVER_AWAITED = "{} was called and never awaited: write `await` in front of it."
FORGOTTEN = re.compile(r"coroutine '([^']+)' was never awaited")

_at_work = False
_hinted: dict[str, int] = {}
_last_hint = ("", 0)  # the exercise, and the run of a cell that asked


@awaited
async def check(number: str, *answers: Any, record: bool = True) -> CheckResult:
    """Run an answer on brokers of its own, break what may break, and grade what is left.

    It never raises. What the answer prints is shown, and kept in the result's `printed`. With
    `record`, a pass counts in `progress()`. What runs inside one call of a C function cannot be
    stopped.
    """
    exercise = find_exercise(number)
    if exercise is None:
        return CheckResult(f"there is no exercise {number!r}.")
    if wrong := exercise.wrong_call(answers):
        for answer in filter(inspect.iscoroutine, answers):
            answer.close()
        return CheckResult(wrong)
    return await _one_at_a_time(exercise, answers, record)


async def _one_at_a_time(
    exercise: Exercise, answers: tuple[Any, ...], is_recorded: bool
) -> CheckResult:
    global _at_work
    if _at_work:
        return CheckResult("another check is still at work: await it first.")
    _at_work = True
    try:
        result = await _result(exercise, answers)
    finally:
        _at_work = False
    return _recorded(exercise, result) if is_recorded else result


def _recorded(exercise: Exercise, result: CheckResult) -> CheckResult:
    """Note a pass, tell the class of it or of a failure, and say what comes next."""
    notes = [result.then]
    if result.passed:
        note = record_done("exercises", exercise.number)
        notes += [what_next(exercise.number), note]
    answer = "passed" if result.passed else "failed"
    notes.append(classroom.tell("check", exercise.number, answer, result.passed))
    result.then = " ".join(filter(None, notes))
    return result


async def _result(exercise: Exercise, answers: tuple[Any, ...]) -> CheckResult:
    verdict: str | NotYet
    remarks: list[str] = []
    progress = Progress()
    with catching_output() as (printed, warned):
        try:
            for number in range(1, TRIALS + 1):
                progress.keep(f"Check {exercise.number}: trial {number} of {TRIALS + 1}")
                verdict = await _attempt(exercise, answers, remarks, number)
            progress.keep(f"Check {exercise.number}: the last trial, with other data")
            await _attempt(exercise, answers, remarks, *_never_shown())
            passed = True
        except NotYet as why:
            verdict, passed = why, False
        except Exception as error:
            verdict, passed = f"it cannot be judged ({type(error).__name__}: {error}).", False
        finally:
            progress.end()
    if not passed and (forgotten := _forgotten(warned)):
        verdict = NEVER_AWAITED.format(forgotten)
    then = remarks[0] if passed and remarks else ""
    return CheckResult(verdict, passed, printed.getvalue(), then)


def _forgotten(warned: Iterable[warnings.WarningMessage]) -> str:
    """Say what was called without `await`, or nothing: commands have one name within redis-py."""
    for each in warned:
        if found := FORGOTTEN.search(str(each.message)):
            name = found[1].rpartition(".")[2].lstrip("_")
            return "a command" if name == "execute_command" else f"`{name}`"
    return ""


def _never_shown() -> tuple[int, int]:
    """Choose an accident and a seed: whoever copied what was expected before meets other data."""
    return CHANCE.randrange(1, TRIALS + 1), CHANCE.getrandbits(32)


async def _attempt(
    exercise: Exercise,
    answers: tuple[Any, ...],
    remarks: list[str],
    number: int,
    seed: int | None = None,
) -> str:
    named = map(Answer, exercise.takes, answers)
    async with trial(number, seed) as opened:
        try:
            said = await exercise.grade(opened, *named)
            if late := await opened.late():
                raise NotYet(late)
            return said
        except NotYet as why:
            raise await opened.explained(why) from None
        finally:
            remarks += opened.remarks
            if harm := opened.runner.shared.put_back() or await opened.harm():
                raise NotYet(harm)


def hint(number: str) -> HintText:
    """Give a hint of an exercise, the first of three; run again at once, give the next.

    With another cell run in between, the same hint comes back: to run all cells gives none away.
    """
    global _last_hint
    exercise = find_exercise(number)
    if exercise is None:
        return HintText(f"There is no exercise {number!r}.")
    last, _last_hint = _last_hint, (exercise.number, _run())
    is_next = last[0] == exercise.number and _run() - last[1] <= 1
    given = _hinted.get(exercise.number, 1) + (exercise.number in _hinted and is_next)
    given = _hinted[exercise.number] = min(given, len(exercise.hints))
    more = " Run this cell again for the next one." if given < len(exercise.hints) else ""
    return HintText(f"Hint {given} of {len(exercise.hints)}: {exercise.hints[given - 1]}{more}")


def _run() -> int:
    """Count the runs of cells; outside of a notebook there are none in between."""
    shell = running_shell()
    return shell.execution_count if shell else 0


on_beginning_again(_hinted.clear)
