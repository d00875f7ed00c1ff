"""A program of clients is run in every sequence of its steps, and what that shows is told."""

import asyncio
import gc
import pickle
import random
import re
import socket
import sys
import threading
import time
import uuid
import warnings
from asyncio import events
from collections import Counter
from datetime import UTC, date, datetime
from time import time as get_time
from typing import Any

import pytest
import redis
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.lock import Lock
from redis.exceptions import ConnectionError

import embedded_redis
from embedded_redis.assembly import assemble
from embedded_redis.engine.core import EmbeddedSocket
from embedded_redis.engine.server import EmbeddedServer
from embedded_redis.rules import scripts
from helpers import explore
from helpers.errors import CourseError
from helpers.explore.alone import alone
from helpers.explore.brokers import Broker, Holding
from helpers.explore.loop import BEGINNING
from helpers.explore.program import Handle, Program
from helpers.explore.search import KINDS, Graph, Tree
from helpers.explore.world import Situation, World

from . import programs
from .programs import SMALL, push
from .right import RIGHT
from .wrong import WRONG

THREAD_START, SLEEP = threading.Thread.start, time.sleep
WATCH = sys.modules["helpers.explore.watch"]
NEW_YEAR = datetime(2030, 1, 1)

# Workers, jobs and crashes, so that the full search of each takes a second or two.
BOUNDS = {
    "pop": (2, 1, 1),
    "remember, then pop": (1, 2, 0),
    "wait and pop": (2, 1, 0),
    "pop one's own": (2, 2, 0),
    "keep one's own": (2, 1, 1),
    "move to a list of one's own": (1, 1, 1),
    "move to a shared list": (1, 1, 1),
    "look, then remove": (1, 1, 1),
    "mark first": (2, 1, 0),
    "acknowledge after": (1, 1, 1),
    "acknowledge before": (1, 1, 1),
}


def counts(name: str, reduce: bool) -> tuple[int, dict[str, int], int]:
    """Count the schedules of a program and those of each kind, and what that took."""
    program = Program(*SMALL[name], *BOUNDS[name], 0, None, None, False, True)
    search = Graph(program) if reduce else Tree(program)
    with alone(search.clock):
        while search.explore():
            pass
    search.close()
    tally = search.tally()
    return tally.schedules, dict(zip(KINDS, tally.counts, strict=True)), search.found


@pytest.mark.parametrize("name", SMALL)
async def test_what_is_walked_once_counts_as_often_as_it_is_met(name: str) -> None:
    schedules, kinds, _ = counts(name, True)
    every, found, runs = counts(name, False)
    assert (schedules, kinds) == (every, found)
    assert runs == every


async def test_schedules_without_number_are_counted_in_a_moment() -> None:
    verdict = await explore(*SMALL["move to a list of one's own"], jobs=2)
    assert verdict.complete and verdict.schedules > 10_000


def all_that_happens(program: Program) -> set[str]:
    """Write everything that happens in any schedule."""
    world = World(program)
    with alone(world.clock):
        found, left, told = set(), [world.begin().to], set()
        while left:
            situation = left.pop()
            if isinstance(situation, Situation) and situation.key() not in found:
                found.add(situation.key())
                moves = world.moves(situation)
                told |= {str(event) for move in moves for event in move.events}
                left += [move.to for move in moves]
        world.close()
    return told


async def test_a_popped_job_is_lost_by_a_crash_and_only_by_a_crash() -> None:
    verdict = await explore(push, programs.pop, jobs=1)
    assert verdict.complete and not verdict.ok
    assert 0 < verdict.lost.count < verdict.schedules
    assert "dies before it handles job-1" in verdict.lost.text
    assert not verdict.repeated and not verdict.stuck
    assert not (await explore(push, programs.pop, jobs=2, crashes=0)).lost


