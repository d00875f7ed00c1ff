"""Small lies of the explorer about a program, each told for one run of its tests: one must notice.

The explorer is what exercises and readers are judged by, so its own tests are put to this test.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from embedded_redis.engine import images
from helpers.explore import likeness
from helpers.explore.life import Life
from helpers.explore.search import Graph
from helpers.explore.world import World, _Scene

ROOT = Path(__file__).parent.parent.parent
TESTS = ROOT / "tests" / "explore" / "test_explore.py"
TOLD = "EXPLORER_LIE"  # the environment's variable that names the lie to be told


@dataclass(frozen=True)
class ExplorerLie:
    """A function put in the place of another one, and the test that notices it."""

    name: str
    rule: str  # what is true of the explorer, and not of one that tells this lie
    test: str
    place: Any
    attribute: str
    teller: Callable[..., Any]

    def tell(self) -> None:
        """Let the explorer of this process tell the lie, from now on and for good."""
        truth = getattr(self.place, self.attribute)

        @wraps(truth)
        def told(*arguments: Any, **options: Any) -> Any:
            return self.teller(truth, *arguments, **options)

        setattr(self.place, self.attribute, told)

    def failed(self) -> str:
        """Run the test that should notice it, in a process of its own; return how it failed."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        command += ["-p", "no:xdist", str(TESTS), "-k", self.test]
        environment = os.environ | {TOLD: self.name}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
        return lines[0] if done.returncode == 1 and lines else ""


EXPLORER_LIES: dict[str, ExplorerLie] = {}


def lie(place: Any, attribute: str, test: str) -> Callable[[Callable], Callable]:
    """Note a function as a lie: its name says the lie, its docstring the rule that it breaks."""

    def note(teller: Callable) -> Callable:
        name = teller.__name__.replace("_", "-")
        EXPLORER_LIES[name] = ExplorerLie(
            name, teller.__doc__ or "", test, place, attribute, teller
        )
        return teller

    return note


def tell_what_is_asked_for() -> None:
    """Tell the lie that the environment names, if it names one."""
    if name := os.environ.get(TOLD):
        EXPLORER_LIES[name].tell()


@lie(World, "_accidents", "one_worker_dies_before_inside_and_after")
def skips_a_crash_point(truth: Any, *given: Any) -> Any:
    """A worker may die while it handles a job."""
    return (choice for choice in truth(*given) if choice.fate != "dies inside")


@lie(World, "_heirs", "who_dies_comes_back_under_its_name_and_under_a_new_one")
def knows_one_name_only(truth: Any, *given: Any) -> Any:
    """Whoever dies is started again under its name, and in another schedule under a new one."""
    return truth(*given)[:1]


@lie(Life, "_take", "a_lost_reply_is_seen_at_any_command")
def forgets_that_the_reply_is_lost(truth: Any, self: Any, given: Any) -> Any:
    """A client whose reply is lost sees its connection break."""
    return truth(self, given._replace(what="goes"))


@lie(_Scene, "die", "popped_job_is_lost_by_a_crash")
def lets_the_dead_go_on(truth: Any, self: Any, choice: Any) -> Any:
    """Whoever has died does nothing more."""
    self._bury = lambda life: None
    return truth(self, choice)


@lie(Graph, "_sum", "what_is_walked_once_counts_as_often_as_it_is_met")
def counts_twice(truth: Any, *given: Any) -> Any:
    """Each schedule is counted once."""
    counts, best = truth(*given)
    return tuple(2 * count for count in counts), best


@lie(World, "next_timer", "time_passes_at_once_and_in_order")
def lets_time_stand_still(truth: Any, *given: Any) -> Any:
    """Time passes when nothing else can happen."""
    return None


@lie(likeness._Look, "mapping", "what_is_walked_once_counts_as_often_as_it_is_met")
def takes_two_lives_for_one(truth: Any, *given: Any) -> Any:
    """Two lives are alike only when their variables are."""
    return ()


@lie(images, "_keys", "what_is_walked_once_counts_as_often_as_it_is_met")
def takes_two_brokers_for_one(truth: Any, *given: Any) -> Any:
    """Two brokers are alike only when their keys hold the same."""
    return ()
