"""A shop on RQ: rq worker"""

import os

from effects import lease, pack_it
from redis import Redis
from rq import Queue, Retry

queue = Queue(connection=Redis.from_url(os.environ["BROKER_URL"]), default_timeout=lease(180))
retry = Retry(max=3) if os.environ["SETTINGS"] == "safe" else None


def pack(order):
    pack_it(order)


def send(orders):
    for order in orders:
        queue.enqueue(pack, order, retry=retry)
