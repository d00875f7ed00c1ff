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
from helpers.labs.acts import Act, Choice, Control, Entry, Finding, Goal, Number
from helpers.labs.model import Lab, NotPossible, what_happened
from helpers.labs.view import LabView, _finding
from helpers.lessons import lessons, part
from helpers.practice.labs import _shown
from helpers.stage.frame import MOST_FRAMES
from helpers.stage.model import Place, Token
from helpers.stage.model import Stage as Shown
from helpers.stage.svg import NARROW, WIDTH, draw
from tools.redraw import CROWDS, again, calls, crowded, seconds

from ..stage import EMBEDDED, TWO_ENGINES, Stage, staged
from ..stages.drawn import said, spilled

stage = staged(TWO_ENGINES)
embedded = staged(EMBEDDED)
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


def acts(model: Lab) -> list[str]:
    """Name the acts of a lab, without the one that starts over."""
    return [control.name for control in model.acts() if isinstance(control, Act)]


async def press(model: Lab, *names: str) -> None:
    for name in names:
        await model.press(name)


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
    for name in 2 * acts(model):
        await model.press(name)
        assert model.problem == "", name
        ElementTree.fromstring(draw(model.stage()))
    assert model.record.commands
    assert bool(await left_behind()) == (model.number != 7)  # which has a cluster of its own
    await press(model, "Start over")
    assert model.problem == ""
    assert await left_behind() == []
    assert model.stage() == LABS[str(kind.number)]().stage()
    assert capsys.readouterr() == ("", "")


@EACH
async def test_a_lab_can_be_used_after_it_was_started_over(stage: Stage, kind: type[Lab]) -> None:
    model = (await lab(kind.number)).model
    first = acts(model)[0]
    await press(model, first)
    before = model.stage()
    await press(model, "Start over", first)
    assert (model.stage(), model.problem) == (before, "")


@EACH
async def test_a_lab_shown_again_replaces_the_one_before(stage: Stage, kind: type[Lab]) -> None:
    old = (await lab(kind.number)).model
    first = acts(old)[0]
    await press(old, first)
    await lab(str(kind.number))
    assert await left_behind() == []
    await press(old, first)
    assert "use the new one" in old.hint
    assert await left_behind() == []


@EACH
async def test_the_picture_of_the_lesson_does_not_show_the_lab(
    stage: Stage, kind: type[Lab]
) -> None:
    model = (await lab(kind.number)).model
    before = len(session._record.commands)
    await press(model, acts(model)[0])
    assert len(session._record.commands) == before


async def test_a_lab_of_no_lesson_is_refused_in_one_sentence() -> None:
    with pytest.raises(CourseError, match="There is no lab 99: take one of 1, 2"):
        await lab(99)


WAYS = ("loud", "quiet")


class Try(Lab):
    """Be a lab that does what a test wants."""

    number = 99
    title = "A lab for tests"
    word, times, way = "said", 1, WAYS[0]

    def begin(self) -> None:
        self.seen: list[str] = []
        self.gate = asyncio.Event()
        self.has_forgotten = False

    def acts(self) -> list[Control]:
        return [
            Act("Wait", self.wait),
            Act("Fail", self.fail),
            Act("Say", self.say, "ann"),
            Act("Forget", self.forget, spoken="Forget it all"),
            Act("Refuse", self.refuse),
            Entry("Word", "word"),
            Number("Times", "times", 1, 5, self.say),
            Choice("Way", "way", WAYS),
        ]

    async def wait(self) -> None:
        await self.gate.wait()
        self.seen.append("waited")

    async def say(self) -> None:
        self.seen += [self.word] * self.times
        self.headline = f"{len(self.seen)} words now."

    async def forget(self) -> None:
        self.seen.clear()
        self.has_forgotten = True

    async def fail(self) -> None:
        raise redis.ResponseError("it did\nnot work")

    async def fail_later(self) -> None:
        self.start(self.fail())

    async def refuse(self) -> None:
        raise NotPossible("Not now.")

    async def look(self) -> None:
        pass

    def stage(self) -> Shown:
        tokens = [Token(f"{at} {word}", word, "done") for at, word in enumerate(self.seen)]
        return Shown(self.title, [Place("ann", "client", "receives", tokens)])

    def goals(self) -> list[Goal]:
        return [
            Goal("Say three words", len(self.seen) >= 3, "Say ann"),
            Goal("Forget them", self.has_forgotten, "Forget it all"),
        ]

    def finding(self) -> Finding:
        return Finding("3 → 0", "Who heard it?", {"ann": "She did.", "bob": "He did not."})

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
    assert view.page.problem == "ResponseError: it did not work"
    await press(model, "Start over")
    assert model.problem == ""
    assert view.page.problem == ""


async def test_a_fault_of_a_background_task_is_shown(stage: Stage) -> None:
    model = Try()
    view = LabView(model)
    await model.do(model.fail_later)
    await asyncio.gather(*model._tasks, return_exceptions=True)
    await asyncio.sleep(0)
    assert "it did not work" in view.page.problem


