"""What lesson 10 takes over is, line by line, what the cells of lesson 9 define."""

import ast
import inspect
from pathlib import Path

import pytest

from helpers.lessons.l10 import earlier
from publish.lesson import read

ROOT = Path(__file__).parents[3]
TAKEN_OVER = ("push", "pop", "move", "add", "join", "entries", "after", "counts")


def in_lesson_9() -> dict[str, str]:
    """Return what each function of lesson 9 does."""
    [path] = (ROOT / "notebooks").glob("09_*.ipynb")
    cells = [cell.source for cell in read(path).cells if cell.kind == "code"]
    return _functions("\n".join(cells))


def _functions(source: str) -> dict[str, str]:
    defined = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {f.name: _body(f) for f in ast.parse(source).body if isinstance(f, defined)}


def _body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return "\n".join(map(ast.unparse, statements))


@pytest.mark.parametrize("name", TAKEN_OVER)
def test_it_is_the_function_of_lesson_9(name: str) -> None:
    assert _functions(inspect.getsource(earlier))[name] == in_lesson_9()[name]
