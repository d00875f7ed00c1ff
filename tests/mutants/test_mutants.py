"""Lessons notice lies about Redis, and the quick way to find out agrees with `make test`."""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedded_redis.engine._fakeredis import SimpleError
from publish.unattended import ON_EMBEDDED
from tests.mutants import LIES, Lie, trial
from tests.mutants.__main__ import NOTEBOOKS, lessons_for, report
from tests.mutants.lie import DOCUMENTATION
from tests.mutants.processes import HOW, PROCESSES
from tests.mutants.trial import BROKEN, Caught, catch, faults
from tests.replay.lesson_walk import WALKED
from tools.engines import validate

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))

# What a lesson says and shows nowhere. Whoever adds the cell that shows it removes the line.
UNNOTICED: dict[str, str] = {}

# A part of them for `make test`, another one in each run; `make mutants` tells all. Those that wait
# for a deadline are left out, and where a process cannot be copied each trial imports everything
# anew. `DRIFT_SEED=… make test` tells those of an earlier run again: conftest.py chooses it.
STEP = 4 if HOW == "forkserver" else 10
FIRST = random.Random(os.environ["DRIFT_SEED"]).randrange(STEP)
AT_ONCE = [name for name, lie in LIES.items() if not lie.waits]
CHOSEN = AT_ONCE[FIRST::STEP]
QUICK = [*CHOSEN, *(name for name in UNNOTICED if name not in CHOSEN)]


def marked(name: str) -> Any:
    reason = UNNOTICED.get(name)
    marks = pytest.mark.xfail(reason=reason, strict=True) if reason else ()
    return pytest.param(LIES[name], id=name, marks=marks)


@pytest.mark.parametrize("lie", [marked(name) for name in QUICK])
def test_a_lesson_notices(lie: Lie) -> None:
    caught = catch(lie.name, lessons_for(lie)[0])
    assert caught, f"{lie.rule} {lie.page}"
    assert not caught.fault.startswith(BROKEN), caught


# Nothing may differ in the walks of tests/replay/test_lessons.py: they run the others the same way.
@pytest.mark.parametrize("lesson", sorted({*LESSONS} - {*WALKED}), ids=lambda path: path.stem)
def test_without_a_lie_nothing_differs(lesson: Path) -> None:
    assert [*faults(None, lesson)] == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["patterns-are-served-first", "xack-always-answers-1"])
def test_a_run_in_a_kernel_finds_the_same_cells(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = lessons_for(LIES[name])[0]
    startup = tmp_path / "profile_default/startup"
    startup.mkdir(parents=True)
    root = str(NOTEBOOKS.parent)
    code = f"import sys; sys.path.insert(0, {root!r})\n"
    code += f"from tests.mutants import LIES; LIES[{name!r}].tell()\n"
    (startup / "lie.py").write_text(code)
    cells = validate([lesson], ON_EMBEDDED | {"IPYTHONDIR": str(tmp_path)}, workers=0)
    failed = [cell.name for cell in cells if not cell.passed]
    assert failed == [f"Cell {caught.number}" for caught in faults(name, lesson)]
    assert failed


def test_every_module_of_lies_is_imported() -> None:
    """A lie of a module that is not would never be told, and nobody would miss it."""
    texts = {path.stem: path.read_text("utf-8") for path in Path(__file__).parent.glob("*.py")}
    tellers = {name for name, text in texts.items() if "\nfrom .lie import lie\n" in text}
    known = {lie.teller.__module__.rpartition(".")[2] for lie in LIES.values()}
    assert tellers and tellers == known, f"import in tests/mutants/__init__.py: {tellers - known}"


def test_every_lie_says_what_it_breaks_and_where_that_is_documented() -> None:
    for lie in LIES.values():
        assert lie.rule.endswith("."), lie.name
        assert lie.page.startswith(DOCUMENTATION), lie.name
        assert lessons_for(lie)[0].name.startswith(lie.lesson), lie.name
    assert len(LIES) >= 150
    assert UNNOTICED.keys() <= LIES.keys()


class Broker:
    def reply(self, word: str) -> str:
        return word


def told(teller: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Lie:
    """Tell a lie to a Broker of this test."""
    monkeypatch.setattr(Broker, "reply", Broker.reply)  # so that the truth comes back
    lie = Lie("a-lie", "A rule.", DOCUMENTATION, "01", False, Broker, "reply", teller)
    lie.tell()
    return lie


def test_a_lie_stands_in_front_of_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    told(lambda truth, self, word: truth(self, word)[::-1], monkeypatch)
    assert Broker().reply("order") == "redro"


@pytest.mark.parametrize(("error", "noted"), [(KeyError("x"), 1), (SimpleError("ERR"), 0)])
def test_a_lie_that_breaks_down_is_not_a_lie_about_redis(
    error: Exception, noted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def teller(*arguments: Any) -> None:
        raise error

    lie = told(teller, monkeypatch)
    with pytest.raises(type(error)):
        Broker().reply("order")
    assert len(lie.breakdowns) == noted


def test_a_cell_that_does_not_end_is_noticed() -> None:
    ours, theirs = PROCESSES.Pipe(duplex=False)
    [caught] = trial._heard(ours, "01_lesson", patience=0.01)
    assert caught.fault == "not done after 0.01 seconds"
    theirs.close()


def test_a_process_that_dies_is_noticed() -> None:
    ours, theirs = PROCESSES.Pipe(duplex=False)
    theirs.close()
    [caught] = trial._heard(ours, "01_lesson", patience=0.01)
    assert caught.fault == "the process ended in the middle"


def test_what_is_wrong_is_reported() -> None:
    name = next(iter(LIES))
    assert report({name: None}) == [f"not noticed: {name}. {LIES[name].rule} {LIES[name].page}"]
    broken = Caught("01_lesson", "l01-01", 0, f"{BROKEN} KeyError")
    assert report({name: broken}) == [f"{name}: {broken.fault}"]
    noticed = Caught(LESSONS[0].stem, "l00-05", 1, "differs")
    silent = [f"lesson {path.stem} notices no lie" for path in LESSONS[1:]]
    assert report(dict.fromkeys(LIES, noticed)) == silent
