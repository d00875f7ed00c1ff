"""What the questions, the card and exercise 11.2 say of the measured settings."""

import re
from pathlib import Path

import pytest

from helpers.lessons.l11.choosing import PROMISES, SECONDS, Promise, measured
from helpers.lessons.l11.measured import FAULTS, ROWS, fate

CARD = Path(__file__).parents[3] / "publish/handouts/notes/11.md"


def test_no_measured_setting_does_each_order_once_in_every_fault() -> None:
    settings = measured()
    assert len(settings) == len(ROWS)
    for name, setting in settings.items():
        assert [*setting["faults"]] == [*FAULTS]
        assert any(each["lost"] or each["twice"] for each in setting["faults"].values()), name


def test_a_setting_says_when_each_order_was_done_for_the_first_time() -> None:
    for key, name in ROWS.items():
        for fault, outcome in measured()[name.replace(", ", " ")]["faults"].items():
            found = fate(*key, fault)
            done = {order for orders in found.packed.values() for order in orders}
            assert (outcome["back"] is None) == (not {*found.sent} <= done)
            assert outcome["back"] is None or outcome["back"] in SECONDS.values()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_a_promise_tells_settings_apart(promise: Promise) -> None:
    """One that all of them keep, or none of these harms breaks, would ask for no thinking."""
    kept = [not promise.broken(setting) for setting in measured().values()]
    assert not all(kept)


def test_the_card_says_what_was_measured() -> None:
    card = CARD.read_text(encoding="utf-8").partition("### Guarantees")[2]
    lines = re.findall(r"^\| (.+) \|$", card.partition("### Traps")[0], re.M)
    table = [[cell.strip() for cell in line.split("|")] for line in lines]
    wanted = [["settings", *FAULTS]]
    wanted += [[name, *(fate(*key, fault).short for fault in FAULTS)] for key, name in ROWS.items()]
    assert [row for row in table if not row[0].startswith("-")] == wanted
