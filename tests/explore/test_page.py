"""The test on the page passes as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_s_own_test_passes(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "explore.md").read_text(encoding="utf-8")
    [source] = re.findall(r"```python\n(.*?)```", page, re.S)
    (tmp_path / "test_orders.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-o", "asyncio_mode=auto", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "dies before it handles job-1" in done.stdout
