"""The labs of the lessons in JupyterLab: pressed on the page, compared with the broker.

Run with `make test-browser`. It takes the JupyterLab that `make lab` installs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from .jupyter import CHROMIUM, JUPYTERLAB, ROOT, Course, chromium, jupyterlab, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
AXE = next(ROOT.glob(".venv-browser/node_modules/axe-core/axe.min.js"), None)
# Of each lab the first fault that hinders somebody, in one line.
FAULTS = """async root => (await axe.run(root)).violations
    .filter(fault => ['serious', 'critical'].includes(fault.impact))
    .map(fault => fault.id + ': ' + fault.nodes[0].html)"""

pytestmark = [
    pytest.mark.skipif(not JUPYTERLAB, reason="no JupyterLab in .venv: make lab installs it"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


@dataclass(frozen=True)
class Story:
    """What is pressed in a lab, what the page then says, and where the broker has those figures."""

    lesson: int
    presses: str
    said: str  # a pattern; its groups are compared with the broker's answer
    question: str


BUS = "__import__('helpers.labs.opening', fromlist=['lab'])._shown['7']._askers.values()"
SENT = "int((await node.cluster('INFO')).get('cluster_stats_messages_publish_sent', 0))"
OUTAGE = "setattr(_broker.broker()._options['server'], 'connected', {})"
STORIES = [
    Story(
        1,
        "Send an order, Send an order, Everybody reads, Add a late service, Send an order",
        r"Sent 3; the lists hold (3), the stream (3)",
        "[sum([await r.llen(f'lab:1:for-{s}') for s in ('mail', 'stock', 'stats')]),"
        " await r.xlen('lab:1:orders')]",
    ),
    Story(
        2,
        "Publish, Subscribe, Publish",
        r"subscribed now: (1)\. ann received 1 and missed 1",
        "[(await r.pubsub_numsub('lab:2:news'))[0][1]]",
    ),
    Story(
        3,
        "Subscribe by this pattern, Publish, Publish",
        r"Published 2; .*ann has (1) subscriptions and received 2, 0 once too often",
        "[int(c['psub']) for c in await r.client_list() if c['name'] == 'lab3-ann']",
    ),
    Story(
        4,
        "Push an order, Push an order, Push an order, Push an order, Kill, Restart",
        r"Pushed 4: (0) in the queue, .* 3 in hand, (0) packed, 1 lost",
        "[await r.llen('lab:4:orders'), await r.llen('lab:4:packed')]",
    ),
    Story(
        5,
        "Add an entry, Add an entry, Add an entry, Read on, Trim what is before it",
        r"Added 3, held (2), trimmed 1\. ann: cursor at 15 s",
        "[await r.xlen('lab:5:visits')]",
    ),
    Story(
        6,
        "Add an order, Add a poison order, Take the next, Finish, Take the next, Finish",
        r"Added 2: 0 new, (1) pending, 1 acknowledged, 0 set aside\. ann is dead",
        "[(await r.xpending('lab:6:orders', 'packing'))['pending']]",
    ),
    Story(
        7,
        "Subscribe there, Publish 10 there",
        r"3 nodes\. Published 10; .* (20) messages crossed the bus; 10 were heard",
        f"[sum([{SENT} for node in {BUS}])]",
    ),
    Story(
        8,
        "Run the four designs",
        r"Move lost 0 and did (2) twice",
        "[sum(int(n) > 1 for n in (await r.hgetall('lab:8:Move:1:done')).values())]",
    ),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    with jupyterlab(tmp_path_factory.mktemp("course")) as running:
        yield running


@pytest.fixture(params=[False], ids=["light"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a page; a test fails when the browser's console has told of an error."""
    errors: list[str] = []
    with chromium(dark=request.param) as opened:
        opened.on(
            "console", lambda told: errors.append(told.text) if told.type == "error" else None
        )
        yield opened
    assert errors == []


def notebook(course: Course, lesson: int) -> str:
    [path] = course.folder.glob(f"{lesson:02}_*.ipynb")
    return path.name


