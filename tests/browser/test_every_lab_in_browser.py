"""The page of every lab, without JupyterLab: legible and quiet at each size and in each colour."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import pytest

from helpers.lessons import part
from tools.stories import PRESSES

from .bare import SPILLED, State, open_stage, states_of, tell
from .jupyter import CHROMIUM
from .looks import COVERED, hindrances_of_all, smallest_letters_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

SIZES = {"wide": 900, "zoom of 200 %": 640, "phone": 390}
COLOURS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "dark", "forced_colors": "active"},
}
AS_BEFORE = {"color_scheme": "light", "forced_colors": "null", "reduced_motion": "null"}
TOPS = """() => ['.course-goals', '.course-toolbar', '.course-framed']
    .map(name => document.querySelector(name).getBoundingClientRect().y + scrollY)"""
# Names and figures on messages that take more than one line.
BROKEN = """() => [...document.querySelectorAll('#lab .course-token .course-word')]
    .filter(word => word.offsetHeight > 1.5 * parseFloat(getComputedStyle(word).lineHeight))
    .map(word => word.textContent)"""
# By how much what is told at the head stands nearer to one edge of its box than to the other.
ASKEW = """() => {
    const head = document.querySelector('.course-status');
    const lines = [...head.children].filter(part => part.checkVisibility());
    const boxes = lines.map(part => part.getBoundingClientRect());
    const [box, top] = [head.getBoundingClientRect(), Math.min(...boxes.map(each => each.top))];
    const bottom = Math.max(...boxes.map(each => each.bottom));
    return Math.round(Math.abs((top - box.top) - (box.bottom - bottom)));
}"""
# Through all states: which words stand on others, which are broken, where what is pressed stands,
# and where it stands once one has looked back from there.
WALK = f"""async states => {{
    const seen = [];
    for (const state of states) {{
        window.tell(state);
        await new Promise(requestAnimationFrame);
        const [covered, tops] = [({COVERED})(document.getElementById('lab')), ({TOPS})()];
        const [broken, askew] = [({BROKEN})(), ({ASKEW})()];
        document.querySelector('.course-steps button').click();
        seen.push({{covered, broken, tops, askew, 'looking back': ({TOPS})()}});
    }}
    return seen;
}}"""
LOWEST = """() => Math.min(...[...document.querySelectorAll('#lab button')]
    .filter(button => button.checkVisibility())
    .map(button => button.getBoundingClientRect().height))"""


@cache
def played(number: str) -> list[State]:
    return states_of(part(number, "lab").LAB, PRESSES[number].split(", "))[0]


@pytest.fixture(params=PRESSES, ids=lambda number: f"lab-{number}")
def states(request: pytest.FixtureRequest, page: Page) -> Iterator[list[State]]:
    """Return the states of a lab, and leave the page as it was."""
    yield played(request.param)
    page.emulate_media(**AS_BEFORE)
    page.set_viewport_size({"width": 1200, "height": 1400})
    page.goto("about:blank")


@pytest.mark.parametrize("colours", COLOURS)
def test_at_each_size_nothing_hinders_anybody(
    page: Page, states: list[State], colours: str
) -> None:
    page.emulate_media(reduced_motion="reduce", **COLOURS[colours])
    open_stage(page, states[0], [])
    faults: set[str] = set()
    for state in (states[0], states[len(states) // 2], states[-1]):
        tell(page, state)
        for width in SIZES.values():
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(SPILLED) == []
            assert smallest_letters_of(page.locator("#lab")) >= 11
            assert page.evaluate(LOWEST) >= (40 if width == 390 else 24)
            faults.update(hindrances_of_all(page, "#lab"))
    # There the colours are the reader's own, and axe-core compares those that we had set.
    is_ours = colours != "forced colours"
    assert [f for f in faults if is_ours or not f.startswith("color-contrast")] == []


@pytest.mark.parametrize("width", [1200, 1170, 1060, 860, 820, 700, *SIZES.values()])
def test_nothing_stands_on_others_and_nothing_jumps(
    page: Page, states: list[State], width: int
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    open_stage(page, states[0], [])
    seen = page.evaluate(WALK, states)
    assert [each["covered"] for each in seen] == [[]] * len(states), "words stand on words"
    assert [each["broken"] for each in seen] == [[]] * len(states), "a name is broken"
    assert max(each["askew"] for each in seen) <= 2, "the head is empty at one side"
    tops = [each["tops"] for each in seen]
    assert [each["looking back"] for each in seen] == tops, "something jumps when one looks back"
    if width >= 860:
        assert tops == [tops[0]] * len(tops), "something jumps through the story"
