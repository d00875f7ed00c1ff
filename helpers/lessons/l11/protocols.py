"""What task libraries say to the broker, command by command, as recorded from them.

Celery 5.7.0, RQ 3.0.0, Dramatiq 2.2.1, taskiq-redis 1.2.4 and streaQ 7.2.0. Left out are results,
events, locks, the jobs that a worker takes ahead (here it takes one at a time), and the time limit
of Dramatiq. What a library does in a script is here sent as the commands of that script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar, NamedTuple

from redis.asyncio import Redis

from ...stage.model import Kind

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
MOST = 10_000  # lines of a pending list


class Hold(NamedTuple):
    """A job in a worker's hands; `token` is what the broker knows this delivery by."""

    job: str
    token: str
    identity: str


class Step(NamedTuple):
    """What a worker has just done, in words, and what it does next; "" when that is nothing."""

    did: str
    then: str


Life = AsyncIterator[Step]


@dataclass
class Worker:
    """A process of a library: each one has another `consumer` name for the broker."""

    name: str
    consumer: str
    client: Redis
    hand: Hold | None = None
    since: int = 0  # when it began what it has in hand, where that has a time limit
    moved: list[tuple[str, str, str]] = field(default_factory=list)  # from, to, by what

    def went(self, start: str, end: str, command: str) -> None:
        """Note that a job has gone from one place to another."""
        self.moved = [(start, end, command)]


class Item(NamedTuple):
    """One job, or one note about it, in a key of the broker."""

    job: str
    text: str
    identity: str
    mark: str = "held"


@dataclass(frozen=True)
class Shelf:
    """A key of the broker and what is in it.

    `is_copy` tells that it holds what workers have in hand; `read` is which group has read how far.
    """

    name: str
    kind: Kind
    items: tuple[Item, ...] = ()
    words: str = ""
    is_copy: bool = False
    read: tuple[str, int] = ("", 0)


class Protocol:
    """What one library says. Times are in seconds of the lab's clock, which `now` tells.

    `ripe` says from when on a look would find each delivery that is not acknowledged.
    """

    queue: ClassVar[str]
    lease = 0  # seconds; 0 where nothing is kept, so that nothing comes back
    interval = 0  # seconds between two looks of a worker; 0 where none looks because time passes
    by_a_dice = False  # whether that is an average, from any moment on
    has_heartbeat = False
    looks_at_start = False
    looks_when_busy = False
    limit = 0  # seconds after which a job is stopped; 0 where none is
    left_out = ""  # what else happens to a job that takes long
    asleep = ""  # why nobody brings a job back, where nobody does

    def __init__(self, key: Callable[[str], str], now: Callable[[], int]) -> None:
        self.key = key
        self.now = now
        self.ripe: dict[str, int] = {}
        self.puts: dict[str, int] = {}  # how often each job was put into the queue

    async def open(self, client: Redis) -> None:
        """Do what a library does before the first job is sent."""

    async def send(self, shop: Redis, job: str) -> str:
        """Send a job, and return the command that did it."""
        raise NotImplementedError

    def live(self, worker: Worker) -> Life:
        """Work step by step, for ever; the step `pack …` is done by whoever asks for the next."""
        raise NotImplementedError

    async def beat(self, worker: Worker) -> None:
        """Say that a worker lives, or still works on its job, where its library says so."""

    async def age(self, clock: Redis) -> None:
        """Make what is pending as old as the lab's clock says."""

    async def look(self, worker: Worker) -> list[str]:
        """Look for what a dead worker has left; return the jobs that were found."""
        return []

    async def stop(self, worker: Worker) -> None:
        """Stop the job of a worker who is over the time limit, where there is one."""

    async def held(self, asker: Redis) -> list[Shelf]:
        """Ask the broker what it holds."""
        raise NotImplementedError

    def _put(self, job: str) -> None:
        self.puts[job] = self.puts.get(job, 0) + 1

    def _identity(self, job: str) -> str:
        return f"{job} {self.puts[job]}"

    def _waiting(self, jobs: list[str]) -> tuple[Item, ...]:
        """Show lists, the newest last; jobs keep their identity while they move between them."""
        newer, found = Counter(jobs), []
        for job in jobs:
            newer[job] -= 1
            found.append(Item(job, job, f"{job} {self.puts[job] - newer[job]}"))
        return tuple(found)


