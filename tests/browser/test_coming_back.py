"""Who comes back to a folder from last week, in what `make lab` starts: on a hub it is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publish.working_copies import COPIES

from .jupyter import CHROMIUM, JUPYTERLAB, ROOT, Course, open_notebook, serving
from .returning import (
    COME,
    NAME,
    PROGRESS,
    expected,
    exported,
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
from .test_binder_in_browser import copied

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]
LESSON = f"{COPIES}/{NAME}"
BESIDE = NAME.replace(".ipynb", " (before the import).ipynb")
REWRITTEN = """id => jupyterapp.shell.currentWidget.content.widgets
    .find(({ model }) => model.id === id).model.sharedModel.setSource("written since")"""


@pytest.fixture
def last_week(page: Page, tmp_path: Path) -> Iterator[Course]:
    """Start JupyterLab in today's course, where last week's copies lie."""
    course, home = copied(tmp_path / "course"), tmp_path / "home"
    for made in (home, course / COPIES):
        made.mkdir()
    (course / LESSON).write_text(json.dumps(left_last_week()), encoding="utf-8")
    progress = json.dumps(PROGRESS)
    (course / COPIES / ".progress.json").write_text(progress, encoding="utf-8")
    python = ROOT / ".venv/bin/python"
    with serving(course, home, [python, "-m", "publish.lab"], {}) as running:
        yield running
        page.goto("about:blank")  # a page that stays would miss its server, aloud


def test_last_week_s_copy_gets_today_s_text_and_keeps_its_work(
    page: Page, last_week: Course, tmp_path: Path
) -> None:
    open_notebook(page, last_week, LESSON)
    until_told(page, COME)
    today_s_lesson_has_last_week_s_work(page, COPIES)
    the_old_one_can_be_kept_beside(page, COPIES)
    the_lesson_begins_anew_and_comes_back(page, COPIES)
    open_notebook(page, last_week, LESSON)
    assert shown(page) == expected()
    exported(page, tmp_path / "work.json")
    (last_week.folder / COPIES / ".progress.json").unlink()
    import_of(page, tmp_path / "work.json")
    the_work_is_there(page, COPIES)
    assert not [name for name in names(page, COPIES) if "before the import" in name]
    progress = last_week.folder / COPIES / ".progress.json"
    assert json.loads(progress.read_text(encoding="utf-8"))["exercises"] == PROGRESS["exercises"]
    progress.write_text("{", encoding="utf-8")
    exported(page, tmp_path / "without.json")
    until_told(page, "Exported without your progress, whose file is damaged.")
    page.evaluate(REWRITTEN, "own")
    import_of(page, tmp_path / "work.json")
    until_told(page, f"What was in its place is kept: {BESIDE}.")
    until_told(page, ".progress.json was damaged: it is kept as .progress.damaged.json.")
    assert BESIDE in names(page, COPIES)
    assert progress.with_name(".progress.damaged.json").read_text(encoding="utf-8") == "{"
    assert json.loads(progress.read_text(encoding="utf-8"))["exercises"] == PROGRESS["exercises"]
