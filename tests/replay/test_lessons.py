"""After every cell of every lesson the last moment shows what the lesson's broker holds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# Lesson 7 talks with a cluster, whose nodes are several brokers, and end without a command.
LESSONS = sorted({*(ROOT / "notebooks").glob("*.ipynb")} - {*(ROOT / "notebooks").glob("07*")})
SECONDS = 900  # on a busy machine; lessons 8 and 9 explore and measure


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_the_last_moment_is_what_the_broker_holds(lesson: Path) -> None:
    command = [sys.executable, "-m", "tests.replay.lesson_walk", str(lesson)]
    environment = os.environ | {"COURSE_BROKER": "embedded"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr[-2000:]
    cells = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["l')]
    assert [(cell, wrong) for cell, _, wrong in cells if wrong] == []
    assert sum(compared for _, compared, _ in cells) > 20, "next to nothing was compared"
