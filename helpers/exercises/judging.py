"""Compare what was found with what was expected, and say the first difference in a sentence."""

from __future__ import annotations

from itertools import islice
from typing import Any

LONGEST = 110  # characters of a value in a sentence
DEEPEST = 5
ITEMS = 10_000  # of a list; no answer needs more

Reason = tuple[bool, str]


class NotYet(Exception):
    """Say why an answer does not pass, in words for its author."""


class Foreign:
    """Stand for an object that no answer needs, so that its own methods are never called."""

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
    """Write a value, shortened in the middle when it is long."""
    text = repr(value)
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]} … {text[-half:]}"


def same(what: str, found: Any, expected: Any, *reasons: Reason | str) -> None:
    """Raise NotYet unless `found` equals `expected`, with the first reason that holds as a hint."""
    found = plain(found)
    if found != expected or type(found) is Foreign:
        difference = f"{what}: expected {show(expected)}, found {show(found)}."
        raise NotYet(f"{difference} {hint_for(*reasons)}".rstrip())


def hint_for(*reasons: Reason | str) -> str:
    """Pick the first hint whose condition holds; a text alone always holds."""
    for reason in reasons:
        if isinstance(reason, str):
            return reason
        if reason[0]:
            return reason[1]
    return ""


def repeated(items: list[Any]) -> list[Any]:
    """List what is there more than once; the items need not be hashable."""
    return [item for place, item in enumerate(items) if items[:place].count(item) == 1]


def missing(wanted: list[str], *places: Any) -> list[str]:
    """List what is wanted and in none of these lists; what is no list holds nothing."""
    found = [item for place in places if isinstance(place, list) for item in place]
    return [item for item in wanted if item not in found]
