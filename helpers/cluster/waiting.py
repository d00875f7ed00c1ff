"""Wait in a cluster, where a PING is no barrier: other nodes send when they get to it."""

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from ..waiting import Messages, until, within

MESSAGES = ("message", "pmessage", "smessage")


async def expect(pubsub: PubSub, count: int, deadline: float = 5.0) -> Messages:
    """Return what has reached this subscriber once `count` messages are among it.

    Confirmations of subscriptions come too, and are not counted. `deadline` is in seconds. Raises
    TimeoutError when fewer have come by then; and what the node answers to a command sent before,
    such as MovedError after SSUBSCRIBE on the wrong node.
    See https://redis.io/docs/latest/develop/pubsub/
    """
    received = Messages()
    arrived = 0
    async with within(deadline, lambda: f"{count} messages, of which {arrived} came"):
        while arrived < count:
            message = await pubsub.handle_message(await pubsub.parse_response())
            if message is not None:
                received.append(message)
                arrived += message["type"] in MESSAGES
    return received


async def until_settled(nodes: Sequence[Redis], deadline: float) -> None:
    """Return once every PUBLISH has crossed the bus: received by as many nodes as it was sent to.

    `deadline` is in seconds. Raises TimeoutError when messages are still under way by then.
    See https://redis.io/docs/latest/commands/cluster-info/
    """
    under_way = 0

    async def is_settled() -> bool:
        nonlocal under_way
        under_way = await _under_way(nodes)
        return not under_way

    await until(is_settled, deadline, lambda: f"{under_way} messages to cross the bus")


async def _under_way(nodes: Sequence[Redis]) -> int:
    """Count the messages sent by a node and not received by another one yet."""
    told = await asyncio.gather(*(node.cluster("INFO") for node in nodes))
    return sum(_counter(info, "sent") - _counter(info, "received") for info in told)


def _counter(info: dict[str, str], direction: str) -> int:
    # A counter that is 0 is left out.
    return int(info.get(f"cluster_stats_messages_publish_{direction}", 0))
