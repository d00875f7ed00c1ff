"""The embedded broker answers as Redis 8.2 does; where other servers differ, it is listed."""

from functools import cache

import pytest

from embedded_redis import RULES
from embedded_redis.assembly import assemble

from .engines import EMBEDDED, NAMES, REAL, REFERENCE, Embedded, real_engine, why_missing
from .play import NO_ANSWER, play
from .report import names_played
from .scenario import Scenario
from .scenarios import all_scenarios

SCENARIOS = {scenario.name: scenario for scenario in all_scenarios()}
PROTOCOLS = (2, 3)
OTHERS = [engine for engine in REAL if engine != REFERENCE]
IMPATIENT = 0.5  # seconds that a broker without a rule has to answer


@cache
def transcript(engine: str, protocol: int, name: str) -> list[str]:
    broker = Embedded() if engine == EMBEDDED else real_engine(engine)
    return play(SCENARIOS[name], broker, protocol)


def is_here(engine: str) -> bool:
    return engine == EMBEDDED or not why_missing(engine)


def differences(
    scenario: Scenario, engine: str, protocol: int, seen: list[str], expected: list[str]
) -> list[str]:
    """Say where a transcript is not as expected: a new difference, or a listed one that is gone."""
    notes = [step.text for step in scenario.steps] + ["at the end"] * len(expected)
    listed = [step.differs_on(engine, protocol) for step in scenario.steps]
    listed += [False] * (len(expected) - len(listed))
    found = []
    for note, known, ours, theirs in zip(notes, listed, seen, expected, strict=False):
        if (ours != theirs) != known:
            gone = "  (this difference is listed, and is gone)" if known else ""
            told = f"{note}{gone}\n  {engine}: {ours}\n  {REFERENCE}: {theirs}"
            found.append(f"RESP{protocol}: {told}")
    if len(seen) != len(expected) and not any(listed):
        found.append(
            f"RESP{protocol}: {engine} saw {len(seen)} answers, {REFERENCE} {len(expected)}"
        )
    if found and scenario.proves:
        found.append(f"This scenario proves {', '.join(scenario.proves)}.")
    return found


@pytest.mark.parametrize(("version", "engine"), NAMES.items())
def test_the_server_of_a_name_has_that_version(version: str, engine: str) -> None:
    if why := why_missing(engine):
        pytest.skip(why)
    assert real_engine(engine).server.version.startswith(version)


# One test a scenario: what Redis 8.2 answers is compared with what all others do.
@pytest.mark.parametrize("name", SCENARIOS)
def test_all_answer_as_redis_does(name: str) -> None:
    if why := why_missing(REFERENCE):
        pytest.skip(why)
    found = []
    for protocol in PROTOCOLS:
        expected = transcript(REFERENCE, protocol, name)
        assert NO_ANSWER not in str(expected)  # all would wait for that
        for engine in filter(is_here, (EMBEDDED, *OTHERS)):
            seen = transcript(engine, protocol, name)
            found += differences(SCENARIOS[name], engine, protocol, seen, expected)
    assert "\n".join(found) == ""


def seen_with(rules: tuple[type, ...], scenario: Scenario, protocol: int) -> list[str]:
    try:
        return play(scenario, Embedded(rules), protocol, IMPATIENT)
    except Exception as broken:  # fakeredis without its rule may break down altogether
        return [repr(broken)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_needed(rule: type) -> None:
    proofs = [scenario for scenario in SCENARIOS.values() if rule.__name__ in scenario.proves]
    assert proofs, f"no scenario proves {rule.__name__}"
    without = tuple(other for other in RULES if other is not rule)
    for scenario in proofs:
        for protocol in PROTOCOLS:
            if seen_with(without, scenario, protocol) != transcript(
                EMBEDDED, protocol, scenario.name
            ):
                return
    pytest.fail(f"without {rule.__name__} no scenario that proves it changes")


def test_every_command_that_is_answered_is_played() -> None:
    assert assemble().HANDLERS.keys() - names_played(SCENARIOS.values()) == set()


def test_scenarios_name_only_rules_that_exist() -> None:
    names = {rule.__name__ for rule in RULES}
    assert {rule for scenario in SCENARIOS.values() for rule in scenario.proves} <= names
