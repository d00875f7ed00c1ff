"""What really happens to each design when its worker is killed, asked to stop, or cut off.

The table of lesson 10 says it in a word. Here a process is really killed, on real servers, and the
word is compared with what was lost and what came twice.
"""

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from redis import ConnectionError, Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from helpers.broker.servers import Server, start_server
from publish.handouts.notes import notes_of
from publish.lesson import Cell, read

from ...mutants.trial import PROCESSES
from ...real_servers import each_server, until
from .worker import DESIGNS, JOBS, LAST, Handler, client_of, live

ROOT = Path(__file__).parents[3]
NAMES = [design.__name__ for design in DESIGNS]
NAMED = {"pop": "Pop", "move": "Move", "after": "Group"}  # a worker of lesson 10, its design
A_MINUTE = 60_000  # milliseconds
LIMIT = 60.0  # seconds, for a busy machine
WORST = ("lost", "twice", "kept")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")


class Shop:
    """The shop, which sends to all designs, and sees to it that the accident happens."""

    def __init__(self, server: Server, moment: str, stops: bool, loses: bool) -> None:
        self.moment, self.server = moment, server
        self.redis = Redis(port=server.port, decode_responses=True)
        self.done: dict[str, list[str]] = {name: [] for name in NAMES}
        self.told, tells = PROCESSES.Pipe(duplex=False)
        self.worker = PROCESSES.Process(
            target=live, args=(tells, server.port, moment, stops, loses), daemon=True
        )
        self.worker.start()
        tells.close()

    def send(self, *jobs: str, cutting: bool = False) -> None:
        """Send jobs to each design; `cutting` cuts the worker off before, in the same moment."""
        with self.redis.pipeline(transaction=True) as together:
            for each in self._connections() if cutting else ():
                together.client_kill_filter(_id=each["id"])
            for job in jobs:
                together.rpush("Pop", job).rpush("Move", job)
                together.publish("Publish", job).xadd("Group", {"job": job})
            together.execute()

    def until_it_waits(self) -> None:
        """Wait until three workers are blocked; the fourth has subscribed."""
        until(lambda: self._blocked() == 3, "three blocked clients", LIMIT)

    def until_it_listens(self) -> None:
        """Wait until the subscription stands, if need be again."""
        until(lambda: self._listeners() == 1, "a subscription", LIMIT)

    def hear(self, said: str, times: int = 1) -> None:
        """Read what the workers tell until they have said this so many times."""
        while times:
            what, design, job = self._next()
            if what == "did":
                self.done[design].append(job)
            times -= what == said

    def let_it_end(self) -> int:
        """Read what they still tell, and return how the process ended."""
        with suppress(EOFError):
            self.hear("nothing more")
        self.worker.join(LIMIT)
        assert self.worker.exitcode is not None, "the workers did not end"
        return self.worker.exitcode

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the worker."""
        assert self.worker.pid
        os.kill(self.worker.pid, number)

    def end(self) -> None:
        """Leave no process and no key."""
        self.worker.kill()
        self.worker.join()
        self.told.close()
        self.redis.flushall()
        self.redis.close()

    def _next(self) -> tuple[str, str, str]:
        assert self.told.poll(LIMIT), f"the workers said nothing for {LIMIT:g} seconds"
        said: tuple[str, str, str] = self.told.recv()
        return said

    def _blocked(self) -> int:
        blocked: int = self.redis.info("clients")["blocked_clients"]
        return blocked

    def _listeners(self) -> int:
        [(_, listeners)] = self.redis.pubsub_numsub("Publish")
        return int(listeners)

    def _connections(self) -> list[dict[str, str]]:
        return [each for each in self.redis.client_list() if each["name"] == "first"]


def killed(shop: Shop, how: signal.Signals) -> None:
    """Kill a worker, and send what is not sent yet."""
    shop.signal(how)
    assert shop.let_it_end() == -how
    if shop.moment == "waiting":
        shop.send(*JOBS)


def asked_to_stop(shop: Shop) -> None:
    """Send SIGTERM to a worker that notes it, and ends between two jobs."""
    shop.signal(signal.SIGTERM)
    shop.hear("asked")
    if shop.moment == "waiting":
        shop.send(*JOBS)
    shop.signal(signal.SIGUSR1)
    assert shop.let_it_end() == 0


def cut_off(shop: Shop) -> None:
    """Cut all connections of a worker, which lives, and let it go on."""
    shop.send(*(JOBS if shop.moment == "waiting" else ()), cutting=True)
    shop.signal(signal.SIGUSR1)
    _goes_on(shop)


def lives(shop: Shop) -> None:
    """Send to a worker that has lost a reply."""
    shop.send(*JOBS)
    _goes_on(shop)


def _goes_on(shop: Shop) -> None:
    shop.until_it_listens()
    shop.send(LAST)
    assert shop.let_it_end() == 0


class Accident(NamedTuple):
    """What happens to a worker, and when: with a job in hand, or while it waits for one."""

    happens: Callable[[Shop], None]
    moments: tuple[str, ...] = ("before", "after", "waiting")
    stops: bool = False
    loses: bool = False


ACCIDENTS = {
    "`SIGKILL`": Accident(lambda shop: killed(shop, signal.SIGKILL)),
    "`SIGTERM`, nobody listens": Accident(lambda shop: killed(shop, signal.SIGTERM)),
    "`SIGTERM` sets a flag": Accident(asked_to_stop, stops=True),
    "lost connection": Accident(cut_off),
    "lost reply": Accident(lives, ("waiting",), loses=True),
}


@contextmanager
def shop_of(server: Server, moment: str, accident: Accident) -> Iterator[Shop]:
    """Start a worker, and wait until it is where the accident shall find it."""
    shop = Shop(server, moment, accident.stops, accident.loses)
    try:
        shop.hear("open")
        shop.until_it_waits()
        if moment != "waiting":
            shop.send(*JOBS)
            shop.hear("holds", times=len(DESIGNS))
        yield shop
    finally:
        shop.end()


async def fates(server: Server, accident: Accident, moment: str) -> dict[str, str]:
    """Return for each design what became of the jobs, once a second worker has finished."""
    with shop_of(server, moment, accident) as shop:
        accident.happens(shop)
        _a_minute_passes(shop.redis)
        again = [design(client_of("second", server.port), "second", "first") for design in DESIGNS]
        for worker in again:
            await worker.open()
        shop.send(LAST)
        for worker in again:
            handle = Handler(worker.key)
            await worker.work(handle)
            shop.done[worker.key] += handle.done
            await worker.client.aclose()
        return {name: _fate(done) for name, done in shop.done.items()}


def _a_minute_passes(clock: Redis) -> None:
    for entry in clock.xpending_range("Group", "team", "-", "+", 100):
        owner, entry_id = entry["consumer"], entry["message_id"]
        clock.xclaim("Group", "team", owner, 0, [entry_id], idle=A_MINUTE, justid=True)


def _fate(done: list[str]) -> str:
    if set(JOBS) - set(done):
        return "lost"
    return "twice" if max(Counter(done).values()) > 1 else "kept"


def cell_of_the_lesson(name: str) -> Cell:
    """Return a cell of lesson 10."""
    [path] = (ROOT / "notebooks").glob("10_*.ipynb")
    return next(cell for cell in read(path).cells if cell.id == name)


def table_of_the_lesson() -> list[str]:
    """Return the lines of the table in lesson 10, without the one below its head."""
    return re.findall(r"^\|(?!-).+\|$", cell_of_the_lesson("l10-table").source, re.M)


def in_the_lesson() -> dict[str, dict[str, str]]:
    """Read that table: what becomes of jobs, by accident and by design."""
    lines = [line.strip("|").split("|") for line in table_of_the_lesson()]
    (_, *names), *rows = [[word.strip() for word in line] for line in lines]
    return {what: dict(zip(names, words, strict=True)) for what, *words in rows}


@each_server()
async def test_the_table_of_the_lesson_says_what_happens(program: Path) -> None:
    server = start_server(program, password="")
    measured = {}
    for what, accident in ACCIDENTS.items():
        found = [await fates(server, accident, moment) for moment in accident.moments]
        measured[what] = {name: min((f[name] for f in found), key=WORST.index) for name in NAMES}
    server.stop()
    assert measured == in_the_lesson()


def test_what_the_lesson_explores_is_what_was_measured() -> None:
    [output] = cell_of_the_lesson("l10-fates").outputs
    told = re.findall(r"^(\w+) +killed: (\w+) +reply lost: (\w+)$", output.text, re.M)
    explored = {NAMED[name]: [killed, unheard] for name, killed, unheard in told}
    measured = in_the_lesson()
    rows = [measured["`SIGKILL`"], measured["lost reply"]]
    assert explored == {name: [row[name] for row in rows] for name in NAMED.values()}


def test_the_card_has_the_same_table() -> None:
    card = notes_of(10).card
    assert [line for line in table_of_the_lesson() if line not in card] == []


@each_server()
async def test_without_retries_a_wait_that_is_cut_is_an_error_and_the_job_stays(
    program: Path,
) -> None:
    server = start_server(program, password="")
    waiting = AsyncRedis(port=server.port, client_name="first", retry=Retry(NoBackoff(), 0))
    with Redis(port=server.port) as shop:
        pop = asyncio.create_task(waiting.blpop("jobs"))
        await asyncio.to_thread(until, lambda: shop.info("clients")["blocked_clients"], "a wait")
        [first] = [each for each in shop.client_list() if each["name"] == "first"]
        with shop.pipeline(transaction=True) as together:
            together.client_kill_filter(_id=first["id"])
            together.rpush("jobs", "job-1").execute()
        with pytest.raises(ConnectionError):
            await pop
        assert shop.llen("jobs") == 1
    await waiting.aclose()
    server.stop()
