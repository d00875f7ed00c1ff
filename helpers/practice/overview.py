"""Show what is done in each lesson, and what comes next."""

from __future__ import annotations

from html import escape

from ..exercises.look import MARK_RIGHT, RIGHT, SURFACE
from .catalogue import TITLES, all_numbers, find_exercise
from .progress_file import KINDS, load

Counts = dict[str, tuple[int, int]]
"""By kind: how many are done, of how many."""

CELL = "padding:.25em .8em;text-align:left;vertical-align:top"
COUNT = f"{CELL};white-space:nowrap"


class Progress:
    """What is done in each lesson, as text and as a table."""

    def __init__(self, lessons: dict[str, Counts], note: str = "") -> None:
        self._lessons = lessons
        self._note = note

    def __repr__(self) -> str:
        width = max(map(len, TITLES.values()))
        rows = [
            f"{MARK_RIGHT if _is_complete(counts) else ' '} {lesson}  {TITLES[lesson]:{width}}   "
            + "   ".join(f"{kind} {_of(counts[kind])}" for kind in KINDS)
            for lesson, counts in self._lessons.items()
        ]
        return "\n".join([*([self._note] if self._note else []), *rows, self._sum()])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="{CELL}">{kind}</th>' for kind in ("lesson", *KINDS))
        rows = "".join(_row(lesson, counts) for lesson, counts in self._lessons.items())
        note = f"<p>{escape(self._note)}</p>" if self._note else ""
        return (
            f'<div style="{SURFACE};overflow-x:auto">{note}<table style="margin:0">'
            f'<caption style="{CELL};font-weight:bold">{self._sum()}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _sum(self) -> str:
        complete = sum(map(_is_complete, self._lessons.values()))
        return f"Complete: {complete} of {len(self._lessons)} lessons."


def progress() -> Progress:
    """Show what is done so far; it is kept in .progress.json, which may be deleted."""
    kept, note = load()
    return Progress(
        {
            lesson: {
                kind: (sum(n in kept.done[kind] for n in numbers[kind]), len(numbers[kind]))
                for kind in KINDS
            }
            for lesson, numbers in all_numbers().items()
        },
        note,
    )


def what_next(number: str) -> str:
    """Say what follows an exercise that has just been passed."""
    lesson = number.partition(".")[0]
    exercises = all_numbers()[lesson]["exercises"]
    done = {*load()[0].done["exercises"], number}
    place = exercises.index(number)
    left = [each for each in exercises[place:] + exercises[:place] if each not in done]
    told = f"{len(exercises) - len(left)} of {len(exercises)} exercises of lesson {lesson} done."
    return f"Next: {_exercise(left[0]) if left else f'the quiz of lesson {lesson}'}. {told}"


def _exercise(number: str) -> str:
    found = find_exercise(number)
    assert found
    return f"{number}, {' and '.join(f'`{name}`' for name in found.takes)}"


def _of(counted: tuple[int, int]) -> str:
    return f"{counted[0]} of {counted[1]}"


def _is_complete(counts: Counts) -> bool:
    return all(done == wanted for done, wanted in counts.values())


def _row(lesson: str, counts: Counts) -> str:
    mark = f' <b style="color:{RIGHT}">{MARK_RIGHT} complete</b>' if _is_complete(counts) else ""
    cells = "".join(f'<td style="{COUNT}">{_of(counts[kind])}</td>' for kind in KINDS)
    title = f"{lesson}. {escape(TITLES[lesson])}{mark}"
    return f'<tr><th scope="row" style="{CELL};font-weight:normal">{title}</th>{cells}</tr>'
