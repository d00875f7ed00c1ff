"""What an instructor sees of a class, as text and as data: votes, exercises, who is stuck."""

from __future__ import annotations

import json

import pytest

import helpers.board
from helpers.board.group import how_long
from helpers.board.model import HIDDEN, Board
from helpers.board.plain import names, plain, questions
from helpers.classroom.telling import CLASS
from helpers.errors import CourseError
from helpers.practice.catalogue import all_numbers, find_prediction

from ..classroom.pretend import MINUTE, START, a_class, answered, checked, state_of


def board_of(*events: tuple, minute: int = 60) -> Board:
    """Return a board of these events, each with its minute, at a minute by the broker's clock."""
    board = Board()
    board.state = state_of(*events)
    board.now = START + minute * MINUTE
    board.lag = 0
    return board


def voted(number: str, *choices: int, at: int = 0) -> list[tuple]:
    names = (f"learner-{place}" for place in range(len(choices)))
    return [(answered(who, number, each), at) for who, each in zip(names, choices, strict=True)]


# The vote.


def test_a_vote_is_split_among_the_options_of_the_question() -> None:
    board = board_of(*voted("2.1", 0, 1, 1, 2, 1))
    question = find_prediction("2.1")
    assert question
    shares = board.vote.shares
    assert [share.text for share in shares] == [option.text for option in question.options]
    assert [(share.count, share.percent) for share in shares] == [(1, 20), (3, 60), (1, 20)]
    assert board.vote.summary == "5 of 5 have voted"


def test_whoever_was_heard_of_and_has_not_voted_is_counted_among_all() -> None:
    board = board_of(*voted("2.1", 0, 1), (checked("zoe", "1.1"), 3))
    board.choose("prediction 2.1")
    assert board.vote.summary == "2 of 3 have voted"


@pytest.mark.parametrize("choice", [3, 99, -1])
def test_what_is_no_option_is_not_counted(choice: int) -> None:
    board = board_of(*voted("2.1", 0, choice))
    assert [share.count for share in board.vote.shares] == [1, 0, 0]


def test_a_question_of_another_edition_has_no_shares_and_harms_nothing() -> None:
    board = board_of(*voted("2.99", 0, 1))
    assert board.asked.key == "prediction 2.99"
    assert board.vote.shares == () and board.vote.voted == 0
    board.step(1)
    assert board.asked.key == "prediction 2.99"
    assert "Prediction 2.99" in repr(board)


def test_before_anybody_votes_the_first_question_stands_there() -> None:
    board = Board()
    assert board.asked.key == "prediction 1.1"
    assert [share.percent for share in board.vote.shares] == [0, 0, 0]


def test_the_vote_on_show_is_the_one_that_most_answer_now() -> None:
    events = [*voted("2.1", *[0] * 9, at=10), *voted("2.2", 0, 1, 1, at=30)]
    straggler = (answered("learner-8", "2.1", 1), 30)
    assert board_of(*events, straggler, minute=30).asked.key == "prediction 2.2"
    assert board_of(*events, minute=50).asked.key == "prediction 2.2"
    assert board_of(*events[:9], minute=30).asked.key == "prediction 2.1"


def test_a_chosen_question_stays_and_the_newest_can_be_followed_again() -> None:
    board = board_of(*voted("2.1", 0))
    board.choose("quiz 3.2")
    assert board.vote.asked.label == "Quiz 3.2"
    board.choose("")
    assert board.asked.key == "prediction 2.1"
    board.choose("no such question")
    assert board.asked.key == "prediction 2.1"


def test_one_steps_through_all_questions_in_the_sequence_of_the_lessons() -> None:
    board = Board()
    seen = [board.asked.key]
    while True:
        board.step(1)
        if board.asked.key == seen[-1]:
            break
        seen.append(board.asked.key)
    assert seen == [
        f"{name} {number}"
        for kinds in all_numbers().values()
        for kind, name in (("predictions", "prediction"), ("quiz", "quiz"))
        for number in kinds[kind]
    ]
    board.choose("prediction 1.1")
    board.step(-1)
    assert board.asked.key == "prediction 1.1"
    assert [each["key"] for lesson in questions() for each in lesson["asked"]] == seen


def test_which_option_is_right_is_told_on_demand_and_for_one_question() -> None:
    board = board_of(*voted("2.1", 0, 1))
    assert not any(share["isRight"] for share in plain(board)["vote"]["shares"])
    assert "right" not in repr(board).splitlines()[2]
    board.shows_right = True
    told = [share["isRight"] for share in plain(board)["vote"]["shares"]]
    assert told == [False, True, False]
    assert repr(board).splitlines()[3].count("right") == 1
    board.step(1)
    assert not board.shows_right


# Where the class is.


