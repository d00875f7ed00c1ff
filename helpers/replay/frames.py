"""The moments of a record as frames of a stage, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..stage.frame import Frame
from ..stage.model import Place, Stage
from .moments import Moments
from .on_demand import OnDemand


def _as_it_is(text: str) -> str:
    return text


class Frames(OnDemand[Frame]):
    """Moments one after another; `named` says how names and words are to be written."""

    def __init__(self, moments: Moments, named: Callable[[str], str] = _as_it_is) -> None:
        self._moments, self._named = moments, named

    def __len__(self) -> int:
        return len(self._moments)

    def make(self, number: int) -> Frame:
        """Make a frame of the moment of this number."""
        moment, named = self._moments[number], self._named
        lines = named(moment.words).splitlines()
        said = named(moment.headline), self._moments.note, (), lines
        return Frame(number + 1, self._stage(moment.stage), named(moment.did), *said)

    def _stage(self, stage: Stage) -> Stage:
        links = [
            replace(link, start=self._named(link.start), end=self._named(link.end))
            for link in stage.links
        ]
        return replace(stage, places=[self._place(p) for p in stage.places], links=links)

    def _place(self, place: Place) -> Place:
        named = self._named
        cursors = [replace(cursor, name=named(cursor.name)) for cursor in place.cursors]
        name, state, note = map(named, (place.name, place.state, place.note))
        return replace(place, name=name, state=state, note=note, cursors=cursors)