async def test_a_fault_in_telling_is_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Try()
    view = LabView(model)
    monkeypatch.setattr(model, "summary", lambda: 1 / 0)
    await model.do(model.say)
    assert "ZeroDivisionError: division by zero" in view.page.problem


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


def ask(view: LabView, content: object) -> None:
    """Do as the page does when something is pressed or set there."""
    view.page._handle_custom_msg(content, [])


async def test_a_press_on_the_page_reaches_the_broker_and_the_page(stage: Stage) -> None:
    view = await lab(4)
    ask(view, {"act": "Push an order"})
    await settled(view)
    assert view.page.shown["headline"] == "order-1 went to ann, who had waited longest."
    assert "shop   RPUSH orders order-1   → 1" in view.page.shown["sent"]
    ask(view, {"set": "command", "value": "BLMOVE"})
    ask(view, {"act": "Finish ann"})
    await settled(view)
    assert view.page.values == {"command": "BLMOVE"}
    assert "orders → ann: waits with BLMOVE" in view.page.shown["stage"]["joins"]


async def test_a_press_may_be_told_in_another_thread(stage: Stage) -> None:
    view = await lab(4)
    for asked in ({"act": "Push an order"}, {"set": "command", "value": "BLMOVE"}):
        await asyncio.to_thread(ask, view, asked)
    await asyncio.to_thread(ask, view, {"act": "Finish ann"})
    await settled(view)
    assert "1 packed" in view.model.summary()
    assert view.model.problem == ""


async def test_a_press_goes_by_what_was_chosen_before_it(stage: Stage) -> None:
    view = LabView(Try())
    for word in ("one", "two"):
        ask(view, {"set": "word", "value": word})
        ask(view, {"act": "Say ann"})
    await settled(view)
    assert view.model.seen == ["one", "two"]


@pytest.mark.parametrize(
    "asked", [{"act": "Dance"}, {"set": "way", "value": "odd"}, {"set": "times", "value": "x"}]
)
async def test_what_a_page_cannot_ask_is_told_and_does_nothing(stage: Stage, asked: dict) -> None:
    view = LabView(Try())
    ask(view, asked)
    await settled(view)
    assert view.page.problem.startswith("ValueError: ")
    assert (view.model.seen, view.model.way, view.model.times) == ([], "loud", 1)


@pytest.mark.parametrize(
    "asked",
    [
        {"act": "Say ann"},
        {"act": "Dance"},
        {"set": "times", "value": 2},
        {"set": "way", "value": 1},
    ],
)
async def test_what_a_page_asks_is_answered_once(stage: Stage, asked: dict) -> None:
    """The page counts: while an answer is due, an earlier one does not undo what was chosen."""
    view = LabView(Try())
    turns = []
    view.page.observe(lambda change: turns.append(change.new), "turns")
    for _ in range(2):
        ask(view, asked)
        await settled(view)
    assert turns == [2, 3]


async def test_a_number_stays_within_its_bounds_and_its_act_is_done(stage: Stage) -> None:
    model = Try()
    await model.choose("times", 9)
    assert (model.times, model.seen) == (5, ["said"] * 5)
    assert model.frames[-1].did == "Times: 5"


async def test_what_is_typed_cannot_become_markup(stage: Stage) -> None:
    model = Try()
    model.word = "<b>&amp"
    await press(model, "Say ann")
    svg = draw(model.stage())  # the page writes no markup at all
    assert "<b>" not in svg
    assert "&lt;b&gt;&amp;amp" in svg


@EACH
def test_what_can_be_set_has_a_label_and_a_value_of_the_model(kind: type[Lab]) -> None:
    model = kind()
    for control in model.controls():
        assert control.label
        if not isinstance(control, Act):
            assert hasattr(model, control.setting)


@EACH
def test_what_can_be_pressed_has_one_name_with_its_label_and_a_place_on_the_stage(
    kind: type[Lab],
) -> None:
    model = kind()
    named = [control for control in model.controls() if isinstance(control, Act)]
    assert len({act.name for act in named}) == len(named)
    assert all(act.label in act.name for act in named)
    places = [place.name for place in model.stage().places]
    assert {control.place for control in model.controls()} <= {"", *places}
    assert len(set(places)) == len(places)


# The story.


@EACH
def test_a_lab_has_three_to_five_goals_and_begins_with_none_reached(kind: type[Lab]) -> None:
    model = kind()
    known = {c.name if isinstance(c, Act) else c.label for c in model.controls()}
    goals = model.told_goals()
    assert 3 <= len(goals) <= 5
    assert not any(goal.is_reached for goal in goals)
    assert {goal.act for goal in goals} <= {"", *known}
    assert model.primary() in known


@EACH
def test_a_finding_has_a_question_with_one_right_answer_and_a_remark_for_each(
    kind: type[Lab],
) -> None:
    finding = _finding(kind().finding())
    assert finding["number"] and finding["question"].endswith("?")
    assert sum(each["isRight"] for each in finding["answers"]) == 1
    assert all(each["answer"] and each["remark"] for each in finding["answers"])


