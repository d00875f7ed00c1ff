"""Predictions and quizzes: as text, as widgets, and what is remembered of them."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import helpers
from helpers.exercises.question import Question
from helpers.practice import progress_file
from helpers.practice import questions as asking
from helpers.practice.catalogue import TITLES, all_numbers, find_quiz, predictions
from publish.lesson import lessons


def questions_of(lesson: str) -> dict[str, Question]:
    return predictions(lesson) | {f"quiz {n}": each for n, each in find_quiz(lesson).items()}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept() -> Any:
    return json.loads(Path(progress_file.FILE).read_text())


@pytest.mark.parametrize("lesson", TITLES)
def test_a_question_has_one_right_option_and_explains_all(lesson: str) -> None:
    for number, question in questions_of(lesson).items():
        assert len(question.options) >= 3, number
        assert sum(option.is_right for option in question.options) == 1, number
        texts = [option.text for option in question.options]
        assert len(set(texts)) == len(texts), number
        assert all(len(option.why) > 10 for option in question.options), number


@pytest.mark.parametrize("lesson", TITLES)
def test_a_question_is_plain_text_and_no_markdown(lesson: str) -> None:
    for number, question in questions_of(lesson).items():
        texts = [
            question.text,
            *(t for option in question.options for t in (option.text, option.why)),
        ]
        assert [text for text in texts if "`" in text or "**" in text] == [], number


@pytest.mark.parametrize("lesson", TITLES)
def test_the_text_has_the_options_and_no_answers(lesson: str) -> None:
    for number, question in questions_of(lesson).items():
        lines = question.as_text().splitlines()
        text = " ".join(" ".join(lines).split())
        for place, option in enumerate(question.options, start=1):
            assert f"{place}. {option.text}" in text, number
            assert option.why not in text, number
        assert max(map(len, lines)) <= 88, number


def test_the_right_option_is_not_always_at_the_same_place() -> None:
    for lesson in TITLES:
        places = [[o.is_right for o in q.options].index(True) for q in find_quiz(lesson).values()]
        assert len(set(places)) > 1


def test_a_prediction_shows_a_widget_and_its_text() -> None:
    bundle = helpers.predict("4.1")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "1. Ann" in bundle["text/plain"]
    assert "Right" not in bundle["text/plain"]


@pytest.mark.parametrize("gone", ["ipywidgets", "anywidget"])
def test_without_widgets_there_is_the_text(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.importlib.util, "find_spec", lambda name: name != gone or None)
    assert list(helpers.predict("4.1")._repr_mimebundle_()) == ["text/plain"]
    helpers.predict("4.1", 3)
    told = helpers.predict("4.1")._repr_mimebundle_()["text/plain"]
    assert "4.1: You chose “Carol”. Right. First come" in told


def test_helpers_do_not_import_widgets_before_one_is_shown() -> None:
    command = "import sys, helpers; helpers.quiz('2'); print('ipywidgets' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", command], text=True) == "False\n"


def choose(view: Any, number: str, choice: int | None) -> Any:
    """Choose as the page does, counted from 0, and return what is said to it."""
    view._told(view, {"number": number, "choice": choice}, [])
    return view.answers.get(number)


def test_a_choice_is_answered_with_a_verdict_and_its_reason() -> None:
    view = helpers.predict("4.1").view
    assert (view.answers, view.summary) == ({}, "")
    said = choose(view, "4.1", 0)
    assert not said["isRight"] and said["verdict"] == "Not quite."
    assert said["why"].startswith("It does not matter who was")
    assert view.summary == "Run the next cell to see it."
    said = choose(view, "4.1", 2)
    assert said["isRight"] and said["verdict"] == "Right."
    assert kept()["predictions"] == ["4.1"]


@pytest.mark.parametrize("lesson", TITLES)
def test_the_page_has_no_reason_before_an_option_is_chosen(lesson: str) -> None:
    shown = [(helpers.quiz(lesson), find_quiz(lesson))]
    shown += [(helpers.predict(number), predictions(lesson)) for number in predictions(lesson)]
    for asked, questions in shown:
        view = asked.view
        for number in [each["number"] for each in view.questions]:
            state = json.dumps(view.get_state(), ensure_ascii=False, default=str)
            options = questions[number].options
            assert not [o.why for o in options if json.dumps(o.why, ensure_ascii=False) in state]
            assert "isRight" not in json.dumps(view.questions)
            told = choose(view, number, 1)
            assert told["why"] == options[1].why


def test_what_was_chosen_comes_back_when_the_cell_runs_again() -> None:
    choose(helpers.quiz("2").view, "2.1", 1)
    choose(helpers.quiz("2").view, "2.2", 0)
    view = helpers.quiz("2").view
    assert {number: said["choice"] for number, said in view.answers.items()} == {"2.1": 1, "2.2": 0}
    assert view.answers["2.1"]["before"] == f"You chose “{find_quiz('2')['2.1'].options[1].text}”."
    assert view.summary.endswith("right. Next: question 2.3.")
    assert choose(view, "2.1", 0)["before"] == ""
    assert choose(view, "2.2", None) is None, "to choose again it is cleared"
    assert kept()["chosen"]["quiz"].keys() == {"2.1", "2.2"}, "and not forgotten"


def test_an_option_that_has_been_reworded_is_forgotten() -> None:
    Path(progress_file.FILE).write_text(
        '{"predictions": ["4.1"], "chosen": {"predictions": {"4.1": "?"}}}'
    )
    assert helpers.predict("4.1").view.answers == {}


def test_a_quiz_has_a_score_and_names_the_next_question() -> None:
    view, told = helpers.quiz("2").view, []
    right = {
        number: [option.is_right for option in question.options].index(True)
        for number, question in find_quiz("2").items()
    }
    for number, choice in right.items():
        choose(view, number, (choice + 1) % 3 if number == "2.3" else choice)
        told.append(view.summary)
    choose(view, "2.3", right["2.3"])
    assert [*told, view.summary] == [
        "1 of 5 right. Next: question 2.2.",
        "2 of 5 right. Next: question 2.3.",
        "2 of 5 right. Next: question 2.4.",
        "3 of 5 right. Next: question 2.5.",
        "4 of 5 right. Try question 2.3 again.",
        "5 of 5 right. Well done.",
    ]


def test_a_quiz_counts_a_question_once_it_is_right() -> None:
    view = helpers.quiz("2").view
    choose(view, "2.1", 1)
    assert kept()["quiz"] == []
    choose(view, "2.1", 0)
    assert kept()["quiz"] == ["2.1"]
    choose(view, "2.1", 1)
    assert kept()["quiz"] == ["2.1"]


def test_to_show_questions_writes_nothing(folder: Path) -> None:
    for asked in (helpers.quiz("2"), helpers.predict("2.1")):
        assert asked._repr_mimebundle_()
    assert [*folder.iterdir()] == []


def test_choices_can_be_made_without_widgets() -> None:
    assert repr(helpers.predict("4.1", 3)).startswith("Right.")
    assert repr(helpers.quiz("2", 1, 2)).startswith("Not quite.")
    assert repr(helpers.quiz("2", 1, 1)).startswith("Right.")
    assert kept()["predictions"] == ["4.1"] and kept()["quiz"] == ["2.1"]


@pytest.mark.parametrize(
    "said",
    [
        lambda: helpers.predict("99.9"),
        lambda: helpers.predict("x"),
        lambda: helpers.quiz("99"),
        lambda: helpers.quiz("2", 9, 1),
        lambda: helpers.quiz("2", 1, 9),
        lambda: helpers.predict("4.1", 0),
    ],
)
def test_what_does_not_exist_is_told_in_a_sentence(said: Any) -> None:
    assert repr(said()).startswith("There is no")


def test_the_text_of_a_quiz_has_each_question_behind_its_number() -> None:
    text = repr(helpers.quiz("2"))
    assert [number for number in find_quiz("2") if f"{number}  " in text] == [*find_quiz("2")]
    assert text.count("\n  1. ") == 5 and "Right." not in text


def test_a_prediction_leaves_its_question_to_the_notebook() -> None:
    text = repr(helpers.predict("4.1"))
    assert text.splitlines()[:2] == ["4.1  Your prediction", "  1. Ann"]
    assert [each["text"] for each in helpers.predict("4.1").view.questions] == ["Your prediction"]


def test_progress_starts_empty_and_grows() -> None:
    assert repr(helpers.progress()).count(" 0 of ") == 3 * len(TITLES) + 1
    assert (
        progress_file.record("exercises", "4.2") == progress_file.record("exercises", "4.2") == ""
    )
    row = repr(helpers.progress()).splitlines()[3]
    assert row.startswith("  4  Queue work on a list") and "exercises 1 of 3" in row


def test_a_complete_lesson_has_a_mark() -> None:
    for kind, numbers in all_numbers()["4"].items():
        for number in numbers:
            progress_file.record(kind, number)
    lines = repr(helpers.progress()).splitlines()
    marks = [" ", " ", " ", "✓", *" " * (len(TITLES) - 4)]
    assert [line[0] for line in lines[: len(TITLES)]] == marks
    assert lines[-1] == f"Complete: 1 of {len(TITLES)} lessons."
    table = helpers.progress()._repr_html_()
    assert table.count("complete</b>") == 1
    assert table.count('scope="row"') == len(TITLES) and table.count('scope="col"') == 4
    assert "<caption" in table


def test_titles_are_those_of_the_notebooks() -> None:
    folder = Path(helpers.__file__).parent.parent / "notebooks"
    titles = {str(lesson.number): lesson.title for lesson in lessons(folder)[1:]}
    assert titles == TITLES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '{"quiz": 3}',
        '{"quiz": [3]}',
        '{"chosen": []}',
        '{"chosen": {"quiz": {"2.1": 3}}}',
        "\0",
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_kept_beside_a_new_one(text: str) -> None:
    Path(progress_file.FILE).write_text(text)
    told = (
        f"{progress_file.FILE} is damaged: it is kept as .progress.damaged.json, a new one begins."
    )
    assert repr(helpers.progress()).splitlines()[0] == told
    assert repr(helpers.quiz("2", 1, 1)).endswith(told)
    assert Path(".progress.damaged.json").read_text() == text
    assert kept()["quiz"] == ["2.1"]
    assert "damaged" not in repr(helpers.progress())
    Path(progress_file.FILE).write_text("{")
    assert ".progress.damaged-2.json" in progress_file.record("quiz", "2.1")
    assert Path(".progress.damaged.json").read_text() == text


@pytest.mark.parametrize("fails", ["write_text", "replace"])
@pytest.mark.parametrize("text", [None, "{", '{"quiz": ["2.1"]}'])
def test_a_full_or_read_only_disk_is_told_and_changes_nothing(
    fails: str, text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        Path(progress_file.FILE).write_text(text)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, fails, fail)
        assert progress_file.record("quiz", "2.2") == progress_file.OUT_OF_REACH
    left = {progress_file.FILE: text} if text else {}
    assert {f.name: f.read_text() for f in Path().glob(".progress*json*")} == left


@pytest.mark.parametrize("make", [Path.mkdir, lambda file: file.symlink_to(progress_file.FILE)])
def test_what_is_no_file_is_told(make: Callable[[Path], None]) -> None:
    make(Path(progress_file.FILE))
    assert repr(helpers.progress()).splitlines()[0] == progress_file.OUT_OF_REACH
    assert progress_file.record("quiz", "2.1") == progress_file.OUT_OF_REACH


def test_a_folder_that_nobody_may_look_into_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    for name in ("stat", "read_text", "write_text"):  # as root nobody is refused
        monkeypatch.setattr(Path, name, refuse)
    assert repr(helpers.progress()).count(" 0 of ") == 3 * len(TITLES) + 1
    assert progress_file.record("quiz", "2.1") == progress_file.OUT_OF_REACH


def test_a_file_from_before_choices_were_kept_is_read() -> None:
    Path(progress_file.FILE).write_text(
        '{"predictions": ["4.1"], "exercises": [], "quiz": ["2.1", "2.2"]}'
    )
    assert "quiz 2 of 5" in repr(helpers.progress())
    assert progress_file.record("quiz", "2.3", "an option") == ""
    assert kept()["quiz"] == ["2.1", "2.2", "2.3"] and kept()["predictions"] == ["4.1"]


def test_numbers_that_do_not_exist_any_more_do_not_count() -> None:
    Path(progress_file.FILE).write_text('{"quiz": ["2.77", "2.1"]}')
    assert "quiz 1 of 5" in repr(helpers.progress())


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    Path(progress_file.FILE).mkdir()
    assert progress_file.record("quiz", "2.1") == progress_file.OUT_OF_REACH
    assert {each.name for each in folder.iterdir()} <= {progress_file.FILE, progress_file.LOCK}


MARKS = """
import sys
from helpers.practice.progress_file import record
print("ready", flush=True)
sys.stdin.readline()
for number in range(46):
    record("quiz", f"{sys.argv[1]}.{number}", "an option")
"""


def test_two_notebooks_that_write_at_once_lose_nothing() -> None:
    command = [sys.executable, "-c", MARKS]
    writers = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in "ab"
    ]
    for writer in writers:
        assert writer.stdout and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(kept()["quiz"]) == len(kept()["chosen"]["quiz"]) == 92


async def test_a_pass_counts_and_a_solution_of_ours_does_not() -> None:
    async def announce(shop: Any, channel: str, text: str) -> bool:
        return await shop.publish(channel, text) > 0

    await helpers.check("2.1", announce, record=False)
    assert not Path(progress_file.FILE).exists()
    await helpers.check("2.1", announce)
    assert kept()["exercises"] == ["2.1"]


def test_all_that_can_be_done_is_listed() -> None:
    numbers = all_numbers()
    assert list(numbers) == list(TITLES)
    assert sum(len(each["exercises"]) for each in numbers.values()) >= 24
    assert sum(len(each["quiz"]) for each in numbers.values()) >= 40
