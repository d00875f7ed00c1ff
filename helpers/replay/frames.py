"""The moments of a record as frames of a stage, made when they are asked for."""

from __future__ import annotations

from ..stage.frame import Frame
from .moments import Moments
from .on_demand import OnDemand


class Frames(OnDemand[Frame]):
    """Moments one after another."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def __len__(self) -> int:
        return len(self._moments)

    def make(self, number: int) -> Frame:
        """Make a frame of the moment of this number."""
        moment = self._moments[number]
        said = moment.headline, self._moments.note, (), moment.words.splitlines()
        return Frame(number + 1, moment.stage, moment.did, *said)
