"""Whoever waits for long sees one line, which is gone at the end; nobody else sees any."""

from collections.abc import Iterator
from typing import Any

import pytest

import helpers
from helpers.kernel import progress
from helpers.kernel.progress import Progress
from tests.exercises.test_strangers import sweeps
from tests.waiting import until

Shown = list[tuple[str, bool]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Shown]:
    """Have a page that notes each line, and whether it came in the place of an earlier one."""
    lines: Shown = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "running_shell", lambda: True)
    page = lambda text, number, update=False: lines.append((text, update))  # noqa: E731
    monkeypatch.setattr(progress, "show_beside", page)
    yield lines
    assert progress._at_work == []


async def test_a_line_that_is_kept_is_shown_once_it_is_time(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0.02)
    told = Progress()
    told.keep("the first")
    told.keep("the second")
    assert shown == []
    await until(lambda: shown, "a line to be shown")
    told.end()
    assert shown == [("the second", False), ("", True)]


async def test_what_is_short_shows_nothing(shown: Shown) -> None:
    told = Progress()
    told.keep("a line")
    told.tell("a line")
    told.end()
    assert shown == []


async def test_what_is_within_another_leaves_the_line_to_it(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    outer, inner = Progress(), Progress()
    inner.tell("not this")
    outer.tell("this")
    inner.end()
    outer.end()
    assert shown == [("this", False), ("", True)]


async def fails(*given: Any) -> None:
    raise ValueError


@pytest.mark.parametrize(("answer", "passes"), [(sweeps, True), (fails, False)])
async def test_a_check_says_how_far_it_has_come(
    answer: Any, passes: bool, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    result = await helpers.check("9.2", answer, record=False)
    assert result.passed == passes
    assert shown[0] == ("Check 9.2: trial 1 of 4", False) and shown[-1] == ("", True)
    assert all(text.startswith("Check 9.2: ") for text, _ in shown[:-1])
    assert len(shown) == (5 if passes else 2)
    assert "Check" not in result.printed + repr(result)


async def test_a_check_that_is_short_shows_nothing(shown: Shown) -> None:
    assert not (await helpers.check("1.1", fails, record=False)).passed
    assert shown == []