async def test_one_worker_dies_before_inside_and_after() -> None:
    verdict = await explore(push, programs.keep_by_one, workers=1, jobs=1)
    bounds = 1, 1, 1, 0
    told = all_that_happens(Program(push, programs.keep_by_one, *bounds, None, None, False, False))
    assert verdict.ok
    assert {what for what in told if what.startswith("dies")} == {
        "dies before LINDEX orders 0",
        "dies before it handles job-1",
        "dies while it handles job-1",
        "dies before LPOP orders",
    }


async def test_acknowledging_after_the_work_loses_nothing() -> None:
    verdict = await explore(*SMALL["acknowledge after"], workers=1, jobs=1)
    assert verdict.complete and verdict.ok and verdict.repeated
    strict = await explore(*SMALL["acknowledge after"], workers=1, jobs=1, once=True)
    assert not strict.ok and strict.repeated.count == verdict.repeated.count


async def test_acknowledging_before_the_work_loses_a_job() -> None:
    verdict = await explore(*SMALL["acknowledge before"], workers=1, jobs=1)
    assert verdict.complete and verdict.lost


async def test_a_shared_list_of_taken_jobs_doubles_with_nobody_dying() -> None:
    shared = SMALL["move to a shared list"]
    verdict = await explore(*shared, jobs=1, crashes=0, once=True)
    assert verdict.repeated and "dies" not in verdict.repeated.text
    own = await explore(*SMALL["move to a list of one's own"], jobs=1, crashes=0, once=True)
    assert own.complete and own.ok


async def test_two_workers_finish_out_of_sequence() -> None:
    verdict = await explore(push, programs.pop, jobs=2, crashes=0, in_sequence=True)
    assert verdict.out_of_sequence and not verdict.lost
    alone = await explore(push, programs.pop, workers=1, jobs=2, crashes=0, in_sequence=True)
    assert alone.ok


async def test_a_lost_reply_is_seen_at_any_command() -> None:
    bounds = {"workers": 1, "jobs": 1, "crashes": 0, "lost_replies": 1}
    verdict = await explore(push, programs.pop, **bounds)
    assert "LPOP orders  → its reply is lost" in verdict.lost.text
    assert "fails: ConnectionError" in verdict.lost.text


async def test_who_sends_again_after_a_lost_reply_sends_twice() -> None:
    async def send(client: Redis, job: str) -> None:
        try:
            await push(client, job)
        except ConnectionError:
            await push(client, job)

    bounds = {"workers": 1, "jobs": 1, "crashes": 0, "lost_replies": 1}
    verdict = await explore(send, programs.keep_by_one, **bounds)
    assert verdict.repeated and not verdict.lost


async def test_the_keeper_puts_back_what_a_dead_worker_held() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        while job := await client.lmove("orders", "taken", "LEFT", "LEFT"):
            await handle(job)
            await client.lrem("taken", 1, job)

    async def rescue(client: Redis) -> None:
        while await client.lmove("taken", "orders", "RIGHT", "LEFT"):
            pass

    assert (await explore(push, work, workers=1, jobs=1)).lost
    assert (await explore(push, work, workers=1, jobs=1, rescue=rescue)).ok


async def test_the_program_says_what_must_hold() -> None:
    async def holds(client: Redis) -> bool:
        return await client.llen("orders") == 0

    async def only_looks(client: Redis, name: str, handle: Handle) -> None:
        await client.lindex("orders", 0)

    assert (await explore(push, programs.pop, jobs=1, holds=holds)).ok
    verdict = await explore(push, only_looks, workers=1, jobs=1, holds=holds)
    assert verdict.broken.count == verdict.schedules and not verdict.ok


async def test_time_passes_at_once_and_in_order() -> None:
    seen = []

    async def send(client: Redis, job: str) -> None:
        await client.set("lease", "yes", ex=3)

    async def work(client: Redis, name: str, handle: Handle) -> None:
        begun = time.time()
        async with asyncio.timeout(60):
            await client.blpop(["nothing"], timeout=5)
        seen.append((time.time() - begun, await client.exists("lease")))
        await asyncio.sleep(2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.xread({"news": "$"}, block=0), 4)
        seen.append((time.time() - begun, await client.exists("lease")))
        await handle("job-1")

    begun = time.monotonic()
    verdict = await explore(send, work, workers=1, jobs=1, crashes=0)
    assert verdict.ok and set(seen) == {(5, 0), (11, 0)}
    assert seen[:4] == [(5, 0), (11, 0)] * 2  # once more when it is started again
    assert time.monotonic() - begun < 5


