"""What the libraries say on the wire: their shops, and recorded traffic."""

from __future__ import annotations

from pathlib import Path

from ...kept import Kept

TRAFFIC = Path(__file__).with_name("traffic")
SHOPS = Path(__file__).parents[2] / "libraries" / "shops"


def source(library: str) -> str:
    """Return the program of a library's shop."""
    return (SHOPS / f"{library}_shop.py").read_text(encoding="utf-8").rstrip("\n")


def traffic(name: str) -> Kept:
    """Return what was recorded under this name, such as `celery-default-killed-before`."""
    return Kept.read(TRAFFIC / f"{name}.json")


def about(kept: Kept, order: str) -> list[str]:
    """Say who spoke of an order, by which command on which key, in the broker's sequence.

    A command that had to wait for the order stands after the one that brought it.
    """
    steps = kept.only(about=f"*{order}*").steps
    brought = {d.waited_since: s.command.order for s in steps for d in s.deliveries}
    steps.sort(key=lambda s: (brought.get(s.command.order, s.command.order), s.waited))
    width = max((len(step.command.client) for step in steps), default=0)
    return [f"{s.command.client:{width}}  {' '.join(s.command.words[:2])}" for s in steps]
