"""Somebody who comes back to lesson 4: what they had, and what they find, in any JupyterLab."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publish.lesson import parsed
from publish.working_copies import EDITION, ORIGINALS, working_copy

from ..real_servers import until
from .jupyter import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAST_WEEK = ROOT / "tests/publish/last_week.json"
NAME = "04_lists_as_queues.ipynb"
STUB = "l04-x2-stub"
ANSWER = "async def next_order(worker):\n    return (await worker.blpop(['urgent', 'normal']))[1]"
OWN = "print('my own cell')"
SHOWN = "what it showed"
PROGRESS = {
    "predictions": ["2.1", "4.1"],
    "exercises": ["4.2"],
    "quiz": [],
    "chosen": {"predictions": {"2.1": "Ann", "4.1": "Carol"}},
}
COME = "This lesson has been brought up to date. What you wrote is as you left it (2 of its cells)."
CELLS = """() => jupyterapp.shell.currentWidget.context.model.toJSON().cells
    .map(({ id, source }) => [id, source])"""
SAVED = """async path => {
    const { content } = await jupyterapp.serviceManager.contents.get(path, { content: true });
    if (content === '') return null; // it is being written
    return typeof content === 'string' ? JSON.parse(content) : content;
}"""
NAMES = """async path => (await jupyterapp.serviceManager.contents.get(path, { content: true }))
    .content.map(({ name }) => name)"""
Cells = list[tuple[str, str]]


def left_last_week() -> dict[str, Any]:
    """Return last week's copy: an exercise is solved, a cell has run, another was added."""
    copy = parsed(LAST_WEEK.read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in copy["cells"]}
    cells[STUB]["source"] = ANSWER
    output = {"output_type": "stream", "name": "stdout", "text": SHOWN}
    cells[STUB] |= {"outputs": [output], "execution_count": 5}
    place = copy["cells"].index(cells[STUB]) + 1
    copy["cells"].insert(place, cells[STUB] | {"id": "own", "source": OWN, "metadata": {}})
    return copy


def handed_out() -> dict[str, Any]:
    """Return the lesson as it is handed out today."""
    return parsed(working_copy((ROOT / ORIGINALS / NAME).read_text(encoding="utf-8")))


def cells_of(notebook: dict[str, Any]) -> Cells:
    return [(cell["id"], cell["source"]) for cell in notebook["cells"]]


def expected() -> Cells:
    """Return today's cells with what was written last week."""
    found = [(name, ANSWER if name == STUB else text) for name, text in cells_of(handed_out())]
    place = found.index((STUB, ANSWER)) + 1
    return [*found[:place], ("own", OWN), *found[place:]]


def shown(page: Page) -> Cells:
    return [(name, source) for name, source in page.evaluate(CELLS)]


def saved(page: Page, path: str) -> Any:
    """Return what a file holds where the page keeps it."""
    return page.evaluate(SAVED, path)


def names(page: Page, folder: str) -> list[str]:
    return page.evaluate(NAMES, folder)


def choose(page: Page, entry: str) -> None:
    """Choose an entry of the course's menu."""
    page.locator(".lm-MenuBar-item", has_text="Course").click()
    page.get_by_role("menuitem", name=re.compile(f"^{entry}")).click()


def until_told(page: Page, sentence: str) -> None:
    page.locator(".Toastify__toast", has_text=sentence).wait_for()


def press(page: Page, label: str) -> None:
    """Press a button of a notice."""
    page.locator(".Toastify__toast").get_by_role("button", name=label).click()


def today_s_lesson_has_last_week_s_work(page: Page, folder: str) -> None:
    assert shown(page) == expected()
    kept = saved(page, f"{folder}/{NAME}")
    assert kept["metadata"][EDITION] == handed_out()["metadata"][EDITION]
    outputs = [cell["outputs"] for cell in kept["cells"] if cell["id"] in (STUB, "own")]
    assert len(outputs) == 2 and all(SHOWN in json.dumps(each) for each in outputs)


def the_old_one_can_be_kept_beside(page: Page, folder: str) -> None:
    press(page, "Keep the old one beside")
    beside = NAME.replace(".ipynb", " (old edition).ipynb")
    until(lambda: beside in names(page, folder), "the old edition")
    old = parsed(json.dumps(saved(page, f"{folder}/{beside}")))
    assert cells_of(old) == cells_of(left_last_week())


def exported(page: Page, file: Path) -> None:
    """Take the work along, into a file."""
    with page.expect_download() as begun:
        choose(page, "Export My Work")
    begun.value.save_as(file)


def the_lesson_begins_anew_and_comes_back(page: Page, folder: str) -> None:
    choose(page, "Reset This Lesson")
    until_told(page, "This lesson begins anew")
    assert shown(page) == cells_of(handed_out())
    progress = saved(page, f"{folder}/.progress.json")
    assert (progress["predictions"], progress["exercises"]) == (["2.1"], [])
    press(page, "Bring my work back")
    page.wait_for_function(f"name => ({CELLS})().some(([id]) => id === name)", arg="own")
    until(lambda: saved(page, f"{folder}/.progress.json") == PROGRESS, "the earlier progress")
    assert shown(page) == expected()


def import_of(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        choose(page, "Import My Work")
    chooser.value.set_files(file)


def the_work_is_there(page: Page, folder: str) -> None:
    """The cells are those of last week's learner, and so is what they have done and chosen."""
    until_told(page, "Your work is here.")
    assert shown(page) == expected()
    progress = saved(page, f"{folder}/.progress.json")
    assert progress["exercises"] == PROGRESS["exercises"]
    assert progress["chosen"]["predictions"] == PROGRESS["chosen"]["predictions"]