def opened(page: Page, course: Course, lesson: int) -> Locator:
    """Run a lesson and return the cell of its lab."""
    run_all(page, course, notebook(course, lesson))
    return page.locator(".jp-CodeCell", has_text=re.compile(rf"lab\({lesson}\)"))


def press(cell: Locator, labels: str) -> None:
    for label in labels.split(", "):
        cell.get_by_role("button", name=label, exact=True).click()


def status(cell: Locator) -> Locator:
    return cell.get_by_role("status")


def agrees(cell: Locator, course: Course, story: Story) -> None:
    """Wait until the page says what the story ends with; then ask the broker."""
    expect(status(cell)).to_contain_text(re.compile(story.said))
    said = re.search(story.said, status(cell).inner_text())
    assert said
    assert [int(figure) for figure in said.groups()] == course.ask(story.question)


def faults(page: Page, cell: Locator) -> list[str]:
    if AXE is None:
        pytest.skip("axe-core is not installed: make test-browser gets it where npm is")
    page.add_script_tag(path=str(AXE))
    return cell.locator(".jp-OutputArea-output").evaluate(FAULTS)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"lab-{story.lesson}")
def test_the_page_says_what_the_broker_holds(page: Page, course: Course, story: Story) -> None:
    cell = opened(page, course, story.lesson)
    press(cell, story.presses)
    agrees(cell, course, story)
    assert cell.get_by_role("alert").count() == 0
    assert cell.get_by_role("img").count() == 1
    assert faults(page, cell) == []


@pytest.mark.parametrize("page", [True], ids=["dark"], indirect=True)
def test_nothing_hinders_anybody_in_the_dark(page: Page, course: Course) -> None:
    cell = opened(page, course, 4)
    page.click('div.lm-MenuBar-itemLabel:has-text("Settings")')
    page.hover('.lm-Menu-itemLabel:text-is("Theme")')
    page.click('.lm-Menu-itemLabel:text-is("JupyterLab Dark")')
    expect(page.locator("body[data-jp-theme-light=false]")).to_have_count(1)
    press(cell, "Push an order, Kill")
    expect(status(cell)).to_contain_text("1 lost")
    assert faults(page, cell) == []


def reach(page: Page, label: str) -> None:
    """Press Tab until a button has the focus, then press it."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText.trim()") == label:
            return page.keyboard.press("Space")
    pytest.fail(f"Tab does not lead to {label}")


def test_a_lab_can_be_used_with_the_keyboard_alone(page: Page, course: Course) -> None:
    cell = opened(page, course, 4)
    cell.get_by_role("button", name="Push an order").focus()
    page.keyboard.press("Space")
    expect(status(cell)).to_contain_text("ann works")
    reach(page, "BLMOVE")
    expect(status(cell)).to_contain_text("bob waits with BLMOVE")
    reach(page, "bob")
    reach(page, "Kill")
    expect(status(cell)).to_contain_text("bob dead")


def test_running_the_cell_again_leaves_one_lab_and_no_client(page: Page, course: Course) -> None:
    cell = opened(page, course, 4)
    press(cell, "Push an order")
    expect(status(cell)).to_contain_text("Pushed 1")
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(status(cell)).to_contain_text("Pushed 0")
    names = "[c['name'] for c in await r.client_list() if c['name'].startswith('lab')]"
    assert course.ask(f"[{names}, await r.keys('lab:*')]") == [[], []]
    press(cell, "Push an order")
    expect(status(cell)).to_contain_text("Pushed 1")


def test_a_broker_that_fails_is_told_in_the_lab(page: Page, course: Course) -> None:
    cell = opened(page, course, 2)
    press(cell, "Publish")
    expect(status(cell)).to_contain_text("Published 1")
    course.ask(OUTAGE.format(False))
    press(cell, "Publish")
    expect(cell.get_by_role("alert")).to_contain_text("ConnectionError")
    course.ask(OUTAGE.format(True))
    press(cell, "Start over, Publish")
    expect(status(cell)).to_contain_text("Published 1")
    expect(cell.get_by_role("alert")).to_have_count(0)
