"""The site in build/site, read in a headless Chromium, with and without JavaScript.

Run with `make test-site`, which builds it first, from cells that could not run.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from publish import navigation
from publish.lesson import Prediction, Quiz, read
from publish.site import links
from publish.site.__main__ import NO_BROKER
from tests.browser.jupyter import CHROMIUM, QUIET, ROOT
from tests.browser.looks import AXE, at_rest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-site installs it"
)
expect = playwright.expect
SITE = ROOT / "build/site"
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
QUEUE = "notebooks/04_lists_as_queues.html"
NOTE = ".launch-note[role=status]"  # that the browser edition is on its way
TABLES = "docs/what-the-embedded-broker-cannot-do.html"
PAGES = [
    "index.html",
    *(f"notebooks/{name}.html" for name in LESSONS),
    *(path.relative_to(ROOT).with_suffix(".html").as_posix() for path in ROOT.glob("docs/*.md")),
    "handouts.html",
    "search.html",
]
MARKUP = re.compile(r"<(style|script).*?</\1>|<[^>]*>", re.S)
# Of each fault that hinders somebody the first place, in one line.
FAULTS = """async () => (await axe.run(document)).violations
    .filter(fault => ['serious', 'critical'].includes(fault.impact))
    .map(fault => fault.id + ': ' + fault.nodes[0].html)"""

pytestmark = [
    pytest.mark.skipif(
        not (SITE / "index.html").exists(), reason="no build/site: make test-site builds it"
    ),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the site on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield opened
        opened.close()


@contextmanager
def visit(browser: Browser, address: str, *, wide: bool = True, **kind: object) -> Iterator[Page]:
    """Open a page where only the site answers; fail if anything else was asked for."""
    size = {"width": 1280 if wide else 390, "height": 900}
    context = browser.new_context(viewport=size, **kind)
    refused: list[str] = []
    context.route(
        lambda url: not url.startswith("http://127.0.0.1:"),
        lambda route: (refused.append(route.request.url), route.abort()),
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(address)
    yield page
    context.close()
    assert refused == []


def text_of(page: str) -> str:
    """Read the words of a built page, with single spaces."""
    shown = re.sub(
        r"<(style|script).*?</\1>|<[^>]*>", "", (SITE / page).read_text("utf-8"), flags=re.S
    )
    return " ".join(html.unescape(shown).split())


def saved_words(name: str) -> Iterator[str]:
    """Read what the cells of a lesson show, but for its questions."""
    lesson = read(ROOT / f"notebooks/{name}.ipynb")
    asking = {part.asks for part in lesson.parts if isinstance(part, Prediction | Quiz)}
    for cell in lesson.code:
        yield from (output.text for output in cell.outputs if cell not in asking)


@pytest.mark.parametrize("name", LESSONS)
def test_every_saved_output_is_on_the_page(address: str, name: str) -> None:
    words = [" ".join(text.split()) for text in saved_words(name)]
    shown = text_of(f"notebooks/{name}.html")
    assert len(words) > 5
    assert [text for text in words if text not in shown] == []


def test_where_the_site_is_built_no_cell_can_run(address: str) -> None:
    asked = "from helpers import connect; connect('shop')"
    ran = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env=os.environ | NO_BROKER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode and "COURSE_BROKER" in ran.stderr


def test_no_link_is_broken_and_nothing_comes_from_elsewhere(address: str) -> None:
    assert links.faults(SITE) == []


def test_every_page_is_among_those_that_are_tested(address: str) -> None:
    built = [path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")]
    ours = [page for page in built if not page.startswith(("_static/", "handouts/"))]
    assert sorted(ours) == sorted(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_nobody_else_fits_a_telephone_and_hinders_nobody(
    browser: Browser, address: str, page: str
) -> None:
    with visit(browser, f"{address}/{page}", wide=False) as opened:
        assert opened.evaluate("document.documentElement.scrollWidth") == 390
        assert faults(opened) == []


@pytest.mark.parametrize("page", ["index.html", QUEUE, TABLES])
@pytest.mark.parametrize("wide", [True, False], ids=["wide", "narrow"])
def test_nothing_hinders_anybody_in_the_dark(
    browser: Browser, address: str, page: str, wide: bool
) -> None:
    with visit(browser, f"{address}/{page}", wide=wide, color_scheme="dark") as opened:
        assert faults(opened) == []


def test_the_front_page_has_a_card_for_each_lesson(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/index.html", wide=True) as opened:
        cards = opened.locator("ol.lessons > li")
        assert [len(card.locator("p").all()) for card in cards.all()] == [2] * len(LESSONS)


def test_no_mark_of_markdown_is_left_on_a_page(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/docs/instructors-guide.html", wide=True) as opened:
        assert "[ ]" not in opened.locator("article").inner_text()


FIRST_VISIT = {"megabytes": 12, "files": ["static/python.wasm", "build/core.js"]}
SAVING = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"


@contextmanager
def reader(
    browser: Browser, address: str, listed: bool = True, before: str = ""
) -> Iterator[tuple[Page, list[str]]]:
    """Open a lesson with its clock in our hands; collect what it asks of the browser edition."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url.partition("/lite/")[2])
        if not listed:
            route.fulfill(status=404)
        elif asked[-1] == "first-visit.json":
            route.fulfill(json=FIRST_VISIT)
        else:
            route.fulfill(body="content")

    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.add_init_script(before)
    page.route("**/lite/**", answer)
    page.clock.install()
    page.goto(f"{address}/{QUEUE}")
    yield page, asked
    context.close()