class Popped(Protocol):
    """A queue that is a list, from which a pop takes a job for good."""

    async def send(self, shop: Redis, job: str) -> str:
        await shop.lpush(self.key(self.queue), job)
        self._put(job)
        return "LPUSH"

    async def _pop(self, worker: Worker) -> str:
        reply: Any = await worker.client.brpop([self.key(self.queue)], timeout=1)
        job = str(reply[1])
        worker.hand = Hold(job, job, self._identity(job))
        worker.went(self.queue, worker.name, "BRPOP")
        return job


class Celery(Popped):
    """Celery: a popped job is copied into a hash, with its time in a sorted set."""

    queue = "celery"
    lease = HOUR  # visibility_timeout
    interval = 100  # each tenth of the calls that come every 10 s
    looks_at_start = looks_when_busy = True
    is_late: ClassVar[bool] = False

    def __init__(self, key: Callable[[str], str], now: Callable[[], int]) -> None:
        super().__init__(key, now)
        self._tags = (f"tag-{number}" for number in count(1))

    async def live(self, worker: Worker) -> Life:
        did = ""
        while True:
            yield Step(did, "BRPOP")
            job = await self._pop(worker)
            yield Step(f"took {job}: BRPOP. The broker holds no copy of it yet.", "ZADD + HSET")
            await self._note(worker)
            did = f"copied {job} into unacked and its time into unacked_index: one MULTI."
            if not self.is_late:
                yield Step(did, "ZREM + HDEL")
                did = f"{await self._acknowledge(worker)} before packing it: no copy is left."
            yield Step(did, f"pack {job}")
            did = ""
            if self.is_late:
                yield Step("", "ZREM + HDEL")
                did = f"{await self._acknowledge(worker)} after packing it."
            worker.hand = None

    async def _pop(self, worker: Worker) -> str:
        job = await super()._pop(worker)
        assert worker.hand
        worker.hand = worker.hand._replace(token=next(self._tags))
        return job

    async def _note(self, worker: Worker) -> None:
        assert worker.hand
        job, tag, _ = worker.hand
        async with worker.client.pipeline() as both:
            both.zadd(self.key("unacked_index"), {tag: self.now()})
            both.hset(self.key("unacked"), tag, job)
            await both.execute()
        self.ripe[tag] = self.now() + self.lease
        worker.went(worker.name, "unacked", "ZADD + HSET")

    async def _acknowledge(self, worker: Worker) -> str:
        assert worker.hand
        job, tag, _ = worker.hand
        async with worker.client.pipeline() as both:
            both.zrem(self.key("unacked_index"), tag)
            both.hdel(self.key("unacked"), tag)
            removed, _ = await both.execute()
        self.ripe.pop(tag, None)
        return f"acknowledged {job}{'' if removed else ', whose copy was gone,'}"

    async def look(self, worker: Worker) -> list[str]:
        """Put back what is older than the visibility timeout, whoever had it."""
        latest = self.now() - self.lease
        tags: Any = await worker.client.zrange(
            self.key("unacked_index"), latest, 0, desc=True, byscore=True, offset=0, num=10
        )
        return [await self._restore(worker, tag) for tag in tags]

    async def _restore(self, worker: Worker, tag: str) -> str:
        found: list[str] = []

        async def move(both: Any) -> None:
            found[:] = [await both.hget(self.key("unacked"), tag)]
            both.multi()
            both.zrem(self.key("unacked_index"), tag).hdel(self.key("unacked"), tag)
            both.rpush(self.key("celery"), found[0])  # where BRPOP takes it next

        await worker.client.transaction(move, self.key("unacked"))
        self.ripe.pop(tag)
        self._put(found[0])
        worker.went("unacked", "celery", "HGET, then RPUSH")
        return found[0]

    async def held(self, asker: Redis) -> list[Shelf]:
        queue: Any = await asker.lrange(self.key("celery"), 0, -1)
        copies: Any = await asker.hgetall(self.key("unacked"))
        times: Any = await asker.zrange(self.key("unacked_index"), 0, -1, withscores=True)
        unacked = tuple(Item(job, job, f"{tag} copy") for tag, job in copies.items())
        index = tuple(Item(copies[tag], f"{span(time)} {copies[tag]}", tag) for tag, time in times)
        return [
            Shelf("celery", "list", self._waiting(queue)),
            Shelf("unacked", "list", unacked, is_copy=True),
            Shelf("unacked_index", "list", index, "since" if index else ""),
        ]