async def test_who_is_started_again_may_wait_as_long_as_before() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        for _ in range(4):
            await client.blpop(["nothing"], timeout=5)
            await asyncio.sleep(1)
        await programs.keep_by_one(client, name, handle)

    verdict = await explore(push, work, workers=1, jobs=1)
    assert verdict.ok and verdict.complete


async def test_who_only_polls_is_at_rest() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        while True:
            if found := await client.blpop(["orders"], timeout=5):
                await handle(found[1])

    verdict = await explore(push, work, workers=1, jobs=1, crashes=0)
    assert verdict.ok and verdict.complete


async def turns_without_a_command(client: Redis, name: str, handle: Handle) -> None:
    while True:
        await asyncio.sleep(0)


async def asks_without_end(client: Redis, name: str, handle: Handle) -> None:
    while True:
        await client.get("never")


async def counts_without_end(client: Redis, name: str, handle: Handle) -> None:
    while True:
        await client.incr("beats")
        await client.get("never")


@pytest.mark.parametrize("work", [turns_without_a_command, asks_without_end, counts_without_end])
async def test_what_goes_round_without_end_is_stuck(work) -> None:
    verdict = await explore(push, work, workers=1, jobs=1, crashes=0)
    assert verdict.stuck and not verdict.ok
    assert "one has no end" in repr(verdict)


async def test_a_sender_that_waits_for_ever_is_stuck() -> None:
    async def send(client: Redis, job: str) -> None:
        await client.blpop(["answers"], timeout=0)

    verdict = await explore(send, programs.pop, workers=1, jobs=1, crashes=0)
    assert "shop waits for ever" in verdict.stuck.text and verdict.complete


async def test_two_runs_say_the_same_to_the_letter() -> None:
    first = await explore(push, programs.pop, jobs=1)
    again = await explore(push, programs.pop, jobs=1)
    assert repr(first) == repr(again)
    assert repr(first).startswith("2 workers, 1 job, at most 1 crash and 0 lost replies:")
    assert "all of them" in repr(first)


async def test_a_limit_is_told() -> None:
    verdict = await explore(push, programs.pop, limit=5)
    assert not verdict.complete and verdict.schedules <= 5
    assert "the limit was met" in repr(verdict)
    verdict = await explore(push, programs.pop, limit=50)
    assert f"all with fewer than {verdict.surprises} surprises, and more" in repr(verdict)
    assert verdict.surprises > 1 and not verdict.complete


async def test_the_shortest_schedule_is_pictured() -> None:
    verdict = await explore(push, programs.pop, workers=1, jobs=1)
    picture = verdict.lost.flow()
    assert "LPOP orders" in repr(picture) and "→ job-1" in repr(picture)
    assert picture.lanes == ["shop", "ann"] or picture.lanes == ["ann", "shop"]
    assert repr(verdict.stuck.flow()) == "(nothing was sent or received since the last flow)"


async def in_a_thread(client: Redis, name: str, handle: Handle) -> None:
    await asyncio.to_thread(len, name)


