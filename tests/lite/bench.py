"""How soon the first cell runs in the browser edition, beside a plain JupyterLite.

    python -m tests.lite.bench [ROUNDS]      (make bench-lite builds both sites before)

Cold is the visit of somebody who was never here, warm the second visit with the same browser.
Seconds run from asking for the page until the first cell is done: in the course lesson 0's setup,
which imports the course and connects; in the plain one `1 + 1`. Megabytes are those of the answers,
with gzip. Both sites in turn, several times, so that a busy moment hits both.
"""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from publish.lite.server import Site

from .edition import SITE, chromium, open_notebook, served, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PLAIN = SITE.with_name("lite-plain")
GOAL = 1.15
ROUNDS = 3
SECONDS_TO_RUN = 300
FIRST_CELL = """async () => {
    const {commands, shell} = window.jupyterapp;
    const panel = shell.currentWidget;
    const first = panel.content.widgets.findIndex(cell => cell.model.type === 'code');
    panel.content.activeCellIndex = first;
    await panel.sessionContext.ready;
    await commands.execute('notebook:run-cell');
    return panel.content.widgets[first].model.executionCount;
}"""

Visit = tuple[float, float]  # seconds, megabytes


def both_visits(browser: Browser, site: Site, notebook: str) -> list[Visit]:
    """Visit a site for the first and for the second time."""
    with visitor(browser) as (page, _):
        page.set_default_timeout(SECONDS_TO_RUN * 1000)
        return [visit(page, site, notebook) for _ in range(2)]


def visit(page: Page, site: Site, notebook: str) -> Visit:
    """Open a notebook and run its first cell."""
    before, began = site.sent, time.perf_counter()
    open_notebook(page, site, notebook)
    assert page.evaluate(FIRST_CELL) == 1, "the first cell has not run"
    return time.perf_counter() - began, (site.sent - before) / 1e6


def main(rounds: int) -> int:
    """Measure, print medians and ratios, and return the exit status."""
    for folder in (SITE, PLAIN):
        if not (folder / "lab").exists():
            print(f"There is no {folder.name} in build: make bench-lite builds it.")
            return 1
    with served(SITE) as course, served(PLAIN) as plain, chromium() as browser:
        where = {"plain": (plain, "plain.ipynb"), "course": (course, "00_start_here.ipynb")}
        taken: dict[str, list[list[Visit]]] = {name: [] for name in where}
        for at in where.values():
            both_visits(browser, *at)  # the server compresses each file once
        for _ in range(rounds):
            for name, at in where.items():
                taken[name].append(both_visits(browser, *at))
    print(f"first executed cell, median of {rounds} (goal: x{GOAL} of plain)")
    for place, kind in enumerate(("cold", "warm")):
        least = median(visits[place][0] for visits in taken["plain"])
        for name, visits in taken.items():
            seconds = median(visit[place][0] for visit in visits)
            sent = median(visit[place][1] for visit in visits)
            print(f"{kind} {name:7}{seconds:7.1f} s   x{seconds / least:4.2f}{sent:7.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