class CeleryLate(Celery):
    """Celery with task_acks_late: the copy stays until the work is done."""

    is_late = True


class Rq(Protocol):
    """RQ: a job is moved to a second list, then noted in a registry with the end of its lease."""

    queue = "queue"
    lease = 90  # job_monitoring_interval + 60
    interval = 600  # maintenance_interval
    has_heartbeat = looks_at_start = True
    limit = 180  # default_timeout of a queue
    retries = 0

    async def send(self, shop: Redis, job: str) -> str:
        async with shop.pipeline() as both:
            fields: Any = {"status": "queued", "retries_left": self.retries}
            both.hset(self.key(f"job:{job}"), mapping=fields)
            both.rpush(self.key("queue"), job)
            await both.execute()
        self._put(job)
        return "HSET + RPUSH"

    async def live(self, worker: Worker) -> Life:
        did = ""
        while True:
            yield Step(did, "BLMOVE")
            job = await self._take(worker)
            yield Step(f"moved {job} into intermediate: BLMOVE, one command.", "ZADD, then LREM")
            await self._begin(worker)
            did = f"noted {job} in wip, with a lease of {self.lease} s that it renews."
            yield Step(did, f"pack {job}")
            yield Step("", "ZREM")
            await self._end(worker)
            did = f"took {job} out of wip after packing it."

    async def _take(self, worker: Worker) -> str:
        lists = self.key("queue"), self.key("intermediate")
        job: Any = await worker.client.blmove(*lists, 1, "LEFT", "RIGHT")
        worker.hand = Hold(job, "", f"{self._identity(job)}→{worker.name}")
        self.ripe[job] = self.now()
        worker.went("queue", "intermediate", "BLMOVE")
        return job

    async def _begin(self, worker: Worker) -> None:
        """Note the job as begun, then remove the copy: RQ does so in two processes."""
        assert worker.hand
        job = worker.hand.job
        worker.hand, worker.since = worker.hand._replace(token=job), self.now()
        await self.beat(worker)
        async with worker.client.pipeline() as both:
            both.hset(self.key(f"job:{job}"), "status", "started")
            both.lrem(self.key("intermediate"), 1, job)
            await both.execute()
        worker.went("intermediate", "wip", "ZADD, then LREM")

    async def beat(self, worker: Worker) -> None:
        if not (worker.hand and worker.hand.token):
            return  # what is between the lists has no lease yet
        self.ripe[worker.hand.job] = ends = self.now() + self.lease
        await worker.client.zadd(self.key("wip"), {worker.hand.job: ends})

    async def _end(self, worker: Worker) -> None:
        assert worker.hand
        job = worker.hand.job
        async with worker.client.pipeline() as both:
            both.hset(self.key(f"job:{job}"), "status", "finished")
            both.zrem(self.key("wip"), job)
            await both.execute()
        worker.hand = None
        self.ripe.pop(job, None)

    async def stop(self, worker: Worker) -> None:
        """Take a job from its worker; it has failed, as if its function had raised an error."""
        assert worker.hand
        await self._give_back(worker, worker.hand.job, "wip")
        worker.hand = None

    async def look(self, worker: Worker) -> list[str]:
        """Find jobs whose lease is over, and those that stay between the lists for a minute."""
        over: Any = await worker.client.zrangebyscore(self.key("wip"), 0, self.now())
        for job in over:
            await self._give_back(worker, job, "wip")
        stuck: Any = await worker.client.lrange(self.key("intermediate"), 0, -1)
        return [*over, *[job for job in stuck if await self._is_stuck(worker, job)]]

    async def _is_stuck(self, worker: Worker, job: str) -> bool:
        """Note when a job was seen between the lists; a minute later it is given back."""
        seen = self.key(f"first_seen:{job}")
        if await worker.client.set(seen, self.now(), nx=True, ex=DAY):
            self.ripe[job] = self.now() + MINUTE + 1
            return False
        if self.now() - int(await worker.client.get(seen) or 0) <= MINUTE:
            return False
        await self._give_back(worker, job, "intermediate")
        return True

    async def _give_back(self, worker: Worker, job: str, source: str) -> None:
        """Put a job back into the queue while it has retries left, else among the failed."""
        key = self.key(f"job:{job}")
        left = int(await worker.client.hget(key, "retries_left") or 0)
        async with worker.client.pipeline() as both:
            both.hset(key, "status", "queued" if left else "failed")
            if left:
                both.hset(key, "retries_left", left - 1)
                both.rpush(self.key("queue"), job)
            else:
                both.zadd(self.key("failed"), {job: self.now() + 365 * DAY})
            if source == "wip":
                both.zrem(self.key("wip"), job)
            else:
                both.lrem(self.key("intermediate"), 1, job)
            await both.execute()
        if left:
            self._put(job)
        self.ripe.pop(job, None)
        worker.went(source, "queue" if left else "failed", "RPUSH" if left else "ZADD")

    async def held(self, asker: Redis) -> list[Shelf]:
        queue: Any = await asker.lrange(self.key("queue"), 0, -1)
        between: Any = await asker.lrange(self.key("intermediate"), 0, -1)
        leases: Any = await asker.zrange(self.key("wip"), 0, -1, withscores=True)
        failed: Any = await asker.zrange(self.key("failed"), 0, -1)
        wip = tuple(Item(job, f"{span(ends)} {job}", f"{job} wip {ends}") for job, ends in leases)
        waiting = self._waiting([*between, *queue])
        return [
            Shelf("queue", "list", waiting[len(between) :]),
            Shelf("intermediate", "list", waiting[: len(between)], is_copy=True),
            Shelf("wip", "list", wip, "until" if wip else "", is_copy=True),
            Shelf(
                "failed", "list", tuple(Item(job, job, f"{job} failed", "aside") for job in failed)
            ),
        ]