async def with_a_client_of_its_own(client: Redis, name: str, handle: Handle) -> None:
    await Redis(host="127.0.0.1", port=1).ping()


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (in_a_thread, "no thread, no process and no socket"),
        (with_a_client_of_its_own, "uses a client of its own: use the parameter `client`"),
    ],
)
async def test_who_breaks_the_rules_is_told_in_a_sentence(work, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        await explore(push, work, workers=1, jobs=1)


async def test_who_goes_by_what_lies_outside_is_told() -> None:
    begun = []

    async def work(client: Redis, name: str, handle: Handle) -> None:
        begun.append(name)
        if len(begun) == 1:
            await client.ping()

    with pytest.raises(CourseError, match="did not do the same thing twice"):
        await explore(push, work, workers=1, jobs=2, crashes=0)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_passes_and_leaves_nothing(error: type[BaseException]) -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        raise error

    clocks = time.time, time.monotonic
    with pytest.raises(error):
        asyncio.run(explore(push, work, workers=1, jobs=1))
    assert (time.time, time.monotonic) == clocks
    assert events._get_running_loop() is None


async def test_nothing_is_left() -> None:
    clocks, loop, task = (
        (time.time, time.monotonic),
        asyncio.get_running_loop(),
        asyncio.current_task(),
    )
    await explore(push, programs.wait_and_pop, jobs=1)
    assert (time.time, time.monotonic) == clocks
    assert asyncio.get_running_loop() is loop and asyncio.current_task() is task
    assert asyncio.all_tasks() == {task}


async def test_others_have_their_turn_and_a_cancellation_ends_it() -> None:
    turns = []

    async def look_on() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    other = asyncio.create_task(look_on())
    task = asyncio.create_task(explore(*SMALL["acknowledge after"]))
    while len(turns) < 5:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    other.cancel()


async def test_the_tasks_of_who_dies_die_too() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        async def late(job: str) -> None:
            await handle(job)
            await client.set(f"handled:{job}", name)

        while job := await client.lpop("orders"):
            await asyncio.gather(late(job))

    verdict = await explore(push, work, workers=1, jobs=1)
    assert verdict.lost and not verdict.stuck


async def sleeps(client: Redis, name: str, handle: Handle) -> None:
    time.sleep(0.001)


async def throws_dice(client: Redis, name: str, handle: Handle) -> None:
    random.choice((1, 2))


async def uses_a_function(client: Redis, name: str, handle: Handle) -> None:
    await client.fcall("take", 1, "orders")


async def starts_a_thread(client: Redis, name: str, handle: Handle) -> None:
    threading.Thread(target=len, args=("",)).start()


async def connects_by_itself(client: Redis, name: str, handle: Handle) -> None:
    redis.Redis(port=1).ping()


async def calls_itself(client: Redis, name: str, handle: Handle) -> None:
    if job := await client.lpop("orders"):
        await handle(job)
    await calls_itself(client, name, handle)


async def opens_a_socket(client: Redis, name: str, handle: Handle) -> None:
    socket.create_connection(("127.0.0.1", 1))


async def throws_one_die(client: Redis, name: str, handle: Handle) -> None:
    await client.set("drawn", random.random())


async def draws_from_its_own_dice(client: Redis, name: str, handle: Handle) -> None:
    await client.set("drawn", random.Random().random())


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (calls_itself, "calls itself deeper and deeper: write a loop"),
        (sleeps, "may not call time.sleep"),
        (throws_dice, "may choose nothing by chance"),
        (uses_a_function, "may not use FCALL, which needs a real server"),
        (starts_a_thread, "no thread, no process and no socket"),
        (opens_a_socket, "no thread, no process and no socket"),
        (connects_by_itself, "uses a client of its own: use the parameter `client`"),
        (throws_one_die, r"leave `random\.random` out"),
        (draws_from_its_own_dice, r"\(first `SET drawn 0\.\d+`, then `SET drawn 0\.\d+`\)"),
    ],
)
async def test_each_rule_has_its_sentence(work, says: str) -> None:
    dice = random.getstate()
    with pytest.raises(CourseError, match=says) as raised:
        await explore(push, work, workers=1, jobs=1)
    random.setstate(dice)
    assert "\n" not in str(raised.value)
    assert threading.Thread.start is THREAD_START and time.sleep is SLEEP


@pytest.mark.parametrize("name", ["claims_by_a_script", "works_behind_a_lock"])
async def test_without_lupa_scripts_have_a_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "has_lua", lambda: False)
    monkeypatch.setattr(embedded_redis, "assemble", assemble.__wrapped__)
    send, work, _ = RIGHT[name]
    with pytest.raises(CourseError, match=r"only where the package lupa .* write WATCH and MULTI"):
        await explore(send, work, workers=1, jobs=1)


