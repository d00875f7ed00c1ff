"""The count of silent kernels sees one, tells where it stands, and sees one that died."""

import os
import sys

import pytest

from tools import kernel_starts
from tools.kernel_starts import ANSWERED, DEAD, MUTE, start_one

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGUSR1")
SLEEPER = (
    "import faulthandler, signal, time;"
    "faulthandler.register(signal.SIGUSR1, all_threads=True);"
    "time.sleep(60)"
)


def test_a_kernel_that_answers_is_counted_so() -> None:
    assert start_one() == ANSWERED


def test_a_silent_kernel_tells_where_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kernel_starts, "PROGRAM", (sys.executable, "-c", SLEEPER))
    monkeypatch.setattr(kernel_starts, "PATIENCE", 3.0)
    assert start_one() == MUTE
    assert 'File "<string>", line 1 in <module>' in capsys.readouterr().out


def test_a_kernel_that_dies_is_counted_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_starts, "PROGRAM", (sys.executable, "-c", ""))
    assert start_one() == DEAD
