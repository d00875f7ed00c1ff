"""A shop that uses RQ: python rq_shop.py sends; rq worker works."""

import os

from redis import Redis
from rq import Queue, Retry


def pack(order: str) -> str:
    """Pack an order; some cannot be packed."""
    if "broken" in order:
        raise ValueError(order)
    return f"{order} packed"


if __name__ == "__main__":
    from rq_shop import pack  # by the name that the worker knows

    queue = Queue(connection=Redis.from_url(os.environ["BROKER_URL"]))
    first = queue.enqueue(pack, "order-1")
    queue.enqueue(pack, "order-2 \x00 ü", depends_on=first)
    queue.enqueue(pack, "x" * 100_000, at_front=True)
    queue.enqueue(pack, "broken", retry=Retry(max=2))
    queue.enqueue_many([Queue.prepare_data(pack, (f"order-{n}",)) for n in range(3, 9)])
