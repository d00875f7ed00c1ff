"""Small lies of the course's own code, each told for one run of a test: it must notice.

What judges or pictures is itself put to the test by them.
"""

import os
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import wraps
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from .processes import PROCESSES

ROOT = Path(__file__).parent.parent.parent
TOLD = "COURSE_LIE"  # the environment's variable that names the lie to be told


@dataclass(frozen=True)
class OwnLie:
    """A function put in the place of another one, and the test that notices it."""

    name: str
    rule: str  # what is true of the course, and not of one that tells this lie
    tests: str  # their file
    test: str
    place: Any
    attribute: str
    teller: Callable[..., Any]

    def tell(self) -> None:
        """Let this process tell the lie, from now on and for good."""
        truth = getattr(self.place, self.attribute)

        @wraps(truth)
        def told(*arguments: Any, **options: Any) -> Any:
            return self.teller(truth, *arguments, **options)

        setattr(self.place, self.attribute, told)

    def failed(self) -> str:
        """Run the test that should notice it, in a process of its own; return how it failed."""
        ours, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=_run, args=(theirs, self.name, self.tests, self.test))
        process.start()
        theirs.close()
        try:
            return ours.recv()
        except EOFError:  # the process ended in the middle: nothing was noticed
            return ""
        finally:
            process.join()
            ours.close()


def _run(theirs: Connection, lie: str, tests: str, test: str) -> None:
    """Run a test in this process, which is asked to tell a lie; send how the first one failed."""
    os.environ[TOLD] = lie  # the conftest.py beside the tests tells it, before it imports them
    os.chdir(ROOT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
    with redirect_stdout(StringIO()) as said:
        code = pytest.main([*options, str(ROOT / "tests" / tests), "-k", test])
    lines = [line for line in said.getvalue().splitlines() if line.startswith("FAILED")]
    theirs.send(lines[0] if code == pytest.ExitCode.TESTS_FAILED and lines else "")


class OwnLies(dict[str, OwnLie]):
    """Lies that the tests in one file notice, by name."""

    def __init__(self, tests: str) -> None:
        super().__init__()
        self.tests = tests

    def lie(self, place: Any, attribute: str, test: str) -> Callable[[Callable], Callable]:
        """Note a function as a lie: its name says the lie, its docstring the rule it breaks."""

        def note(teller: Callable) -> Callable:
            name = teller.__name__.replace("_", "-")
            rule = teller.__doc__ or ""
            self[name] = OwnLie(name, rule, self.tests, test, place, attribute, teller)
            return teller

        return note

    def tell_what_is_asked_for(self) -> None:
        """Tell the lie that the environment names, if it is one of these."""
        if (name := os.environ.get(TOLD, "")) in self:
            self[name].tell()
