"""A trial: processes, gaps, accidents, waits that end at once, what is left, what is proved."""

import asyncio
import contextlib
import functools
import itertools
import random
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import datetime
from random import random as toss
from time import time as get_time
from typing import Any

import pytest
import redis

import helpers
from embedded_redis.assembly import assemble
from embedded_redis.rules import scripts
from helpers.exercises.lifetime import CannotHandle
from helpers.exercises.machine import elsewhere
from helpers.exercises.trial import Answer, Trial, trial
from helpers.sandbox.plain import NotYet


def counting_in_a_closure() -> Callable[[str], Any]:
    calls: list[str] = []

    def count(name: str) -> int:
        calls.append(name)
        return len(calls)

    return count


def counting_in_a_nonlocal_number() -> Callable[[str], Any]:
    calls = 0

    def count(name: str) -> int:
        nonlocal calls
        calls += 1
        return calls

    return count


def counting_with(container: Any) -> Callable[[str], Any]:
    def count(name: str) -> int:
        container.setdefault(name, []).append(name)
        return len(container[name])

    return count


def counting_in_a_default(name: str, calls: list[str] = []) -> int:  # noqa: B006 # what is tried
    calls.append(name)
    return len(calls)


def counting_on_itself(name: str) -> int:
    counting_on_itself.calls = getattr(counting_on_itself, "calls", 0) + 1  # type: ignore[attr-defined]
    return counting_on_itself.calls  # type: ignore[attr-defined]


SEEN: deque[str] = deque()


def counting_in_a_global(name: str) -> int:
    return in_another_function(name)


def in_another_function(name: str) -> int:
    SEEN.append(name)
    return len(SEEN)


class Counter:
    """An object that counts, by itself and on its class."""

    calls: list[str] = []  # noqa: RUF012 # what is tried

    def __init__(self) -> None:
        self.own: dict[str, int] = defaultdict(int)

    def __call__(self, name: str) -> int:
        self.own[name] += 1
        self.calls.append(name)
        return max(self.own[name], len(self.calls))

    def method(self, name: str) -> int:
        self.own[name] += 1
        return self.own[name]


def counting_by_iterator() -> Callable[[str], Any]:
    numbers = itertools.count(1)
    return lambda name: next(numbers)


COUNTING = {
    "closure": counting_in_a_closure(),
    "nonlocal": counting_in_a_nonlocal_number(),
    "dictionary": counting_with({}),
    "partial": functools.partial(counting_in_a_closure()),
    "default": counting_in_a_default,
    "itself": counting_on_itself,
    "global": counting_in_a_global,
    "object": Counter(),
    "method": Counter().method,
    "iterator": counting_by_iterator(),
}


@pytest.mark.parametrize("count", COUNTING.values(), ids=COUNTING)
def test_another_process_shares_no_memory(count: Callable[[str], Any]) -> None:
    untouched = elsewhere(count)
    assert [count("ann"), count("ann")] == [1, 2]
    assert [elsewhere(untouched)("ann"), elsewhere(untouched)("ann")] == [1, 1]
    assert count("ann") == 3, "a copy leaves the notebook's own memory alone"


def test_locks_and_hashes_belong_to_one_process() -> None:
    lock = asyncio.Lock()

    def look() -> Any:
        return lock, hash("carol"), hash(7)

    there, text, number = elsewhere(look)()
    assert there is not lock and type(there) is asyncio.Lock
    assert (text == hash("carol"), number) == (False, hash(7))


def test_what_is_not_the_learners_is_not_copied() -> None:
    client = redis.Redis()

    def look() -> Any:
        return client, asyncio, redis.asyncio.Redis, len

    assert elsewhere(look)() == (client, asyncio, redis.asyncio.Redis, len)
    assert elsewhere(len) is len


async def test_each_client_is_a_process() -> None:
    count = counting_in_a_closure()

    async def work(client: Any) -> Any:
        return count("work")

    async with trial(1) as opened:
        answer, ann, bob = Answer("work", work), opened.client("ann"), opened.client("bob")
        got = [await opened.run(answer, each) for each in (ann, ann, bob, opened.client("ann"))]
        assert got == [1, 2, 1, 1]


async def pushes_twice(client: Any) -> None:
    await client.rpush("jobs", "one")
    await client.rpush("jobs", "two")


async def test_an_answer_stops_in_each_gap_while_another_runs() -> None:
    found = []
    for place in range(4):
        async with trial(1) as opened:
            ann = opened.client("ann", stops_after=place)
            running = opened.start(Answer("work", pushes_twice), ann)
            if stood := await opened.in_gap(running, ann):
                await opened.side.rpush("jobs", "between")
                opened.go_on(ann)
            await opened.finish(running)
            found.append((stood, await opened.elements("jobs")))
    assert found == [
        (True, ["between", "one", "two"]),
        (True, ["one", "between", "two"]),
        (False, ["one", "two"]),
        (False, ["one", "two"]),
    ]