def test_an_exercise_tells_how_many_passed_and_how_many_it_resists() -> None:
    board = board_of(
        (checked("ann", "2.1"), 10),
        (checked("bob", "2.1"), 56),
        (checked("carol", "2.1"), 1),
        (checked("carol", "2.1", is_right=True), 2),
        (checked("dan", "2.2"), 55),
    )
    first, second = board.exercises
    assert (first.number, first.passed, first.trying, first.stuck) == ("2.1", 1, 2, 1)
    assert first.longest == "50 min"
    assert (second.number, second.passed, second.trying, second.stuck) == ("2.2", 0, 1, 1)
    assert board.stuck == "2 learners are stuck; the longest for 50 min."


def test_nobody_is_stuck_before_five_minutes() -> None:
    board = board_of((checked("ann", "2.1"), 56), minute=60)
    assert board.stuck == "Nobody is stuck."
    assert (board.exercises[0].trying, board.exercises[0].stuck) == (1, 0)
    board.now += MINUTE
    assert board.stuck == "1 learner is stuck; the longest for 5 min."


def test_whoever_has_left_the_room_is_not_stuck_and_stands_last() -> None:
    board = board_of(
        (checked("ann", "2.1"), 0),
        (checked("bob", "2.1"), 50),
        (answered("carol", "2.1", 0), 55),
        minute=59,
    )
    board.shows_names = True
    assert board.stuck == "2 learners are stuck; the longest for 59 min."
    board.now += MINUTE
    assert board.stuck == "1 learner is stuck; the longest for 10 min."
    assert (board.exercises[0].trying, board.exercises[0].stuck) == (2, 1)
    assert [(each.who, each.is_stuck) for each in board.learners] == [
        ("bob", True),
        ("carol", False),
        ("ann", False),
    ]


def test_how_long_is_told_by_the_clock_of_the_broker() -> None:
    assert how_long(START, START + MINUTE - 1) == "under 1 min"
    assert how_long(START, START + 12 * MINUTE) == "12 min"
    assert how_long(START, START + 65 * MINUTE) == "1 h 05 min"
    assert how_long(START, START + 24 * 60 * MINUTE) == "1 day"
    assert how_long(START, START + 50 * 60 * MINUTE) == "2 days"
    assert how_long(START, START - MINUTE) == "under 1 min", "before the first answer of the clock"


def test_a_learner_is_told_with_the_last_thing_they_did() -> None:
    board = board_of(
        (checked("ann", "2.1"), 10), (checked("ann", "2.1"), 20), (answered("ann", "2.2", 1), 58)
    )
    board.shows_names = True
    (ann,) = board.learners
    assert (ann.who, ann.did, ann.fails) == ("ann", "answered prediction 2.2", 2)
    assert (ann.failing, ann.quiet, ann.is_stuck) == ("2.1, 50 min", "2 min", True)


# Names.


def test_no_name_is_in_what_the_room_may_see() -> None:
    board = Board()
    board.state, board.now = state_of(*[(event, 0) for event, _ in a_class(30)]), START
    who = {standing.who for standing in board.state.standings()}
    for told in (json.dumps(plain(board)), repr(board)):
        assert not [name for name in who if name in told]
    assert names(board) == [] and HIDDEN in repr(board)


def test_names_are_shown_on_demand_and_as_text_too() -> None:
    board = board_of((checked("ann", "2.1"), 10))
    board.shows_names = True
    assert [each["who"] for each in names(board)] == ["ann"]
    assert "ann: failed check 2.1, 1 failed in a row at 2.1, 50 min, quiet for 50 min" in repr(
        board
    )
    assert "ann" not in json.dumps(plain(board))


def test_a_name_cannot_write_lines_of_its_own() -> None:
    board = board_of((checked("ann\nbob: passed", "2.1"), 10))
    board.shows_names = True
    assert board.learners[0].who == "ann\\nbob: passed"


# As text.


def test_the_text_says_as_much_as_the_page() -> None:
    board = board_of(*voted("2.1", 0, 1, 1, 1), (checked("ann", "2.1"), 10))
    board.trouble = "The class's Redis cannot be reached: trying again."
    assert repr(board).splitlines() == [
        "The class's Redis cannot be reached: trying again.",
        "",
        "Prediction 2.1: 4 of 5 have voted",
        "1  1 and 1     1   25 %  ██████████",
        "2  2 and 1     3   75 %  ██████████████████████████████",
        "3  3 and 3     0    0 %",
        "",
        "1 learner is stuck; the longest for 50 min.",
        "exercise 2.1: 0 passed, 1 not yet, 1 stuck, the longest for 50 min",
        "5 learners heard of. Group board: lag 0, pending 0. Names are hidden.",
    ]


def test_a_lag_that_redis_does_not_know_is_told_so() -> None:
    board = board_of((checked("ann", "2.1"), 10))
    board.lag = None
    assert board.group == "1 learner heard of. Group board: lag unknown, pending 0."


# Which class.


async def test_without_an_address_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(CLASS, raising=False)
    with pytest.raises(CourseError, match="Set COURSE_CLASS to the address"):
        await helpers.board.board()


async def test_what_is_no_address_is_not_repeated() -> None:
    with pytest.raises(CourseError) as told:
        await helpers.board.board("http://ann:secret@here")
    assert "secret" not in str(told.value)
