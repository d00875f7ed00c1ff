"""How soon the first cell runs in the browser edition, beside a plain JupyterLite.

    python -m tests.lite.bench [ROUNDS]      (make bench-lite builds both sites before)

Cold is the visit of somebody who was never here, warm the second visit with the same browser,
read the first visit of somebody who has read a page of the course's site for twenty seconds, which
fetches the edition meanwhile; its megabytes are those after the click. Seconds run from asking for
the page until the first cell is done: in the course lesson 0's setup, which imports the course and
connects; in the plain one `1 + 1`. Megabytes are those of the answers, with gzip. All in turn,
several times, so that a busy moment hits each.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from publish.lite.server import Site
from tools.asked import count

from .edition import SITE, chromium, open_notebook, served, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PLAIN = SITE.with_name("lite-plain")
PAGES = SITE.with_name("site")
LESSON = "00_start_here"
READING = 20_000  # milliseconds
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


def visit(page: Page, site: Site, notebook: str, below: str = "") -> Visit:
    """Open a notebook and run its first cell."""
    before, began = site.sent, time.perf_counter()
    open_notebook(page, site, notebook, below)
    assert page.evaluate(FIRST_CELL) == 1, "the first cell has not run"
    return time.perf_counter() - began, (site.sent - before) / 1e6


@contextmanager
def pages_and_edition() -> Iterator[Path]:
    """Lay the browser edition below the pages to read, as the published site has it."""
    with tempfile.TemporaryDirectory() as folder:
        together = Path(folder, "site")
        shutil.copytree(PAGES, together)
        (together / "lite").symlink_to(SITE)
        yield together


def visit_after_reading(browser: Browser, site: Site) -> Visit:
    """Read a lesson's page for a while, then open its notebook."""
    with visitor(browser) as (page, _):
        page.set_default_timeout(SECONDS_TO_RUN * 1000)
        page.goto(f"{site.url}notebooks/{LESSON}.html")
        page.wait_for_timeout(READING)
        return visit(page, site, f"{LESSON}.ipynb", "lite/")


def measured(browser: Browser, rounds: int) -> Iterator[tuple[str, str, Visit]]:
    """Visit all sites in turn; name the kind of each visit and the site."""
    with (
        pages_and_edition() as folder,
        served(folder) as pages,
        served(PLAIN) as plain,
        served(SITE) as course,
    ):
        where = {"plain": (plain, "plain.ipynb"), "course": (course, f"{LESSON}.ipynb")}
        for at in where.values():
            both_visits(browser, *at)  # the server compresses each file once
        visit_after_reading(browser, pages)
        for _ in range(rounds):
            for name, at in where.items():
                cold, warm = both_visits(browser, *at)
                yield from (("cold", name, cold), ("warm", name, warm))
            yield "read", "course", visit_after_reading(browser, pages)


def main(rounds: int) -> int:
    """Measure, print medians and ratios, and return the exit status."""
    for folder in (SITE, PLAIN, PAGES):
        if not folder.exists():
            print(f"There is no {folder.name} in build: make bench-lite builds it.")
            return 1
    taken: dict[tuple[str, str], list[Visit]] = {}
    with chromium() as browser:
        for kind, name, taken_now in measured(browser, rounds):
            taken.setdefault((kind, name), []).append(taken_now)
    print(f"first executed cell, median of {rounds} (goal: x{GOAL} of plain)")
    for (kind, name), visits in sorted(taken.items()):
        seconds, sent = (median(figures) for figures in zip(*visits, strict=True))
        least = median(seconds for seconds, _ in taken["warm" if kind == "read" else kind, "plain"])
        print(f"{kind} {name:7}{seconds:7.1f} s   x{seconds / least:4.2f}{sent:7.1f} MB")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.lite.bench")
    parser.add_argument("rounds", nargs="?", type=count, default=ROUNDS)
    sys.exit(main(parser.parse_args().rounds))
