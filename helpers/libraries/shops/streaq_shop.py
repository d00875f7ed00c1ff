"""A shop on streaQ: streaq run streaq_shop:worker"""

import os

from effects import lease, pack_it
from streaq import Worker

worker = Worker(
    os.environ["BROKER_URL"],
    concurrency=1,
    idle_timeout=lease(60),
    prefetch=0 if os.environ["SETTINGS"] == "safe" else None,
)


@worker.task
def pack(order: str) -> None:
    pack_it(order)


async def send(orders):
    async with worker:
        for order in orders:
            await pack.enqueue(order)
