"""What all labs share: they start stopped, act in order, tell their faults, and leave nothing."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
import redis

from helpers import broker, lab, session
from helpers.errors import CourseError
from helpers.labs.controls import Button
from helpers.labs.drawing import MARKS, MOST_BOXES, NARROW, Box, Figure, Shelf, shelves
from helpers.labs.model import Lab, NotPossible, what_happened
from helpers.labs.view import LabView, last_sent
from helpers.lessons import lessons, part
from helpers.picture.paper import CHAR
from helpers.picture.text import wide
from helpers.practice.labs import _shown
from tools.redraw import CROWDS, calls, crowded, seconds

from ..stage import TWO_ENGINES, Stage, staged

stage = staged(TWO_ENGINES)
LABS = {lesson: part(lesson, "lab").LAB for lesson in lessons()}
EACH = pytest.mark.parametrize("kind", LABS.values(), ids=lambda kind: kind.__name__)


@pytest.fixture(autouse=True)
async def forgotten() -> AsyncIterator[None]:
    """Leave no lab to the next test."""
    yield
    for shown in list(_shown.values()):
        await shown.close()
    _shown.clear()


async def left_behind() -> list[str]:
    """Name what a lab has left: keys, channels, clients."""
    async with broker.broker().side_client() as asker:
        clients = [c["name"] for c in await asker.client_list() if c["name"].startswith("lab")]
        return [*await asker.keys("lab:*"), *await asker.pubsub_channels("lab:*"), *clients]


def button(model: Lab, label: str) -> Button:
    return next(c for c in model.controls() if isinstance(c, Button) and c.label == label)


async def press(model: Lab, *labels: str) -> None:
    for label in labels:
        await model.do(button(model, label).action)


async def settled(view: LabView) -> None:
    """Return once every press has been dealt with."""
    await asyncio.sleep(0)  # for what was pressed to begin
    await asyncio.gather(*view._running)


def test_there_is_a_lab_for_each_lesson() -> None:
    assert [str(kind.number) for kind in LABS.values()] == list(LABS) == lessons()


def test_a_crowd_of_messages_is_known_for_each_lab() -> None:
    missing = [kind.__name__ for kind in LABS.values() if kind not in CROWDS]
    assert not missing, "missing in CROWDS of tools/redraw.py"


def test_no_model_needs_widgets() -> None:
    code = "import sys; import helpers.practice.labs; print('ipywidgets' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@EACH
async def test_a_lab_starts_stopped(stage: Stage, kind: type[Lab]) -> None:
    view = await lab(kind.number)
    bundle = view._repr_mimebundle_()
    assert not view.model.record.commands
    assert await left_behind() == []
    assert bundle["text/plain"].startswith(kind.title)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    ElementTree.fromstring(bundle["image/svg+xml"])


@EACH
async def test_pressing_every_button_leaves_no_fault_and_closing_leaves_nothing(
    stage: Stage, kind: type[Lab], capsys: pytest.CaptureFixture[str]
) -> None:
    model = (await lab(kind.number)).model
    for control in [*model.actions(), *model.actions()]:
        if isinstance(control, Button):
            await model.do(control.action)
            assert model.problem == "", control.label
            ElementTree.fromstring(model.picture().svg)
    assert model.record.commands
    assert bool(await left_behind()) == (model.number != 7)  # which has a cluster of its own
    await press(model, "Start over")
    assert model.problem == ""
    assert await left_behind() == []
    assert model.picture() == LABS[str(kind.number)]().picture()
    assert capsys.readouterr() == ("", "")


@EACH
async def test_a_lab_can_be_used_after_it_was_started_over(stage: Stage, kind: type[Lab]) -> None:
    model = (await lab(kind.number)).model
    first = next(c for c in model.actions() if isinstance(c, Button))
    await model.do(first.action)
    before = model.picture()
    await press(model, "Start over", first.label)
    assert (model.picture(), model.problem) == (before, "")


@EACH
async def test_a_lab_shown_again_replaces_the_one_before(stage: Stage, kind: type[Lab]) -> None:
    old = (await lab(kind.number)).model
    first = next(c for c in old.actions() if isinstance(c, Button))
    await old.do(first.action)
    await lab(str(kind.number))
    assert await left_behind() == []
    await old.do(first.action)
    assert "use the new one" in old.hint
    assert await left_behind() == []


@EACH
async def test_the_picture_of_the_lesson_does_not_show_the_lab(
    stage: Stage, kind: type[Lab]
) -> None:
    model = (await lab(kind.number)).model
    before = len(session._record.commands)
    await model.do(next(c for c in model.actions() if isinstance(c, Button)).action)
    assert len(session._record.commands) == before


async def test_a_lab_of_no_lesson_is_refused_in_one_sentence() -> None:
    with pytest.raises(CourseError, match="There is no lab 99: take one of 1, 2"):
        await lab(99)


class Try(Lab):
    """Be a lab that does what a test wants."""

    number = 99
    title = "A lab for tests"

    def begin(self) -> None:
        self.seen: list[str] = []
        self.gate = asyncio.Event()

    def actions(self) -> list[Button]:
        return [Button("Wait", self.wait), Button("Fail", self.fail), Button("Say", self.say)]

    async def wait(self) -> None:
        await self.gate.wait()
        self.seen.append("waited")

    async def say(self) -> None:
        self.seen.append("said")

    async def fail(self) -> None:
        raise redis.ResponseError("it did\nnot work")

    async def fail_later(self) -> None:
        self.start(self.fail())

    async def refuse(self) -> None:
        raise NotPossible("Not now.")

    async def look(self) -> None:
        pass

    def picture(self) -> object:
        return shelves(self.title, [Shelf("seen", [Box(word) for word in self.seen])])

    def summary(self) -> str:
        return f"{len(self.seen)} seen."


async def test_actions_are_done_one_after_another(stage: Stage) -> None:
    model = Try()
    both = asyncio.gather(model.do(model.wait), model.do(model.say))
    await asyncio.sleep(0)
    model.gate.set()
    await both
    assert model.seen == ["waited", "said"]


async def test_what_went_wrong_stays_in_the_lab_until_it_is_started_over(stage: Stage) -> None:
    model = Try()
    view = LabView(model)
    await model.do(model.fail)
    await model.do(model.say)
    assert model.problem == "ResponseError: it did not work"
    assert view._headline.problem == "ResponseError: it did not work"
    await press(model, "Start over")
    assert model.problem == ""
    assert view._headline.problem == ""


async def test_a_fault_of_a_background_task_is_shown(stage: Stage) -> None:
    model = Try()
    view = LabView(model)
    await model.do(model.fail_later)
    await asyncio.gather(*model._tasks, return_exceptions=True)
    await asyncio.sleep(0)
    assert "it did not work" in view._headline.problem


async def test_a_fault_in_drawing_is_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Try()
    view = LabView(model)
    monkeypatch.setattr(model, "picture", lambda: 1 / 0)
    await model.do(model.say)
    assert "ZeroDivisionError: division by zero" in view._headline.problem


async def test_a_broker_that_is_gone_is_told_in_one_line(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = (await lab(4)).model

    def no_broker() -> None:
        raise CourseError("No server listens there: start it.")

    monkeypatch.setattr(broker, "broker", no_broker)
    await press(model, "Push an order")
    assert model.problem == "No server listens there: start it."


async def test_a_lab_that_could_not_open_opens_at_the_next_press(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = (await lab(6)).model
    with monkeypatch.context() as patch:
        patch.setattr(model, "key", lambda name: f"lab:6:{name}\0" if name == "*" else 1 / 0)
        await press(model, "Add an order")
    assert model.problem == "ZeroDivisionError: division by zero"
    await press(model, "Start over", "Add an order")
    assert (model.problem, len(model.state.new)) == ("", 1)


async def test_a_hint_is_gone_after_the_next_press(stage: Stage) -> None:
    model = Try()
    await model.do(model.refuse)
    assert (model.hint, model.problem) == ("Not now.", "")
    await model.do(model.say)
    assert model.hint == ""


async def test_a_press_in_the_view_reaches_the_broker_and_the_page(stage: Stage) -> None:
    view = await lab(2)
    row, headline, picture, sent = view.widget.children
    buttons = {w.description: w for w in row.children}
    assert headline.chosen == "Listener: ann."
    buttons["Listener"].value = "bob"
    await settled(view)
    assert headline.chosen == "Listener: bob."
    buttons["Subscribe"].click()
    buttons["Publish"].click()
    await settled(view)
    assert "bob received 1 and missed 0" in headline.summary
    assert "PUBLISH lab:2:news news-1" in sent.value
    assert "news-1" in picture.value


async def test_a_press_may_be_told_in_another_thread(stage: Stage) -> None:
    view = await lab(2)
    buttons = {w.description: w for w in view.widget.children[0].children}
    await asyncio.to_thread(buttons["Subscribe"].click)
    await asyncio.to_thread(setattr, buttons["Listener"], "value", "bob")
    await asyncio.to_thread(buttons["Subscribe"].click)
    await asyncio.to_thread(buttons["Publish"].click)
    await settled(view)
    assert "ann received 1 and missed 0; bob received 1 and missed 0" in view.model.summary()
    assert view.model.problem == ""


async def test_a_press_goes_by_what_was_chosen_before_it(stage: Stage) -> None:
    view = await lab(4)
    buttons = {w.description: w for w in view.widget.children[0].children}
    for _ in range(3):
        buttons["Push an order"].click()
    buttons["Kill"].click()
    buttons["Worker"].value = "bob"
    await settled(view)
    assert "ann dead; bob works; carol works" in view.model.summary()
    assert view.model.worker == "bob"


async def test_what_is_typed_cannot_become_markup(stage: Stage) -> None:
    view = await lab(3)
    view.model.wanted = "<b>&amp"
    await view.model.do(view.model.subscribe)
    for widget in (view._picture, view._sent):  # the headline writes no markup at all
        assert "<b>&amp" not in widget.value
    assert "&lt;b&gt;&amp;amp" in view._picture.value


@EACH
def test_what_can_be_set_has_a_label_and_a_value_of_the_model(kind: type[Lab]) -> None:
    model = kind()
    for control in model.controls():
        assert control.label
        if not isinstance(control, Button):
            assert hasattr(model, control.setting)


def test_an_error_without_words_has_its_name() -> None:
    assert what_happened(TimeoutError()) == "TimeoutError."


# The drawing.


def texts(svg: str) -> str:
    """Read what stands in an SVG, its description left out."""
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return "\n".join(text.text or "" for text in found)


def test_the_picture_and_the_text_say_the_same() -> None:
    rows = [Shelf("orders", [Box("a"), Box("b", "lost")], "the queue"), Shelf("empty")]
    drawn = shelves("A title", rows)
    assert drawn.text == (
        "A title\norders  [a] [✕ b] the queue\nempty\n□ held by the broker   ✕ lost or missed"
    )
    for word in ("A title", "orders", "a", "✕ b", "the queue", "empty", "✕ lost or missed"):
        assert word in texts(drawn.svg)


def test_a_full_shelf_shows_its_ends_and_says_how_many_are_between() -> None:
    drawn = shelves("Many", [Shelf("orders", [Box(f"order-{n}") for n in range(200)])])
    assert f"… {200 - MOST_BOXES} more …" in drawn.text
    assert "[order-0]" in drawn.text
    assert "[order-199]" in drawn.text


@pytest.mark.parametrize("form", ["svg", "narrow"])
@pytest.mark.parametrize("name", ["orders", "a name of twenty-four ch"])
def test_boxes_stay_inside_the_picture(form: str, name: str) -> None:
    boxes = [Box("a rather long name of an order " * 3) for _ in range(20)]
    shelf = Shelf(name, boxes, "a note that is longer than a line " * 4)
    svg = ElementTree.fromstring(getattr(shelves("T", [shelf]), form))
    width, height = float(svg.get("width")), float(svg.get("height"))
    boxes = [r for r in svg.iter("{http://www.w3.org/2000/svg}rect") if r.get("rx") == "4"]
    assert len(boxes) == 20
    for box in boxes:
        assert float(box.get("x")) + float(box.get("width")) <= width
        assert float(box.get("y")) + float(box.get("height")) <= height
    for text in svg.iter("{http://www.w3.org/2000/svg}text"):
        assert float(text.get("x")) + CHAR * wide(text.text or "") <= width
        assert float(text.get("y")) <= height


@EACH
async def test_the_narrow_picture_says_the_same_and_all_of_it_is_inside(
    stage: Stage, kind: type[Lab]
) -> None:
    drawn = (await crowded(kind, 30)).model.picture()
    narrow = ElementTree.fromstring(drawn.narrow)
    assert narrow.get("width") == str(NARROW)
    said = [text.split() for text in (texts(drawn.svg), texts(drawn.narrow))]
    assert sorted(said[0]) == sorted(said[1])
    for text in narrow.iter("{http://www.w3.org/2000/svg}text"):
        middle = 2 if text.get("text-anchor") == "middle" else 1
        assert float(text.get("x")) + CHAR * wide(text.text or "") / middle <= NARROW, text.text


def test_a_figure_pushes_the_shelves_down() -> None:
    plain = ElementTree.fromstring(shelves("T", [Shelf("a")]).svg)
    above = ElementTree.fromstring(
        shelves("T", [Shelf("a")], Figure(90, lambda width: ["<g/>"])).svg
    )
    assert float(above.get("height")) == float(plain.get("height")) + 90


def test_a_lab_that_sent_nothing_says_so() -> None:
    assert last_sent(Try().record) == "Nothing has been sent yet."


# What a redraw costs; `make bench` prints it for each lab.


@EACH
async def test_two_hundred_messages_are_redrawn_in_50_milliseconds(
    stage: Stage, kind: type[Lab]
) -> None:
    view = await crowded(kind, 200)
    assert seconds(view.show) < 0.05


@EACH
async def test_a_longer_history_costs_no_more_than_its_length(
    stage: Stage, kind: type[Lab]
) -> None:
    short, long = [calls((await crowded(kind, size)).show) for size in (100, 500)]
    assert long <= 5 * short


# Faults, provoked in every lab.


@EACH
@pytest.mark.parametrize("part", ["look", "picture", "summary"])
async def test_a_fault_anywhere_in_a_lab_is_told_in_one_sentence(
    stage: Stage, kind: type[Lab], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await lab(kind.number)
    monkeypatch.setattr(view.model, part, lambda: 1 / 0)
    await view.model.do(next(c for c in view.model.actions() if isinstance(c, Button)).action)
    assert view._headline.problem == "ZeroDivisionError: division by zero"


@EACH
async def test_a_fault_of_an_action_and_of_a_background_task_is_told(
    stage: Stage, kind: type[Lab]
) -> None:
    async def fail() -> None:
        raise redis.ResponseError("it did not work")

    async def fail_later() -> None:
        view.model.start(fail())

    view = await lab(kind.number)
    for action in (fail, fail_later):
        await view.model.do(action)
        async with asyncio.timeout(5):
            while not view.model.problem:
                await asyncio.sleep(0)  # not a pause: the task needs a turn
        assert view._headline.problem == "ResponseError: it did not work"
        await press(view.model, "Start over")
        assert view._headline.problem == ""


@EACH
async def test_a_lab_that_could_not_clean_up_does_it_at_the_next_press(
    stage: Stage, kind: type[Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = (await lab(kind.number)).model
    first = next(c for c in model.actions() if isinstance(c, Button))
    await model.do(first.action)
    with monkeypatch.context() as patch:
        patch.setattr(model, "asker", lambda: 1 / 0)
        await press(model, "Start over")
        assert "ZeroDivisionError" in model.problem
    await press(model, "Start over")
    assert model.problem == ""
    assert await left_behind() == []


@EACH
async def test_a_lab_may_be_shown_twice(stage: Stage, kind: type[Lab]) -> None:
    view = await lab(kind.number)
    assert view._repr_mimebundle_() == view._repr_mimebundle_()
    await view.model.do(next(c for c in view.model.actions() if isinstance(c, Button)).action)
    assert view.model.problem == ""


def test_no_two_marks_differ_by_colour_alone() -> None:
    looks = [mark.sign for mark in MARKS.values()]
    assert len(set(looks)) == len(looks)
