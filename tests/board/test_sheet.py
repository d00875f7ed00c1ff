"""The files for a learning management system, read back as it would read them."""

import csv
import io

from helpers.board import sheet
from helpers.classroom.state import ClassState
from helpers.practice.catalogue import find_prediction

from ..classroom.pretend import a_class, answered, checked, state_of


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_a_learner_tells_what_is_done_of_each_lesson() -> None:
    state = state_of(
        (checked("ann", "2.1"), 1),
        (checked("ann", "2.1", is_right=True), 2),
        (checked("ann", "2.1"), 3),
        (checked("ann", "2.2"), 4),
        (answered("ann", "2.1", 0), 5),
        (answered("ann", "2.1", 1), 6),
        (answered("ann", "2.2", 0, "quiz"), 7),
        (answered("bob", "10.4", 0), 8),
    )
    ann, bob = read(sheet.scores(state))
    assert (ann["nickname"], bob["nickname"]) == ("ann", "bob")
    assert ann["lesson 2 exercises of 3"] == "1"
    assert ann["lesson 2 predictions of 3"] == "1"
    assert ann["lesson 2 quiz of 5"] == "0", "it was not right"
    assert bob["lesson 10 predictions of 4"] == "1"
    assert sum(int(value) for key, value in bob.items() if key != "nickname") == 1


def test_the_columns_are_the_same_whoever_did_what() -> None:
    nothing = sheet.scores(ClassState()).splitlines()
    assert len(nothing) == 1
    assert sheet.scores(state_of((checked("ann", "2.1"), 1))).splitlines()[0] == nothing[0]


def test_a_line_a_question_tells_the_last_answer_and_how_many() -> None:
    question = find_prediction("2.1")
    assert question
    state = state_of(
        (answered("bob", "2.1", 0), 1),
        (answered("bob", "2.1", 1), 2),
        (checked("ann", "10.1"), 3),
        (checked("ann", "2.1", is_right=True), 4),
    )
    rows = read(sheet.answers(state))
    assert [(row["nickname"], row["kind"], row["number"]) for row in rows] == [
        ("ann", "check", "2.1"),
        ("ann", "check", "10.1"),
        ("bob", "prediction", "2.1"),
    ]
    assert rows[0]["last answer"] == "passed" and rows[0]["done"] == "1"
    assert rows[1]["last answer"] == "failed" and rows[1]["done"] == "0"
    assert rows[2]["last answer"] == f"2. {question.options[1].text}" and rows[2]["tries"] == "2"
    assert rows[2]["last (UTC)"] == "2026-09-21 14:15:20"


def test_a_name_is_no_formula_and_comes_back_whole() -> None:
    names = ['=HYPERLINK("x")', "+1", "-1", "@ann", "ann, the first", 'ann "b"', "Zoë", "a\nb"]
    state = state_of(*((checked(name, "2.1"), 1) for name in names))
    for text in (sheet.scores(state), sheet.answers(state)):
        found = {row["nickname"] for row in read(text)}
        assert found == {f"'{name}" if name[0] in "=+-@" else name for name in names}


def test_everybody_of_a_class_of_300_is_in_both_files() -> None:
    events = a_class(300)
    state = ClassState()
    for event, at in events:
        state.take(event, at)
    assert len(read(sheet.scores(state))) == 300
    rows = read(sheet.answers(state))
    assert sum(int(row["tries"]) for row in rows) == len(events)
