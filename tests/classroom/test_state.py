"""The fold over a class's events: votes, standings, and each event counted once."""

from random import Random

from helpers.classroom.state import ClassState, Standing, in_sequence

from .pretend import MINUTE, START, a_class, answered, checked, state_of


def standing(state: ClassState, who: str) -> Standing:
    return next(each for each in state.standings() if each.who == who)


def stuck_for(state: ClassState, who: str) -> int | None:
    """Return the minute in which somebody first failed."""
    since = standing(state, who).stuck_since
    return None if since is None else (since - START) // MINUTE


def test_the_last_answer_of_each_learner_counts() -> None:
    state = state_of(
        (answered("ann", "2.1", 0), 0),
        (answered("bob", "2.1", 1), 1),
        (answered("ann", "2.1", 1), 2),
        (answered("ann", "2.2", 0), 3),
    )
    assert state.votes("2.1") == {"1": 2}
    assert state.votes("2.2") == {"0": 1}
    assert state.votes("9.9") == {}


def test_a_prediction_and_a_question_of_a_quiz_with_the_same_number_are_two() -> None:
    state = state_of((answered("ann", "2.1", 0), 0), (answered("ann", "2.1", 2, "quiz"), 1))
    assert state.votes("2.1") == {"0": 1}
    assert state.votes("2.1", "quiz") == {"2": 1}


def test_an_event_that_is_delivered_again_counts_once() -> None:
    again = checked("ann", "2.1")
    state = ClassState()
    assert not state.is_known(again.id)
    for at in (START, START + MINUTE):
        state.take(again, at)
    assert state.is_known(again.id)
    assert standing(state, "ann").fails == 1
    assert [work.tries for work in state.work()] == [1]


def test_a_class_delivered_twice_in_pieces_is_the_same_class() -> None:
    events, chance = a_class(30), Random(2)
    once, twice = ClassState(), ClassState()
    for event, at in events:
        once.take(event, at)
    place = 0
    while place < len(events):  # a reader that dies begins again a little earlier
        end = place + chance.randrange(1, 20)
        for event, at in events[max(0, place - chance.randrange(20)) : end]:
            twice.take(event, at)
        place = end
    assert twice.standings() == once.standings()
    assert list(twice.work()) == list(once.work())


def test_failed_checks_in_a_row_count_from_the_first_of_them() -> None:
    state = state_of(
        (checked("ann", "2.1"), 1), (checked("ann", "2.1"), 4), (checked("ann", "2.1"), 9)
    )
    assert standing(state, "ann").fails == 3
    assert stuck_for(state, "ann") == 1
    assert standing(state, "ann").seen_at == START + 9 * MINUTE


def test_a_pass_ends_it_and_a_failure_after_it_begins_anew() -> None:
    passed = [(checked("ann", "2.1"), 1), (checked("ann", "2.1", is_right=True), 2)]
    state = state_of(*passed)
    assert (standing(state, "ann").fails, stuck_for(state, "ann")) == (0, None)
    state = state_of(*passed, (checked("ann", "2.1"), 7))
    assert (standing(state, "ann").fails, stuck_for(state, "ann")) == (1, 7)


def test_another_exercise_begins_its_own_row() -> None:
    state = state_of((checked("ann", "2.1"), 1), (checked("ann", "2.2"), 5))
    assert standing(state, "ann").exercise == "2.2"
    assert (standing(state, "ann").fails, stuck_for(state, "ann")) == (1, 5)


def test_a_vote_of_the_same_lesson_does_not_hide_who_is_stuck() -> None:
    state = state_of((checked("ann", "2.1"), 1), (answered("ann", "2.3", 0), 5))
    assert stuck_for(state, "ann") == 1
    assert (standing(state, "ann").kind, standing(state, "ann").number) == ("prediction", "2.3")


def test_whoever_goes_on_to_another_lesson_is_not_stuck() -> None:
    state = state_of((checked("ann", "2.1"), 1), (answered("ann", "3.1", 0), 5))
    assert stuck_for(state, "ann") is None


def test_whoever_has_been_stuck_for_longest_comes_first_then_names() -> None:
    state = state_of(
        (answered("dan", "2.1", 0), 0),
        (answered("carol", "2.1", 0), 0),
        (checked("bob", "2.1"), 3),
        (checked("ann", "2.2"), 5),
        (checked("bob", "2.1"), 6),
    )
    assert [each.who for each in state.standings()] == ["bob", "ann", "carol", "dan"]
    assert state.size == 4


def test_what_was_right_once_stays_done() -> None:
    state = state_of((checked("ann", "2.1", is_right=True), 1), (checked("ann", "2.1"), 2))
    (work,) = state.work()
    assert (work.is_done, work.answer, work.tries) == (True, "failed", 2)


def test_numbers_stand_in_the_sequence_of_the_lessons() -> None:
    state = state_of(*((checked("ann", number), 0) for number in ("10.1", "2.2", "2.1", "9.3")))
    assert state.numbers("check") == ["2.1", "2.2", "9.3", "10.1"]
    assert sorted(["x", "2", "l02-p3", "10.1"], key=in_sequence)[-1] == "10.1"
