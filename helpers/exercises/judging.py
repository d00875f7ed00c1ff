"""Compare what was found with what was expected, and say the first difference in a sentence."""

from __future__ import annotations

from itertools import islice
from typing import Any

LONGEST = 110  # characters of a value in a sentence
ENDS = 3  # items that are shown of each end of a long list
DEEPEST = 5
ITEMS = 10_000  # of a list; no answer needs more

Reason = tuple[bool, str]


class NotYet(Exception):
    """The reason why an answer does not pass, in words for its author."""


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


class Foreign:
    """A stand-in for an object that no answer needs, so that its own methods are never called."""

    def __init__(self, value: object) -> None:
        self.kind = type(value).__name__

    def __repr__(self) -> str:
        return f"an object of the type {self.kind}"


def plain(value: Any, depth: int = 0) -> Any:
    """Copy a value into plain lists, dicts, texts and numbers; whatever else is in it is Foreign.

    A learner's class could claim to equal everything.
    """
    if value is None or type(value) in (str, int, float, bool, bytes, Foreign):
        return value
    if depth < DEEPEST:
        if isinstance(value, list):
            return [plain(item, depth + 1) for item in islice(list.__iter__(value), ITEMS)]
        if isinstance(value, tuple):
            return [plain(item, depth + 1) for item in islice(tuple.__iter__(value), ITEMS)]
        if type(value) is dict:
            return {_key(key): plain(item, depth + 1) for key, item in value.items()}
        if type(value) in (set, frozenset):
            return sorted((plain(item, depth + 1) for item in value), key=repr)
    return Foreign(value)


def _key(key: Any) -> Any:
    return key if type(key) in (str, int, bytes) else repr(Foreign(key))


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


def same(what: str, found: Any, expected: Any, *reasons: Reason | str) -> None:
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
