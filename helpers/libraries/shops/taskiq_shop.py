"""A shop on taskiq: taskiq worker taskiq_shop:broker --workers 1 --max-async-tasks 1"""

import os

from effects import lease, pack_it
from taskiq_redis import ListQueueBroker, RedisStreamBroker

url = os.environ["BROKER_URL"]

if os.environ["SETTINGS"] == "safe":
    broker = RedisStreamBroker(url, idle_timeout=lease(600) * 1000)
else:
    broker = ListQueueBroker(url)


@broker.task
def pack(order: str) -> None:
    pack_it(order)


async def send(orders):
    await broker.startup()
    for order in orders:
        await pack.kiq(order)
    await broker.shutdown()
