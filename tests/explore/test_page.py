"""The test on the page passes as it stands there."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


PAGE = (ROOT / "docs" / "explore.md").read_text(encoding="utf-8")
[SOURCE] = re.findall(r"```python\n(.*?)```", PAGE, re.S)
[COMMAND] = re.findall(r"^python (-m pytest .*)$", PAGE, re.M)


def run_in(folder: Path, source: str) -> str:
    """Run a test as the page says, and return what pytest shows."""
    (folder / "test_orders.py").write_text(source, encoding="utf-8")
    command = [sys.executable, *COMMAND.split(), "-q", "-s"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_page_s_own_test_passes(tmp_path: Path) -> None:
    shown = run_in(tmp_path, SOURCE)
    assert "1 passed" in shown, shown
    assert "dies before it handles job-1" in shown


def test_what_goes_wrong_is_shown_in_full(tmp_path: Path) -> None:
    [advised] = re.findall(r"write `(assert verdict\.ok, .*?)`", PAGE)
    shown = run_in(tmp_path, re.sub(r"assert verdict\.lost, .*", advised, SOURCE))
    assert "1 failed" in shown, shown
    said = shown.partition("AssertionError: ")[2].partition("assert False")[0]
    assert "..." not in said
    assert "dies before it handles job-1" in said


def test_the_versions_are_those_that_are_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = dict(pin.split("==") for pin in project["dependencies"])
    assert f"redis-py {pins['redis']} and fakeredis {pins['fakeredis']}" in PAGE
