"""A story that was recorded: the moments after each act, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from .frame import Frame
from .model import Bar, Cursor, Link, Place, Stage, Token

Plain = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """The moments of a story, from the empty stage to the last goal."""

    frames: Sequence[Frame]

    @property
    def middle(self) -> Frame:
        """Return the first moment at which half of the goals are reached, rounded down."""
        return next(f for f in self.frames if _reached(f) >= len(f.goals) // 2)


def _reached(frame: Frame) -> int:
    return sum(is_reached for _, is_reached in frame.goals)


def write_story(story: Story) -> str:
    """Write a story as JSON, a line a moment; what is as usual is left out."""
    lines = [json.dumps(_plain(frame), ensure_ascii=False) for frame in story.frames]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def read_story(path: Path) -> Story:
    """Read a story that `write_story` has written."""
    return Story([_frame(**plain) for plain in json.loads(path.read_text(encoding="utf-8"))])


def _plain(value: Any) -> Any:
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    return dict(_told(value))


def _told(value: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        content = getattr(value, field.name)
        if field.default is MISSING or content not in (field.default, []):
            yield field.name, _plain(content)


def _frame(stage: Plain, goals: Sequence[Sequence[Any]] = (), **others: Any) -> Frame:
    return Frame(stage=_stage(**stage), goals=[(words, done) for words, done in goals], **others)


def _stage(places: Sequence[Plain] = (), links: Sequence[Plain] = (), **others: Any) -> Stage:
    return Stage(
        places=[_place(**place) for place in places],
        links=[Link(**link) for link in links],
        **others,
    )


def _place(
    tokens: Sequence[Plain] = (),
    cursors: Sequence[Plain] = (),
    axis: Sequence[Sequence[Any]] = (),
    bars: Sequence[Plain] = (),
    **others: Any,
) -> Place:
    return Place(
        tokens=[Token(**token) for token in tokens],
        cursors=[Cursor(**cursor) for cursor in cursors],
        axis=[(at, label) for at, label in axis],
        bars=[Bar(**bar) for bar in bars],
        **others,
    )
