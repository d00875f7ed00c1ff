"""Copy what code that is not ours returned into plain data, whose methods are Python's own."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

DEEPEST = 5
ITEMS = 10_000  # of a list; no answer needs more
_SIMPLE = (str, int, float, bool, bytes)
_name_of = type.__dict__["__name__"].__get__  # whatever a class says of itself


class NotYet(Exception):
    """The reason why an answer does not pass, in words for its author."""


class Foreign:
    """A stand-in for an object that no answer needs: it equals nothing that is expected."""

    def __init__(self, value: object) -> None:
        self.kind = _name_of(type(value))

    def __repr__(self) -> str:
        return f"an object of the type {self.kind}"


def plain(value: Any, depth: int = 0) -> Any:
    """Copy a value into plain lists, dicts, texts and numbers; all else in it is Foreign."""
    if value is None or _is_of(value, *_SIMPLE, Foreign):
        return value
    if _is_of(value, Decimal, Fraction):  # how careful people count money
        return _number(value)
    if depth < DEEPEST:
        if isinstance(value, list | tuple):
            return [plain(item, depth + 1) for item in islice(value, ITEMS)]
        if isinstance(value, dict):
            return {_key(key): plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, set | frozenset):
            return sorted((plain(item, depth + 1) for item in value), key=repr)
    return Foreign(value)


def _is_of(value: Any, *kinds: type) -> bool:
    """Say whether it is of one of these types itself; a class may claim to equal each of them."""
    return any(type(value) is kind for kind in kinds)


def _number(value: Any) -> Any:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return Foreign(value)
    return int(number) if number.is_integer() else number


def _key(key: Any) -> Any:
    return key if _is_of(key, str, int, bytes) else repr(Foreign(key))