class RqRetry(Rq):
    """RQ with Retry(max=3) for each job."""

    retries = 3


class Dramatiq(Protocol):
    """Dramatiq: a job is moved into a set of its worker, who has to show signs of life.

    Each command has one chance in 1000 to look for the dead; an idle worker sends one in 0.75 s.
    """

    queue = "queue"
    lease = MINUTE  # heartbeat_timeout
    interval = 750
    by_a_dice = has_heartbeat = looks_when_busy = True
    left_out = "Not played here: Dramatiq stops a job after 10 min"

    async def send(self, shop: Redis, job: str) -> str:
        async with shop.pipeline() as both:
            both.hset(self.key("msgs"), job, "pack")
            both.rpush(self.key("queue"), job)
            await both.execute()
        self._put(job)
        return "HSET + RPUSH"

    async def live(self, worker: Worker) -> Life:
        did = ""
        while True:
            yield Step(did, "LPOP + SADD")
            job = await self._take(worker)
            yield Step(f"moved {job} into the set of its acks: one script.", f"pack {job}")
            yield Step("", "SREM + HDEL")
            async with worker.client.pipeline() as both:
                both.srem(self._acks(worker.consumer), job)
                both.hdel(self.key("msgs"), job)
                await both.execute()
            worker.hand = None
            self.ripe.pop(job, None)
            did = f"acknowledged {job} after packing it."

    async def _take(self, worker: Worker) -> str:
        found: list[str] = []

        async def move(both: Any) -> None:
            found[:] = [await both.lindex(self.key("queue"), 0)]
            both.multi()
            both.lpop(self.key("queue"))
            both.sadd(self._acks(worker.consumer), found[0])

        await worker.client.transaction(move, self.key("queue"))
        [job] = found
        worker.hand = Hold(job, job, f"{self._identity(job)}→{worker.consumer}")
        worker.went("queue", "acks", "LPOP + SADD")
        await self.beat(worker)
        return job

    async def beat(self, worker: Worker) -> None:
        await worker.client.zadd(self.key("heartbeats"), {worker.consumer: self.now()})
        if worker.hand:
            self.ripe[worker.hand.token] = self.now() + self.lease

    async def look(self, worker: Worker) -> list[str]:
        """Put back what workers have that gave no sign of life for a minute."""
        oldest = self.now() - self.lease
        dead: Any = await worker.client.zrangebyscore(self.key("heartbeats"), 0, oldest)
        return [job for consumer in dead for job in await self._bury(worker, consumer)]

    async def _bury(self, worker: Worker, consumer: str) -> list[str]:
        jobs: Any = await worker.client.smembers(self._acks(consumer))
        async with worker.client.pipeline() as both:
            for job in jobs:
                both.rpush(self.key("queue"), job)
            both.delete(self._acks(consumer))
            both.zrem(self.key("heartbeats"), consumer)
            await both.execute()
        for job in jobs:
            self._put(job)
            self.ripe.pop(job)
        worker.went("acks", "queue", "RPUSH")
        return list(jobs)

    def _acks(self, consumer: str) -> str:
        return self.key(f"acks:{consumer}")

    async def held(self, asker: Redis) -> list[Shelf]:
        queue: Any = await asker.lrange(self.key("queue"), 0, -1)
        signs: Any = await asker.zrange(self.key("heartbeats"), 0, -1, withscores=True)
        acks = [
            Item(job, f"{job} {consumer}", f"{job} {consumer}")
            for consumer, _ in signs
            for job in await self._members(asker, consumer)
        ]
        beats = tuple(Item("", f"{span(at)} {name}", f"{name} {at}") for name, at in signs)
        return [
            Shelf("queue", "list", self._waiting(queue)),
            Shelf("acks", "list", tuple(acks), is_copy=True),
            Shelf("heartbeats", "list", beats, "last" if beats else ""),
        ]

    async def _members(self, asker: Redis, consumer: str) -> list[str]:
        members: Any = await asker.smembers(self._acks(consumer))
        return sorted(members)


