"""Repeating is bounded, counts what fails, and leaves no process behind."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools import repeat
from tools.engines import Cell, Engine
from tools.repeat import ALONE, BUSY, COMPANY, Tally, company, rounds

ENGINES = [Engine("embedded", {}), Engine("Valkey 9.1.2", {})]
NEVER = float("inf")


def test_engines_take_turns_and_every_second_round_runs_all_at_once() -> None:
    taken = [([engine.name for engine in now], how) for now, how in rounds(ENGINES, 3, NEVER)]
    names = [engine.name for engine in ENGINES]
    in_turn = [([name], ALONE) for name in names]
    assert taken == [*in_turn, (names, BUSY), *in_turn]


def test_on_busy_cores_several_engines_run_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[str] = []
    both = threading.Barrier(len(ENGINES), timeout=10)

    def run(engine: Engine, lessons: Sequence[str | Path]) -> list[Cell]:
        ran.append(engine.name)
        if len(ran) > len(ENGINES):  # the second round
            both.wait()
        return [Cell("04_lists", "Cell 1", True)]

    monkeypatch.setattr(repeat, "run", run)
    monkeypatch.setattr(repeat, "company", lambda: pytest.fail("nobody is alone here"))
    repeat.repeat(ENGINES, [], 2, minutes=1)
    assert len(ran) == 2 * len(ENGINES)


def test_on_busy_cores_one_engine_has_company(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    @contextmanager
    def noted() -> Iterator[None]:
        seen.append("company")
        yield

    def run(engine: Engine, lessons: Sequence[str | Path]) -> list[Cell]:
        seen.append(engine.name)
        return [Cell("04_lists", "Cell 1", True)]

    monkeypatch.setattr(repeat, "run", run)
    monkeypatch.setattr(repeat, "company", noted)
    repeat.repeat(ENGINES[:1], [], 2, minutes=1)
    assert seen == ["embedded", "company", "embedded"]


def test_no_run_begins_when_the_time_is_over() -> None:
    assert [*rounds(ENGINES, 3, time.monotonic())] == []


def test_what_fails_is_counted_by_cell_engine_and_company(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(engine: Engine, lessons: Sequence[str | Path]) -> list[Cell]:
        cells = [Cell("04_lists", "Cell 1", True), Cell("04_lists", "Cell 2", False, "it broke")]
        return cells if engine.name == "embedded" else []

    monkeypatch.setattr(repeat, "run", run)
    monkeypatch.setattr(repeat.os, "cpu_count", lambda: 1)
    tallies = repeat.repeat(ENGINES, [], 3, minutes=1)
    assert {name: (len(t.seconds), dict(t.failures)) for name, t in tallies.items()} == {
        "embedded, alone": (2, {"04_lists Cell 2": 2}),
        "embedded, on busy cores": (1, {"04_lists Cell 2": 1}),
        "Valkey 9.1.2, alone": (2, {"nothing ran": 2}),
        "Valkey 9.1.2, on busy cores": (1, {"nothing ran": 1}),
    }
    told = capsys.readouterr().out
    assert told.count("\n") == 6
    assert told.count("Cell 2 it broke") == 3


def test_a_tally_says_runs_failures_and_seconds() -> None:
    tally = Tally()
    assert tally.add(2.0, [Cell("04_lists", "Cell 1", True)]) == "2.0 s"
    wrong = [Cell("04_lists", "Cell 2", False, "it broke"), Cell("04_lists", "Cell 3", False)]
    assert tally.add(4.0, wrong) == "4.0 s 04_lists Cell 2 04_lists Cell 3 it broke"
    again = [Cell("04_lists", "Cell 1", True, restarts=2), Cell("04_lists", "Cell 2", True)]
    assert tally.add(3.0, again) == "3.0 s (2 kernels started again)"
    told = "3 runs, 2 cells failed, 2 kernels started again, 3.0 s each (at most 4.0)"
    assert str(tally) == told


def test_company_leaves_whatever_happens() -> None:
    with pytest.raises(KeyboardInterrupt), company(1) as started:
        assert started[0].poll() is None
        raise KeyboardInterrupt
    assert started[0].poll() is not None


@pytest.mark.parametrize("arguments", [("0", "60"), (None, "0")], ids=["orphan", "time over"])
def test_company_ends_by_itself(arguments: tuple[str | None, str]) -> None:
    parent, seconds = arguments
    starter = "import os, subprocess, sys; "
    starter += f"subprocess.run([sys.executable, '-c', {COMPANY!r}, "
    starter += f"{parent!r} or str(os.getpid()), {seconds!r}], check=True, timeout=30)"
    ran = subprocess.run([sys.executable, "-c", starter], timeout=40, check=False)
    assert ran.returncode == 0
