"""What lesson 11 prints was measured with the versions that are pinned, and nothing is left out."""

import json
import re
from pathlib import Path

from helpers.libraries import FAULTS, LIBRARIES
from helpers.libraries.outcome import RUNGS
from tools.libraries import DRAWN, MEASURED, SERVERS, TIMES, Situation, described

PINNED = Path(__file__).parents[2] / "helpers/libraries/requirements.txt"


def measured() -> dict:
    return json.loads(MEASURED.read_text("utf-8"))


def test_the_versions_are_those_that_are_pinned() -> None:
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", PINNED.read_text(), re.M))
    versions = measured()["versions"]
    assert versions == {name: pinned[name] for name in versions}
    assert {*versions} >= {name for each in LIBRARIES.values() for name in each.packages}


def test_every_situation_was_seen_on_every_server() -> None:
    known = measured()
    assert known["times"] == TIMES
    assert [
        name[: len(server)] for name, server in zip(known["servers"], SERVERS, strict=True)
    ] == [*SERVERS]
    assert {
        (library, settings): [*faults]
        for library, each in known["results"].items()
        for settings, faults in each.items()
    } == {
        (name, settings): [*FAULTS]
        for name, library in LIBRARIES.items()
        for settings in library.settings
    }


def test_what_was_packed_was_sent_and_stands_at_a_rung() -> None:
    results = measured()["results"]
    found = [each for by in results.values() for faults in by.values() for each in faults.values()]
    assert found
    for each in found:
        assert {*each["packed"]} <= {*RUNGS}
        assert {order for orders in each["packed"].values() for order in orders} <= {*each["sent"]}


def test_what_is_said_of_the_libraries_is_that_of_the_catalogue() -> None:
    assert measured()["libraries"] == json.loads(json.dumps(described()))


def test_every_situation_that_is_drawn_was_recorded() -> None:
    missing = [path.name for each in DRAWN if not (path := Situation(*each).traffic).exists()]
    assert missing == []
