"""Small lies of a picture of `flow()`, each told for one run of its tests: one must notice."""

from dataclasses import replace
from typing import Any

from helpers.picture import flow, fold, shelves, svg
from helpers.picture.shelves import Strip
from helpers.record.held import HeldStream
from helpers.record.holdings import Holdings

from .own import OwnLies

PICTURE_LIES = OwnLies("picture/test_follow.py")
lie = PICTURE_LIES.lie


@lie(svg._Sheet, "_arrow", "what_is_delivered_has_an_arrow")
def the_arrow_goes_to_the_next_lane(truth: Any, self: Any, line: Any) -> None:
    """An arrow ends at the lane of the client who got something."""
    lanes = [*self.lanes.x]
    other = lanes[(lanes.index(line.row.client) + 1) % len(lanes)]
    truth(self, replace(line, row=replace(line.row, client=other)))


@lie(flow, "draw", "what_is_delivered_has_an_arrow")
def a_delivery_is_left_out(truth: Any, rows: list[Any], *others: Any) -> str:
    """Each delivery has an arrow."""
    last = max((i for i, row in enumerate(rows) if row.sender), default=-1)
    return truth([row for i, row in enumerate(rows) if i != last], *others)


@lie(flow, "draw", "traffic_by_chance")
def a_reply_brings_nothing(truth: Any, rows: list[Any], *others: Any) -> str:
    """Each reply that brings something has an arrow."""
    return truth([row if row.sender else replace(row, brings="") for row in rows], *others)


@lie(svg._Sheet, "_command", "everything_that_is_sent_has_an_arrow")
def a_command_goes_nowhere(truth: Any, self: Any, line: Any) -> None:
    """A command is an arrow from its client to the broker."""


@lie(shelves, "_in_it", "traffic_by_chance")
def a_chip_is_not_removed(truth: Any, held: Any) -> Any:
    """What left a list is no longer in it."""
    yield from truth(held)
    yield from (replace(chip, pen="box") for chip in shelves._gone(held, "left"))


@lie(shelves, "_in_it", "traffic_by_chance")
def the_newest_is_hidden(truth: Any, held: Any) -> Any:
    """The last element of a list is always shown."""
    chips = [*truth(held)]
    yield from chips[:-1] if held.length > 3 else chips


@lie(shelves, "_draw_list", "traffic_by_chance")
def the_front_wanders(truth: Any, ink: Any, held: Any, axis: int, y: int) -> None:
    """The front of a list stays in one place."""
    truth(ink, held, axis + y % 7 + 1, y)


@lie(Strip, "past", "traffic_by_chance")
def a_cursor_does_not_move(truth: Any, self: Any, at: tuple[int, int]) -> int:
    """A cursor stands behind the last entry that was read."""
    return truth(self, (0, 0))


@lie(Holdings, "read", "a_reader_goes_on")
def a_reader_stays_where_it_began(truth: Any, self: Any, stream: str, who: str, at: Any) -> None:
    """A reader's cursor moves with what it reads."""
    truth(self, stream, who, self.readers.get(stream, {}).get(who, at))


@lie(HeldStream, "holder", "pending_is_under_the_worker")
def the_wrong_worker_holds_it(truth: Any, self: Any, group: str, entry: str) -> Any:
    """A pending entry is under the worker who holds it."""
    return {"ann": "bob", "bob": "ann"}.get(truth(self, group, entry), truth(self, group, entry))


@lie(HeldStream, "has", "traffic_by_chance")
def a_stream_forgets_what_was_read(truth: Any, self: Any, entry: str) -> bool:
    """A stream keeps its entries, whoever has read them."""
    number = int(entry.split("-")[0])
    return truth(self, entry) and all(at < (number, 0) for at in self.readers.values())


@lie(fold, "_row", "repeats_are_folded")
def a_fold_counts_one_too_few(truth: Any, first: Any, times: int, length: int) -> Any:
    """A fold says how many commands it stands for."""
    return truth(first, times - 1, length)


@lie(svg, "_end_of_wait", "a_wait_ends_when_it_is_served")
def a_wait_does_not_end(truth: Any, lines: Any, start: int) -> None:
    """A wait ends where the client is served."""
