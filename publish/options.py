"""Misspelt options, which Jupyter passes over: it says so in a line among many, or not at all.

A hub that is asked for --prot 9999 would run on port 8000.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from traitlets.config import Application, Configurable

OF_ALL = ("h", "help", "help-all", "V", "version")
TRAIT = re.compile(r"(--(?:[A-Z]\w*\.)*)([A-Z]\w*)\.(\w+)")  # --Class.trait, or deeper
ALIKE = 0.8  # to a known class; less like one, it may be a class that an extension brings later

Program = type[Application]


def are_others(options: Iterable[str], *usual: str) -> bool:
    """Tell whether there are options beside these, which are known to be right."""
    return any(o.startswith("-") and o.partition("=")[0] not in usual for o in options)


def unknown(options: Iterable[str], programs: Iterable[Program]) -> Iterator[str]:
    """Say in a sentence each which options none of these programs has."""
    names = {*OF_ALL, *(name for program in programs for name in _names(program()))}
    for option in options:
        if option == "--":  # what follows is for somebody else
            return
        asked = option.partition("=")[0]
        if trait := TRAIT.fullmatch(asked):
            yield from _of_trait(*trait.groups())
        elif asked.startswith("--") and asked[2:] not in names:
            yield _sentence(asked, get_close_matches(asked[2:], names, 1), "--")
        elif re.match("-[a-zA-Z]", asked) and asked[1] not in names:
            yield _sentence(asked)


def _names(program: Application) -> Iterator[str]:
    for names in (*program.aliases, *program.flags):
        yield from names if isinstance(names, tuple) else (names,)


def _of_trait(above: str, owner: str, trait: str) -> Iterator[str]:
    """Say that a class has no such trait, or that it is itself like one that there is."""
    classes = dict[str, set[str]]()
    for each in _subclasses(Configurable):
        classes.setdefault(each.__name__, set()).update(each.class_trait_names(config=True))
    asked = f"{above}{owner}.{trait}"
    if owner in classes and trait not in classes[owner]:
        yield _sentence(asked, get_close_matches(trait, classes[owner], 1), f"{above}{owner}.")
    elif owner not in classes and (meant := get_close_matches(owner, classes, 1, ALIKE)):
        yield _sentence(asked, [f"{meant[0]}.{trait}"], above)


def _subclasses(base: type[Configurable]) -> Iterator[type[Configurable]]:
    for each in base.__subclasses__():
        yield each
        yield from _subclasses(each)


def _sentence(asked: str, meant: Iterable[str] = (), before: str = "") -> str:
    for name in meant:
        return f"There is no option {asked}: did you mean {before}{name}?"
    return f"There is no option {asked}: --help-all lists all that there are."