class TaskiqList(Popped):
    """taskiq's ListQueueBroker: a job is popped, and that is all."""

    queue = "taskiq"

    async def live(self, worker: Worker) -> Life:
        while True:
            yield Step("", "BRPOP")
            job = await self._pop(worker)
            yield Step(f"took {job}: BRPOP, and the broker keeps no copy.", f"pack {job}")
            worker.hand = None

    async def held(self, asker: Redis) -> list[Shelf]:
        queue: Any = await asker.lrange(self.key("taskiq"), 0, -1)
        return [Shelf("taskiq", "list", self._waiting(queue))]


class TaskiqStream(Protocol):
    """taskiq's RedisStreamBroker: it claims what is idle only after it was given something new."""

    queue = "taskiq"
    lease = 600  # idle_timeout
    asleep = "Nobody claims: taskiq does so only after a new job"
    group = "taskiq"
    job_field = "data"

    def __init__(self, key: Callable[[str], str], now: Callable[[], int]) -> None:
        super().__init__(key, now)
        self._ids = (f"{number}-0" for number in count(1))
        self._signs: dict[str, int] = {}  # of life, of each pending entry
        self._owners: dict[str, str] = {}  # for whom each entry is pending
        self._jobs: dict[str, str] = {}  # by entry

    async def open(self, client: Redis) -> None:
        await client.xgroup_create(self._stream, self.group, id="$", mkstream=True)

    async def send(self, shop: Redis, job: str) -> str:
        entry = next(self._ids)  # ids of the clock would differ in each run
        await shop.xadd(self._stream, {self.job_field: job}, id=entry)
        self._jobs[entry] = job
        return "XADD"

    async def live(self, worker: Worker) -> Life:
        did = ""
        while True:
            yield Step(did, "XREADGROUP")
            job = await self._read(worker)
            did = f"was given {job}: pending until XACK."
            while job:
                yield Step(did, f"pack {job}")
                yield Step("", "XACK")
                yield Step(await self._acknowledge(worker), "XAUTOCLAIM")
                did = await self.claim(worker)
                job = worker.hand.job if worker.hand else ""

    async def _read(self, worker: Worker) -> str:
        """Take what is new; "" for nothing."""
        reply: Any = await worker.client.xreadgroup(
            self.group, worker.consumer, {self._stream: ">"}, count=1
        )
        for _, [(entry, _)] in reply:
            self._give(worker, entry)
            worker.went(self.queue, worker.name, "XREADGROUP")
            return self._jobs[entry]
        return ""

    async def claim(self, worker: Worker) -> str:
        """Take over what has been idle for long enough, and say what that was."""
        reply: Any = await worker.client.xautoclaim(
            self._stream, self.group, worker.consumer, 1000 * self.lease, count=1
        )
        if not reply[1]:
            return f"found nothing idle for {span(self.lease)}: XAUTOCLAIM."
        entry = reply[1][0][0]
        idle = span(self.now() - self._signs[entry])
        self._give(worker, entry)
        worker.went("pending", worker.name, "XAUTOCLAIM")
        return f"claimed {self._jobs[entry]}, idle for {idle}: XAUTOCLAIM."

    def _give(self, worker: Worker, entry: str) -> None:
        self._owners[entry] = worker.consumer
        self._signs[entry] = self.now()
        self.ripe[entry] = self.now() + self.lease
        worker.hand = Hold(self._jobs[entry], entry, f"{entry}→{worker.consumer}")

    async def _acknowledge(self, worker: Worker) -> str:
        assert worker.hand
        job, entry, _ = worker.hand
        await self._remove(worker.client, entry)
        worker.hand = None
        self._owners.pop(entry, None)
        self.ripe.pop(entry, None)
        return f"acknowledged {job} after packing it."

    async def _remove(self, client: Redis, entry: str) -> None:
        await client.xack(self._stream, self.group, entry)

    async def age(self, clock: Redis) -> None:
        for entry, consumer in self._owners.items():
            idle = 1000 * (self.now() - self._signs[entry])
            await clock.xclaim(
                self._stream, self.group, consumer, 0, [entry], idle=idle, justid=True
            )

    @property
    def _stream(self) -> str:
        return self.key(self.queue)

    async def held(self, asker: Redis) -> list[Shelf]:
        entries: Any = await asker.xrange(self._stream)
        [group] = await asker.xinfo_groups(self._stream)
        new: Any = await asker.xrange(self._stream, min=f"({group['last-delivered-id']}")
        lines: Any = await asker.xpending_range(self._stream, self.group, "-", "+", MOST)
        marks = {entry: "past" for entry, _ in entries[: len(entries) - len(new)]}
        marks |= {line["message_id"]: "given" for line in lines}
        items = tuple(
            Item(self._jobs[entry], self._jobs[entry], entry, marks.get(entry, "held"))
            for entry, _ in entries
        )
        pending = tuple(self._line(line) for line in lines)
        return [
            Shelf(self.queue, "stream", items, read=("the group", len(entries) - len(new))),
            Shelf("pending", "stream", pending, "idle for" if pending else "", is_copy=True),
        ]

    def _line(self, line: dict[str, Any]) -> Item:
        """Show a line of the pending list, idle by the lab's clock, not by the broker's."""
        entry, consumer = line["message_id"], line["consumer"]
        job, sign = self._jobs[entry], self._signs[entry]
        return Item(job, f"{job} {consumer} {span(self.now() - sign)}", f"{entry} {sign}")


