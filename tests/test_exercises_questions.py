"""Predictions and quizzes: as text, as widgets, and what is remembered of them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import HTML, RadioButtons, Widget

import helpers
from helpers.exercises import asking, done
from helpers.exercises.catalogue import LESSONS, all_numbers, find_quiz, predictions
from helpers.exercises.question import Question

QUESTIONS = [
    pytest.param(question, id=f"{kind} {number}")
    for lesson in LESSONS
    for kind, found in (("prediction", predictions(lesson)), ("quiz", find_quiz(lesson)))
    for number, question in found.items()
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept() -> Any:
    return json.loads(Path(done.FILE).read_text())


def parts(widget: Widget, kind: type) -> list[Any]:
    inner = [found for child in getattr(widget, "children", ()) for found in parts(child, kind)]
    return [widget] * isinstance(widget, kind) + inner


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_one_right_option_and_explains_all(question: Question) -> None:
    assert len(question.options) >= 3
    assert sum(option.is_right for option in question.options) == 1
    texts = [option.text for option in question.options]
    assert len(set(texts)) == len(texts)
    assert all(len(option.why) > 10 for option in question.options)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_text_gives_answers_only_when_asked(question: Question) -> None:
    bare, full = question.as_text(), question.as_text(with_answers=True)
    for option in question.options:
        words = option.why.split()[:3]
        assert option.text.split()[0] in bare
        assert " ".join(words) in " ".join(full.split())
        assert option.why not in " ".join(bare.split())
    assert max(map(len, full.splitlines())) <= 88


def test_the_right_option_is_not_always_at_the_same_place() -> None:
    for lesson in LESSONS:
        places = [[o.is_right for o in q.options].index(True) for q in find_quiz(lesson).values()]
        assert len(set(places)) > 1


def test_a_prediction_shows_radio_buttons_and_their_text() -> None:
    bundle = helpers.predict("4.1")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "1. Ann" in bundle["text/plain"]
    assert "Right" not in bundle["text/plain"]


def test_without_ipywidgets_there_is_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.importlib.util, "find_spec", lambda name: None)
    assert list(helpers.predict("4.1")._repr_mimebundle_()) == ["text/plain"]


def test_helpers_do_not_import_widgets_before_one_is_shown() -> None:
    command = "import sys, helpers; helpers.quiz('2'); print('ipywidgets' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", command], text=True) == "False\n"


def test_a_choice_is_answered_in_words_below_it() -> None:
    view = helpers.predict("4.1").view
    [buttons], [said] = parts(view, RadioButtons), parts(view, HTML)
    assert buttons.index is None and said.value == ""
    buttons.index = 0
    assert "Not quite. Who was served before" in said.value
    buttons.index = 2
    assert "Right. First come" in said.value
    assert kept()["predictions"] == ["4.1"]


def test_a_keyboard_and_a_screen_reader_reach_everything() -> None:
    for view in (helpers.predict("4.1").view, helpers.quiz("2").view):
        for buttons in parts(view, RadioButtons):
            assert buttons.description and buttons.tooltip
        texts = parts(view, HTML)
        assert sum(bool(html.tabbable) for html in texts) == len(parts(view, RadioButtons))
        assert not any("style" in html.value for html in texts)


def test_a_question_is_asked_once() -> None:
    [said] = parts(helpers.predict("4.1").view, HTML)
    assert said.value == ""  # the lesson's text above asks; the widget only offers the options
    asked = [html.value for html in parts(helpers.quiz("2").view, HTML) if html.value]
    assert len(asked) == 5


def test_what_is_said_is_escaped_and_announced() -> None:
    view = helpers.quiz("6").view
    buttons, said = parts(view, RadioButtons)[2], parts(view, HTML)[5]
    assert buttons.options[0] == ">"
    buttons.index = 0
    assert said.value.startswith('<p role="status">')
    assert "<" not in said.value.removeprefix('<p role="status">').removesuffix("</p>")


def test_code_in_a_question_is_set_as_code() -> None:
    texts = [html.value for html in parts(helpers.quiz("4").view, HTML)]
    assert any("<code>socket_timeout=5</code>" in text for text in texts)
    assert not any("`" in text for text in texts)


def test_a_quiz_counts_a_question_once_it_is_right() -> None:
    buttons = parts(helpers.quiz("2").view, RadioButtons)
    buttons[0].index = 1
    assert not Path(done.FILE).exists()
    buttons[0].index = 0
    assert kept()["quiz"] == ["2.1"]


def test_choices_can_be_made_without_widgets() -> None:
    assert repr(helpers.predict("4.1", 3)).startswith("Right.")
    assert repr(helpers.quiz("2", 1, 2)).startswith("Not quite.")
    assert repr(helpers.quiz("2", 1, 1)).startswith("Right.")
    assert kept() == {"predictions": ["4.1"], "exercises": [], "quiz": ["2.1"]}


@pytest.mark.parametrize(
    "said",
    [
        lambda: helpers.predict("9.9"),
        lambda: helpers.predict("x"),
        lambda: helpers.quiz("9"),
        lambda: helpers.quiz("2", 9, 1),
        lambda: helpers.quiz("2", 1, 9),
        lambda: helpers.predict("4.1", 0),
    ],
)
def test_what_does_not_exist_is_told_in_a_sentence(said: Any) -> None:
    assert repr(said()).startswith("There is no")


def test_a_handout_has_the_whole_quiz() -> None:
    bare, full = helpers.quiz("2").as_text(), helpers.quiz("2").as_text(with_answers=True)
    assert bare.count("1. ") == full.count("1. ") == 5
    assert "Right." not in bare and full.count("Right.") == 5


def test_progress_starts_empty_and_grows() -> None:
    assert repr(helpers.progress()).count(" 0 of ") == 3 * len(LESSONS)
    done.record("exercises", "4.2")
    done.record("exercises", "4.2")
    row = repr(helpers.progress()).splitlines()[3]
    assert row.startswith("lesson 4") and "exercises 1 of 3" in row


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"quiz": 3}', '{"quiz": [3]}', "\0", "[" * 100_000]
)
def test_a_damaged_file_means_a_fresh_start(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(done.FILE).write_text(text)
    assert repr(helpers.progress()).splitlines()[0] == done.DAMAGED
    done.record("quiz", "2.1")
    assert capsys.readouterr().out == f"{done.DAMAGED}\n"
    assert kept()["quiz"] == ["2.1"]
    assert "cannot be read" not in repr(helpers.progress())


def test_numbers_that_do_not_exist_any_more_do_not_count() -> None:
    Path(done.FILE).write_text('{"quiz": ["2.77", "2.1"]}')
    assert "quiz 1 of 5" in repr(helpers.progress())


def test_a_folder_that_cannot_be_written_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(done.FILE).mkdir()
    done.record("quiz", "2.1")
    assert "cannot be written" in capsys.readouterr().out
    assert [each.name for each in folder.iterdir()] == [done.FILE]


async def test_a_pass_counts_and_a_solution_of_ours_does_not() -> None:
    async def announce(shop: Any, channel: str, text: str) -> bool:
        return await shop.publish(channel, text) > 0

    await helpers.check("2.1", announce, record=False)
    assert not Path(done.FILE).exists()
    await helpers.check("2.1", announce)
    assert kept()["exercises"] == ["2.1"]


def test_all_that_can_be_done_is_listed() -> None:
    numbers = all_numbers()
    assert list(numbers) == [str(number) for number in range(1, 9)]
    assert sum(len(each["exercises"]) for each in numbers.values()) >= 24
    assert sum(len(each["quiz"]) for each in numbers.values()) >= 40
