"""An answer uses the clients that it is given, and neither the notebook's nor its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import redis

import helpers
from helpers.errors import CourseError
from helpers.practice.catalogue import TITLES, exercises

EXERCISES = {n: each for lesson in TITLES for n, each in exercises(lesson).items()}
Answer = Callable[..., Awaitable[object]]


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    """Have a notebook with a broker of its own, and nowhere a file of progress."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_BROKER", raising=False)
    helpers.broker.close()
    yield
    helpers.broker.close()


async def told(number: str, answer: Answer) -> str:
    answers = [answer] * len(EXERCISES[number].takes)
    return repr(await helpers.check(number, *answers, record=False))


@pytest.mark.parametrize("number", EXERCISES)
async def test_a_variable_of_the_notebook_is_named(number: str) -> None:
    shop = helpers.connect("web")
    await shop.ping()

    async def uses_it(*given: object) -> None:
        await shop.ping()

    said = await told(number, uses_it)
    assert " uses `shop`, a client of the notebook: use what it is given." in said
    assert await shop.ping(), "the notebook's client is left as it was"


async def test_the_parameter_is_named_from_a_helper_too() -> None:
    shop = helpers.connect("web")

    async def take() -> Any:
        return await shop.lpop("orders")

    async def work(worker: Any, name: str, handle: Any) -> None:
        await take()

    assert "work uses `shop`, a client of the notebook: use the parameter `worker`." in await told(
        "9.1", work
    )


async def waits_for_messages(shop: Any) -> Answer:
    inbox = shop.pubsub()
    await inbox.subscribe("news")

    async def listens(given: Any) -> None:
        await inbox.get_message(timeout=0)

    return listens


async def pipes(shop: Any) -> Answer:
    async def fills(given: Any) -> None:
        await shop.pipeline().rpush("orders", "order-1").execute()

    return fills


async def waits_in_a_task(shop: Any) -> Answer:
    async def asks(given: Any) -> None:
        await asyncio.create_task(shop.blpop("nothing-comes", timeout=0))

    return asks


async def connects(shop: Any) -> Answer:
    async def opens(given: Any) -> None:
        await helpers.connect("web").ping()

    return opens


WAYS = [waits_for_messages, pipes, waits_in_a_task, connects]


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_to_use_a_client_is_seen(way: Callable[[Any], Awaitable[Answer]]) -> None:
    shop = helpers.connect("web")
    said = await told("9.4", await way(shop))
    assert "a client of the notebook: use" in said
    assert await shop.ping()


async def opens_one(client: Any) -> None:
    await redis.asyncio.Redis().ping()


async def opens_a_plain_one(client: Any) -> None:
    redis.Redis().ping()


@pytest.mark.parametrize("answer", [opens_one, opens_a_plain_one])
async def test_a_client_of_its_own_is_refused(answer: Answer) -> None:
    said = await told("9.4", answer)
    assert said == "Not yet: holds uses a client of its own: use the parameter `client`."


@pytest.mark.parametrize("number", ["9.1", "9.2", "10.1", "10.2"])
async def test_a_client_that_one_worker_alone_uses_is_seen_by_an_exploration(number: str) -> None:
    shop = helpers.connect("web")
    solution = SOLUTIONS[number]

    async def strays(client: Any, *given: Any) -> None:
        settings = client.connection_pool.connection_kwargs
        if "life" in settings and settings["client_name"] == "bob":  # only where it is explored
            await shop.ping()
        await solution(client, *given)

    said = await told(number, strays)
    assert said.startswith("Not yet: ") and "uses `shop`, a client of the notebook" in said


async def keeps_reading(client: Any, name: str, handle: Any, now: float = 0) -> None:
    for start in ("0", ">"):
        while entries := await read_one(client, name, start):
            [(entry_id, fields)] = entries
            try:
                await handle(fields["job"])
            except Exception:
                await put_off(client, entry_id, fields["job"], now)
            else:
                await client.xack("orders", "packing", entry_id)


async def read_one(client: Any, name: str, start: str) -> Any:
    reply = await client.xreadgroup("packing", name, {"orders": start}, count=1)
    return reply[0][1] if reply else []


async def put_off(client: Any, entry_id: str, job: str, now: float) -> None:
    failures = int(await client.hget("failures", job) or 0) + 1
    async with client.pipeline(transaction=True) as step:
        step.xack("orders", "packing", entry_id).hset("failures", job, failures)
        if failures < 3:
            step.zadd("later", {job: now + 10 * failures})
        else:
            step.xadd("orders:dead", {"job": job}).hdel("failures", job)
        await step.execute()


async def sweeps(client: Any, name: str, handle: Any) -> None:
    mine = f"taken:{name}"
    while await client.lmove(mine, "orders", "RIGHT", "LEFT") is not None:
        pass
    while (job := await client.lmove("orders", mine)) is not None:
        await handle(job)
        await client.lrem(mine, 1, job)


async def moves(client: Any, now: float, most: int) -> None:
    async def move_some(both: Any) -> None:
        jobs = await both.zrangebyscore("later", 0, now, start=0, num=most)
        both.multi()
        for job in jobs:
            both.xadd("orders", {"job": job}).zrem("later", job)

    await client.transaction(move_some, "later")


SOLUTIONS: dict[str, Answer] = {
    "9.1": keeps_reading,
    "9.2": sweeps,
    "10.1": moves,
    "10.2": keeps_reading,
}


async def test_an_exploration_names_it_as_well() -> None:
    shop = helpers.connect("web")

    async def send(client: Any, job: str) -> None:
        await client.rpush("orders", job)

    async def work(client: Any, name: str, handle: Any) -> None:
        while job := await shop.lpop("orders"):
            await handle(job)

    sentence = "explored uses `shop`, a client of the notebook: use the parameter `client`."
    with pytest.raises(CourseError, match=sentence):
        await helpers.explore(send, work)
    assert await shop.ping()


async def test_clients_are_as_before_once_a_check_has_ended() -> None:
    before = redis.asyncio.ConnectionPool.get_connection, redis.asyncio.client.PubSub.parse_response
    await told("1.1", opens_one)
    after = redis.asyncio.ConnectionPool.get_connection, redis.asyncio.client.PubSub.parse_response
    assert after == before