async def test_a_script_is_shown_by_its_first_line_and_its_hash_shortened() -> None:
    _, send, work, _ = WRONG["pops_by_a_script"]
    verdict = await explore(send, work, workers=1, jobs=1)
    shown = verdict.lost.text
    assert re.search(r'SCRIPT LOAD "return redis.call', shown)
    assert re.search(r"EVALSHA [0-9a-f]{7}… 1 orders", shown)


async def test_a_script_of_an_earlier_exploration_is_no_part_of_the_next_one() -> None:
    """redis-py keeps in its class Lock the first client that ever released one."""
    send, work, _ = RIGHT["works_behind_a_lock"]
    embedded = embedded_redis.embedded_server()
    where = {"connection_class": embedded_redis.EmbeddedConnection, "server": embedded}
    async with Redis.from_pool(ConnectionPool(**where)) as outside:
        monkey = Lock.lua_release
        try:
            Lock.lua_release = None
            async with outside.lock("lock", timeout=10):
                await outside.ping()
            verdict = await explore(send, work, workers=2, jobs=1)
        finally:
            Lock.lua_release = monkey
    assert verdict.ok, str(verdict)


WRONG_COUNTS = {
    "workers": [0, 7, -1, True, None, "2", 2.0],
    "jobs": [0, -1, True, None, "3", 1.5],
    "crashes": [-1, True, None, "1"],
    "lost_replies": [-1, False, None, "1"],
    "limit": [0, -1, True, None, "24"],
}


@pytest.mark.parametrize("name", WRONG_COUNTS)
async def test_what_is_no_number_of_things_is_refused(name: str) -> None:
    for number in WRONG_COUNTS[name]:
        bounds: Any = {name: number}
        with pytest.raises(CourseError) as raised:
            await explore(push, programs.pop, **bounds)
        assert f"`{name}` should be a whole number, " in str(raised.value)
        assert str(raised.value).endswith(f", not {number!r}.") and "\n" not in str(raised.value)


async def test_what_is_given_lies_there_before_all_and_is_no_step() -> None:
    async def sends_nothing(client: Redis, job: str) -> None: ...

    def given(first: Any) -> None:
        first.rpush("orders", "job-1")
        first.set("mark", "a b")

    async def holds(client: Redis) -> bool:
        return await client.get("mark") == "a b"

    bounds: Any = {"workers": 1, "jobs": 1, "crashes": 0, "given": given}
    whole = await explore(sends_nothing, programs.pop, **bounds)
    assert whole.ok and whole.schedules == 1
    kept = await explore(sends_nothing, programs.pop, holds=holds, **bounds)
    each = await explore(sends_nothing, programs.pop, reduce=False, **bounds)
    assert kept.ok and repr(each) == repr(whole)
    lost = await explore(sends_nothing, programs.pop, **bounds | {"crashes": 1})
    assert lost.lost.steps[0].split() == ["ann", "LPOP", "orders", "→", "job-1"]


@pytest.mark.parametrize("reduce", [True, False])
async def test_what_is_given_is_asked_for_once(reduce: bool) -> None:
    asked = []

    async def sends_nothing(client: Redis, job: str) -> None: ...

    def given(first: Any) -> None:
        asked.append(uuid.uuid4().hex)
        first.rpush("orders", *(f"{asked[-1]}-{number}" for number in range(3)))

    bounds: Any = {"workers": 1, "jobs": 1, "given": given, "reduce": reduce}
    verdict = await explore(sends_nothing, programs.pop, **bounds)
    assert verdict.schedules > 1 and asked[0] in str(verdict)
    assert len(asked) == 1


async def goes_on_without_an_await(client: Redis, name: str, handle: Handle) -> None:
    while True:
        pass


async def goes_on_once_it_has_died(client: Redis, name: str, handle: Handle) -> None:
    if await client.incr(f"lives:{name}") > 1:
        await goes_on_without_an_await(client, name, handle)
    await programs.pop(client, name, handle)