class Streaq(TaskiqStream):
    """streaQ: each time it wants a job it claims first; whoever is at work renews its claim."""

    queue = "queue"
    lease = MINUTE  # idle_timeout
    has_heartbeat = True
    asleep = ""
    group = "workers"
    job_field = "task_id"

    async def live(self, worker: Worker) -> Life:
        did = ""
        while True:
            yield Step(did, "XAUTOCLAIM + XREADGROUP")
            did = await self.claim(worker)  # both are one function of the broker
            if not worker.hand:
                job = await self._read(worker)
                did = f"was given {job}: pending until XACK."
            yield Step(did, f"pack {worker.hand.job if worker.hand else ''}")
            yield Step("", "XACK + XDEL")
            did = await self._acknowledge(worker)

    async def _remove(self, client: Redis, entry: str) -> None:
        async with client.pipeline() as both:
            both.xack(self._stream, self.group, entry)
            both.xdel(self._stream, entry)
            await both.execute()

    async def beat(self, worker: Worker) -> None:
        if not worker.hand:
            return
        entry = worker.hand.token
        await worker.client.xclaim(
            self._stream, self.group, worker.consumer, 0, [entry], justid=True
        )
        self._signs[entry] = self.now()
        self.ripe[entry] = self.now() + self.lease


PROTOCOLS: dict[str, type[Protocol]] = {
    "Celery": Celery,
    "Celery acks_late": CeleryLate,
    "RQ": Rq,
    "RQ + Retry": RqRetry,
    "Dramatiq": Dramatiq,
    "taskiq list": TaskiqList,
    "taskiq stream": TaskiqStream,
    "streaQ": Streaq,
}


def span(seconds: float) -> str:
    """Write a time in the two largest of its units; less than two minutes may be seconds."""
    if seconds % MINUTE and seconds < 2 * MINUTE:
        return f"{int(seconds)} s"
    rest, words = int(seconds), []
    for unit, size in (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", 1)):
        if amount := rest // size:
            words.append(f"{amount} {unit}")
        rest %= size
    return " ".join(words[:2]) or "0 s"
