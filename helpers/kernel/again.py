"""What else is to be forgotten when a notebook begins again from its first cell."""

from __future__ import annotations

from collections.abc import Callable

_forgetting: list[Callable[[], None]] = []


def on_beginning_again(forget: Callable[[], None]) -> Callable[[], None]:
    """Register a function that forgets something of the notebook's last round."""
    _forgetting.append(forget)
    return forget


def forget_all() -> None:
    """Call what was registered."""
    for forget in _forgetting:
        forget()
