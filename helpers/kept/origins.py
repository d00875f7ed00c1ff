"""Find out of a whole record what its labels need: when it was, and which id belongs to what."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..record import Record
from .patterns import CLOCK, ENTRY, RANDOM, plain
from .views import texts_in, views


def units_of(record: Record) -> Iterator[Sequence[str]]:
    """Give the texts that came together: of a command, of a reply."""
    for command in record.commands:
        yield command.words
        yield [*texts_in(command.reply)]


def beginning(record: Record, owners: Mapping[str, str]) -> int:
    """Return the second from which times are counted: the first that is said with an owned id.

    Without one, it is the first that lies in the minute of which most texts tell.
    """
    told = (unit for unit in units_of(record) if any(_ids(text) & owners.keys() for text in unit))
    return next(_stamps(told), 0) or _usual_minute(record)


def _ids(text: str) -> set[str]:
    return {plain(found) for found in RANDOM.findall(text)}


def _stamps(units: Iterable[Sequence[str]]) -> Iterator[int]:
    return (int(found[1]) for unit in units for text in unit for found in CLOCK.finditer(text))


def _usual_minute(record: Record) -> int:
    stamps = [*_stamps(units_of(record))]
    if not stamps:
        return 0
    [(usual, _)] = Counter(stamp // 60 for stamp in stamps).most_common(1)
    return next(stamp for stamp in stamps if stamp // 60 == usual)


def entries_in(record: Record) -> dict[str, int]:
    """Number the milliseconds in ids of entries, so that their sequence stays."""
    found = set()
    for unit in units_of(record):
        of_stream = bool(unit) and unit[0].upper().startswith("X")
        for text in unit:
            entry = ENTRY.fullmatch(text)
            if entry and (entry[3] or of_stream):
                found.add(entry[2])
    return {milliseconds: number for number, milliseconds in enumerate(sorted(found), 1)}


def owners_of_ids(record: Record, names: re.Pattern[str]) -> dict[str, str]:
    """Find the random ids that come with one name, and with no other."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for unit in units_of(record):
        seen = [view for text in unit for view in views(text)]
        spoken_of = {found[0] for view in seen for found in names.finditer(view)}
        if len(spoken_of) == 1:
            for view in seen:
                for found in RANDOM.finditer(view):
                    owners[plain(found[0])] |= spoken_of
    clients = {plain(found[0]) for name in _names(record) for found in RANDOM.finditer(name)}
    return {i: owner for i, (owner, *more) in owners.items() if not more and i not in clients}


def _names(record: Record) -> Iterator[str]:
    """Give what clients call themselves: such an id is of a worker, not of its job."""
    yield from record.clients
    for command in record.commands:
        if [*map(str.upper, command.words[:2])] == ["CLIENT", "SETNAME"]:
            yield from command.words[2:]
