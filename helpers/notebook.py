"""Join the rooms for one notebook: its broker, the record of its clients, the picture of it."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from . import broker, cluster, faults
from .picture import Flow
from .record import News, Record

_record = Record()
_news = News(_record)


def connect(name: str, *, lose_replies: int = 0, **options: Any) -> Redis:
    """Return a plain redis-py client on the broker of this notebook, known to it by this name.

    `options` go to redis-py, for instance `protocol=2` or `socket_timeout=0.2` (seconds). Nothing
    is retried and no read times out, so that a lost connection is seen. COURSE_BROKER chooses the
    broker. With `lose_replies`, that many replies to this client get lost on their way back.
    Raises CourseError, in one sentence, when the broker cannot be used.
    See https://redis.io/docs/latest/develop/clients/redis-py/connect/
    """
    client = faults.lose_replies(broker.connect(name, **options), lose_replies)
    return _record.watch(client)


def flow(last: int | None = None) -> Flow:
    """Picture what the named clients sent and received since the last call.

    `last` keeps only that many commands, the latest, with what they delivered.
    """
    steps, earlier = _news.since_last()
    return Flow(steps[-last:] if last else steps, _record.clients, earlier)


async def start_cluster(nodes: int = 3, *, model: bool | None = None) -> cluster.Cluster:
    """Start a private cluster whose clients appear in `flow`.

    Its nodes are real where COURSE_BROKER asks for real servers and one can run, else modelled;
    `model` decides instead. Raises CourseError when the nodes do not start.
    See https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/
    """
    return await cluster.start_cluster(nodes, model=model, watch=_record.watch)
