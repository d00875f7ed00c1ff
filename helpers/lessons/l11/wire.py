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
    """Say who spoke of an order, by which command on which key, as the replies came."""
    spoke = kept.only(about=f"*{order}*").commands
    width = max((len(client) for client, *_ in spoke), default=0)
    return [f"{client:{width}}  {' '.join(words[:2])}" for client, words, _ in spoke]
