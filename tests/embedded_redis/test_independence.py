"""embedded_redis stands alone: it takes from nobody, and nobody takes a private part of it."""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

import embedded_redis
import embedded_redis.cluster

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "embedded_redis"
NEEDED = {"redis", "fakeredis", "lupa"}
FACES = {face.__name__: set(face.__all__) for face in (embedded_redis, embedded_redis.cluster)}
USERS = ("helpers", "publish", "tools", "binder", "classroom")
# A room takes nothing from the rooms after it.
ROOMS = ("engine", "rules", "cluster")
WORDS_OF_THE_COURSE = re.compile(
    r"COURSE_|\b(lessons?|helpers|notebooks?|course(?<!of course))\b", re.I
)
SOURCES = sorted(LIBRARY.rglob("*.py"))
TEXTS = [
    *SOURCES,
    *sorted(LIBRARY.rglob("*.md")),
    *sorted(LIBRARY.rglob("*.tsv")),
    *sorted(LIBRARY.rglob("*.lua")),
]

Import = tuple[str, frozenset[str]]


def imports(source: str, module: str) -> Iterator[Import]:
    """Name each module that a source imports, whatever its level, and what it takes from it."""
    package = module.split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((each.name, frozenset()) for each in node.names)
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            yield name, frozenset(each.name for each in node.names)


def module_of(path: Path) -> str:
    """Name the module of a file; a package by its `__init__`, so that levels count alike."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def foreign(source: str, module: str = "embedded_redis.sample") -> list[str]:
    """List what a file of embedded_redis imports and may not."""
    allowed = NEEDED | {"embedded_redis"} | sys.stdlib_module_names
    return [name for name, _ in imports(source, module) if name.split(".")[0] not in allowed]


def private(source: str, module: str = "helpers.sample") -> list[str]:
    """List what a file outside takes from embedded_redis beside its public names."""
    taken = [(name, what) for name, what in imports(source, module) if _is_ours(name)]
    return [
        f"{name}: {', '.join(sorted(what)) or 'the module'}"
        for name, what in taken
        if name not in FACES or not what <= FACES[name]
    ]


def _is_ours(name: str) -> bool:
    return name.split(".")[0] == "embedded_redis"


def upward(source: str, module: str) -> list[str]:
    """List what a room takes from a room that stands on it."""
    room = module.split(".")[1]
    above = ROOMS[ROOMS.index(room) + 1 :]
    found = (part for name, what in imports(source, module) for part in _parts(name, what))
    return [part for part in found if part.startswith("embedded_redis.") and _room(part) in above]


def _parts(name: str, what: frozenset[str]) -> list[str]:
    return [name, *(f"{name}.{each}" for each in what)]


def _room(name: str) -> str:
    return name.split(".")[1]


def test_the_library_was_found() -> None:
    assert {path.parent.name for path in SOURCES} == {"embedded_redis", *ROOMS}
    assert {path.suffix for path in TEXTS} == {".py", ".md", ".tsv", ".lua"}


def wrong_in(paths: Iterable[Path], wrong: Callable[[str, str], list[str]]) -> dict[str, list[str]]:
    """Name each file in which something is wrong, with that."""
    found = {path: wrong(path.read_text(encoding="utf-8"), module_of(path)) for path in paths}
    return {path.relative_to(ROOT).as_posix(): names for path, names in found.items() if names}


def test_it_imports_redis_fakeredis_lupa_and_python_only() -> None:
    assert wrong_in(SOURCES, foreign) == {}


def test_it_works_without_lupa() -> None:
    at_once = [
        path for path in SOURCES if re.search(r"^(from|import) lupa", path.read_text(), re.M)
    ]
    assert at_once == []


def test_it_does_not_speak_of_the_course() -> None:
    assert wrong_in(TEXTS, lambda text, _: WORDS_OF_THE_COURSE.findall(text)) == {}


def test_no_room_takes_from_one_above() -> None:
    assert wrong_in([p for p in SOURCES if p.parent.name in ROOMS], upward) == {}


def test_whoever_uses_it_uses_its_public_names() -> None:
    users = [path for folder in USERS for path in sorted((ROOT / folder).rglob("*.py"))]
    assert wrong_in(users, private) == {}
    assert any("embedded_redis" in path.read_text(encoding="utf-8") for path in users)


def test_public_names_are_there_and_have_a_text() -> None:
    for face in (embedded_redis, embedded_redis.cluster):
        for name in face.__all__:
            assert isinstance(getattr(face, name), tuple) or getattr(face, name).__doc__, name


@pytest.mark.parametrize(
    "source",
    [
        "import helpers",
        "from helpers.errors import CourseError",
        "def f():\n    import tests.stage",
    ],
)
def test_a_foreign_import_is_seen(source: str) -> None:
    assert foreign(source)


@pytest.mark.parametrize(
    "source",
    [
        "from embedded_redis.engine.core import EmbeddedSocket",
        "from embedded_redis.engine import core",
        "from embedded_redis import assemble",
        "import embedded_redis.engine.core",
        "from embedded_redis.cluster import Bus",
    ],
)
def test_a_private_part_is_seen(source: str) -> None:
    assert private(source)


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from ..rules import pubsub", "embedded_redis.engine.core"),
        ("from ..cluster.model import Bus", "embedded_redis.rules.pubsub"),
        ("from .. import rules", "embedded_redis.engine.core"),
    ],
)
def test_an_import_upwards_is_seen(source: str, module: str) -> None:
    assert upward(source, module)


@pytest.mark.parametrize(
    "text", ["as lesson 3 shows", "set COURSE_BROKER", "a Notebook", "the course"]
)
def test_a_word_of_the_course_is_seen(text: str) -> None:
    assert WORDS_OF_THE_COURSE.search(text)
