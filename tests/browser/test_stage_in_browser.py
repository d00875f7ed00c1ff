"""The page of a stage by itself, without JupyterLab: what it shows, what moves, what it asks.

Its states are those of lab 4, played beforehand; run with `make test-browser`.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING

import pytest

from helpers.lessons.l04.lab import Line
from helpers.stage.frame import Frame
from helpers.stage.plain import plain

from ..stages.drawn import CROSSED
from .bare import State, open_stage, states_of, tell
from .jupyter import CHROMIUM
from .looks import covered

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-browser installs it"
)
expect = playwright.expect
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

PRESSES = [
    *["Push an order"] * 4,
    *("Kill ann", "Take with=BLMOVE", "Finish bob", "Kill bob"),
    *("Sweep", "Restart ann", "Finish ann"),
]
KILLED, MOVED, LAST = 5, 7, 11  # the states after these presses
SEEN = """() => Object.fromEntries([...document.querySelectorAll('.course-place')].map(place => [
    place.querySelector('.course-name').textContent,
    [...place.querySelectorAll('.course-token')].map(token => token.dataset.mark)]))"""
MOTIONS = "document.getAnimations().length"
TOLD = f"state => {{ window.tell(state); return {MOTIONS}; }}"


@cache
def played() -> tuple[list[State], list[State]]:
    return states_of(Line, PRESSES)


@pytest.fixture
def lab(page: Page) -> Iterator[Page]:
    """Show lab 4 before its first act."""
    states, frames = played()
    page.set_viewport_size({"width": 900, "height": 900})
    open_stage(page, states[0], frames[:1])
    yield page
    page.emulate_media(color_scheme="light", reduced_motion="null", forced_colors="null")
    page.set_viewport_size({"width": 1200, "height": 1400})
    page.goto("about:blank")


def go_to(page: Page, number: int) -> None:
    """Let the page hear of each state up to this one."""
    for state in played()[0][1 : number + 1]:
        tell(page, state)


def act(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def status(page: Page) -> Locator:
    return page.get_by_role("status").first


def words(part: Locator) -> str:
    """Return what stands in a part, for the eye and for a screen reader."""
    return " ".join(part.inner_text().split())


def asked(page: Page) -> list[State]:
    return page.evaluate("window.asked.filter(each => !each.ask)")


# What it shows.


def test_every_moment_is_shown_as_it_is(lab: Page) -> None:
    for state in played()[0]:
        tell(lab, state)
        places = state["shown"]["stage"]["places"]
        wanted = {p["name"]: [i["mark"] for i in p["items"] if "id" in i] for p in places}
        assert lab.evaluate(SEEN) == wanted
        expect(status(lab)).to_contain_text(state["shown"]["headline"])
        expect(status(lab)).to_contain_text(state["shown"]["summary"])


def test_what_a_screen_reader_hears_of_a_place(lab: Page) -> None:
    go_to(lab, KILLED)
    orders = lab.get_by_role("group", name="orders, the queue", exact=True)
    assert words(orders.get_by_role("listitem").first) == "order-4 , held by the broker"
    expect(lab.get_by_role("group", name="ann, dead", exact=True)).to_be_visible()
    lost = lab.get_by_role("group", name="lost", exact=True)
    assert words(lost.get_by_role("listitem")) == "◆ ✕ order-1 , lost or missed, just now"


def test_the_goals_are_a_list_that_tells_what_is_reached_and_what_is_next(lab: Page) -> None:
    go_to(lab, KILLED)
    goals = lab.get_by_role("list", name="The story of this lab").get_by_role("listitem")
    texts = goals.all_inner_texts()
    assert [text.startswith("✓") for text in texts] == [True, True, False, False, False]
    assert [text.split(", ")[-1] for text in texts][:3] == ["reached", "reached", "next"]


def test_the_primary_act_differs_by_more_than_colour(lab: Page) -> None:
    go_to(lab, KILLED - 1)
    primary = act(lab, "Kill ann")
    assert "▸" in primary.evaluate("b => getComputedStyle(b, '::before').content")
    expect(primary).to_have_accessible_description("The next goal of the story.")
    expect(act(lab, "Kill bob")).to_have_accessible_description("")
    go_to(lab, KILLED)
    setting = lab.get_by_role("group", name="Take with", exact=True)
    expect(setting).to_have_accessible_description("The next goal of the story.")


LEFT_AND_WIDTH = "act => [act.getBoundingClientRect().x, act.getBoundingClientRect().width]"


def test_a_chip_on_its_way_catches_no_press(lab: Page) -> None:
    go_to(lab, 2)
    chips = lab.evaluate(
        """() => [...document.querySelectorAll('.course-stage .course-token')].map(chip => {
            const {x, y, width, height} = chip.getBoundingClientRect();
            return document.elementsFromPoint(x + width / 2, y + height / 2).includes(chip);
        })"""
    )
    assert chips and not any(chips)


def test_nothing_is_pushed_aside_when_an_act_becomes_the_primary_one(lab: Page) -> None:
    row = lab.get_by_role("group", name="ann, works", exact=True)
    go_to(lab, KILLED - 2)
    expect(act(lab, "Kill ann")).not_to_have_class("is-primary")
    before = [each.evaluate(LEFT_AND_WIDTH) for each in row.get_by_role("button").all()]
    go_to(lab, KILLED - 1)
    expect(lab.locator(".is-primary")).to_have_text("Kill")
    after = [each.evaluate(LEFT_AND_WIDTH) for each in row.get_by_role("button").all()]
    assert before == after


TOPS = """() => ['.course-goals', '.course-toolbar', '.course-framed', '.course-receives']
    .map(name => document.querySelector(name).getBoundingClientRect().y + scrollY)"""


@pytest.mark.parametrize("width", [1200, 900])
def test_the_stage_stays_where_it_is_through_the_story_and_when_one_looks_back(
    lab: Page, width: int
) -> None:
    lab.set_viewport_size({"width": width, "height": 900})
    seen = [lab.evaluate(TOPS)]
    for state in played()[0][1:]:
        tell(lab, state)
        seen.append(lab.evaluate(TOPS))
    act(lab, "Step back").click()
    assert [tops for tops in [*seen, lab.evaluate(TOPS)] if tops != seen[0]] == []


def test_what_makes_no_sense_is_grey_can_be_reached_and_is_asked(lab: Page) -> None:
    go_to(lab, KILLED)
    for name, is_grey in {"Kill ann": "true", "Finish ann": "true", "Restart ann": "false"}.items():
        expect(act(lab, name)).to_have_attribute("aria-disabled", is_grey)
    act(lab, "Kill ann").focus()
    expect(act(lab, "Kill ann")).to_be_focused()
    lab.keyboard.press("Enter")
    assert asked(lab) == [{"act": "Kill ann"}]


LINES = """() => Object.fromEntries(['now', 'before', 'waits'].map(kind => [kind, [
    document.querySelectorAll(`.course-lines path.course-${kind}:not(.course-tip)`).length,
    document.querySelectorAll(`.course-lines .course-tip.course-${kind}`).length]]))"""


def test_a_line_of_now_is_strong_one_of_before_pale_and_a_wait_has_no_head(lab: Page) -> None:
    go_to(lab, 2)
    assert lab.evaluate(LINES) == {"now": [2, 2], "before": [1, 1], "waits": [1, 0]}
    texts = lab.locator(".course-lines text.course-now").all_text_contents()
    assert texts == []  # "order-2" would hide a line, of one message it says enough
    legend = words(lab.locator(".course-legend"))
    for meaning in ("just now", "earlier", "waits or is subscribed"):
        assert meaning in legend
    assert "◆ has just changed" in legend
    widths = [
        lab.locator(f".course-lines path.course-{kind}").first.evaluate(
            "path => parseFloat(getComputedStyle(path).strokeWidth)"
        )
        for kind in ("now", "before")
    ]
    assert widths[0] > widths[1]


def test_what_a_worker_has_stands_always_at_the_same_place(lab: Page) -> None:
    spot = """() => [...document.querySelectorAll('.course-receives .course-token')].map(token => {
        const [own, place] = [token, token.closest('.course-place')].map(part =>
            part.getBoundingClientRect());
        return [Math.round(own.x - place.x), Math.round(own.y - place.y)].join();
    })"""
    lab.emulate_media(reduced_motion="reduce")
    found = set()
    for state in played()[0]:
        tell(lab, state)
        found.update(lab.evaluate(spot))
    assert len(found) == 1


def test_what_has_just_changed_has_a_mark_and_an_outline(lab: Page) -> None:
    go_to(lab, KILLED)
    fresh = lab.locator(".course-stage .is-fresh")
    assert words(fresh).startswith("◆ ✕ order-1")
    assert fresh.evaluate("token => getComputedStyle(token).outlineStyle") == "solid"
    changed = lab.locator(".is-changed")
    assert [text.split("\n")[0] for text in changed.all_inner_texts()] == ["ann", "lost"]
    assert "◆ dead" in changed.first.inner_text()


@pytest.mark.parametrize("width", [1200, 900, 820])
def test_words_of_lines_that_cross_stand_on_no_others(lab: Page, width: int) -> None:
    lab.emulate_media(reduced_motion="reduce")
    lab.set_viewport_size({"width": width, "height": 900})
    [crossed] = plain([Frame(2, CROSSED)])
    tell(lab, {"shown": crossed})
    drawn = lab.locator(".course-lines text").all_text_contents()
    assert sorted(drawn) == [str(10 * m + n) for m in (1, 2, 3) for n in (1, 2, 3)]
    assert covered(lab.locator("#lab")) == []


# What moves.


def test_a_message_is_the_same_element_wherever_it_goes(lab: Page) -> None:
    go_to(lab, 1)
    lab.evaluate("window.kept = document.querySelector('.course-receives .course-token')")
    go_to(lab, KILLED)
    where = "kept.closest('.course-place').querySelector('.course-name').textContent"
    assert lab.evaluate(f"[kept.isConnected, {where}]") == [True, "lost"]


def test_what_has_moved_is_seen_to_move_and_is_there_at_once(lab: Page) -> None:
    go_to(lab, KILLED - 1)
    lab.evaluate("Promise.all(document.getAnimations().map(a => a.finished)).then(() => null)")
    assert lab.evaluate(MOTIONS) == 0
    assert lab.evaluate(TOLD, played()[0][KILLED]) == 1
    assert lab.evaluate(SEEN)["lost"] == ["lost"]
    longest = "Math.max(...document.getAnimations().map(a => a.effect.getTiming().duration))"
    assert 200 <= lab.evaluate(longest) <= 400


def test_nothing_moves_for_who_does_not_want_it(lab: Page) -> None:
    lab.emulate_media(reduced_motion="reduce")
    assert [lab.evaluate(TOLD, state) for state in played()[0]] == [0] * (len(PRESSES) + 1)


def test_nothing_moves_in_a_page_that_nobody_sees(lab: Page) -> None:
    lab.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    assert lab.evaluate(TOLD, played()[0][1]) == 0


def crowd(lists: int, messages: int, newest: int = 0) -> State:
    """Return a state with so many lists of so many messages, and one more in the first."""
    state = deepcopy(played()[0][1])
    first = state["shown"]["stage"]["places"][1]
    places = []
    for at in range(lists):
        names = [f"m-{at}-{n}" for n in range(messages)] + ["newest"] * (newest and at == 0)
        items = [
            {"id": n, "text": n, "mark": "held", "at": None, "isFresh": n == "newest"}
            for n in names
        ]
        places.append(first | {"name": f"list-{at}", "items": items, "note": ""})
    state["shown"] |= {"number": 2 + newest, "stage": state["shown"]["stage"] | {"places": places}}
    state["shown"]["stage"] |= {"links": [], "joins": []}
    return state


def test_two_hundred_messages_are_redrawn_at_once_and_only_what_has_changed(lab: Page) -> None:
    tell(lab, crowd(10, 20))
    assert lab.locator(".course-token").count() >= 200
    code = """state => {
        let frames = 0;
        const ask = window.requestAnimationFrame;
        window.requestAnimationFrame = back => { frames += 1; return ask(back); };
        const changes = new MutationObserver(() => {});
        changes.observe(document.getElementById('lab'),
            {childList: true, subtree: true, characterData: true});
        window.tell(state);
        const seen = changes.takeRecords()
            .flatMap(each => [...each.addedNodes, ...each.removedNodes])
            .filter(node => node.matches?.('.course-place .course-token'));
        window.requestAnimationFrame = ask;
        const all = document.querySelectorAll('.course-place .course-token');
        return [frames, seen.length, all.length];
    }"""
    assert lab.evaluate(code, crowd(10, 20, newest=1)) == [0, 1, 201]


# Steps.


def test_the_buttons_step_through_what_was_and_nothing_is_sent(lab: Page) -> None:
    go_to(lab, KILLED)
    act(lab, "Step back").click()
    expect(lab.get_by_text("press 4 of 5 · Push an order")).to_be_visible()
    expect(status(lab)).to_contain_text("You look back at press 4 of 5;")
    assert lab.evaluate(SEEN)["lost"] == []
    assert lab.evaluate(SEEN)["ann"] == ["hand"]
    for name in ("Push an order", "Kill ann", "Start over"):
        expect(act(lab, name)).to_be_disabled()
    expect(lab.get_by_role("radio", name="BLMOVE")).to_be_disabled()
    act(lab, "Step forward").click()
    expect(act(lab, "Kill bob")).to_be_enabled()
    assert lab.evaluate(SEEN)["lost"] == ["lost"]
    expect(act(lab, "Step forward")).to_have_attribute("aria-disabled", "true")
    assert asked(lab) == []


def test_the_keys_step_as_well(lab: Page) -> None:
    go_to(lab, KILLED)
    lab.get_by_role("group", name="Workers who wait in line").focus()
    seen = []
    for key in ("ArrowLeft", "ArrowLeft", "Home", "ArrowRight", "End", "ArrowRight"):
        lab.keyboard.press(key)
        seen.append(lab.locator(".course-where").inner_text().split(" ·")[0])
    after = ["the start", *(f"press {n} of 5" for n in range(1, 6))]
    assert seen == [after[n] for n in (4, 3, 0, 1, 5, 5)]
    assert asked(lab) == []


def test_no_act_is_marked_as_the_next_one_while_one_looks_back(lab: Page) -> None:
    go_to(lab, KILLED - 1)
    act(lab, "Step back").click()
    expect(lab.locator(".is-primary")).to_have_count(0)
    act(lab, "Step forward").click()
    expect(lab.locator(".is-primary")).to_have_count(1)


def test_a_new_act_returns_to_now(lab: Page) -> None:
    go_to(lab, KILLED - 1)
    act(lab, "Step back").click()
    tell(lab, played()[0][KILLED])
    expect(status(lab)).to_contain_text("order-1 died with ann: nobody has it.")
    expect(act(lab, "Push an order")).to_be_enabled()


def test_a_page_made_later_knows_what_was(page: Page, lab: Page) -> None:
    states, frames = played()
    open_stage(page, states[LAST], frames)
    expect(page.get_by_text("press 11 of 11 · ann: Finish")).to_be_visible()
    page.get_by_role("group", name="Workers who wait in line").press("Home")
    expect(status(page)).to_contain_text("You look back at the start;")
    expect(status(page)).to_contain_text("Three workers share one queue.")


def test_who_starts_over_sees_one_moment(lab: Page) -> None:
    go_to(lab, KILLED)
    tell(lab, played()[0][0])
    expect(lab.locator(".course-steps")).to_be_hidden()
    assert lab.evaluate(SEEN)["lost"] == []


# What it asks.


def test_acts_and_settings_are_asked_by_name(lab: Page) -> None:
    act(lab, "Push an order").click()
    lab.get_by_role("radio", name="BLMOVE").check(force=True)
    act(lab, "Kill carol").press("Enter")
    assert asked(lab) == [
        {"act": "Push an order"},
        {"set": "command", "value": "BLMOVE"},
        {"act": "Kill carol"},
    ]


def test_numbers_lists_and_words_can_be_set(lab: Page) -> None:
    state = deepcopy(played()[0][0])
    state["controls"] += [
        {"kind": "number", "label": "Jobs", "setting": "jobs", "place": "", "low": 1, "high": 9},
        {"kind": "entry", "label": "Pattern", "setting": "pattern", "place": "ann"},
        {"kind": "choice", "label": "Node", "setting": "node", "place": "", "options": [*"ABCDEF"]},
    ]
    state["values"] |= {"jobs": 3, "pattern": "m*", "node": "B"}
    tell(lab, state)
    expect(lab.get_by_label("Jobs")).to_have_value("3")
    expect(lab.get_by_label("Node")).to_have_value("B")
    lab.get_by_label("Jobs").fill("5")
    lab.get_by_label("Jobs").press("Enter")
    lab.get_by_label("Jobs").fill("")
    lab.get_by_label("Pattern").fill("<b>")
    lab.get_by_label("Pattern").blur()
    lab.get_by_label("Node").select_option("F")
    assert asked(lab) == [
        {"set": "jobs", "value": 5},
        {"set": "pattern", "value": "<b>"},
        {"set": "node", "value": "F"},
    ]


def test_what_is_being_typed_stays_while_the_page_changes(lab: Page) -> None:
    field = {"kind": "entry", "label": "Pattern", "setting": "pattern", "place": ""}
    news = {"controls": [field], "values": {"pattern": "mail-*"}}
    tell(lab, news)
    lab.get_by_label("Pattern").fill("m*")
    tell(lab, news | {"hint": "An act of before has been dealt with."})
    expect(lab.get_by_label("Pattern")).to_have_value("m*")
    lab.get_by_label("Pattern").blur()
    assert asked(lab) == [{"set": "pattern", "value": "m*"}]
    tell(lab, news)
    expect(lab.get_by_label("Pattern")).to_have_value("mail-*")


def test_the_focus_stays_while_the_page_changes(lab: Page) -> None:
    act(lab, "Push an order").focus()
    go_to(lab, KILLED)
    expect(act(lab, "Push an order")).to_be_focused()


def test_a_refusal_and_a_fault_are_told(lab: Page) -> None:
    tell(lab, {"hint": "Nobody is dead: there is nothing to sweep."})
    expect(status(lab)).to_contain_text("Nobody is dead: there is nothing to sweep.")
    tell(lab, {"problem": "TimeoutError.", "hint": ""})
    expect(lab.get_by_role("alert")).to_have_text("Something went wrong. TimeoutError.")
    expect(status(lab)).not_to_contain_text("Nobody is dead")


def test_it_runs_by_itself_at_a_chosen_speed_until_it_is_stopped(lab: Page) -> None:
    lab.clock.install()
    lab.get_by_label("Speed").select_option("slow")
    act(lab, "▶ Run by itself").click()
    assert asked(lab) == [{"act": "Push an order"}]
    lab.clock.run_for(10_000)
    assert len(asked(lab)) == 1, "the next waits until the last is dealt with"
    go_to(lab, 1)
    lab.clock.run_for(1900)
    assert len(asked(lab)) == 1
    lab.clock.run_for(200)
    assert len(asked(lab)) == 2
    act(lab, "■ Stop").click()
    go_to(lab, 2)
    lab.clock.run_for(10_000)
    assert len(asked(lab)) == 2


def test_it_stops_by_itself_where_nothing_is_to_be_done(lab: Page) -> None:
    lab.clock.install()
    act(lab, "▶ Run by itself").click()
    tell(lab, played()[0][1] | {"next_act": ""})
    lab.clock.run_for(10_000)
    assert len(asked(lab)) == 1
    expect(act(lab, "■ Stop")).to_have_count(0)


# What was found out.


def chosen(page: Page) -> Locator:
    return page.get_by_role("radio", name="It returns to the queue")


def test_the_number_and_the_question_come_at_the_end(lab: Page) -> None:
    go_to(lab, LAST - 1)
    expect(lab.locator(".course-finding")).to_be_hidden()
    go_to(lab, LAST)
    expect(lab.get_by_text("BLPOP: 1 lost, 1 at risk. BLMOVE: 0 lost.")).to_be_visible()
    question = lab.get_by_role("group", name="ann took an order with BLMOVE")
    assert question.get_by_role("radio").count() == 3


def test_the_way_to_the_question_stands_above_until_it_is_answered(lab: Page) -> None:
    way = lab.get_by_role("button", name="Answer the question")
    go_to(lab, LAST - 1)
    expect(way).to_be_hidden()
    go_to(lab, LAST)
    act(lab, "Step back").click()
    expect(way).to_be_hidden()
    act(lab, "Step forward").click()
    way.press("Enter")
    expect(lab.locator(".course-finding input").first).to_be_focused()
    lab.keyboard.press("Space")
    lab.keyboard.press("Enter")
    expect(lab.locator(".course-said")).to_be_visible()
    expect(way).to_be_hidden()


def test_a_click_answers_and_says_why(lab: Page) -> None:
    go_to(lab, LAST)
    lab.get_by_text("It is removed from the list, as it is in packed.").click()
    said = lab.locator(".course-said")
    expect(said).to_contain_text("✗ Not so. Only LREM removes it, and ann died before that.")
    lab.get_by_text("It returns to the queue").click()
    expect(said).to_contain_text("✓ Right. A list of one's own loses nothing")
    assert lab.evaluate("model.get('answered')").startswith("It returns to the queue")
    expect(said).to_have_attribute("role", "status")


def test_the_arrow_keys_choose_and_do_not_answer(lab: Page) -> None:
    go_to(lab, LAST)
    lab.get_by_role("radio", name="It is removed from the list").focus()
    for _ in range(2):
        lab.keyboard.press("ArrowDown")
    expect(lab.locator(".course-said")).to_be_hidden()
    lab.keyboard.press("Enter")
    expect(lab.locator(".course-said")).to_contain_text("Right.")
    expect(chosen(lab)).to_be_checked()


# For everybody.


@pytest.mark.parametrize("page_is", ["light", "dark"])
@pytest.mark.parametrize("system", ["light", "dark"])
def test_colours_follow_the_page_and_not_the_system(lab: Page, page_is: str, system: str) -> None:
    lab.emulate_media(color_scheme=system)
    lab.evaluate("theme => (document.documentElement.style.colorScheme = theme)", page_is)
    colour = "getComputedStyle(document.querySelector('.course-place')).backgroundColor"
    red = int(lab.evaluate(colour).strip("rgb()").split(",")[0])
    assert ("light" if red > 128 else "dark") == page_is


def test_with_forced_colours_what_is_chosen_next_and_new_can_still_be_seen(lab: Page) -> None:
    lab.emulate_media(forced_colors="active")
    go_to(lab, KILLED - 1)
    width = "part => getComputedStyle(part).borderTopWidth"
    assert act(lab, "Kill ann").evaluate(width) == "3px"
    assert act(lab, "Kill bob").evaluate(width) == "1px"
    chosen, other = lab.locator(".course-choice .course-option span").all()
    assert [part.evaluate(width) for part in (chosen, other)] == ["3px", "1px"]
    fresh = lab.locator(".course-stage .is-fresh").first
    assert fresh.evaluate("token => getComputedStyle(token).outlineStyle") == "solid"


def test_without_a_kernel_it_is_only_read(lab: Page) -> None:
    go_to(lab, LAST)
    lab.evaluate("lab.parentElement.classList.add('jupyter-widgets-disconnected')")
    lab.evaluate("model.tell('comm_live_update')")
    expect(lab.get_by_text("The kernel of this lab has ended: run its cell")).to_be_visible()
    assert lab.get_by_role("button").count() == 0
    assert lab.get_by_role("radio").count() == 3
    assert all(radio.is_disabled() for radio in lab.get_by_role("radio").all())
    expect(status(lab)).to_contain_text("ann packed order-4")


def test_shown_again_without_a_kernel_it_is_only_read(page: Page, lab: Page) -> None:
    """As JupyterLab shows an output a second time: the page is drawn, then laid in its place."""
    go_to(lab, LAST)
    lab.evaluate(
        """() => {
            const place = lab.parentElement;
            place.classList.add('jupyter-widgets-disconnected');
            window.leave();
            lab.remove();
            const el = Object.assign(document.createElement('div'), {id: 'lab'});
            window.leave = window.render({model: window.model, el});
            place.append(el);
        }"""
    )
    expect(lab.get_by_text("The kernel of this lab has ended: run its cell")).to_be_visible()
    for radio in lab.get_by_role("radio").all():
        expect(radio).to_be_disabled()
    assert (lab.get_by_role("radio").count(), lab.get_by_role("button").count()) == (3, 0)


def test_a_page_that_is_closed_hears_nothing_more(lab: Page) -> None:
    lab.evaluate("window.leave()")
    tell(lab, played()[0][1])
    expect(status(lab)).to_contain_text("Three workers share one queue.")