async def test_an_answer_may_stop_in_two_gaps() -> None:
    async with trial(1) as opened:
        ann = opened.client("ann", stops_after=0)
        running = opened.start(Answer("work", pushes_twice), ann)
        assert await opened.in_gap(running, ann)
        await opened.side.rpush("jobs", "before")
        opened.go_on(ann, until=1)
        assert await opened.in_gap(running, ann)
        await opened.side.rpush("jobs", "between")
        opened.go_on(ann)
        await opened.finish(running)
        assert await opened.elements("jobs") == ["before", "one", "between", "two"]


async def test_whoever_waits_for_the_first_is_no_dead_end() -> None:
    async def locked(client: Any, name: str) -> str:
        while not await client.set("lock", name, nx=True):
            await asyncio.sleep(0)
        await client.rpush("done", name)
        await client.delete("lock")
        return name

    async with trial(1) as opened:
        answer = Answer("work", locked)
        ann, bob = opened.client("ann", stops_after=1), opened.client("bob")
        first = opened.start(answer, ann, "ann")
        stood, values = await opened.overtake(first, ann, answer, bob, "bob")
        assert stood and values == ["ann", "bob"]
        assert await opened.elements("done") == ["ann", "bob"]


async def test_the_broker_refuses_a_transaction_as_a_whole() -> None:
    async def places(client: Any) -> None:
        await client.rpush("jobs", "before")
        async with client.pipeline(transaction=True) as both:
            await both.rpush("jobs", "one").rpush("jobs", "two").execute()

    async with trial(1) as opened:
        shop = opened.client("shop", refused_after=1)
        error = await opened.settle(opened.start(Answer("place", places), shop))
        assert isinstance(error, redis.ResponseError)
        assert await opened.elements("jobs") == ["before"]
        assert opened.sent("RPUSH") == 3


async def test_waits_end_at_once_and_are_noted() -> None:
    async def waits(client: Any) -> Any:
        first = await client.blpop("jobs", timeout=30)
        return first, await client.xread({"news": "$"}, block=30_000)

    async with trial(1) as opened:
        begin = time.monotonic()
        assert await opened.run(Answer("take", waits), opened.client("ann")) == [None, []]
        assert time.monotonic() - begin < 3
        assert opened.waits == [30, 30]
        with pytest.raises(NotYet, match="`take` should return at once"):
            opened.returned_at_once("take")


async def test_a_moment_is_no_wait() -> None:
    async with trial(1) as opened:
        await opened.run(
            Answer("take", lambda client: client.blpop("jobs", timeout=0.01)), opened.client("ann")
        )
        opened.returned_at_once("take")


def in_task_groups(work: Callable[..., Any], depth: int) -> Callable[..., Any]:
    """Return a function that works in a task of a group, in a group of a group, and so on."""

    async def works(*given: Any) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(inner(*given))

    inner = in_task_groups(work, depth - 1) if depth > 1 else work
    return works


@pytest.mark.parametrize("depth", [1, 2])
async def test_a_power_cut_is_one_in_a_task_group_too(depth: int) -> None:
    async with trial(1) as opened:
        answer = Answer("work", in_task_groups(pushes_twice, depth))
        assert await opened.run(answer, opened.client("ann", dies_after=1)) is None
        assert await opened.elements("jobs") == ["one"]
        told = str(await opened.explained(NotYet("One is missing.")))
        assert told == "One is missing."


async def test_a_learners_error_in_a_task_group_is_told() -> None:
    async def fails(client: Any) -> None:
        await client.rpush("jobs", "one")
        raise LookupError("no such order")

    async with trial(1) as opened:
        with pytest.raises(NotYet, match=r"work raised LookupError: no such order \(in its line 3"):
            await opened.run(Answer("work", in_task_groups(fails, 2)), opened.client("ann"))
        told = str(await opened.explained(NotYet("One is missing.")))
        assert told == "One is missing."


async def test_commands_without_end_in_a_task_group_are_told() -> None:
    async def asks(client: Any) -> None:
        while True:
            await client.ping()

    async with trial(1) as opened:
        with pytest.raises(NotYet, match=r"work sent more than .* look for its loop"):
            await opened.run(Answer("work", in_task_groups(asks, 1)), opened.client("ann"))