def test_who_reads_for_some_seconds_gets_the_browser_edition_early(
    browser: Browser, address: str
) -> None:
    with reader(browser, address) as (page, asked):
        page.clock.run_for(5_000)
        assert asked == []
        page.clock.run_for(5_000)
        expect(page.locator(NOTE)).to_have_text(
            "The browser edition is here: it starts in a few seconds."
        )
        assert asked == ["first-visit.json", *FIRST_VISIT["files"]]
        assert faults(page) == []


def test_who_saves_data_fetches_nothing(browser: Browser, address: str) -> None:
    with reader(browser, address, before=SAVING) as (page, asked):
        page.clock.run_for(60_000)
        assert (asked, page.locator(NOTE).count()) == ([], 0)


def test_a_site_without_the_browser_edition_says_nothing_of_it(
    browser: Browser, address: str
) -> None:
    with reader(browser, address, listed=False) as (page, asked):
        with page.expect_response("**/first-visit.json"):
            page.clock.run_for(60_000)
        assert (asked, page.locator(NOTE).count()) == (["first-visit.json"], 0)


def faults(page: Page) -> list[str]:
    if AXE is None:
        pytest.skip("axe-core is not installed: make test-site gets it where npm is")
    page.add_script_tag(path=str(AXE))
    return page.evaluate(FAULTS)


def test_a_lesson_is_read_without_javascript(browser: Browser, address: str) -> None:
    lesson = read(ROOT / QUEUE.replace(".html", ".ipynb"))
    printed = next(o.text for cell in lesson.code for o in cell.outputs if o.stream)
    with visit(browser, f"{address}/{QUEUE}", java_script_enabled=False) as page:
        expect(page.get_by_text(printed).first).to_be_visible()
        expect(page.get_by_role("img", name="Message flow").first).to_be_visible()
        expect(page.get_by_role("link", name="Run on Binder")).to_be_visible()
        answer = page.get_by_text(lesson.predictions[0].answer)
        expect(answer).to_be_hidden()
        page.get_by_text("Think first, then open").first.click()
        expect(answer).to_be_visible()
        solution = page.get_by_text(lesson.exercises[0].solution.source)
        expect(solution).to_be_hidden()
        page.get_by_text("Open the solution").first.click()
        expect(solution).to_be_visible()
        page.get_by_role("link", name="Map").click()
        expect(page.get_by_role("heading", name="The lessons")).to_be_visible()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_can_be_run_from_its_page(browser: Browser, address: str, name: str) -> None:
    wanted = {
        "Run on Binder": navigation.binder(f"{name}.ipynb"),
        "Run in the browser": navigation.browser_edition(f"{name}.ipynb"),
        "Download the notebook": f"{name}.ipynb",
    }
    with visit(browser, f"{address}/notebooks/{name}.html") as page:
        for label, target in wanted.items():
            assert page.get_by_role("link", name=label).get_attribute("href") == target
    assert (SITE / f"notebooks/{name}.ipynb").read_bytes() == (
        ROOT / f"notebooks/{name}.ipynb"
    ).read_bytes()


