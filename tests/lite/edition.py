"""The built site, served on loopback, and a page of it in a headless Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from publish.lite.server import Site
from tests.browser.jupyter import CHROMIUM, QUIET, ROOT
from tests.browser.looks import CHAINS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SITE = ROOT / "build" / "lite"
SECONDS_TO_START = 180.0  # on busy cores; alone it takes a tenth
SECONDS_TO_RUN = 300.0
LOOPBACK = "127.0.0.1"
# Refused by name. Playwright's own refusal would switch off the cache, and so the second visit.
ALONE = f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}"
OPENED = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.content.widgets.length > 0
        && panel.sessionContext.session?.kernel;
}"""
RUN_ALL = """async () => {
    const {commands, shell} = window.jupyterapp;
    const panel = shell.currentWidget;
    await panel.sessionContext.ready;
    await commands.execute('notebook:run-all-cells');
    return panel.content.model.toJSON().cells;
}"""
# What the widgets of a lesson are, from the outside.
ROOTS = (".course-questions", ".course-lab", ".course-terminals")
VIEW = "application/vnd.jupyter.widget-view+json"
VIEWS = """kind => jupyterapp.shell.currentWidget.content.model.toJSON().cells
    .flatMap(cell => cell.outputs ?? []).filter(output => output.data?.[kind]).length"""
SAVE = "() => jupyterapp.commands.execute('docmanager:save')"
ALL_SHOWN = """([roots, views]) =>
    document.querySelectorAll(`.jp-Notebook :is(${roots})`).length >= views"""
# A widget that says it is still to come, and what looks alive and is not.
AMISS = """roots => {
    const parts = document.querySelectorAll(`:is(${roots}) :is(button, input, select, textarea)`);
    const waiting = /^(Loading|Error displaying) widget/;
    const outputs = document.querySelectorAll('.jp-Notebook .jp-OutputArea-output');
    return [...[...outputs].filter(output => waiting.test(output.textContent)),
        ...[...parts].filter(part => part.matches(':enabled') && part.checkVisibility())]
        .map(element => element.outerHTML.slice(0, 200));
}"""


@contextmanager
def served(folder: Path = SITE) -> Iterator[Site]:
    """Serve a site on a free port of loopback."""
    site = Site(folder)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium that finds no address but loopback's."""
    from playwright.sync_api import sync_playwright  # the other tests go without it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET.split(), ALONE])
        yield browser
        browser.close()


@contextmanager
def visitor(browser: Browser, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """Open a page for somebody who was never here, and collect what goes wrong on it.

    Faults are errors on the console, answers that are errors, and addresses elsewhere, which are
    refused.
    """
    faults: list[str] = []
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 1400}} | options)
    page = context.new_page()
    page.on("console", lambda said: said.type == "error" and faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: _is_elsewhere(r.url) and faults.append(f"elsewhere: {r.url}"))
    page.on("response", lambda r: r.status >= 400 and faults.append(f"{r.status}: {r.url}"))
    yield page, faults
    context.close()


def _is_elsewhere(url: str) -> bool:
    return urlsplit(url).hostname not in (LOOPBACK, None, "")


def open_notebook(page: Page, site: Site, name: str, below: str = "") -> None:
    """Open a notebook and return once it is shown and has a kernel."""
    begin_to_open(page, site, name, below)
    page.wait_for_function(OPENED, timeout=SECONDS_TO_START * 1000)


def begin_to_open(page: Page, site: Site, name: str, below: str = "") -> None:
    """Ask for the page of a notebook; `below` is where in the site the edition lies."""
    page.goto(f"{site.url}{below}lab/index.html?path=notebooks/{name}", wait_until="commit")


def run_all(page: Page, site: Site, name: str) -> list[dict[str, Any]]:
    """Run all cells of a notebook, and return the cells as JupyterLab would save them."""
    open_notebook(page, site, name)
    page.set_default_timeout(SECONDS_TO_RUN * 1000)
    return page.evaluate(RUN_ALL)


def the_next_day(page: Page, site: Site, name: str) -> list[str]:
    """Save a notebook that has run, open it in a new page, and list what is amiss there."""
    views = page.evaluate(VIEWS, VIEW)
    page.evaluate(SAVE)
    page.goto("about:blank")
    open_notebook(page, site, name)
    roots = ", ".join(ROOTS)
    page.wait_for_function(ALL_SHOWN, arg=[roots, views])
    chains = page.evaluate(f"({CHAINS})(document)")
    return [*page.evaluate(AMISS, roots), *["a broken chain"] * chains]