async def test_a_goal_once_reached_stays_so_until_the_learner_starts_over(stage: Stage) -> None:
    view = LabView(Try())
    model, page = view.model, view.page
    assert (model.primary(), page.finding) == ("Say ann", {})
    await press(model, *["Say ann"] * 3)
    assert (page.primary, page.finding) == ("Forget it all", {})
    await press(model, "Forget it all")
    assert model.frames[-1].goals == [("Say three words", True), ("Forget them", True)]
    assert (page.primary, page.finding["number"]) == ("", "3 → 0")
    page.answered = "bob"
    await press(model, "Say ann")
    assert page.answered == "bob"
    await press(model, "Start over")
    assert [goal.is_reached for goal in model.told_goals()] == [False, False]
    assert (page.primary, page.finding, page.answered) == ("Say ann", {}, "")


async def test_each_act_leaves_a_moment_and_a_refusal_none(stage: Stage) -> None:
    model = Try()
    await press(model, "Say ann", "Refuse", "Say ann")
    assert [(f.number, f.did, f.headline) for f in model.frames] == [
        (1, "", ""),
        (2, "ann: Say", "1 words now."),
        (3, "ann: Say", "2 words now."),
    ]
    assert [len(f.stage.places[0].tokens) for f in model.frames] == [0, 1, 2]
    await press(model, "Start over")
    assert [f.number for f in model.frames] == [1]


async def test_of_a_long_story_the_last_moments_are_kept(stage: Stage) -> None:
    model = Try()
    await press(model, *["Say ann"] * (MOST_FRAMES + 10))
    assert len(model.frames) == MOST_FRAMES
    assert model.frames[-1].number == MOST_FRAMES + 11


async def test_a_page_that_is_made_later_gets_all_moments(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = LabView(Try())
    await press(view.model, "Say ann", "Forget it all")
    sent: list[dict] = []
    monkeypatch.setattr(view.page, "send", lambda content: sent.append(content))
    ask(view, {"ask": "frames"})
    [told] = sent
    assert [frame["did"] for frame in told["frames"]] == ["", "ann: Say", "Forget it all"]
    assert told["frames"][-1] == view.page.shown


@EACH
async def test_commands_are_told_without_the_marks_of_the_lab(
    stage: Stage, kind: type[Lab]
) -> None:
    model = (await lab(kind.number)).model
    await press(model, *acts(model))
    lines = [line for frame in model.frames for line in frame.sent]
    assert lines
    assert [line for line in lines if f"lab:{kind.number}:" in line or "lab4-" in line] == []


@EACH
async def test_a_message_is_in_one_place_at_a_time(stage: Stage, kind: type[Lab]) -> None:
    model = (await crowded(kind, 30)).model
    for frame in [*model.frames, model.frames[-1]]:
        found = [token.identity for place in frame.stage.places for token in place.tokens]
        assert len(set(found)) == len(found)


def test_an_error_without_words_has_its_name() -> None:
    assert what_happened(TimeoutError()) == "TimeoutError."


@EACH
async def test_the_narrow_picture_says_the_same_and_all_of_it_is_inside(
    stage: Stage, kind: type[Lab]
) -> None:
    shown = (await crowded(kind, 30)).model.stage()
    for width in (WIDTH, NARROW):
        assert spilled(draw(shown, width)) == []
    assert said(draw(shown)) == said(draw(shown, NARROW))


# What a redraw costs; `make bench` prints it for each lab.


@EACH
async def test_two_hundred_messages_are_redrawn_in_50_milliseconds(
    embedded: Stage, kind: type[Lab]
) -> None:
    view = await crowded(kind, 200)
    assert seconds(again(view)) < 0.05


@EACH
async def test_a_longer_history_costs_no_more_than_its_length(
    embedded: Stage, kind: type[Lab]
) -> None:
    short, long = [calls(again(await crowded(kind, size))) for size in (100, 500)]
    assert long <= 5 * short


# Faults, provoked in every lab.


@EACH
@pytest.mark.parametrize("part", ["look", "stage", "summary", "goals"])
async def test_a_fault_anywhere_in_a_lab_is_told_in_one_sentence(
    stage: Stage, kind: type[Lab], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await lab(kind.number)
    monkeypatch.setattr(view.model, part, lambda: 1 / 0)
    await press(view.model, acts(view.model)[0])
    assert view.page.problem == "ZeroDivisionError: division by zero"


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
        assert view.page.problem == "ResponseError: it did not work"
        await press(view.model, "Start over")
        assert view.page.problem == ""


@EACH
async def test_a_lab_that_could_not_clean_up_does_it_at_the_next_press(
    stage: Stage, kind: type[Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = (await lab(kind.number)).model
    await press(model, acts(model)[0])
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
    await press(view.model, acts(view.model)[0])
    assert view.model.problem == ""
