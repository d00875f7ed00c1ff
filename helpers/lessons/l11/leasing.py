"""Exercise 11.3: find in recorded traffic when another worker may take an order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis

from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same
from .recording import Misread, Noted, Recording, recording

LEASES = (20, 45, 60, 90, 120, 180, 240, 600, 900, 1200, 1800, 3600, 7200)  # seconds
OTHERS = (15, 30, 75, 150, 300, 420, 480, 500, 86_400)  # seconds of what is no lease
ROUNDING = 2.0  # seconds: some libraries write whole ones, and an answer may round too


class Scene:
    """Two workers of one library, its lease, and other figures that are no lease."""

    def __init__(self, trial: Trial, play: Recording) -> None:
        self.play, self.random = play, trial.random
        self.shop, self.ann, self.bob = map(play.client, ("shop", "ann", "bob"))
        self.lease = trial.random.choice(LEASES)
        self.lock, self.result, self.alive = trial.random.sample(OTHERS, 3)
        self.block = trial.random.choice([1, 2, 5])
        self.orders = trial.invent("order", 3)
        self.late = 0.0  # seconds between the taking and the rescue, where one is seen

    @property
    def now(self) -> float:
        """The time as a worker has it, a moment before the recorder."""
        return round(self.play.now - 0.002, 6)

    def tick(self, seconds: float) -> None:
        """Let about so many seconds pass."""
        self.play.tick(seconds + self.random.randrange(1, 90) / 1000)

    def sweeps(self) -> int:
        """Count the sweeps of a worker until one of them finds what was abandoned."""
        return self.random.randint(2, 4)

    async def keep_result(self, worker: Redis, order: str) -> None:
        """Write what a task returned, and say that the worker is there."""
        await worker.set(f"result:{order}", "packed", ex=self.result)
        await worker.hset("worker:ann", "state", "idle")
        await worker.expire("worker:ann", self.alive)


async def _by_index(scene: Scene, sweep: Callable[[Redis, float], Awaitable[Any]]) -> None:
    """Note in a sorted set when an order was taken; sweep for those taken long ago."""
    await scene.shop.lpush("orders", *scene.orders)
    await sweep(scene.bob, scene.now - scene.lease)
    for place, order in enumerate(scene.orders[:2]):
        await scene.ann.brpop(["orders"], timeout=scene.block)
        scene.tick(0.3)
        await scene.ann.zadd("unacked_index", {f"tag-{place}": scene.now})
        await scene.ann.hset("unacked", f"tag-{place}", order)
        scene.tick(0.3)
        if not place:
            await scene.ann.zrem("unacked_index", "tag-0")
            await scene.ann.hdel("unacked", "tag-0")
            await scene.keep_result(scene.ann, order)
        scene.tick(1)
    for wait in _until_late(scene):
        scene.tick(wait)
        await scene.bob.set("unacked_mutex", "bob", nx=True, px=scene.lock * 1000)
        await sweep(scene.bob, scene.now - scene.lease)
        await scene.bob.delete("unacked_mutex")
    await scene.bob.hget("unacked", "tag-1")
    await scene.bob.rpush("orders", scene.orders[1])


def _until_late(scene: Scene) -> list[float]:
    """Return the pauses between sweeps; the last one comes well after the lease."""
    count, scene.late = scene.sweeps(), scene.lease * 1.4 + 7
    return [scene.late / count] * count


async def with_an_index(scene: Scene) -> None:
    """Sweep as Celery does today."""
    await _by_index(
        scene,
        lambda bob, before: bob.zrange(
            "unacked_index", before, 0, desc=True, byscore=True, withscores=True
        ),
    )


async def with_an_old_index(scene: Scene) -> None:
    """Sweep as Celery did for years."""
    await _by_index(
        scene,
        lambda bob, before: bob.zrevrangebyscore("unacked_index", before, 0, withscores=True),
    )


async def with_a_registry(scene: Scene) -> None:
    """Note in a sorted set until when an order is in hand, again and again, as RQ does."""
    await scene.shop.rpush("orders", *scene.orders)
    await scene.bob.zrangebyscore("wip", 0, int(scene.now))
    for order in scene.orders[:2]:
        await scene.ann.blmove("orders", "orders:intermediate", 405)
        await scene.ann.zadd("wip", {order: int(scene.now) + scene.lease})
        await scene.ann.lrem("orders:intermediate", 1, order)
        for _ in range(2):
            scene.tick(scene.lease / 3)
            await scene.ann.zadd("wip", {order: int(scene.now) + scene.lease}, xx=True)
            await scene.ann.expire("worker:ann", scene.alive)
        if order == scene.orders[0]:
            await scene.ann.zrem("wip", order)
            await scene.keep_result(scene.ann, order)
        scene.tick(1)
    for wait in _until_late(scene):
        scene.tick(wait)
        await scene.bob.zadd("finished", {scene.orders[0]: int(scene.now) + scene.result})
        await scene.bob.zremrangebyscore("finished", 0, int(scene.now))
        await scene.bob.zrangebyscore("wip", 0, int(scene.now))
    await scene.bob.rpush("orders", scene.orders[1])


async def with_beats(scene: Scene) -> None:
    """Let each worker note that it is alive; sweep for those that have not, as Dramatiq does."""
    await scene.shop.rpush("orders", *scene.orders)
    await scene.ann.zadd("beats", {"ann": scene.now})
    await scene.ann.lmove("orders", "taken:ann")
    for _ in range(scene.sweeps()):
        scene.tick(1)
        await scene.ann.zadd("beats", {"ann": scene.now})
        await scene.bob.zadd("beats", {"bob": scene.now})
        await scene.bob.zrangebyscore("beats", 0, scene.now - scene.lease)
    await scene.keep_result(scene.ann, scene.orders[0])
    for wait in _until_late(scene):
        scene.tick(wait)
        await scene.bob.zadd("beats", {"bob": scene.now})
        await scene.bob.zrangebyscore("beats", 0, scene.now - scene.lease)
    await scene.bob.lmove("taken:ann", "orders", "RIGHT", "LEFT")


async def with_idle_entries(scene: Scene) -> None:
    """Claim what has been pending for long, as taskiq does."""
    await _read(scene)
    for _ in range(scene.sweeps()):
        scene.tick(scene.block)
        await scene.bob.set("autoclaim:packing", "bob", nx=True, px=scene.lock * 1000)
        await scene.bob.xautoclaim("orders", "packing", "bob", scene.lease * 1000, count=100)
        await scene.bob.delete("autoclaim:packing")


async def _read(scene: Scene) -> None:
    await scene.ann.xgroup_create("orders", "packing", id="0", mkstream=True)
    for order in scene.orders:
        await scene.shop.xadd("orders", {"job": order})
    scene.tick(1)
    where: Any = {"orders": ">"}
    await scene.ann.xreadgroup("packing", "ann", where, count=3, block=scene.block * 1000)
    scene.tick(1)
    await scene.keep_result(scene.ann, scene.orders[0])


async def with_claims(scene: Scene) -> None:
    """Renew what is in hand by a claim of it, and claim what another has not renewed."""
    await _read(scene)
    pending: Any = await scene.ann.xpending_range("orders", "packing", "-", "+", 3)
    ids = [each["message_id"] for each in pending]
    for _ in range(scene.sweeps()):
        scene.tick(scene.lease * 0.9)
        await scene.ann.xclaim("orders", "packing", "ann", 0, ids, justid=True)
        await scene.bob.xclaim("orders", "packing", "bob", scene.lease * 1000, ids)


async def with_a_pop(scene: Scene) -> None:
    """Pop, and nothing else: nobody takes an order from a worker."""
    await scene.shop.lpush("orders", *scene.orders)
    for order in scene.orders[:2]:
        scene.tick(1)
        await scene.ann.brpop(["orders"], timeout=scene.block)
        await scene.keep_result(scene.ann, order)
    scene.tick(scene.lease)
    await scene.bob.set("scheduler", "bob", nx=True, px=scene.lock * 1000)
    await scene.bob.brpop(["orders"], timeout=scene.block)


SCENES = (
    with_idle_entries,
    with_an_index,
    with_a_registry,
    with_beats,
    with_an_old_index,
    with_claims,
    with_a_pop,
)


@exercise(
    "11.3",
    "lease",
    hints=(
        "Which command asks for what others have in hand, and how old must that be to be found?",
        "XAUTOCLAIM and XCLAIM say it themselves, in milliseconds. A sweep of a sorted set asks up "
        "to a score: how far is that from the second in which it asks, and how far was the score "
        "of ZADD from its own?",
        "Keep for each key the score of ZADD less its second. At ZRANGEBYSCORE, or ZRANGE with "
        "BYSCORE and REV, of that key: the second, less the score up to which it asks, and the "
        "kept difference added.",
    ),
)
async def finds_the_lease(trial: Trial, lease: Answer) -> str:
    for play in SCENES:
        await _finds(trial, lease, play)
    return "it finds the lease in the traffic of six kinds of workers, and none where none is."


async def _finds(trial: Trial, lease: Answer, play: Callable[[Scene], Awaitable[None]]) -> None:
    async with recording(trial) as opened:
        scene = Scene(trial, opened)
        await play(scene)
        commands = opened.timed()
        given = opened.timed()
    found = await trial.run(lease, given, hints={"tuple indices": TUPLE, "to unpack": TUPLE})
    if play is with_a_pop:
        hint = "Nobody takes over what a pop has removed: return None where there is no lease."
        expect_same("the lease of workers that only pop", found, None, hint)
        return
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    if not is_number or abs(found - scene.lease) > ROUNDING:
        what = f"the lease is {scene.lease} seconds, and it returns {found!r}. Recorded of it:"
        advice = _why(found if is_number else None, scene, commands)
        advice = "Return a number, and no text." if isinstance(found, str) else advice
        raise Misread(what, _telling(commands), advice)


CLAIMS = ("XAUTOCLAIM", "XCLAIM")
TUPLE = "Each of `commands` is a tuple: (second, client, words, reply)."
SWEEPS = (*CLAIMS, "ZRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE")
NOT_FOUND = "Somebody asks here for what another worker has long had: find that command."
BY_SCORE = (
    "An order is found once a sweep asks up to its score: how long after it was written is that?"
)


def _telling(commands: list[Noted]) -> list[Noted]:
    """Return the last of each kind of command that tells the lease."""
    keys = {words[1] for _, _, words, _ in commands if words[0] in SWEEPS}
    kinds = (*SWEEPS, "ZADD")
    told = [each for each in commands if each[2][0] in kinds and each[2][1] in keys]
    return sorted({each[2][0]: each for each in told}.values())


def _why(found: float | None, scene: Scene, commands: list[Noted]) -> str:
    """Say what a number is that is no lease."""
    names = {words[0] for _, _, words, _ in commands}
    if found is None:
        return NOT_FOUND
    for figure, about, meaning in _meanings(scene, names):
        if abs(found - figure) <= about:
            return meaning
    if abs(found) > 1e8:
        return "That is a moment: a lease is the time between two of them."
    return NOT_FOUND if names & {*CLAIMS} else BY_SCORE


def _meanings(scene: Scene, names: set[str]) -> list[tuple[float, float, str]]:
    """List figures that are no lease, how exactly they are known, and what they are."""
    blocks = "That is how long a worker waits for an order in one command."
    lock = "That is how long the lock of a sweep lives: it is no order's."
    return [
        (scene.lease * 1000, 0, "XAUTOCLAIM and XCLAIM count in milliseconds."),
        (scene.lock, 0, lock),
        (scene.lock * 1000, 0, lock),
        (scene.block, 0, blocks),
        (scene.block * 1000, 0, blocks),
        (scene.result, 0, "That is how long a result is kept."),
        (scene.alive, 0, "That is when a worker's own note is forgotten: no order moves by it."),
        (0, ROUNDING, _nothing(names)),
        (scene.late, 2, "That is when it was found: an earlier sweep would have found it, too."),
        (-scene.lease, ROUNDING, "Its sign is wrong: take the earlier moment from the later one."),
    ]


def _nothing(names: set[str]) -> str:
    if names & {*CLAIMS}:
        return "With 0 a worker claims what it has in hand itself: that is its heartbeat."
    return (
        "One of the two scores is the second of its command, and the other one is not: "
        "the lease is what lies between in both, added."
    )
