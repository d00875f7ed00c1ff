"""Copy an answer as another machine would have it: the same code, and a memory of its own.

Whatever of Python's memory the answer refers to is copied: globals, closures, defaults, objects of
its own classes. Modules, clients and what else is not the learner's stay the same. Nothing of the
learner's is called.
"""

from __future__ import annotations

import asyncio
import builtins
import datetime
import functools
import itertools
import random
import re
import threading
import time
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType
from typing import Any

from ..sandbox.limits import is_library

Function = Callable[..., Any]
_LISTS = (list, tuple, set, frozenset, deque)
_DICTS = (dict, Counter, OrderedDict)
_LOCKS = tuple({type(threading.Lock()), type(threading.RLock()), asyncio.Lock, asyncio.Event})
_CLOCKS = {"time": time, "datetime": datetime}
_DEALER = vars(random)["_inst"]  # whose methods the functions of `random` are
_COUNT = re.compile(r"count\((-?\d+)(?:, (-?\d+))?\)")


def elsewhere(function: Function) -> Function:
    """Return a copy of a function that shares no memory of Python with it, where one can be had.

    There `hash` of a text differs, as it does from process to process.
    """
    try:
        return _Copier().copy(function)
    except Exception:  # it is of a kind that nobody copies: it is judged as it is
        return function


def salted_hash(value: Any) -> int:
    """Return a hash as another process has it: that of a text is not the same."""
    if type(value) in (str, bytes):
        return hash((value, "another process"))
    if type(value) in (tuple, frozenset):
        return hash(type(value)(map(salted_hash, value)))
    return hash(value)


class _Copier:
    """One copy of everything that can be reached, each thing once."""

    def __init__(self) -> None:
        self._copies: dict[int, Any] = {}
        self._kept: list[Any] = []  # as long as they live, their ids are theirs
        self._globals: dict[int, dict[str, Any]] = {}

    def copy(self, value: Any) -> Any:
        if id(value) not in self._copies:
            self._kept.append(value)
            self._copies[id(value)] = value
            self._copies[id(value)] = self._made(value)
        return self._copies[id(value)]

    def _made(self, value: Any) -> Any:
        kind = type(value)
        if (now := _as_it_is_now(value)) is not value:
            return now
        if kind is FunctionType:
            return value if is_library(value.__code__) else self._function(value)
        if kind is MethodType:
            return MethodType(self.copy(value.__func__), self.copy(value.__self__))
        if kind is BuiltinFunctionType and type(value.__self__) in (*_LISTS, *_DICTS):
            return getattr(self.copy(value.__self__), value.__name__)
        if kind is functools.partial:
            given, options = self.copy(value.args), self.copy(value.keywords)
            return functools.partial(self.copy(value.func), *given, **options)
        if kind is functools._lru_cache_wrapper:
            return functools.lru_cache(**value.cache_parameters())(self.copy(value.__wrapped__))
        if kind in (staticmethod, classmethod):
            return kind(self.copy(value.__func__))
        if kind is type and self._is_own(value):
            return self._class(value)
        return self._data(value, kind)

    def _data(self, value: Any, kind: type) -> Any:
        if kind in _LISTS:
            return self._refilled(value, kind)
        if kind in (*_DICTS, defaultdict):
            made: Any = defaultdict(value.default_factory) if kind is defaultdict else kind()
            self._copies[id(value)] = made
            for key, item in list(value.items()):
                made[key] = self.copy(item)
            return made
        if kind is bytearray:
            return bytearray(value)
        if kind in _LOCKS:
            return kind()
        if kind is asyncio.Semaphore:
            return asyncio.Semaphore(value._value)
        if kind is itertools.count and (found := _COUNT.fullmatch(repr(value))):
            return itertools.count(*(int(part) for part in found.groups() if part))
        return self._object(value, kind) if self._is_own(kind) else value

    def _refilled(self, value: Any, kind: Any) -> Any:
        if kind in (list, deque):
            made: Any = kind() if kind is list else deque(maxlen=value.maxlen)
            self._copies[id(value)] = made
            made.extend([self.copy(item) for item in list(value)])
            return made
        return kind([self.copy(item) for item in list(value)])

    def _function(self, function: FunctionType) -> FunctionType:
        # The cells are filled later: what they hold may refer to this function.
        cells = tuple(self._cell(cell) for cell in function.__closure__ or ())
        there = self._globals_of(function)
        made = FunctionType(function.__code__, there, function.__name__, None, cells)
        self._copies[id(function)] = made
        made.__defaults__ = self.copy(function.__defaults__)
        made.__kwdefaults__ = self.copy(function.__kwdefaults__)
        made.__dict__.update(self.copy(function.__dict__))
        made.__module__, made.__qualname__ = function.__module__, function.__qualname__
        for name in names_in(function.__code__) & function.__globals__.keys():
            there[name] = self.copy(function.__globals__[name])
        for cell, copied in zip(function.__closure__ or (), cells, strict=True):
            self._fill(copied, cell)
        return made

    def _globals_of(self, function: FunctionType) -> dict[str, Any]:
        there = self._globals.get(id(function.__globals__))
        if there is None:
            there = self._globals[id(function.__globals__)] = dict(function.__globals__)
            if there.get("hash", builtins.hash) is builtins.hash:
                there["hash"] = salted_hash
        return there

    def _cell(self, cell: CellType) -> CellType:
        if id(cell) not in self._copies:
            self._kept.append(cell)
            self._copies[id(cell)] = CellType()
        return self._copies[id(cell)]

    def _fill(self, copied: CellType, cell: CellType) -> None:
        try:
            held = cell.cell_contents
        except ValueError:  # it is empty, and so is the copy
            return
        copied.cell_contents = self.copy(held)

    def _class(self, owner: type) -> type:
        made = type(owner.__name__, tuple(self.copy(base) for base in owner.__bases__), {})
        self._copies[id(owner)] = made
        for name, value in list(vars(owner).items()):
            if name not in ("__dict__", "__weakref__"):
                setattr(made, name, self.copy(value))
        return made

    def _object(self, value: Any, kind: type) -> Any:
        made = object.__new__(self.copy(kind))
        self._copies[id(value)] = made
        held = object.__getattribute__(value, "__dict__")
        object.__getattribute__(made, "__dict__").update(self.copy(held))
        return made

    def _is_own(self, kind: type) -> bool:
        """Say whether a class was written beside the answer, and is a plain one."""
        if type(kind) is not type or kind.__module__ == "builtins":
            return False
        where = {there.get("__name__") for there in self._globals.values()} | {"__main__"}
        where.add(getattr(type(self._kept[0]), "__module__", None))
        is_plain = "__slots__" not in vars(kind) and kind.__new__ is object.__new__
        return is_plain and kind.__module__ in where


def _as_it_is_now(value: Any) -> Any:
    """Return what stands now where a clock or dice come from: an exploration has its own there."""
    if type(value) not in (BuiltinFunctionType, MethodType, type):
        return value
    is_dice = type(value) is not type and value.__self__ is _DEALER
    place = random if is_dice else _CLOCKS.get(value.__module__)
    return getattr(place, value.__name__, value) if place else value


def names_in(code: CodeType) -> set[str]:
    """List the names that a code may look up, in the functions inside of it too."""
    inner = (names_in(part) for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*inner)
