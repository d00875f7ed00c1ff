"""Random commands get the same answers from the embedded broker and from Redis 8.2."""

import pytest

from .engines import EMBEDDED, REFERENCE, Embedded, real_engine, why_missing
from .play import play
from .random_commands import FAMILIES, random_scenario
from .random_waits import random_waits, tell

SEEDS = range(12)
LENGTH = 80  # commands; a stream of ids that grow needs a few


def first_difference(family: str, seed: int) -> str:
    """Play random commands on both; say at which step they answer differently, if they do."""
    protocol = 2 + seed % 2
    scenario = random_scenario(family, seed, LENGTH)
    ours = play(scenario, Embedded(), protocol)
    theirs = play(scenario, real_engine(REFERENCE), protocol)
    steps = [step.text for step in scenario.steps]
    for step, our, their in zip(steps, ours, theirs, strict=False):
        if our != their:
            told = f"{step}\n  {EMBEDDED}: {our}\n  {REFERENCE}: {their}"
            return f"seed {seed}, RESP{protocol}: {told}"
    return ""


@pytest.mark.parametrize("family", FAMILIES)
def test_random_commands_are_answered_as_redis_does(family: str) -> None:
    if why := why_missing(REFERENCE):
        pytest.skip(why)
    found = filter(None, (first_difference(family, seed) for seed in SEEDS))
    assert "\n".join(found) == ""


@pytest.mark.parametrize("protocol", [2, 3])
def test_whoever_waits_is_served_as_by_redis(protocol: int) -> None:
    if why := why_missing(REFERENCE):
        pytest.skip(why)
    for seed in SEEDS:
        story = random_waits(seed, LENGTH)
        ours = tell(story, Embedded(), protocol)
        assert ours == tell(story, real_engine(REFERENCE), protocol), f"seed {seed}"


def test_the_same_seed_gives_the_same_commands() -> None:
    assert random_scenario("groups", 1, LENGTH) == random_scenario("groups", 1, LENGTH)
    assert random_scenario("groups", 1, LENGTH) != random_scenario("groups", 2, LENGTH)
    assert random_waits(1, LENGTH) == random_waits(1, LENGTH) != random_waits(2, LENGTH)
