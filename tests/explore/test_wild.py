"""Consumers as people write them run as they are, or are refused in a sentence."""

import asyncio
import json
import re
import signal
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from helpers import explore
from helpers.errors import CourseError
from helpers.explore.novelty import NEW, NUMBERS, OLD, Answer, novelty, timeless
from helpers.explore.program import Handle, Program
from helpers.explore.verdict import Verdict

from . import programs, wild
from .programs import add, push

NOW = 1_893_456_000.0
JOBS = ("job-1", "job-2")


@pytest.mark.parametrize(
    ("send", "work"),
    [
        (wild.later, wild.move_what_is_due),
        (push, wild.work_and_beat),
        (add, wild.look_at_ages),
        (push, wild.count_polls),
        (push, wild.ask_much),
    ],
    ids=lambda part: part.__name__,
)
async def test_a_poller_comes_to_rest_and_is_judged(send: Any, work: Any) -> None:
    verdict = await explore(send, work, workers=1, jobs=1)
    assert verdict.complete and not verdict.stuck, str(verdict)
    assert verdict.lost and "dies" in verdict.lost.text


async def test_a_poller_that_keeps_all_is_told_to_lose_nothing() -> None:
    verdict = await explore(add, wild.look_at_ages, workers=1, jobs=1, crashes=0)
    assert verdict.complete and verdict.ok, str(verdict)


def test_another_time_in_what_is_asked_is_nothing_new() -> None:
    asked = Answer((("ZRANGEBYSCORE", "later", "0", f"{NOW:.1f}"),), b"*0\r\n")
    later = Answer((("ZRANGEBYSCORE", "later", "0", f"{NOW + 7:.1f}"),), b"*0\r\n")
    known = {asked, timeless(asked, NOW)}
    assert novelty(later, known, NOW + 7, JOBS) == OLD
    assert novelty(later, known, NOW + 9, JOBS) == NUMBERS
    assert novelty(later._replace(data=b"*1\r\n$5\r\njob-1\r\n"), known, NOW + 7, JOBS) == NEW


@pytest.mark.parametrize("text", ["2030-01-01T00:00:07+00:00", "1893456007000", "1893456007"])
def test_a_time_is_known_in_each_unit(text: str) -> None:
    assert "7.000 s from now" in str(timeless(Answer((("SET", "at", text),), b"+OK"), NOW))


@pytest.mark.parametrize("text", ["1893456007000-0", "order-1893456007", "42"])
def test_what_is_no_time_stays(text: str) -> None:
    answer = Answer((("SET", "at", text),), b"+OK")
    assert timeless(answer, NOW) == answer


def test_a_number_that_names_a_job_is_new() -> None:
    first = Answer((("LPOP", "orders"),), b"$5\r\njob-1\r\n")
    assert novelty(first._replace(data=b"$5\r\njob-2\r\n"), {first}, NOW, JOBS) == NEW
    counted = Answer((("INCR", "polls"),), b":1\r\n")
    assert novelty(counted._replace(data=b":2\r\n"), {counted}, NOW, JOBS) == NUMBERS


async def test_attempts_that_are_counted_are_explored_to_the_last() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        while await client.llen("orders"):
            if await client.incr("attempts") > 4:
                await client.lpop("orders")
                await handle("job-1")
            await asyncio.sleep(1)

    verdict = await explore(push, work, workers=1, jobs=1)
    assert verdict.lost and "INCRBY attempts 1  → 5" in verdict.lost.text


def test_a_search_that_came_to_no_end_is_not_well() -> None:
    program = Program(push, programs.pop, 1, 1, 0, 0, None, None, False, False)
    verdict = Verdict(program, complete=False)
    assert not verdict.ok and "none to its end: the limit was met" in str(verdict)
    assert Verdict(program, schedules=1).ok


async def test_what_comes_again_and_again_is_written_once() -> None:
    verdict = await explore(push, wild.count_polls, workers=1, jobs=1, crashes=1)
    assert not re.search(r"(LPOP orders.*\n)(.*\n){2}\1(.*\n){2}\1", verdict.lost.text)

    async def work(client: Redis, name: str, handle: Handle) -> None:
        while not await client.blpop(["orders"], timeout=1):
            pass

    text = (await explore(push, work, workers=1, jobs=1, crashes=0)).lost.text
    assert re.search(r"^\(again\)  these 3 steps, \d+ times more$", text, re.M), text


async def test_who_reads_only_what_is_his_loses_it_where_names_are_never_used_again() -> None:
    assert (await explore(add, wild.read_what_is_mine, workers=1, jobs=1)).ok
    verdict = await explore(add, wild.read_as_a_pod, workers=1, jobs=1)
    assert verdict.complete and verdict.lost


async def test_clients_may_answer_with_bytes() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        while found := await client.blpop(["orders"], timeout=1):
            await handle(found[1].decode())

    async def hand_on(client: Redis, name: str, handle: Handle) -> None:
        while found := await client.blpop(["orders"], timeout=1):
            await handle(found[1])

    for program in (work, hand_on):
        bounds = {"workers": 1, "jobs": 1, "crashes": 0}
        assert (await explore(push, program, **bounds, decode_responses=False)).ok
    assert (await explore(push, work, workers=1, jobs=1, crashes=0)).lost
    lost = (await explore(push, hand_on, workers=1, jobs=1, decode_responses=False)).lost
    assert "dies before it handles job-1" in repr(lost.flow())


