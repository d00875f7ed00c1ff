"""The accidents are the same for every design, and the scoreboard counts what really happened."""

import os
import signal
from pathlib import Path

import pytest
import redis
from redis.asyncio import Redis

from helpers import connect
from helpers.broker.servers import NoServer, find_server, kept_folder, start_server
from helpers.lessons.l08.designs import (
    FAULTS,
    JOBS,
    Design,
    Handler,
    PowerCut,
    Result,
    Scoreboard,
    away,
    dies,
    jobs_per_second,
    left_after_kill,
    life,
    newcomer,
    redis_benchmark,
    reply_lost,
    scoreboard,
    ten_at_once,
    two_teams,
)

from ...real_servers import each_server, is_free, until
from ...stage import EVERY_ENGINE, Stage, staged

DEFAULT_SAVE = "3600 1 300 100 60 10000"  # what a server without a configuration has


class InMemory(Design):
    """Hand over jobs through a list in this process: nothing of it depends on a broker."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.queue: list[str] = []

    async def send(self, job: str) -> None:
        self.queue.append(job)

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        while self.queue:
            await handle(self.queue.pop(0))


class Doubled(InMemory):
    """Hand over each job twice."""

    async def send(self, job: str) -> None:
        self.queue += [job, job]


class Kept(InMemory):
    """Keep a job until it is done, and start each team at the beginning."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.done_by: dict[str, int] = {}

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        while (place := self.done_by.get(team, 0)) < len(self.queue):
            await handle(self.queue[place])
            self.done_by[team] = place + 1


@pytest.mark.parametrize(("moment", "done"), [("before", ["a"]), ("after", ["a", "b"])])
async def test_a_handler_loses_power_at_the_named_call(moment: str, done: list[str]) -> None:
    handle = Handler({2: moment})
    await handle("a")
    with pytest.raises(PowerCut):
        await handle("b")
    assert handle.done == done
    await handle("c")
    assert handle.done == [*done, "c"]


@pytest.mark.parametrize(("moment", "booked"), [("before", ["a"]), ("after", ["a", "b"])])
async def test_what_a_subclass_does_is_work_too(moment: str, booked: list[str]) -> None:
    class Booking(Handler):
        async def work(self, job: str) -> None:
            await super().work(job)
            book.append(job)

    book: list[str] = []
    handle = Booking({2: moment})
    await handle("a")
    with pytest.raises(PowerCut):
        await handle("b")
    assert book == handle.done == booked


async def test_a_life_ends_with_the_power_and_the_next_goes_on() -> None:
    design, handle = InMemory("q"), Handler({2: "before"})
    await life(design, handle, sending=["a", "b", "c"])
    assert (handle.done, design.queue) == (["a"], ["c"])
    await life(design, handle)
    assert handle.done == ["a", "c"]


async def test_what_is_popped_before_the_work_is_lost() -> None:
    assert await dies(InMemory("q"), "before") == Result(lost=1, twice=0)
    assert await dies(InMemory("q"), "after") == Result(lost=0, twice=0)


async def test_what_is_kept_until_it_is_done_comes_twice() -> None:
    assert await dies(Kept("q"), "before") == Result(lost=0, twice=0)
    assert await dies(Kept("q"), "after") == Result(lost=0, twice=1)


async def test_every_repetition_is_counted() -> None:
    assert await away(Doubled("q")) == Result(lost=0, twice=len(JOBS))


async def test_two_teams_share_a_queue_and_each_get_a_log() -> None:
    assert await two_teams(InMemory("q")) == Result(lost=len(JOBS), twice=0)
    assert await two_teams(Kept("q")) == Result(lost=0, twice=0)


async def test_a_newcomer_finds_only_what_was_kept() -> None:
    assert await newcomer(InMemory("q")) == Result(lost=len(JOBS), twice=0)
    assert await newcomer(Kept("q")) == Result(lost=0, twice=0)


async def test_a_worker_that_died_is_gone_from_the_broker() -> None:
    class Polite(InMemory):
        async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
            await worker.ping()
            await handle("a")

    design = Polite("q")
    await life(design, Handler({1: "before"}), team="mortal")
    assert design.dead == ["mortal-1"]
    witness = connect("witness")
    assert "mortal-1" not in {client["name"] for client in await witness.client_list()}
    await witness.aclose()


class Popped(Design):
    """Hand over jobs through a list of the broker."""

    async def send(self, job: str) -> None:
        await self._shop().rpush(self.key, job)

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        while job := await worker.lpop(self.key):
            await handle(job)

    def _shop(self) -> Redis:
        return connect("shop")


