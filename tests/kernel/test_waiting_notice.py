"""A cell that waits and waits says who waits for what; no other cell ever does."""

import asyncio
from typing import Any

import pytest
from nbformat.v4 import new_output
from redis.asyncio import Redis

import helpers
from helpers import broker
from helpers.kernel.waiting_notice import _has_a_deadline, sentence, what_it_awaits
from helpers.record import Record, Waiting
from publish.saved_form import saved_outputs
from tests.kernel.live_kernel import live_kernel
from tests.kernel.quick_run import difference

SETUP = "import asyncio\nfrom helpers import connect\nshop, ann = connect('shop'), connect('ann')"
LONG = 9.0  # seconds: longer than a notice takes
STOP = "Press the stop button (■) to end the wait"


async def test_the_record_knows_who_waits() -> None:
    record = Record()
    ann, bob = (record.watch(broker.named_client(name)) for name in ("ann", "bob"))
    inbox = bob.pubsub()
    await inbox.subscribe("talk")
    await helpers.read(inbox)
    tasks = [asyncio.create_task(ann.blpop("none")), asyncio.create_task(anext(inbox.listen()))]
    await helpers.until_blocked(ann)
    told = sorted(map(str, record.waits()))
    assert told == ["ann still waits: BLPOP none 0", "bob still listens on talk"]
    record.cancel_readers()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks) and record.waits() == []


@pytest.mark.parametrize(
    ("words", "blocked"),
    [
        ("BLPOP none 0", True),
        ("XREAD BLOCK 0 STREAMS s $", True),
        ("XREAD STREAMS s 0", False),
        ("PING", False),
        ("", True),
    ],
)
def test_who_only_awaits_an_answer_is_not_blocked(words: str, blocked: bool) -> None:
    assert Waiting("ann", tuple(words.split())).is_blocked is blocked


def test_the_sentence_names_three_at_most_and_a_way_out() -> None:
    crowd = [Waiting(f"worker-{number}", ("BLPOP", "none", "0")) for number in range(5)]
    assert sentence(crowd).count("still waits") == 3 and "and others" in sentence(crowd)
    assert STOP in sentence(crowd) and STOP in sentence([])
    assert sentence([Waiting("ann", ("PING",))]) == ""


async def test_what_helpers_wait_for_has_a_deadline_and_a_client_s_command_has_none() -> None:
    ann = helpers.connect("ann")

    async def cell(wait: Any) -> None:
        await wait

    pop = asyncio.create_task(cell(ann.blpop("none")))
    helper = asyncio.create_task(cell(helpers.until_blocked(never_blocked())))
    await helpers.until_blocked(ann)
    assert not any(map(_has_a_deadline, what_it_awaits(pop)))
    assert any(map(_has_a_deadline, what_it_awaits(helper)))
    before = what_it_awaits(pop)[-1]
    await asyncio.sleep(0)
    assert what_it_awaits(pop)[-1] is before
    for task in (pop, helper):
        task.cancel()
    await asyncio.wait([pop, helper])


def never_blocked() -> Redis:
    return helpers.connect("idle")


@pytest.mark.long
def test_the_notice_comes_names_the_wait_and_goes() -> None:
    with live_kernel() as kernel:
        kernel.run(SETUP)
        for wait, told in {
            "await ann.blpop('none')": "ann still waits: BLPOP none 0. ",
            "await asyncio.sleep(100)": "This cell still waits. ",
        }.items():
            shown = kernel.run(wait, 30, stop_after=LONG)
            [notice, error] = shown.outputs
            assert notice.data["text/html"].startswith(f"<p>{told}{STOP}"), notice
            assert shown.updates == [{"text/html": ""}]
            assert saved_outputs(shown.outputs) == [error]


@pytest.mark.long
def test_a_cell_that_takes_long_shows_what_was_saved_notice_or_not() -> None:
    with live_kernel() as kernel:
        kernel.run(SETUP)
        shown = kernel.run("await asyncio.sleep(8)\n6 * 7", 60)
        assert STOP in str(shown.outputs)
        assert difference(shown.outputs, [new_output("execute_result", {"text/plain": "42"})]) == ""


@pytest.mark.long
def test_a_wait_in_another_cell_is_not_told_in_one_that_works() -> None:
    with live_kernel() as kernel:
        kernel.run(SETUP)
        kernel.run("task = asyncio.create_task(ann.blpop('none'))\nawait asyncio.sleep(0)")
        shown = kernel.run("for _ in range(80): await asyncio.sleep(0.1)", 60)
        assert (shown.ended, shown.text) == (True, "")
