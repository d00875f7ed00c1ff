"""A stage as plain text: all that its picture says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from ..picture.text import pad, wide
from .model import Bar, Place, Stage
from .words import link_words, name_of, pieces, sides_of, signs

GAP = "   "


def write(stage: Stage, headline: str = "") -> str:
    """Write a line a place, side by side, then what joins them and what the signs mean."""
    legend = GAP.join(signs(stage))
    above = [stage.title, headline] if headline else [stage.title]
    return "\n".join(
        [*above, *_lines(stage), *link_words(stage.links), *([legend] if legend else [])]
    )


def _lines(stage: Stage) -> Iterator[str]:
    names = max((wide(name_of(place)) for place in stage.places), default=0)
    sides = max(map(wide, sides_of(stage).values()))
    for side, words in sides_of(stage).items():
        for number, place in enumerate(p for p in stage.places if p.side == side):
            heading = pad("" if number else words, sides)
            yield f"{heading}  {pad(name_of(place), names)}  {_held(place)}".rstrip()


def _held(place: Place) -> str:
    shown = [*map(_bar, place.bars)]
    shown += [f"[{p.words}]" if p.mark else p.words for p in pieces(place)]
    return " ".join(filter(None, [_state(place, shown), *shown, place.note]))


def _bar(bar: Bar) -> str:
    """Write a bar of up to ten blocks."""
    blocks = "█" * ceil(10 * bar.value / bar.most)
    return " ".join(filter(None, [bar.words, blocks, str(bar.value)]))


def _state(place: Place, shown: Sequence[str]) -> str:
    """End the state where something follows it, so that both can be told apart."""
    return f"{place.state}:" if place.state and (shown or place.note) else place.state
