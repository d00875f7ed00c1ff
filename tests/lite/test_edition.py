"""Every lesson in the browser edition: what it shows there is what was saved.

Run with `make test-lite`, which builds the site first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publish.lite.server import Site
from publish.lite.site import FIRST_VISIT, PLACE, bytes_sent
from publish.working_copies import working_copy
from tests.browser.jupyter import CHROMIUM, NOTEBOOKS, ROOT
from tests.browser.looks import AXE
from tests.browser.presses import button, play, play_by_keys, status
from tests.browser.stories import STORIES, Story
from tests.lite.comparison import differences
from tests.lite.edition import (
    ROOTS,
    SITE,
    begin_to_open,
    chromium,
    open_notebook,
    run_all,
    served,
    the_next_day,
    visitor,
)
from tools.stories import PRESSES

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
FIRST_CELL_ON_A_SERVER = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.sessionContext.ready;
    const source = `import os
os.environ["COURSE_BROKER"] = "server"
from helpers import connect
await connect("shop").ping()`;
    const cell = panel.content.widgets.find(cell => cell.model.type === 'code');
    cell.model.sharedModel.setSource(source);
    panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
    await window.jupyterapp.commands.execute('notebook:run-cell');
    return cell.model.toJSON().outputs;
}"""
CONNECTED = """import asyncio
from helpers import connect
shop, ann, bob = connect("shop"), connect("ann"), connect("bob")
inbox = bob.pubsub()
await inbox.subscribe("talk")
task = asyncio.create_task(asyncio.Event().wait())"""
WAITING = [
    'await ann.blpop("none")',
    "async for message in inbox.listen(): pass",
    "await task",
    "await asyncio.sleep(100)",
]
WELL = 'await shop.rpush("none", "a"), await ann.lpop("none"), await bob.ping()'
RUN_THEM = """async sources => {
    const {commands, shell} = window.jupyterapp;
    const panel = shell.currentWidget;
    await panel.sessionContext.ready;
    const cells = panel.content.widgets.filter(cell => cell.model.type === 'code');
    await commands.execute('notebook:clear-all-cell-outputs');
    window.told = [];
    for (const [number, source] of sources.entries()) {
        cells[number].model.sharedModel.setSource(source);
        panel.content.activeCellIndex = panel.content.widgets.indexOf(cells[number]);
        await commands.execute('notebook:run-cell').catch(() => {});
        window.told.push(cells[number].model.toJSON().outputs);
    }
}"""
# Nothing stands beside the text: of 390 pixels a paragraph has 300.
IS_WIDE = """title => {
    const titles = [...document.querySelectorAll('.jp-RenderedMarkdown h1')];
    const shown = titles.find(h1 => h1.innerText.startsWith(title) && h1.offsetParent);
    return shown?.parentElement.querySelector('p')?.offsetWidth > 300;
}"""
# JupyterLab renders a text when it comes in sight: each step scrolls to the first that did not yet.
ALL_TEXTS = """() => {
    const cells = jupyterapp.shell.currentWidget.content.widgets;
    const next = cells.findIndex(cell => cell.isPlaceholder());
    if (next > 0) cells[next - 1].node.scrollIntoView();
    const texts = cells.filter(cell => cell.model.type === 'markdown');
    return next < 0 && texts.every(cell => cell.node.querySelector('.jp-RenderedMarkdown > *'));
}"""
OUT_OF_REACH = """async () => {
    const rules = { runOnly: ['scrollable-region-focusable'] };
    const { violations } = await axe.run(document.querySelector('.jp-Notebook'), rules);
    return violations.flatMap(fault => fault.nodes.map(node => node.html.slice(0, 200)));
}"""
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
PUBSUB, QUEUES = "02_publish_subscribe.ipynb", "04_lists_as_queues.ipynb"
DESKTOP, PHONE = {"width": 1200, "height": 1400}, {"width": 390, "height": 844}
# What people type besides the cells, and what then stands below it.
TRIED = {
    "help(len)": "Help on built-in function len",
    "len?": "Return the number of items",
    "%timeit -n1 -r1 1": "1 run",
    "%who": "shop",
    "1/0\n": "ZeroDivisionError",
    "%debug": "ipdb>",
    "import csv, decimal, http.client, logging.handlers, statistics, unittest.mock": "",
    "import xml.etree.ElementTree, concurrent.futures, datetime, doctest, pdb": "",
    "from redis.cluster import RedisCluster": "",
}
TYPED = """async sources => {
    const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const told = [];
    for (const code of sources) {
        let text = '';
        const cell = kernel.requestExecute({code});
        cell.onIOPub = ({content}) => text += [content.text, content.ename].join('');
        cell.onStdin = asked => {
            text += asked.content.prompt;
            kernel.sendInputReply({value: 'q', status: 'ok'}, asked.header);
        };
        const {content} = await cell.done;
        const shown = (content.payload ?? []).map(part => part.data?.['text/plain']).join('');
        told.push(text + shown);
    }
    return told;
}"""
ASKED = """from helpers import broker as _broker
async with _broker.broker().side_client() as r:
    print(*map(int, {}))"""
