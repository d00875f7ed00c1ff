"""A picture of a record that can be stepped through, command by command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, overload

from ..picture import Flow
from ..record import Record, Step
from ..stage.frame import Frame
from ..stage.page import StagePage
from .moments import Moment, Moments


class LiveFlow(Flow):
    """A picture whose moments can be seen one after another; elsewhere it is a picture alone."""

    def __init__(self, record: Record, steps: list[Step], earlier: set[int]) -> None:
        super().__init__(steps, record.clients, earlier)
        self.moments = Moments(record, _first(steps, earlier)) if steps else []

    @cached_property
    def page(self) -> StagePage:
        """The widget, made when it is first shown."""
        frames = Frames(self.moments)
        return StagePage(lambda: frames)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        still = super()._repr_mimebundle_(include, exclude)
        if not self.moments:
            return still
        live: Any = self.page._repr_mimebundle_() or {}
        return (live[0] if isinstance(live, tuple) else live) | still


class Frames(Sequence[Frame]):
    """Moments as frames of a stage, made when they are asked for."""

    def __init__(self, moments: Sequence[Moment]) -> None:
        self._moments = moments

    def __len__(self) -> int:
        return len(self._moments)

    @overload
    def __getitem__(self, at: int) -> Frame: ...
    @overload
    def __getitem__(self, at: slice) -> list[Frame]: ...
    def __getitem__(self, at: int | slice) -> Frame | list[Frame]:
        if isinstance(at, slice):
            return [self._frame(number) for number in range(len(self))[at]]
        return self._frame(range(len(self))[at])

    def _frame(self, number: int) -> Frame:
        moment, note = self._moments[number], getattr(self._moments, "note", "")
        said = moment.headline, note, (), moment.words.splitlines()
        return Frame(number + 1, moment.stage, moment.did, *said)


def _first(steps: Iterable[Step], earlier: set[int]) -> int:
    """Return the order of the first new command, or of the first of which only the answer is."""
    orders = {step.command.order for step in steps}
    return min(orders - earlier or orders)
