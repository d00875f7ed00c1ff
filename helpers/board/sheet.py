"""What a class has done as CSV, for a learning management system or a spreadsheet.

A thing is done in the sense of `progress()`: a prediction by any answer, an exercise by a pass, a
question of a quiz by the right option, whatever came before or after.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ..classroom.state import CHECK, PREDICTION, QUIZ, ClassState, in_sequence, lesson_of
from ..practice.catalogue import all_numbers
from .vote import answer_of

COLUMNS = {PREDICTION: "predictions", CHECK: "exercises", QUIZ: "quiz"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet begins a formula


def scores(state: ClassState) -> str:
    """Write a line a learner: what they have done of each lesson, under the most that one can."""
    done = Counter(
        (work.who, COLUMNS[work.kind], lesson_of(work.number))
        for work in state.work()
        if work.is_done and work.kind in COLUMNS
    )
    parts = [
        (lesson, kind, len(numbers))
        for lesson, kinds in all_numbers().items()
        for kind, numbers in kinds.items()
    ]
    head = ["nickname", *(f"lesson {lesson} {kind} of {most}" for lesson, kind, most in parts)]
    return _csv(head, ([who, *(done[who, k, n] for n, k, _ in parts)] for who in _names(state)))


def answers(state: ClassState) -> str:
    """Write a line for each learner and question or exercise: the last answer, and how many."""
    found = sorted(state.work(), key=lambda work: (work.who, work.kind, in_sequence(work.number)))
    rows = (
        [w.who, w.kind, w.number, answer_of(w), w.tries, int(w.is_done), _written(w.last_at)]
        for w in found
    )
    return _csv(["nickname", "kind", "number", "last answer", "tries", "done", "last (UTC)"], rows)


def _names(state: ClassState) -> list[str]:
    return sorted(standing.who for standing in state.standings())


def _written(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(" ", "seconds").removesuffix("+00:00")


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(head)
    table.writerows([_inert(each) for each in row] for row in rows)
    return written.getvalue()


def _inert(value: object) -> object:
    """Write a text so that no spreadsheet takes it for a formula: learners choose their names."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