@pytest.mark.parametrize("work", [goes_on_without_an_await, goes_on_once_it_has_died])
async def test_a_loop_without_an_await_is_ended(work, monkeypatch) -> None:
    monkeypatch.setattr(WATCH, "SECONDS", 0.1)
    with pytest.raises(CourseError, match="went on for seconds without an `await`"):
        await explore(push, work, workers=1, jobs=1)
    assert asyncio.current_task() and "_look_on" not in str(threading.enumerate())


async def test_dice_of_another_thread_are_its_own() -> None:
    over, thrown = threading.Event(), []

    def throw() -> None:
        while not over.is_set():
            thrown.append(random.random())
            over.wait(0.001)

    thread = threading.Thread(target=throw)
    thread.start()
    verdict = await explore(push, programs.pop, jobs=2)
    over.set()
    thread.join()
    assert verdict.complete and thrown


async def test_dates_go_by_the_clock_however_they_were_imported() -> None:
    seen = set()

    async def work(client: Redis, name: str, handle: Handle) -> None:
        before = datetime.now(UTC)
        await asyncio.sleep(90)
        seen.add((before.timestamp(), (datetime.now(UTC) - before).seconds, get_time()))
        assert isinstance(datetime.now(), date) and isinstance(NEW_YEAR, datetime)
        assert datetime.now() == datetime.today() and date.today() == datetime.now().date()
        assert pickle.loads(pickle.dumps(datetime.utcnow())) == datetime.utcnow()
        await client.set(f"seen:{name}", datetime.now().isoformat())

    verdict = await explore(push, work, workers=1, jobs=1, crashes=0)
    assert verdict.complete and not verdict.stuck
    assert (BEGINNING, 90, BEGINNING + 90) in seen
    assert type(datetime.now()) is datetime and get_time is time.time


async def test_tokens_may_look_like_chance() -> None:
    seen = set()

    async def work(client: Redis, name: str, handle: Handle) -> None:
        token = uuid.uuid4().hex
        seen.add((name, token))
        await client.set("lock", token)

    verdict = await explore(push, work, workers=2, jobs=1, crashes=0)
    assert verdict.complete
    names = [name for name, _ in seen]
    assert len({token for _, token in seen}) == len(seen) == 2 * len(set(names))  # two lives each
    assert uuid.uuid4() != uuid.uuid4()


async def test_who_dies_comes_back_under_its_name_and_under_a_new_one() -> None:
    begun = set()

    async def work(client: Redis, name: str, handle: Handle) -> None:
        begun.add(name)
        await programs.keep_by_one(client, name, handle)

    verdict = await explore(push, work, workers=1, jobs=1)
    assert verdict.repeated and begun == {"ann", "bob"}
    bounds = 1, 1, 1, 0
    told = all_that_happens(Program(push, work, *bounds, None, None, False, False))
    assert {"is started again", "starts in the place of ann"} <= told


async def test_who_was_replaced_is_started_again_in_the_end() -> None:
    async def work(client: Redis, name: str, handle: Handle) -> None:
        if name == "ann":
            await programs.move_to_own(client, name, handle)

    async def holds(client: Redis) -> bool:
        return await client.llen("orders") + await client.llen("taken:ann") == 0

    assert (await explore(push, work, workers=1, jobs=1)).ok
    assert (await explore(push, work, workers=1, jobs=1, holds=holds)).ok


async def test_a_round_is_told_once() -> None:
    verdict = await explore(push, counts_without_end, workers=1, jobs=1, crashes=0)
    assert verdict.stuck.steps[-3:] == [
        "ann      INCRBY beats 1  → 1",
        "ann      GET never  → nil",
        "(stuck)  it goes round without end: these 2 steps again",
    ]
    verdict = await explore(push, asks_without_end, workers=1, jobs=1, crashes=0)
    assert verdict.stuck.steps[-2:] == [
        "ann      GET never  → nil",
        "(stuck)  it goes round without end: this step again",
    ]