class Namesakes(Popped):
    """Read a stream as a group whose members all have one name, and finish what it has begun."""

    async def open(self, worker: Redis, team: str, name: str) -> None:
        if not await worker.exists(self.key):
            await worker.xgroup_create(self.key, team, id="0", mkstream=True)

    async def send(self, job: str) -> None:
        await self._shop().xadd(self.key, {"job": job})

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        for start in ("0", ">"):
            while entries := await self.take(worker, team, start):
                await handle(entries[0][1]["job"])
                await worker.xack(self.key, team, entries[0][0])

    async def take(self, worker: Redis, team: str, start: str) -> list:
        reply = await worker.xreadgroup(team, "worker", {self.key: start}, count=1)
        return reply[0][1] if reply else []


class Named(Namesakes):
    """The same, with a name for each; what has been idle for half a minute is taken over."""

    async def work(self, worker: Redis, team: str, name: str, handle: Handler) -> None:
        cursor, claimed = None, []
        while cursor != "0-0":
            cursor, claimed, _ = await worker.xautoclaim(
                self.key, team, name, 30_000, cursor or "0-0", count=1
            )
            await self.finish(worker, team, claimed, handle)
        while reply := await worker.xreadgroup(team, name, {self.key: ">"}, count=1):
            await self.finish(worker, team, reply[0][1], handle)

    async def finish(self, worker: Redis, team: str, entries: list, handle: Handler) -> None:
        for entry_id, fields in entries:
            await handle(fields["job"])
            await worker.xack(self.key, team, entry_id)


everywhere = staged(EVERY_ENGINE)


async def test_a_lost_reply_loses_a_popped_job_though_nobody_dies(everywhere: Stage) -> None:
    assert await reply_lost(Popped("popped")) == Result(lost=1, twice=0)
    assert await reply_lost(Named("named")) == Result(lost=0, twice=0)
    assert await reply_lost(InMemory("q")) == Result(lost=0, twice=0)


async def test_ten_workers_of_one_name_take_each_others_jobs(everywhere: Stage) -> None:
    assert await ten_at_once(Popped("popped")) == Result(lost=0, twice=0)
    assert await ten_at_once(Namesakes("namesakes")) == Result(lost=0, twice=9)
    assert await ten_at_once(Named("named")) == Result(lost=0, twice=0)


async def test_what_a_dead_worker_left_is_old_enough_for_the_next(everywhere: Stage) -> None:
    assert await dies(Named("before"), "before") == Result(lost=0, twice=0)
    assert await dies(Named("after"), "after") == Result(lost=0, twice=1)


async def test_the_board_holds_every_fault_and_names_who_survives() -> None:
    board = await scoreboard([InMemory, Kept])
    assert list(board) == list(FAULTS)
    assert board["newcomer"] == {"InMemory": Result(5, 0), "Kept": Result(0, 0)}
    assert board.survivors(["dies before"], lost=0, twice=0) == ["Kept"]
    assert board.survivors(["dies before", "dies after"], lost=0, twice=0) == []
    assert board.survivors(["dies before", "dies after"], lost=1, twice=1) == ["InMemory", "Kept"]


def test_the_board_is_shown_as_a_table() -> None:
    board = Scoreboard({"away": {"Pop": Result(0, 0), "Publish": Result(5, 0)}})
    assert repr(board).splitlines() == [
        "       Pop               Publish",
        "away   lost 0, twice 0   lost 5, twice 0",
    ]


async def test_a_design_that_loses_jobs_is_not_measured() -> None:
    class Leaky(InMemory):
        async def send(self, job: str) -> None:
            if job != "3":
                await super().send(job)

    assert await jobs_per_second(InMemory("q"), jobs=5) > 0
    with pytest.raises(AssertionError):
        await jobs_per_second(Leaky("q"), jobs=5)


def test_the_file_decides_what_outlives_the_server() -> None:
    try:
        find_server()
    except NoServer as why:
        pytest.skip(str(why))
    assert left_after_kill(3, appendonly="no") == (0, 0)
    assert left_after_kill(3, appendonly="yes", appendfsync="always") == (3, 3)


@each_server()
@pytest.mark.parametrize(("how", "left"), [("SIGTERM", 10), ("SIGKILL", 0)])
def test_a_server_that_is_asked_to_end_writes_a_snapshot_first(
    program: Path, how: str, left: int
) -> None:
    with kept_folder() as folder:
        first = start_server(program, folder=folder, save=DEFAULT_SAVE)
        with redis.Redis(**first.options) as client:
            client.rpush("queue", *range(10))
            process = client.info("server")["process_id"]
        os.kill(process, getattr(signal, how))
        until(lambda: is_free(first.port), "the server to end")
        second = start_server(program, folder=folder)
        with redis.Redis(**second.options) as client:
            assert client.llen("queue") == left
        second.stop()


def test_the_embedded_broker_has_no_redis_benchmark() -> None:
    assert redis_benchmark("rpush") is None