async def test_a_handler_may_be_unable_to_do_its_job() -> None:
    async def handles(client: Any, handle: Any) -> None:
        handle("one")
        handle("two")

    async with trial(1) as opened:
        ann = opened.client("ann")
        handle = opened.handler("ann", raises=2)
        error = await opened.settle(opened.start(Answer("work", handles), ann, handle))
        assert isinstance(error, CannotHandle) and handle.done == ["one"]


async def _changes(opened: Trial) -> dict[str, Any]:
    before = await opened.state()
    yield_to: dict[str, Any] = {}
    for name, change in {
        "group": lambda: opened.side.xgroup_create("orders", "team"),
        "expiry": lambda: opened.side.expire("mails", 100),
        "element": lambda: opened.side.rpush("mails", "order-2"),
        "key": lambda: opened.side.set("mark", "1"),
    }.items():
        await change()
        after = await opened.state()
        yield_to[name], before = after != before, after
    return yield_to


async def test_the_state_tells_groups_and_time_limits() -> None:
    async with trial(1) as opened:
        await opened.add("orders", [{"order": "order-1"}])
        await opened.push("mails", ["order-1"])
        assert set((await _changes(opened)).values()) == {True}
        with pytest.raises(NotYet, match="`mails` is forgotten after"):
            await opened.lasting()
        await opened.lasting(50)


async def test_others_are_looked_at() -> None:
    async with trial(1) as opened:
        await opened.others({"orders:dead": ["order-1"]})
        assert await opened.keys() == [] and not await opened.harm()
        await opened.side.lpop("orders:dead")
        assert "`" not in await opened.harm() and "orders:dead" in await opened.harm()
        with pytest.raises(NotYet, match="orders:dead"):
            await opened.afresh()


async def test_a_large_scene_allows_more_commands() -> None:
    async with trial(1) as opened:
        before = opened.budget.commands
        await opened.push("jobs", ["job"] * 300)
        assert opened.budget.commands >= before + 5 * 300


async def test_names_have_other_lengths_when_nobody_is_shown_them() -> None:
    async with trial(1, seed=5) as opened:
        names = opened.invent("order", 40)
        assert len(set(names)) == 40 and len({len(name) for name in names}) >= 4
        assert len(set(opened.texts("order", 30))) == 30


# What is proved of an answer.


async def works_elsewhere(shop: Any, order: str) -> str:
    return f"{order} accepted".strip()


async def swallows(shop: Any, order: str) -> str:
    try:  # noqa: SIM105 # as learners write it
        await shop.rpush("for-mail", [order])
    except Exception:
        pass
    return f"{order} accepted"


async def test_no_command_came() -> None:
    said = repr(await helpers.check("1.1", works_elsewhere))
    assert said.endswith("No command came over the client that `place_order` was given.")


async def test_a_stub_is_told_what_to_do() -> None:
    async def place_order(shop: Any, order: str) -> None: ...

    assert "No command came" not in repr(await helpers.check("1.1", place_order))


async def test_a_swallowed_error_is_told_with_its_line() -> None:
    said = repr(await helpers.check("1.1", swallows))
    assert "`DataError: Invalid input of type: 'list'" in said
    assert said.endswith("was raised in its line 3, and then swallowed.")


async def test_an_error_that_is_an_answer_is_not_called_swallowed() -> None:
    async def joins(worker: Any, stream: str, group: str) -> None:
        await worker.xgroup_create(stream, group, id="$", mkstream=True)
        with contextlib.suppress(redis.ResponseError):
            await worker.xgroup_create(stream, group, id="$", mkstream=True)

    assert "swallowed" not in repr(await helpers.check("6.1", joins))


