"""What is made only when it is asked for, one after another."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

Item = TypeVar("Item")


class OnDemand(Sequence[Item]):
    """A sequence whose items are made when they are asked for."""

    @abstractmethod
    def make(self, number: int) -> Item:
        """Make the item of this number, counted from 0."""

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        if isinstance(at, slice):
            return [self.make(number) for number in range(len(self))[at]]
        return self.make(range(len(self))[at])