async def test_a_command_that_redis_py_sends_again_comes_twice() -> None:
    async def send(client: Redis, job: str) -> None:
        client.set_retry(Retry(ExponentialBackoff(), 3))
        await client.rpush("orders", job)

    verdict = await explore(send, programs.pop, jobs=1, crashes=0, lost_replies=1)
    assert verdict.repeated and "RPUSH orders job-1  → its reply is lost" in verdict.repeated.text


@pytest.mark.parametrize(("seconds", "is_robbed"), [(61, True), (30, False)])
async def test_work_that_outlasts_a_lease_is_robbed(seconds: int, is_robbed: bool) -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        await wild.join(client)
        while True:
            _, entries, _ = await client.xautoclaim(*wild.GROUP, name, 60_000)
            if not entries:
                new: Any = await client.xreadgroup("packing", name, {"orders": ">"}, 1, 5000)
                entries = new[0][1] if new else []
            for entry_id, fields in entries:
                await asyncio.sleep(seconds)
                await handle(fields["job"])
                await client.xack(*wild.GROUP, entry_id)

    verdict = await explore(add, work, jobs=1, crashes=0, once=True)
    assert verdict.complete and bool(verdict.repeated) == is_robbed, str(verdict)


async def test_a_client_in_a_context_variable_is_each_worker_s_own() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        wild.CURRENT.set(client)
        await asyncio.create_task(wild.take_from_context(name, handle))

    verdict = await explore(push, work, jobs=1)
    plain = await explore(push, programs.pop, jobs=1)
    assert (verdict.schedules, verdict.lost.count) == (plain.schedules, plain.lost.count)


async def test_signal_handlers_may_be_set() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def work(client: Redis, name: str, handle: Handle) -> None:
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        while not stopping.is_set() and (job := await client.lpop("orders")):
            await handle(job)

    assert (await explore(push, work, jobs=1, crashes=0)).ok
    assert signal.getsignal(signal.SIGTERM) is before


def share(work: Any) -> Any:
    """Keep the client where every worker finds it."""
    shared: list[Redis] = []

    async def keep(client: Redis, name: str, handle: Handle) -> None:
        shared[:] = [client]
        while job := await shared[0].lpop("orders"):
            await handle(job)

    return keep


def send_and_wait_not(client: Any, job: str) -> None:
    client.close  # noqa: B018 # it does nothing that would have to be awaited


def fail_at_once(client: Any, name: str, handle: Handle) -> None:
    raise TypeError("a coroutine is no reply")


async def handle_a_dict(client: Redis, name: str, handle: Any) -> None:
    while job := await client.lpop("orders"):
        await handle({"job": job})


async def open_a_connection(client: Redis, name: str, handle: Handle) -> None:
    await asyncio.open_connection("localhost", 1)


def given_slowly(pipeline: Any) -> Any:
    async def queue() -> None: ...

    return queue()


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"work": share(None)}, "keeps its client where every worker finds the last one's"),
        ({"send": send_and_wait_not}, "`send` of a program that is explored should be a coroutine"),
        ({"work": fail_at_once}, "`work` of a program that is explored should be a coroutine"),
        ({"work": handle_a_dict}, "which is no job that was sent: give it the job alone"),
        ({"work": open_a_connection}, "`await handle\\(job\\)` in place of what does the work"),
        ({"given": given_slowly}, "`given` of a program that is explored only queues commands"),
        ({"rescue": lambda client: None}, "`rescue` of a program that is explored should be"),
    ],
    ids=lambda part: "-".join(part) if isinstance(part, dict) else "",
)
async def test_what_cannot_be_explored_is_told_in_a_sentence(parts: Any, says: str) -> None:
    program = {"send": push, "work": programs.pop} | parts
    with pytest.raises(CourseError, match=says) as raised:
        await explore(**program, jobs=1)
    assert str(raised.value).count(". ") == 0 and str(raised.value).endswith(".")


async def test_who_says_what_holds_may_handle_anything() -> None:
    async def holds(client: Redis) -> bool:
        return await client.llen("orders") == 0

    assert (await explore(push, handle_a_dict, jobs=1, holds=holds)).ok


async def test_what_lies_there_before_all_may_be_handled() -> None:
    def given(pipeline: Any) -> None:
        pipeline.rpush("orders", '{"job": "of-yesterday"}')

    async def work(client: Redis, name: str, handle: Handle) -> None:
        while order := await client.lpop("orders"):
            await handle(json.loads(order)["job"] if "{" in order else order)

    assert (await explore(push, work, jobs=1, crashes=0, given=given)).ok


async def test_a_memory_outside_of_the_functions_is_found_wherever_it_tells() -> None:
    seen = set[str]()

    async def work(client: Redis, name: str, handle: Handle) -> None:
        while job := await client.lpop("orders"):
            if job not in seen:
                seen.add(job)
                await handle(job)

    with pytest.raises(CourseError, match="did not do the same thing twice"):
        await explore(push, work, jobs=1)
