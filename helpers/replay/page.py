"""A picture of a record that can be stepped through, command by command."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from ..picture import Flow
from ..record import Record, Step
from ..stage.page import StagePage
from .frames import Frames
from .moments import Moments


class LiveFlow(Flow):
    """A picture whose moments can be seen one after another; elsewhere it is a picture alone."""

    def __init__(self, record: Record, steps: list[Step], earlier: set[int]) -> None:
        super().__init__(steps, record.clients, earlier)
        self.moments = Moments(record, _first(steps, earlier))

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


def _first(steps: Iterable[Step], earlier: set[int]) -> int:
    """Return the order of the first new command, or of the first of which only the answer is."""
    orders = {step.command.order for step in steps}
    return min(orders - earlier or orders, default=sys.maxsize)
