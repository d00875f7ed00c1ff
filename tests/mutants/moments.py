"""Small lies of the moments of a record, each told for one run of their tests: one must notice."""

from collections.abc import Iterator
from typing import Any

from helpers.record.holdings import Holdings
from helpers.replay import scene, walk
from helpers.replay.walk import Walk

from .own import OwnLies

MOMENT_LIES = OwnLies("replay/test_moments.py")
lie = MOMENT_LIES.lie


@lie(scene, "_past", "a_stream_keeps_what_its_readers_pass")
def the_cursor_of_a_moment_does_not_move(truth: Any, *given: Any) -> Iterator[tuple[str, int]]:
    """A cursor stands behind the last entry that was read."""
    return ((name, 0) for name, _ in truth(*given))


@lie(Holdings, "take", "each_command_is_a_moment")
def an_element_stays_in_its_list(truth: Any, self: Any, key: str, *given: Any) -> str:
    """An element that a client got is no longer in the list."""
    self.lists[key] = [*self.lists[key], self.lists[key][0]]
    return truth(self, key, *given)


@lie(scene, "_pending", "a_stream_keeps_what_its_readers_pass")
def an_entry_is_pending_with_another(truth: Any, name: str, beat: Any) -> Any:
    """A pending entry stands under the consumer who holds it."""
    return truth({"ann": "bob", "bob": "ann"}.get(name, name), beat)


@lie(Walk, "_hand_element", "each_command_is_a_moment")
def an_element_gets_lost_on_its_way(truth: Any, *given: Any) -> None:
    """An element that was popped is in the hands of who popped it."""


@lie(scene, "ordinal", "who_waits_longest_comes_first")
def everybody_is_first_in_line(truth: Any, number: int) -> str:
    """Who waits longest is first in line."""
    return truth(1)


@lie(Walk, "_close", "who_was_cut_off_hears_nothing")
def the_dead_go_on_listening(truth: Any, *given: Any) -> None:
    """Whose connection is closed hears nothing."""


@lie(Holdings, "forget", "what_a_stranger_did_is_not_known")
def what_is_guessed_is_shown(truth: Any, *given: Any) -> None:
    """What cannot be known is not shown."""


@lie(walk, "_first", "each_subscriber_has_a_copy")
def what_lies_unread_was_read(truth: Any, *given: Any) -> bool:
    """A message that nobody read is told from one that was read."""
    truth(*given)
    return True


@lie(walk, "with_identities", "an_element_stays_itself")
def equal_elements_are_one(truth: Any, command: Any) -> Any:
    """Equal elements are told from each other."""
    return command


@lie(scene, "_shown", "a_cursor_stands_between_the_same_entries")
def a_cursor_counts_what_is_left_out(truth: Any, past: int, *given: Any) -> int:
    """A cursor stands between the same entries, however many are shown."""
    return past


@lie(walk, "closings_of", "who_was_cut_off_hears_nothing")
def the_cut_off_hear_until_they_know_it(truth: Any, record: Any) -> Any:
    """Who was cut off hears nothing from then on."""
    return {}, record.closings
