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
from .looks import covered, hindrances_of_all, smallest_letters_of

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
# What is pressed when one looks back, and where it and all else stood before and after it.
STEPPED = f"""() => {{
    const before = ({TOPS})();
    document.querySelector('.course-steps button').click();
    return [before, ({TOPS})()];
}}"""
LOWEST = """() => Math.min(...[...document.querySelectorAll('#lab button')]
    .filter(button => button.checkVisibility())
    .map(button => button.getBoundingClientRect().height))"""


@cache
def played(number: str) -> list[State]:
    return states_of(part(number, "lab").LAB, PRESSES[number].split(", "))[0]


@pytest.fixture(params=sorted(PRESSES))
def states(request: pytest.FixtureRequest, page: Page) -> Iterator[list[State]]:
    """Show a lab before its first act, and return its states."""
    found = played(request.param)
    page.set_viewport_size({"width": 900, "height": 900})
    open_stage(page, found[0], [])
    yield found
    page.emulate_media(**AS_BEFORE)
    page.set_viewport_size({"width": 1200, "height": 1400})
    page.goto("about:blank")


@pytest.mark.parametrize("colours", COLOURS)
def test_at_each_size_nothing_hinders_anybody(
    page: Page, states: list[State], colours: str
) -> None:
    page.emulate_media(reduced_motion="reduce", **COLOURS[colours])
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


@pytest.mark.parametrize("width", [1200, *SIZES.values()])
def test_no_words_stand_on_others_at_any_moment(
    page: Page, states: list[State], width: int
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    open_stage(page, states[0], [])
    lab, found = page.locator("#lab"), {}
    for number, state in enumerate(states):
        tell(page, state)
        found[number] = covered(lab)
    assert {number: words for number, words in found.items() if words} == {}


@pytest.mark.parametrize("width", [1200, 900])
def test_what_is_pressed_stays_where_it_is_through_the_story(
    page: Page, states: list[State], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_stage(page, states[0], [])
    seen = []
    for state in states:
        tell(page, state)
        seen.append(page.evaluate(TOPS))
    assert [tops for tops in seen if tops != seen[0]] == []


def test_whoever_looks_back_moves_nothing(page: Page, states: list[State]) -> None:
    moved = []
    for width in (1200, 860, *SIZES.values()):
        page.set_viewport_size({"width": width, "height": 900})
        open_stage(page, states[0], [])
        for number, state in enumerate(states[1:], 1):
            tell(page, state)
            before, after = page.evaluate(STEPPED)
            if before != after:
                moved.append((width, number))
    assert moved == []