@pytest.fixture
def no_lua(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No package runs scripts, as in a browser."""
    monkeypatch.setattr(scripts, "has_lua", lambda: False)
    assemble.cache_clear()
    yield
    assemble.cache_clear()


@pytest.mark.usefixtures("no_lua")
@pytest.mark.parametrize("words", [("EVAL", "return 1", 0), ("EVALSHA", "0", 0)])
async def test_scripts_are_refused_in_honest_words(words: tuple[Any, ...]) -> None:
    async def by_script(worker: Any, payment: str, amount: int) -> None:
        await worker.execute_command(*words)

    said = repr(await helpers.check("8.1", by_script))
    assert "cannot judge this way, right or not" in said and "COURSE_BROKER" not in said
    assert "lupa" in said


async def test_functions_are_refused_in_honest_words() -> None:
    async def by_function(worker: Any, payment: str, amount: int) -> None:
        await worker.fcall("charge", 1, payment, amount)

    said = repr(await helpers.check("8.1", by_function))
    assert "cannot judge this way, right or not" in said and "COURSE_BROKER" not in said


# What all interleavings show.


async def test_the_shortest_schedule_is_told() -> None:
    async def looks_then_writes(client: Any) -> None:
        if not await client.exists("mark"):
            await client.incr("sum")
            await client.set("mark", 1)

    async def writes(client: Any) -> None:
        if await client.set("mark", 1, nx=True):
            await client.incr("sum")

    async def act(answer: Answer, client: Any, name: str, handle: Any) -> None:
        await answer.function(client)

    async def holds(client: Any) -> bool:
        return bool(await client.get("sum") == "1")

    says = {"broken": ("The sum", "Why.")}
    async with trial(1) as opened:
        await opened.explored(Answer("add", writes), act, says, holds=holds)
        with pytest.raises(NotYet) as refused:
            await opened.explored(Answer("add", looks_then_writes), act, says, holds=holds)
    steps: Any = refused.value
    assert [*steps.values.values()][:3] == [
        "ann      EXISTS mark  → 0",
        "ann      INCRBY sum 1  → 1",
        "bob      EXISTS mark  → 0",
    ]


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_what_never_ends_ends_an_exploration(number: int) -> None:
    async def never(client: Any) -> None:
        while True:
            pass

    async def act(answer: Answer, client: Any, name: str, handle: Any) -> None:
        await answer.function(client)

    async def holds(client: Any) -> bool:
        return True

    says = {"broken": ("The sum", "")}
    async with trial(number) as opened:
        with pytest.raises(NotYet, match="ran on and on"):
            await opened.explored(Answer("add", never), act, says, holds=holds)


async def test_a_plain_handle_is_a_step_at_which_a_worker_can_die() -> None:
    async def pops(client: Any, handle: Any) -> None:
        while job := await client.lpop("jobs"):
            handle(job)

    async def moves(client: Any, handle: Any) -> None:
        while await client.lindex("at hand", 0) or await client.lmove("jobs", "at hand"):
            handle(await client.lindex("at hand", 0))
            await client.lpop("at hand")

    async def act(answer: Answer, client: Any, name: str, handle: Any) -> None:
        await answer.function(client, handle)

    says = {"lost": ("A job is lost", "Why.")}
    bounds = {"workers": 1, "jobs": 2, "crashes": 1, "limit": 100}
    async with trial(1) as opened:
        given = lambda first: first.rpush("jobs", "job-1", "job-2")  # noqa: E731
        await opened.explored(Answer("work", moves), act, says, given, **bounds)
        with pytest.raises(NotYet) as refused:
            await opened.explored(Answer("work", pops), act, says, given, **bounds)
    steps: Any = refused.value
    assert [step.split("  ")[-1].strip() for step in steps.values.values()][:6] == [
        "→ job-1",
        "handles job-1",
        "→ job-2",
        "dies before it handles job-2",
        "is started again",
        "→ nil",
    ]


async def test_what_cannot_be_explored_is_told() -> None:
    async def tosses(worker: Any, payment: str, amount: int) -> None:
        async def add(transaction: Any) -> None:
            await asyncio.sleep(random.random())
            for _ in range(random.randint(1, 6)):  # with one toss, all replays might be alike
                seen = await transaction.exists(payment)
            transaction.multi()
            if not seen:
                transaction.set(payment, amount).incrby("paid", amount)

        await worker.transaction(add, payment)

    result = await helpers.check("8.1", tosses, record=False)
    assert result.passed
    assert "Not tried in every sequence of its steps" in repr(result)
    assert "by chance" in repr(result)


async def test_what_was_imported_by_name_is_that_of_an_exploration() -> None:
    async def notes_the_time(client: Any) -> None:
        await client.set("at", f"{get_time()} {datetime.now()}")

    async def tosses(client: Any) -> None:
        await client.set("at", toss())

    async def act(answer: Answer, client: Any, name: str, handle: Any) -> None:
        await answer.function(client)

    async def holds(client: Any) -> bool:
        return True

    says = {"broken": ("The note", "Why.")}
    async with trial(1) as opened:
        await opened.explored(Answer("note", notes_the_time), act, says, holds=holds)
        assert opened.remarks == []
        await opened.explored(Answer("note", tosses), act, says, holds=holds)
        assert "leave `random.random` out" in opened.remarks[0]


async def test_a_pause_passes_at_once_and_keys_are_forgotten_meanwhile() -> None:
    async def waits(client: Any) -> None:
        while await client.exists("lock"):
            await asyncio.sleep(5)
        await client.set("done", "yes")

    async with trial(1) as opened:
        client = opened.client("ann")
        await opened.side.set("lock", "bob", ex=3600)
        await opened.side.set("for good", "yes")
        await opened.run(Answer("wait", waits), client)
        assert await opened.keys() == ["done", "for good"]