SIZES = re.compile(r"^\| (.+?) \| (\d+\.\d) \|", re.M)
PARTS = {
    "Python, as WebAssembly": "pyodide[.-]",
    "Standard library": "python_stdlib",
    "The course": "redis_message",
    "redis-py": "redis-",
    "fakeredis": "fakeredis|sortedcontainers",
    "Widgets": "ipywidgets|anywidget|psygnal|typing_extensions|comm",
    "IPython, with what it imports": "",  # whatever no other part has
}
STORES_NOTHING = """Object.defineProperty(window, 'indexedDB', {
    get() { throw new DOMException('denied', 'SecurityError'); },
});"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_what_was_saved_also_the_next_day(
    site: Site, browser: Browser, lesson: Path
) -> None:
    saved = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    with visitor(browser) as (page, faults):
        fresh = run_all(page, site, lesson.name)
        lost = the_next_day(page, site, lesson.name)
    told = differences(saved, fresh)
    assert not told, "\n".join(told)
    assert lost == []
    assert faults == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"lab-{story.lesson}")
def test_each_lab_is_played_with_the_mouse_and_with_the_keyboard_alone(
    site: Site, browser: Browser, story: Story
) -> None:
    [lesson] = NOTEBOOKS.glob(f"{story.lesson:02}_*.ipynb")
    with visitor(browser) as (page, faults):
        run_all(page, site, lesson.name)
        cell = page.locator(".jp-CodeCell", has_text=re.compile(rf"lab\({story.lesson}\)"))
        for playing in (play, play_by_keys):
            button(cell, "Start over").click()
            playwright.expect(cell.locator(".course-steps")).to_be_hidden()
            playing(cell, story.presses)
            playwright.expect(status(cell)).to_contain_text(re.compile(story.said))
            said = re.search(story.said, status(cell).inner_text())
            [answer] = page.evaluate(TYPED, [ASKED.format(story.question)])
            assert said and answer.split() == list(said.groups())
            playwright.expect(cell.get_by_role("alert")).to_have_count(0)
    assert faults == []


def test_the_bare_address_opens_lesson_0_also_on_a_phone(site: Site, browser: Browser) -> None:
    with visitor(browser, viewport=PHONE) as (page, faults):
        page.set_default_timeout(WAIT)
        page.goto(site.url)
        page.wait_for_function(IS_WIDE, arg="Start here")
        page.get_by_role("link", name="Choose between a queue and a stream →").click()
        page.wait_for_function(IS_WIDE, arg="Choose between a queue and a stream")
        page.locator(".jp-Notebook:visible").get_by_role("link", name="Map", exact=True).click()
        page.wait_for_function(IS_WIDE, arg="The lessons")
    assert faults == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_on_a_phone_all_that_scrolls_is_reached_by_keys(
    site: Site, browser: Browser, lesson: Path
) -> None:
    if AXE is None:
        pytest.skip("axe-core is not installed: make test-browser gets it where npm is")
    with visitor(browser, viewport=PHONE) as (page, faults):
        page.set_default_timeout(WAIT)
        open_notebook(page, site, lesson.name)
        page.wait_for_function(ALL_TEXTS, polling=100)
        page.add_script_tag(path=str(AXE))
        assert page.evaluate(OUT_OF_REACH) == []
    assert faults == []


def test_a_broker_that_cannot_run_here_is_refused_in_one_sentence(
    site: Site, browser: Browser
) -> None:
    with visitor(browser) as (page, _):
        open_notebook(page, site, "00_start_here.ipynb")
        page.set_default_timeout(WAIT)
        told = page.evaluate(FIRST_CELL_ON_A_SERVER)
    assert "The browser has the embedded broker only; it is used." in json.dumps(told)


def press_stop(page: Page) -> None:
    page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"]').click()


def choose_interrupt(page: Page) -> None:
    page.locator(".lm-MenuBar-item", has_text="Kernel").click()
    page.get_by_role("menuitem", name="Interrupt Kernel").click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("stop", [press_stop, choose_interrupt])
def test_whoever_stops_a_cell_ends_what_it_waits_for(
    site: Site, browser: Browser, stop: Callable[[Page], None], size: dict[str, int]
) -> None:
    with visitor(browser, viewport=size) as (page, faults):
        open_notebook(page, site, QUEUES)
        page.set_default_timeout(WAIT)
        cells = [CONNECTED, *(f"print('begun')\n{waits}" for waits in WAITING), WELL]
        page.evaluate(f"sources => {{ ({RUN_THEM})(sources) }}", cells)  # it is not awaited
        begun = page.locator(".jp-OutputArea-output", has_text="begun")
        for number in range(len(WAITING)):
            playwright.expect(begun).to_have_count(number + 1, timeout=WAIT)
            stop(page)
            page.wait_for_function("ended => window.told.length >= ended", arg=number + 2)
        page.wait_for_function("ended => window.told.length === ended", arg=len(cells))
        _, *stopped, well = page.evaluate("() => window.told")
    for waits, outputs in zip(WAITING, stopped, strict=True):
        assert "Stopped. The broker and your clients are well" in json.dumps(outputs), waits
    assert well[0]["data"]["text/plain"] == "(1, 'a', True)"
    assert faults == []


def test_a_cell_that_waits_says_so_until_it_is_stopped(site: Site, browser: Browser) -> None:
    with visitor(browser, viewport=PHONE) as (page, faults):
        open_notebook(page, site, QUEUES)
        page.set_default_timeout(WAIT)
        page.evaluate(f"sources => {{ ({RUN_THEM})(sources) }}", [CONNECTED, WAITING[0]])
        notice = page.locator("p", has_text="ann still waits: BLPOP none 0.")
        notice.wait_for()
        assert notice.evaluate("p => getComputedStyle(p).wordBreak") == "normal"
        press_stop(page)
        playwright.expect(notice).to_have_count(0, timeout=WAIT)
    assert faults == []


def test_what_was_done_is_there_the_next_day(site: Site, browser: Browser) -> None:
    with visitor(browser) as (page, faults):
        page.set_default_timeout(WAIT)
        run_all(page, site, PUBSUB)
        question, _, terminals = places = [page.locator(root).first for root in ROOTS]
        question.locator("input").first.click()
        play(page.locator(".jp-CodeCell", has_text="lab(2)"), PRESSES["2"])
        line = terminals.locator("input").first
        line.fill("RPUSH mine a b c")
        line.press("Enter")
        there = ["Not quite", "ann received 3", "(integer) 3"]
        for place, told in zip(places, there, strict=True):
            playwright.expect(place).to_contain_text(told, timeout=WAIT)
        assert the_next_day(page, site, PUBSUB) == []
        for place, told in zip(places, there, strict=True):
            playwright.expect(place).to_contain_text(told, timeout=WAIT)
            place.scroll_into_view_if_needed()
            asleep = place.get_by_text(re.compile(r"[Rr]un (this|its) cell")).first
            playwright.expect(asleep).to_be_visible(timeout=WAIT)
    assert faults == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_handed_out_as_a_working_copy(lesson: Path) -> None:
    handed_out = (SITE / "files/notebooks" / lesson.name).read_text(encoding="utf-8")
    assert handed_out == working_copy(lesson.read_text(encoding="utf-8"))


def test_nothing_is_shown_before_a_run_and_the_size_is_told(site: Site, browser: Browser) -> None:
    with visitor(browser) as (page, faults):
        before = site.sent
        begin_to_open(page, site, QUEUES)
        told = page.locator(".jupyterlite-loading-indicator-text").text_content(timeout=WAIT)
        page.wait_for_selector(IDLE, timeout=WAIT)
        assert page.locator(".jp-Notebook .jp-OutputArea-output").count() == 0
        shown = page.locator(".jp-Notebook").inner_text(timeout=WAIT)
        assert not [line for line in shown.splitlines() if line.startswith(",")]
    found = re.search(r"(\d+) MB of Python", told or "")
    assert found and int(found[1]) <= (site.sent - before) / 1e6 < int(found[1]) + 3
    assert faults == []


def test_a_browser_that_stores_nothing_is_told(site: Site, browser: Browser) -> None:
    with visitor(browser) as (page, _):
        page.add_init_script(STORES_NOTHING)
        page.set_default_timeout(WAIT)
        open_notebook(page, site, QUEUES)
        told = page.get_by_text("This browser lets the page store nothing").first
        playwright.expect(told).to_be_visible(timeout=WAIT)


def test_what_people_type_besides_the_cells_works(site: Site, browser: Browser) -> None:
    with visitor(browser) as (page, faults):
        page.set_default_timeout(WAIT)
        run_all(page, site, "00_start_here.ipynb")
        told = page.evaluate(TYPED, list(TRIED))
    lost = {source: text for source, text in zip(TRIED, told, strict=True) if "NotFound" in text}
    assert lost == {}
    assert [
        (source, text)
        for (source, expected), text in zip(TRIED.items(), told, strict=True)
        if expected not in text
    ] == []
    assert faults == []


def test_the_page_about_sizes_tells_what_a_first_visit_loads(site: Site, browser: Browser) -> None:
    page_of_sizes = (ROOT / "docs/browser-edition.md").read_text(encoding="utf-8")
    told = {name: float(size) for name, size in SIZES.findall(page_of_sizes)}
    sizes = dict.fromkeys(PARTS, 0.0)
    for path in (SITE / PLACE).iterdir():
        part = next(name for name, begins in PARTS.items() if re.match(begins, path.name))
        sizes[part] += bytes_sent(path) / 1e6
    with visitor(browser) as (page, _):
        before = site.sent
        open_notebook(page, site, "00_start_here.ipynb")
        loaded = (site.sent - before) / 1e6
    sizes["JupyterLab"] = loaded - sum(sizes.values())
    assert told.keys() == sizes.keys()
    assert told == {name: pytest.approx(size, abs=0.1) for name, size in sizes.items()}
    [total] = re.findall(r"That is (\d+\.\d) MB", page_of_sizes)
    assert float(total) == pytest.approx(loaded, abs=0.2)


def test_whatever_is_fetched_early_is_what_a_first_visit_asks_for(
    site: Site, browser: Browser
) -> None:
    listed = json.loads((SITE / FIRST_VISIT).read_text(encoding="utf-8"))
    asked: list[str] = []
    with visitor(browser) as (page, _):
        page.on("request", lambda request: asked.append(request.url.removeprefix(site.url)))
        open_notebook(page, site, "00_start_here.ipynb")
    assert len(listed["files"]) > 20
    assert [name for name in listed["files"] if name not in asked] == []
