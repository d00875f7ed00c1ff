"""The moments of a record on the page: each shows what its stage says, by buttons and by keys.

Run with `make test-browser`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import pytest

from helpers import session
from helpers.replay.frames import Frames
from helpers.replay.page import LiveFlow
from helpers.stage.plain import plain
from helpers.waiting import read, until_blocked

from .bare import SYNCED, State, open_stage
from .jupyter import CHROMIUM
from .looks import hindrances_of_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

SEEN = """() => [...document.querySelectorAll('.course-place')].map(place => [
    place.querySelector('.course-name').textContent,
    [...place.querySelectorAll('.course-token')].map(token => token.dataset.mark)])"""


@cache
def played() -> tuple[State, list[State]]:
    """Play some traffic; return the page's state, and its moments."""
    with ThreadPoolExecutor(1) as thread:  # in this one runs the loop of playwright
        return thread.submit(asyncio.run, _played()).result()


async def _played() -> tuple[State, list[State]]:
    shop, ann, bob = (session.connect(name) for name in ("shop", "ann", "bob"))
    wait = asyncio.create_task(ann.blpop("orders", 0))
    await until_blocked(ann)
    await shop.rpush("orders", "order-1", "order-2")
    await wait
    ear = ann.pubsub()
    await ear.subscribe("news")
    await read(ear)
    await shop.publish("news", "hello")
    await read(ear)
    for number in (1, 2, 3):
        await shop.xadd("parcels", {"parcel": f"parcel-{number}"}, id=f"{number}-0")
    await shop.xgroup_create("parcels", "packing", "0")
    await bob.xreadgroup("packing", "bob", {"parcels": ">"}, count=2)
    await bob.xack("parcels", "packing", "1-0")
    live = session.flow(live=True)
    assert isinstance(live, LiveFlow)
    for client in (ear, shop, ann, bob):
        await client.aclose()
    state = {name: getattr(live.page, name) for name in SYNCED}
    return json.loads(json.dumps(state)), plain(Frames(live.moments))


@pytest.fixture
def shown(page: Page) -> Iterator[Page]:
    page.set_viewport_size({"width": 900, "height": 900})
    open_stage(page, *played())
    yield page
    page.emulate_media(color_scheme="light", reduced_motion="null", forced_colors="null")
    page.set_viewport_size({"width": 1200, "height": 1400})
    page.goto("about:blank")


def is_shown(page: Page, frame: State) -> None:
    """Compare the page with a moment: its places, their messages, its place in the story."""
    wanted = [
        [place["name"], [item["mark"] for item in place["items"] if "id" in item]]
        for place in frame["stage"]["places"]
    ]
    assert sorted(page.evaluate(SEEN)) == sorted(wanted)
    number, count = frame["number"], len(played()[1])
    expect(page.locator(".course-where")).to_have_text(f"step {number} of {count} · {frame['did']}")
    sent = page.get_by_label("Commands of this step, with their replies")
    expect(sent).to_contain_text(frame["sent"][0])


def test_every_moment_is_shown_forwards_and_backwards(shown: Page) -> None:
    frames = played()[1]
    assert len(frames) == 10
    is_shown(shown, frames[-1])
    for frame in reversed(frames[:-1]):
        shown.get_by_role("button", name="Step back", exact=True).click()
        is_shown(shown, frame)
    for frame in frames[1:]:
        shown.locator(".course-framed").press("ArrowRight")
        is_shown(shown, frame)


def test_a_moment_says_what_came_of_it(shown: Page) -> None:
    shown.locator(".course-framed").press("Home")
    shown.locator(".course-framed").press("ArrowRight")
    status = shown.get_by_role("status").first
    expect(status).to_contain_text("ann gets order-1 from list orders.")
    expect(status).not_to_contain_text("You look back")
    expect(shown.get_by_role("button", name="To the last step")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [900, 390])
def test_moments_hinder_nobody(shown: Page, theme: str, width: int) -> None:
    shown.emulate_media(color_scheme=theme)
    shown.set_viewport_size({"width": width, "height": 900})
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert hindrances_of_all(shown, ".course-lab") == []
