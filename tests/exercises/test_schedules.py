"""The steps of a fault are those of the answer, and go on to where the fault is seen."""

import re
from typing import Any

import pytest

import helpers
from helpers.exercises.exploring import to_be_seen
from tests.lessons import MISTAKES

CHECKS_OWN = re.compile(
    r"observer|everything-is-there|BUSYGROUP|SET \W?(begun|pushed|bob failed|ann failed)|RPUSH done"
    r"|GET late|bob +XLEN|3600 s pass"
)

LOST = [
    "shop      RPUSH orders job-1  → 1",
    "shop      RPUSH orders job-2  → 2",
    "ann       LPOP orders  → job-1",
    "ann       handles job-1",
    "ann       LPOP orders  → job-2",
    "ann       dies before it handles job-2",
    "ann       is started again",
    "(time)    3600 s pass",
    "ann       LPOP orders  → nil",
]


def test_what_is_lost_is_shown_to_the_end() -> None:
    seen = to_be_seen("lost", LOST)
    assert seen[-3:] == [
        "(time)  an hour passes; whoever has returned starts again",
        "ann     LPOP orders  → nil",
        "(end)   nobody has handled job-2, and nobody will",
    ]
    assert [line.split() for line in seen[:7]] == [line.split() for line in LOST[:7]]


def test_what_comes_twice_is_shown_until_it_does() -> None:
    handles = ["ann  handles job-1", "bob  handles job-2", "bob  handles job-1", "ann  XACK"]
    assert to_be_seen("repeated", handles) == handles[:3]


def test_what_is_the_check_s_own_is_told_otherwise_or_left_out() -> None:
    steps = ["ann  SET begun yes  → OK", "bob  LPOP orders  → nil", "observer  GET x  → 1"]
    ours = {r"^ann +SET begun .*": "", r"^bob ": "shop "}
    told = to_be_seen("broken", steps, ours)
    assert told == ["shop     LPOP orders  → nil", "(check)  GET x  → 1"]


def mistake(number: str, name: str) -> Any:
    [found] = [m for m in MISTAKES if m.number == number and m.functions[-1].__name__ == name]
    return found.functions


SHOWN = [
    ("6.1", "looks_then_creates", ["XGROUP CREATE", "fails", "(check)"]),
    ("9.1", "only_what_is_new", ["is started again", "an hour passes", "→ nil", "(end)"]),
    ("9.2", "forgets_its_own", ["is started again", "an hour passes", "→ nil", "(end)"]),
    ("9.2", "robs_the_living", ["handles job-2", "handles job-2"]),
    ("9.3", "adds_then_deletes", ["XADD orders", "XADD orders", "(check)  XRANGE orders"]),
    ("9.4", "never", ["LPOP new", "holds  "]),
    ("10.3", "as_in_lesson_9", ["XGROUP DELCONSUMER", "(check)  XINFO GROUPS"]),
    ("10.4", "pauses_for_long", ["SIGTERM comes", "3 s pass", "returns", "(check)"]),
]


@pytest.mark.parametrize(("number", "name", "shown"), SHOWN)
async def test_the_steps_of_a_fault_are_the_answer_s(
    number: str, name: str, shown: list[str]
) -> None:
    result = await helpers.check(number, *mistake(number, name), record=False)
    steps = [line for line in repr(result).splitlines() if re.match(r" +\d+  ", line)]
    allowed = {"6.1": "BUSYGROUP"}.get(number, "nothing of it")
    own = [found[0] for step in steps if (found := CHECKS_OWN.search(step))]
    assert [word for word in own if word != allowed] == []
    left = "\n".join(steps)
    for part in shown:
        assert part in left, (part, steps)
        left = left[left.index(part) + len(part) :]