async def test_what_no_command_says_is_pictured_too() -> None:
    verdict = await explore(push, programs.pop, workers=1, jobs=1)
    words = repr(verdict.lost.flow())
    assert "ann   dies before it handles job-1\nann   is started again\n" in words
    verdict = await explore(push, programs.keep_by_one, workers=1, jobs=1)
    picture = verdict.repeated.flow()
    assert repr(picture).count("handles job-1") == 2
    assert "no command: what happened there" in picture._repr_mimebundle_()["image/svg+xml"]


async def test_an_interrupted_exploration_says_how_far_it_came(capsys) -> None:
    task = asyncio.create_task(explore(*SMALL["acknowledge after"]))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    said = capsys.readouterr().out
    assert re.fullmatch(r"The exploration was stopped after [\d,]+ situations: .*\n", said)


async def test_a_short_exploration_shows_no_progress(capsys) -> None:
    await explore(push, programs.pop, jobs=1)
    assert capsys.readouterr() == ("", "")


async def test_what_a_refusal_cuts_off_is_tidied_up_at_once() -> None:
    begun, ended = [], []

    async def keeps_something_open(name: str) -> None:
        begun.append(name)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # as a connection does that is given back
            ended.append(name)

    async def work(client: Redis, name: str, handle: Handle) -> None:
        task = asyncio.create_task(keeps_something_open(name))
        while job := await client.lpop("orders"):
            await handle(f"no {job}")
        task.cancel()

    with pytest.raises(CourseError, match="no job that was sent"):
        await explore(push, work)
    assert sorted(ended) == sorted(begun) != []


async def test_what_was_found_goes_without_a_collection_of_garbage() -> None:
    send, work, options = RIGHT["reads_in_batches"]
    gc.disable()
    try:
        before = whole_parts()
        await explore(send, work, **options)
        left = whole_parts() - before
    finally:
        gc.enable()
    assert left.total() < 20, left  # some are made once, and kept


def whole_parts() -> Counter[str]:
    """Count what an exploration is made of, as far as it is still in memory."""
    kinds = (EmbeddedServer, EmbeddedSocket, Broker, Holding, Situation, World, Graph)
    return Counter(type(part).__name__ for part in gc.get_objects() if isinstance(part, kinds))


@pytest.mark.long
@pytest.mark.parametrize("name", RIGHT)
async def test_a_right_worker_is_called_right(name: str) -> None:
    send, work, options = RIGHT[name]
    verdict = await explore(send, work, **options)
    assert verdict.ok and verdict.complete, verdict


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_worker_is_called_wrong(name: str) -> None:
    fault, send, work, options = WRONG[name]
    verdict = await explore(send, work, **options)
    assert not verdict.ok and getattr(verdict, fault), verdict
    assert verdict.complete is (fault != "stuck"), verdict
    assert len(getattr(verdict, fault).steps) < 40


# But for what has no end: there, a run by itself is the last one.
PROGRAMS = RIGHT | {name: told for name, (fault, *told) in WRONG.items() if fault != "stuck"}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_each_schedule_by_itself_says_the_same_to_the_letter(name: str) -> None:
    send, work, options = PROGRAMS[name]
    bounds = options | {"workers": 1, "jobs": 1, "crashes": 1}
    assert repr(await explore(send, work, **bounds)) == repr(
        await explore(send, work, **bounds, reduce=False)
    )


async def catches_its_own_end(client: Redis, name: str, handle: Handle) -> None:
    while True:
        try:
            _, job = await client.blpop("orders", timeout=0)
            await handle(job)
        except:  # noqa: E722 (it is what the test is about)
            pass


async def catches_it_in_a_pause(client: Redis, name: str, handle: Handle) -> None:
    while True:
        try:
            if job := await client.lpop("orders"):
                await handle(job)
            await asyncio.sleep(1)
        except BaseException:
            await asyncio.sleep(1)


@pytest.mark.parametrize("work", [catches_its_own_end, catches_it_in_a_pause])
async def test_who_catches_its_own_end_is_judged_and_goes_in_silence(work, monkeypatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        verdict = await explore(push, work, workers=1, jobs=1)
        gc.collect()
    assert verdict.lost
    assert told == []
    assert sys.unraisablehook == told.append
