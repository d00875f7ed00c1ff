"""A lesson that is run again, and a cell that is run twice: what learners do all day.

Each lesson runs once in a kernel with every cell twice in a row, and then once more from the top.
"""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from helpers.kernel.short_errors import ALREADY
from publish.lesson import tags
from tests.kernel.live_kernel import NOTEBOOKS, LiveKernel, Shown, live_kernel
from tests.kernel.quick_run import difference

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
SHORT = 3  # lines of an error
LIMIT = 60.0  # seconds for a cell, on busy cores; what waits with a deadline waits for five


def cells_of(lesson: Path) -> list[NotebookNode]:
    cells = nbformat.read(lesson, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def fault_of_first(cell: NotebookNode, shown: Shown) -> str:
    """Say what is wrong with the first run of a cell in a row."""
    if not shown.ended:
        return "it does not end"
    if shown.status == "error" and "raises-exception" not in tags(cell):
        return "it fails: " + " | ".join(shown.error)
    return ""


def fault_of_second(cell: NotebookNode, shown: Shown) -> str:
    """Say what is wrong with the same cell's second run: it may fail, but not at length."""
    if not shown.ended:
        return "it does not end"
    if len(shown.error) > SHORT:
        return f"its error has {len(shown.error)} lines: " + " | ".join(shown.error)
    if any("site-packages" in line for line in shown.error):
        return "its error shows the inside of a package"
    if len(shown.error) > 1 and not any(ALREADY in line for line in shown.error):
        return "its error does not say what a second run means: " + " | ".join(shown.error)
    return ""


def fault_of_round(cell: NotebookNode, shown: Shown) -> str:
    """Say what is wrong with a cell in the round that begins at the top again."""
    if fault := fault_of_first(cell, shown):
        return fault
    return "" if "nbval-ignore-output" in tags(cell) else difference(shown.outputs, cell.outputs)


def played(kernel: LiveKernel, cells: list[NotebookNode]) -> list[str]:
    """Run every cell twice in a row, then all of them from the top; list the faults."""
    faults = []
    for cell in cells:
        first, second = kernel.run(cell.source, LIMIT), kernel.run(cell.source, LIMIT)
        faults += [f"{cell.id}, first: {fault}" for fault in [fault_of_first(cell, first)] if fault]
        faults += [f"{cell.id}, twice: {f}" for f in [fault_of_second(cell, second)] if f]
        if not (first.ended and second.ended):
            return faults
    for cell in cells:
        shown = kernel.run(cell.source, LIMIT)
        faults += [f"{cell.id}, again: {fault}" for fault in [fault_of_round(cell, shown)] if fault]
        if not shown.ended:
            break
    return faults


@pytest.mark.long
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_may_be_run_again_and_each_cell_twice(lesson: Path) -> None:
    with live_kernel() as kernel:
        assert played(kernel, cells_of(lesson)) == []


SETUP = "from helpers import connect, flow, hint\nshop = connect('shop')"


def test_only_the_first_cell_begins_anew() -> None:
    with live_kernel() as kernel:
        kernel.run(SETUP)
        kernel.run("await shop.rpush('orders', 'order-1')")
        kernel.run("shop = connect('shop')\nother = connect('other')")
        assert kernel.run("await shop.llen('orders')").text == "1"
        kernel.run(SETUP)
        assert kernel.run("await shop.llen('orders')").text == "0"


@pytest.mark.parametrize("broker", ["embedded", "server"])
def test_the_last_round_leaves_no_word_behind(broker: str) -> None:
    """Tasks that waited, hints that were given, what was sent: the new round knows none of it."""
    with live_kernel(broker) as kernel:
        kernel.run(SETUP)
        kernel.run("import asyncio\ntask = asyncio.create_task(shop.blpop('none'))")
        kernel.run("inbox = shop.pubsub()\nawait inbox.subscribe('talk')")
        kernel.run("listening = asyncio.create_task(anext(inbox.listen()))\nawait asyncio.sleep(0)")
        kernel.run("hint('1.1')")
        runs = [kernel.run(SETUP), kernel.run("del task, listening\nimport gc; gc.collect();")]
        assert [(shown.text, shown.error) for shown in runs] == [("", []), ("", [])]
        assert kernel.run("hint('1.1')").text.startswith("Hint 1 of 3")
        assert kernel.run("flow()").text.startswith("(nothing was sent")


def test_a_lab_of_the_last_round_says_that_it_is_closed() -> None:
    with live_kernel() as kernel:
        kernel.run(SETUP)
        kernel.run("from helpers import lab\nshown = await lab(1)")
        kernel.run("await shown.model.press('Send an order')")
        kernel.run(SETUP)
        assert "closed when its cell ran again" in kernel.run("shown.model.hint").text
        again = "await shown.model.press('Send an order')\nshown.model.hint"
        assert "closed when its cell ran again" in kernel.run(again).text
        assert kernel.run("await shop.keys()").text == "[]"
