"""Who comes back to the browser edition, with an earlier edition in the browser's storage.

Run with `make test-lite`, which builds the site first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from publish.lite.server import Site
from tests.browser.jupyter import CHROMIUM
from tests.browser.returning import (
    COME,
    NAME,
    PROGRESS,
    cells_of,
    expected,
    exported,
    handed_out,
    import_of,
    left_last_week,
    names,
    shown,
    the_lesson_begins_anew_and_comes_back,
    the_old_one_can_be_kept_beside,
    the_work_is_there,
    today_s_lesson_has_last_week_s_work,
    until_told,
)
from tests.lite.edition import SITE, chromium, open_notebook, served, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-lite installs it"
)
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not (SITE / "lab").exists(), reason="no build/lite: make lite builds it"),
]
WAIT = 180_000  # milliseconds, on busy cores
FOLDER = "notebooks"
ELSEWHERE = "00_start_here.ipynb"
STORE = """async ([copy, progress, name]) => {
    const { contents } = jupyterapp.serviceManager;
    await contents.save(`notebooks/${name}`, { type: 'notebook', format: 'json', content: copy });
    const content = JSON.stringify(progress);
    const file = { type: 'file', format: 'text', content };
    await contents.save('notebooks/.progress.json', file);
}"""
ASK = """async code => {
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    let text = '';
    const asked = kernel.requestExecute({ code });
    asked.onIOPub = ({ content }) => text += content.text ?? '';
    await asked.done;
    return text;
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@contextmanager
def returning(browser: Browser, site: Site, copy: dict[str, Any]) -> Iterator[Page]:
    """Open lesson 4 in a browser that has kept this copy of it, and what was done."""
    with visitor(browser) as (page, faults):
        page.set_default_timeout(WAIT)
        open_notebook(page, site, ELSEWHERE)
        page.evaluate(STORE, [copy, PROGRESS, NAME])
        page.goto("about:blank")
        open_notebook(page, site, NAME)
        yield page
    assert faults == []


def test_last_week_s_copy_gets_today_s_text_and_keeps_its_work(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with returning(browser, site, left_last_week()) as page:
        until_told(page, COME)
        today_s_lesson_has_last_week_s_work(page, FOLDER)
        the_old_one_can_be_kept_beside(page, FOLDER)
        the_lesson_begins_anew_and_comes_back(page, FOLDER)
        page.goto("about:blank")
        open_notebook(page, site, NAME)
        assert shown(page) == expected()
        exported(page, tmp_path / "work.json")
    with visitor(browser) as (page, faults):
        page.set_default_timeout(WAIT)
        open_notebook(page, site, NAME)
        assert shown(page) == cells_of(handed_out())
        import_of(page, tmp_path / "work.json")
        the_work_is_there(page, FOLDER)
        told = page.evaluate(ASK, "from helpers import progress; print(progress())")
        [row] = [line for line in told.splitlines() if "Queue work on a list" in line]
        assert "predictions 1 of" in row and "exercises 1 of" in row
    assert faults == []


def test_an_import_never_takes_the_place_of_what_somebody_wrote(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with returning(browser, site, left_last_week()) as page:
        until_told(page, COME)
        exported(page, tmp_path / "work.json")
        page.evaluate(
            "text => jupyterapp.shell.currentWidget.content.activeCell"
            ".model.sharedModel.setSource(text)",
            "my title",
        )
        import_of(page, tmp_path / "work.json")
        the_work_is_there(page, FOLDER)
        beside = NAME.replace(".ipynb", " (before the import).ipynb")
        until_told(page, f"What was in its place is kept: {beside}.")
        assert beside in names(page, FOLDER)


def test_a_file_that_is_no_work_changes_nothing(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_text(json.dumps({"format": "other"}))
    with visitor(browser) as (page, faults):
        page.set_default_timeout(WAIT)
        open_notebook(page, site, NAME)
        import_of(page, tmp_path / "other.json")
        until_told(page, "This file is no work of this course")
        assert shown(page) == cells_of(handed_out())
    assert faults == []


def test_a_notebook_of_somebody_else_by_that_name_stays(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    theirs = left_last_week()
    del theirs["metadata"]["edition"]
    with returning(browser, site, theirs) as page:
        exported(page, tmp_path / "work.json")
        assert shown(page) == cells_of(theirs)
    [name] = json.loads((tmp_path / "work.json").read_text())["notebooks"]
    assert name == NAME
