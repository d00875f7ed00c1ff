"""Every lesson in the browser edition: what it shows there is what was saved.

Run with `make test-lite`, which builds the site first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publish.lite.server import Site
from tests.browser.jupyter import CHROMIUM, NOTEBOOKS
from tests.lite.comparison import differences
from tests.lite.edition import SITE, chromium, run_all, served, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-lite installs it"
)
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not (SITE / "lab").exists(), reason="no build/lite: make lite builds it"),
]
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_what_was_saved(site: Site, browser: Browser, lesson: Path) -> None:
    saved = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    with visitor(browser) as (page, faults):
        fresh = run_all(page, site, lesson.name)
    told = differences(saved, fresh)
    assert not told, "\n".join(told)
    assert faults == []
