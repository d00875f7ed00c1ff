"""The lessons' own parts, a folder each: found here by their names, and listed nowhere."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def lessons() -> list[str]:
    """Name the lessons that have a folder, in their sequence: "1", "2" and so on."""
    found = [module.name for module in iter_modules(__path__)]
    return sorted((name.removeprefix("l").lstrip("0") for name in found), key=int)


def part(lesson: str, name: str = "") -> ModuleType:
    """Return the package of a lesson, or one of its modules: exercises, questions or lab."""
    return import_module(f"{__name__}.l{int(lesson):02}{name and f'.{name}'}")
