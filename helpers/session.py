"""Join the rooms for one notebook: its broker, the record of its clients, the picture of it."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from . import broker, cluster, faults
from .errors import missing_widgets
from .kernel import awaited, kernel
from .picture import Flow
from .record import Record, Unseen, Waiting

_record = Record()
_unseen = Unseen(_record)
_cluster: cluster.Cluster | None = None


def connect(name: str, *, lose_replies: int = 0, **options: Any) -> Redis:
    """Return a plain redis-py client on the broker of this notebook, known to it by this name.

    `options` go to redis-py, for instance `protocol=2` or `socket_timeout=0.2` (seconds). Nothing
    is retried and no read times out, so that a lost connection is seen. COURSE_BROKER chooses the
    broker. With `lose_replies`, that many replies to this client get lost on their way back.
    When the cell that connected first runs again, the notebook starts over, on an empty broker.
    Raises CourseError, in one sentence, when the broker cannot be used.
    See https://redis.io/docs/latest/develop/clients/redis-py/connect/
    """
    _prepare()
    client = faults.lose_replies(broker.named_client(name, **options), lose_replies)
    return _record.watch(client)


def flow(last: int | None = None, *, live: bool = False) -> Flow:
    """Picture what the named clients sent and received since the last call.

    `last` keeps only that many commands, the latest, with what they delivered. A `live` picture can
    be stepped through with buttons and arrow keys: what everybody held after each command.
    """
    steps, earlier = _unseen.since_last()
    steps = steps[-last:] if last else steps
    if live and not missing_widgets():
        # Late: the page takes a while to load, which an import of helpers would pay.
        from .replay.page import LiveFlow

        return LiveFlow(_record, steps, earlier)
    return Flow(steps, _record.clients, earlier)


@awaited
async def start_cluster(nodes: int = 3, *, model: bool | None = None) -> cluster.Cluster:
    """Start a private cluster whose clients appear in `flow`.

    Its nodes are real where COURSE_BROKER asks for real servers and one can run, else modelled;
    `model` decides instead. When the cell that started the first one runs again, that one is
    closed. Raises CourseError when the nodes do not start.
    See https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/
    """
    global _cluster
    if _prepare() and _cluster is not None:
        await _cluster.close()
        _cluster = None
    started = await cluster.start_cluster(nodes, model=model, watch=_watch)
    _cluster = _cluster or started
    return started


def _watch(client: Redis) -> Redis:
    return _record.watch(client)


def _waits() -> list[Waiting]:
    return _record.waits()


def _prepare() -> bool:
    """Prepare the kernel at first use; start over, and say so, where its first cell runs again."""
    global _record, _unseen
    shell = kernel(_waits)
    if shell is None or not shell.begins_again():
        return False
    _record.cancel_readers()
    broker.close()
    _record = Record()
    _unseen = Unseen(_record)
    return True
