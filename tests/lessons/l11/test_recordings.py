"""What is lost, held or a lease in lesson 11 is confirmed by the broker that played it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from helpers.exercises.trial import Trial, trial
from helpers.lessons.l11.leasing import SCENES, SWEEPS, Scene, with_a_pop
from helpers.lessons.l11.losing import DONE, Story
from helpers.lessons.l11.measured import fate
from helpers.lessons.l11.recorded import RECORDED, packed, recorded
from helpers.lessons.l11.recording import recording
from helpers.lessons.l11.taking import GROUP, ORDERS, Copying, Grouping, Popping, Tagging, Way

WAYS = (Popping, Copying, Tagging, Grouping)
SEEDS = range(3)


async def held(opened: Trial) -> set[str]:
    """Name the orders that any key holds, and in a group those that somebody is still given."""
    found: set[str] = set()
    for key in await opened.keys():
        kind = await opened.side.type(key)
        if kind == "list":
            found.update(await opened.elements(key))
        elif kind == "hash":
            found.update(await opened.side.hvals(key))
        else:
            found.update(await given(opened))
    return found


async def given(opened: Trial) -> set[str]:
    entries = {entry_id: fields["job"] for entry_id, fields in await opened.entries(ORDERS)}
    pending: Any = await opened.side.xpending_range(ORDERS, GROUP, "-", "+", 1000)
    [group] = await opened.groups(ORDERS)
    unread: Any = await opened.side.xrange(ORDERS, f"({group['last-delivered-id']}")
    ids = [*(each["message_id"] for each in pending), *(entry_id for entry_id, _ in unread)]
    return {entries[entry_id] for entry_id in ids}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_lost_is_nowhere_and_what_is_held_is_somewhere(
    way: type[Way], seed: int
) -> None:
    async with trial(1, seed) as opened, recording(opened) as play:
        story = Story(opened, play, way())
        await story.tell([f"order-{number}" for number in range(20)], times=1)
        there = await held(opened)
    gone = {o for o, fate in story.fates.items() if fate.is_lost or f"{fate.who} took" in fate.why}
    kept = {o for o, fate in story.fates.items() if o not in gone and fate.why != DONE}
    assert {*story.lost} <= gone
    assert not gone & there
    assert kept <= there
    assert len(story.lost) >= 1


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_lives_has_said_the_last_word_of_what_is_in_hand(way: type[Way]) -> None:
    async with trial(1, 1) as opened, recording(opened) as play:
        story = Story(opened, play, way())
        await story.tell([f"order-{number}" for number in range(20)], times=1)
    in_hand = [fate for fate in story.fates.values() if fate.why.endswith("still has it in hand.")]
    assert in_hand
    assert story.dead not in {fate.who for fate in in_hand}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("play", SCENES, ids=lambda play: play.__name__)
async def test_no_sweep_finds_anything_before_the_lease_is_over(
    play: Callable[[Scene], Awaitable[None]], seed: int
) -> None:
    async with trial(1, seed) as opened, recording(opened) as playing:
        scene = Scene(opened, playing)
        await play(scene)
        commands = playing.timed()
    moments = [moment for moment, *_ in commands]
    assert moments == sorted(moments)
    sweeps = [each for each in commands if each[2][0] in SWEEPS]
    assert bool(sweeps) == (play is not with_a_pop)
    found = [each for each in sweeps if each[2][0].startswith("Z") and each[3]]
    if play.__name__ in ("with_an_index", "with_an_old_index", "with_a_registry", "with_beats"):
        assert found
    for moment, _, (_, key, *_), reply in found:
        members = [each[0] if isinstance(each, list) else each for each in reply]
        for member in members:
            assert moment - last_written(commands, key, member) >= scene.lease - 2


def last_written(commands: list[Any], key: str, member: str) -> float:
    """Return when a member was last written into a sorted set."""
    return max(
        moment
        for moment, _, words, _ in commands
        if (words[0], words[1], words[-1]) == ("ZADD", key, member)
    )


@pytest.mark.parametrize(("library", "settings"), RECORDED)
def test_what_the_recorded_effects_leave_out_was_measured_as_lost(
    library: str, settings: str
) -> None:
    sent = {
        text
        for _, words, _ in recorded(library, settings)
        for text in words
        if words[0] in ("LPUSH", "XADD") and text.startswith("order-")
    }
    lost = [*fate(library, settings, "killed before").lost]
    assert sorted(sent - {*packed(library, settings)}) == lost
