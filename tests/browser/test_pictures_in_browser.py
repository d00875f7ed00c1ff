"""The pictures of a lesson in JupyterLab: by eye, by screen reader, by keyboard, on a telephone."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .jupyter import CHROMIUM, JUPYTERLAB, NOTEBOOKS, Course, paint, run_all
from .looks import AXE, FAULTS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect

pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]

LESSON = "00_start_here.ipynb"
THEMES = ("light", "dark")
MIXED = [(system, theme) for system in THEMES for theme in THEMES]
CARDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 25, 30)"}
SIZE = {"width": 1200, "height": 1400}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 400}  # a window of 1280 x 800 at 200 %
LEAST = 11  # pixels
# What lies to the right of the window, or outside of the box that scrolls, is not in sight.
LANES_IN_SIGHT = """region => {
    const box = region.getBoundingClientRect();
    const right = Math.min(box.right, innerWidth);
    const lanes = region.querySelectorAll('g.rf-b:not([font-size]) text');
    const names = [...lanes].map(lane => lane.getBoundingClientRect());
    return names.length > 1 && names.every(n => n.left >= box.left && n.right <= right);
}"""
SMALLEST = """region => Math.min(...[...region.querySelectorAll('svg text')].map(text => {
    const drawn = text.getScreenCTM().a;  // what the picture is scaled by
    return parseFloat(getComputedStyle(text).fontSize) * drawn;
}))"""
# As JupyterLab shows a saved picture.
AS_IMAGE = """async svg => {
    const image = new Image();
    document.body.append(image);
    image.src = 'data:image/svg+xml,' + encodeURIComponent(svg);
    await image.decode();
    image.style = 'position:fixed;top:0;left:0;z-index:99999';
}"""

COLOUR = """async png => {
    const answer = await fetch('data:image/png;base64,' + png);
    const made = await createImageBitmap(await answer.blob());
    const paper = new OffscreenCanvas(made.width, made.height).getContext('2d');
    paper.drawImage(made, 0, 0);
    const [r, g, b] = paper.getImageData(made.width - 12, 12, 1, 1).data;
    return `rgb(${r}, ${g}, ${b})`;
}"""
FOLDED = """() => {
    if (jupyterapp.shell.leftCollapsed === false) jupyterapp.shell.collapseLeft();
}"""
ACTIVE = """[...document.querySelectorAll('.jp-Notebook-cell')]
    .findIndex(cell => cell.classList.contains('jp-mod-active'))"""


@pytest.fixture(scope="module")
def ran(page: Page, course: Course) -> Locator:
    run_all(page, course, LESSON)
    return page.locator(".jp-CodeCell", has=page.get_by_role("region", name="Message flow"))


@pytest.fixture
def cell(ran: Locator, page: Page) -> Iterator[Locator]:
    yield ran.first
    page.set_viewport_size(SIZE)
    paint(page, "light")


def region(cell: Locator) -> Locator:
    return cell.get_by_role("region", name="Message flow")


def saved(kind: str) -> str:
    """Read what the lesson saved of its picture, in one of its forms."""
    cells = json.loads((NOTEBOOKS / LESSON).read_text(encoding="utf-8"))["cells"]
    data = (output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    return "".join(next(d[kind] for d in data if "image/svg+xml" in d))


def tree(page: Page) -> list[dict[str, Any]]:
    """Read the accessibility tree, as a screen reader gets it."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        {
            "role": node.get("role", {}).get("value"),
            "name": node.get("name", {}).get("value"),
        }
        for node in nodes
        if not node.get("ignored")
    ]


def test_a_screen_reader_hears_what_the_picture_is_and_all_that_it_says(
    page: Page, cell: Locator
) -> None:
    images = [n["name"] for n in tree(page) if n["role"] in ("image", "img")]
    assert "Message flow of shop and ann" in images
    summary = cell.get_by_text("As text", exact=True)
    summary.focus()
    page.keyboard.press("Enter")
    expect(cell.locator("details pre")).to_be_visible()
    told = [n["name"] or "" for n in tree(page) if n["role"] == "StaticText"]
    heard = "\n".join(told)
    assert all(line.strip() in heard for line in saved("text/plain").splitlines())
    page.keyboard.press("Enter")
    expect(cell.locator("details pre")).to_be_hidden()


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_on_the_whole_page_of_a_lesson_hinders_anybody(
    page: Page, cell: Locator, theme: str
) -> None:
    if AXE is None:
        pytest.skip("axe-core is not installed: make test-browser gets it where npm is")
    paint(page, theme)
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    cell.locator("summary").click()
    outputs = page.locator(".jp-Notebook .jp-OutputArea-output").all()
    assert len(outputs) > 5
    assert [fault for output in outputs for fault in output.evaluate(FAULTS)] == []
    cell.locator("summary").click()


def dress(page: Page, system: str, theme: str) -> None:
    """Let the system and JupyterLab have themes of their own."""
    paint(page, theme)
    page.emulate_media(color_scheme=system)


@pytest.mark.parametrize(("system", "theme"), MIXED)
def test_a_picture_follows_jupyterlab_whatever_the_system_has(
    page: Page, cell: Locator, system: str, theme: str
) -> None:
    dress(page, system, theme)
    card = region(cell).locator(".rf-card")
    assert card.evaluate("e => getComputedStyle(e).fill") == CARDS[theme]
    scheme = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert scheme == "normal", "the picture's style has changed the page"


@pytest.mark.parametrize(("system", "theme"), MIXED)
def test_a_picture_as_an_image_follows_as_well(
    page: Page, cell: Locator, system: str, theme: str
) -> None:
    dress(page, system, theme)
    page.evaluate(AS_IMAGE, saved("image/svg+xml"))
    image = page.locator("body > img")
    try:
        assert _colour(page, image) == CARDS[theme]
    finally:
        image.evaluate("e => e.remove()")


def _colour(page: Page, image: Locator) -> str:
    """Read the colour of a place of the picture where its card is empty."""
    return page.evaluate(COLOUR, b64encode(image.screenshot()).decode())


def make_small(page: Page, size: dict[str, int]) -> None:
    """Make the window small, with the panel folded away, as the browser edition does it."""
    page.set_viewport_size(size)
    page.evaluate(FOLDED)


@pytest.mark.parametrize("size", [PHONE, ZOOMED], ids=["phone", "zoomed"])
def test_on_a_small_page_the_lanes_are_in_sight_and_the_words_can_be_read(
    page: Page, cell: Locator, size: dict[str, int]
) -> None:
    make_small(page, size)
    box = region(cell)
    box.scroll_into_view_if_needed()
    assert box.evaluate(LANES_IN_SIGHT)
    assert box.evaluate(SMALLEST) >= LEAST


def test_the_keyboard_scrolls_a_picture_and_stays_in_its_cell(page: Page, cell: Locator) -> None:
    make_small(page, PHONE)
    box = region(cell)
    box.focus()
    expect(box).to_be_focused()
    before = page.evaluate(ACTIVE)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("e => e.scrollLeft > 0", arg=box.element_handle())
    expect(box).to_be_focused()
    assert page.evaluate(ACTIVE) == before