def test_the_search_finds_a_command(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/index.html") as page:
        page.get_by_placeholder("Search").fill("XAUTOCLAIM")
        page.keyboard.press("Enter")
        found = page.locator("#search-results").get_by_role("link", name="Share a stream")
        expect(found.first).to_have_attribute("href", re.compile("06_consumer_groups.html"))


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("switch", ["light", "dark", "auto"])
def test_the_pictures_follow_the_switch_of_the_page(
    browser: Browser, address: str, system: str, switch: str
) -> None:
    card = "() => getComputedStyle(document.querySelector('.rf-card')).fill"
    colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 25, 30)"}
    with visit(browser, f"{address}/{QUEUE}", color_scheme=system) as page:
        page.evaluate("theme => localStorage.setItem('theme', theme)", switch)
        page.reload()
        assert page.evaluate(card) == colours[system if switch == "auto" else switch]
        page.emulate_media(media="print")
        assert page.evaluate(card) == colours["light"]


def test_a_narrow_page_is_used_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/{QUEUE}", wide=False) as page:
        menu = page.get_by_role("link", name="5 Keep history in a stream")
        expect(menu).to_be_hidden()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(menu).to_be_visible()
        menu.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Keep history in a stream")).to_be_visible()


LABS = [
    f"notebooks/{name}.html"
    for name in LESSONS
    if "await lab(" in (ROOT / f"notebooks/{name}.ipynb").read_text("utf-8")
]
PLAYED = "div.story .course-lab"


def place(page: Page) -> str:
    """Read at which step the story is."""
    return page.locator(".course-where").inner_text()


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_story_plays_to_its_end_and_hinders_nobody(
    browser: Browser, address: str, lab: str, theme: str
) -> None:
    with visit(browser, f"{address}/{lab}", wide=theme == "light", color_scheme=theme) as page:
        expect(page.locator(PLAYED)).to_be_visible()
        count = int(re.match(r"step 1 of (\d+)", place(page))[1])
        for _ in range(count // 2):
            page.get_by_role("button", name="Step forward").click()
        at_rest(page.locator("html"))
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == (
            1280 if theme == "light" else 390
        )
        page.get_by_role("button", name="To the last step").click()
        assert place(page).startswith(f"step {count} of {count}")
        expect(page.locator(".course-goals li:not(.is-reached)")).to_have_count(0)


def test_a_story_is_played_and_stopped(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/{QUEUE}") as page:
        expect(page.locator(PLAYED)).to_be_visible()
        page.clock.install()
        play = page.locator("button.play")
        expect(play).to_have_text("▶ Play")
        play.click()
        expect(play).to_have_text("❚❚ Pause")
        assert place(page).startswith("step 2 of")
        page.clock.run_for(3_000)
        assert place(page).startswith("step 3 of")
        play.click()
        page.clock.run_for(60_000)
        assert place(page).startswith("step 3 of")
        play.click()
        page.clock.run_for(60_000)
        expect(play).to_have_text("▶ Play again")
        play.click()
        assert place(page).startswith("step 1 of")
        page.locator(".course-framed").press("ArrowRight")  # who steps is not hurried on
        expect(play).to_have_text("▶ Play")


def test_a_story_stands_where_its_picture_was(browser: Browser, address: str) -> None:
    still = "figure.picture:has-text('The picture in words')"
    with visit(browser, f"{address}/{QUEUE}", java_script_enabled=False) as page:
        pictures = page.locator(still).count()
        expect(page.locator("div.story summary")).to_be_visible()
        expect(page.locator("button.play")).to_have_count(0)
    with visit(browser, f"{address}/{QUEUE}") as page:
        expect(page.locator(PLAYED)).to_be_visible()
        expect(page.locator(f"{still}:visible")).to_have_count(pictures - 1)


def test_a_story_does_not_move_for_whom_motion_hurts(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/{QUEUE}", reduced_motion="reduce") as page:
        expect(page.locator(PLAYED)).to_be_visible()
        expect(page.locator("button.play")).to_have_count(0)
        page.get_by_role("button", name="Step forward").click()
        moving = page.evaluate(
            "document.getAnimations().filter(a => a.playState == 'running').length"
        )
        assert (moving, place(page)[:9]) == (0, "step 2 of")
