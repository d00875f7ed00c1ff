"""Write texts short, and the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..record import Record
from . import origins
from .labels import Labels
from .patterns import (
    ADDRESS,
    CLOCK,
    DATE,
    DURATION,
    ENTRY,
    FOLDER,
    LOGIN,
    PROCESSES,
    RANDOM,
    plain,
)
from .views import is_binary, views

LONGEST = 48  # characters of a text that stays in sight


class Writer:
    """The labels of one record: `names` stay in sight, words of the `machine` are replaced."""

    def __init__(self, record: Record, names: re.Pattern[str], machine: Mapping[str, str]) -> None:
        self._names = names
        self._machine = [
            (re.compile(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])"), label)
            for word, label in sorted(machine.items(), key=lambda pair: -len(pair[0]))
            if word
        ]
        self._labels = Labels()
        self._entries = origins.entries_in(record)
        self._owners = origins.owners_of_ids(record, self._names)
        self._start = origins.beginning(record, self._owners)

    def text(self, text: str, of_stream: bool = False) -> str:
        """Write a text as it is but for what differs each time; a long one is a label."""
        entry = ENTRY.fullmatch(text)
        if entry and (entry[3] or of_stream):
            return f"{entry[1]}{self._entries[entry[2]]}{entry[3] or ''}"
        same = self._replaced(text, Same())  # numbers are only for what stays in sight
        if len(same) <= LONGEST and not is_binary(same):
            return self.line(text)
        names = self._spoken_of(text)
        if len(names) == 1:
            return self._labels.own(f"{{{names.pop()}}}", same, "#")
        return f"{{{self._labels.of('text', same)}}}"

    def line(self, text: str) -> str:
        """Write a text as it is, however long, but for what differs each time."""
        return self._replaced(text, self)

    def times(self, text: str) -> str:
        """Write times as T, with the minutes from the beginning."""
        text = CLOCK.sub(self._time, text)
        return DURATION.sub(r"\1…", DATE.sub("T", text))

    def of(self, kind: str, what: str) -> str:
        """Label a thing with its kind and a number."""
        return self._labels.of(kind, what)

    def random(self, found: str) -> str:
        """Label a random id: by the name that it belongs to, else by a number."""
        owner = self._owners.get(plain(found))
        if owner is None:
            return self.of("id", plain(found))
        return self._labels.own(f"{owner}-id", plain(found))

    def _replaced(self, text: str, labels: Writer | Same) -> str:
        for pattern, label in self._machine:
            text = pattern.sub(label, text)
        text = FOLDER.sub("…", LOGIN.sub("", text))
        text = ADDRESS.sub(lambda found: labels.of("address", found[0]), text)
        text = RANDOM.sub(lambda found: labels.random(found[0]), text)
        for process in PROCESSES:
            text = process.sub(lambda found: labels.of("pid", found[0]), text)
        return self.times(text)

    def _time(self, found: re.Match[str]) -> str:
        minutes = round((int(found[1]) - self._start) / 60)
        return f"T{minutes:+d}min" if minutes else "T"

    def _spoken_of(self, text: str) -> set[str]:
        """Give the names of which a text speaks, itself or by what is packed in it, or by ids."""
        names = {found[0] for view in views(text) for found in self._names.finditer(view)}
        ids = {plain(found) for found in RANDOM.findall(text)}
        return names or {self._owners[i] for i in ids & self._owners.keys()}


class Same:
    """Labels that leave a thing what it is, and give it the width of one."""

    def of(self, _: str, what: str) -> str:
        """Leave it as it is."""
        return what

    def random(self, found: str) -> str:
        """Leave as much of it as tells it from others."""
        return plain(found)[:12]
