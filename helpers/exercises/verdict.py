"""Compare what was found with what was expected, and say the first difference in a sentence."""

from __future__ import annotations

from typing import Any

from ..sandbox.plain import Foreign, NotYet, plain

LONGEST = 110  # characters of a value in a sentence
ENDS = 3  # items that are shown of each end of a long list

Reason = tuple[bool, str]


class Difference(NotYet):
    """What was found is not what was expected; `values` has both, by their labels.

    Where nothing was expected there is nothing to compare: `what` names the things found.
    """

    def __init__(self, what: str, found: Any, expected: Any, advice: str = "") -> None:
        unwanted = expected in ([], {}) and isinstance(found, (list, dict)) and len(found) > 0
        self.what = f"{what}: {listed(found)}. There should be none." if unwanted else f"{what}."
        self.values = {} if unwanted else {"expected": show(expected), "found": show(found)}
        self.advice = advice
        told = [f"{label} {value}" for label, value in self.values.items()]
        super().__init__(" ".join(filter(None, [self.what, ", ".join(told), advice])))


class Schedule(Difference):
    """A sequence of steps after which something does not hold; `values` has them, numbered."""

    def __init__(self, what: str, steps: list[str], advice: str = "") -> None:
        super().__init__(what, None, None, advice)
        width = len(str(len(steps)))
        self.values = {f"{place:{width}}": step for place, step in enumerate(steps, start=1)}


def because(why: NotYet, proved: str, is_all: bool) -> NotYet:
    """Put what is proved in front of the advice, or in its place if that is all."""
    if proved in str(why):
        return why
    if not isinstance(why, Difference):
        return NotYet(f"{why} {proved}")
    why.advice = proved if is_all else f"{proved} {why.advice}".rstrip()
    return why


def show(value: Any) -> str:
    """Write a value, shortened in the middle when it is long: a list by whole items."""
    if isinstance(value, (list, dict)) and not value:
        return "nothing"
    text = repr(value)
    if len(text) <= LONGEST:
        return text
    if isinstance(value, list) and len(value) > ENDS * 2:
        left = f"… {len(value) - ENDS * 2} more …"
        items = [*map(repr, value[:ENDS]), left, *map(repr, value[-ENDS:])]
        if len(shortened := f"[{', '.join(items)}]") <= LONGEST:
            return shortened
    half = LONGEST // 2
    return f"{text[:half]} … {text[-half:]}"


def listed(found: list[Any] | dict[Any, Any]) -> str:
    """Name some things in a sentence."""
    names = [each if isinstance(each, str) else show(each) for each in found][: ENDS * 2 + 1]
    left = len(found) - len(names)
    return ", ".join([*names, f"and {left} more"] if left else names)


def expect_same(what: str, found: Any, expected: Any, *reasons: Reason | str) -> None:
    """Raise Difference unless `found` equals `expected`; the first reason that holds is a hint."""
    found = plain(found)
    if found != expected or type(found) is Foreign:
        raise Difference(what, found, expected, hint_for(*reasons))


def hint_for(*reasons: Reason | str) -> str:
    """Pick the first hint whose condition holds; a text alone always holds."""
    for reason in reasons:
        if isinstance(reason, str):
            return reason
        if reason[0]:
            return reason[1]
    return ""


def counted(number: int, thing: str) -> str:
    """Return a number with its noun, such as 1 command or 2 commands."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def repeated(items: list[Any]) -> list[Any]:
    """List what is there more than once; the items need not be hashable."""
    return [item for place, item in enumerate(items) if items[:place].count(item) == 1]


def missing(wanted: list[str], *places: Any) -> list[str]:
    """List what is wanted and in none of these lists; what is not a list counts as empty."""
    found = [item for place in places if isinstance(place, list) for item in place]
    return [item for item in wanted if item not in found]
