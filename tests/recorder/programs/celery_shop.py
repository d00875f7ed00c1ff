"""A shop that uses Celery: python celery_shop.py sends; celery -A celery_shop works."""

import os

from celery import Celery, chord, group

URL = os.environ["BROKER_URL"]
app = Celery("celery_shop", broker=URL, backend=URL)
app.conf.result_extended = True


@app.task
def pack(order: str) -> str:
    """Pack an order."""
    return f"{order} packed"


@app.task(bind=True, max_retries=2, default_retry_delay=0)
def post(self, order: str) -> str:
    """Post an order, at the second attempt."""
    if not self.request.retries:
        raise self.retry()
    return order


@app.task
def add_up(parts: list[str]) -> int:
    """Count what others made."""
    return len(parts)


if __name__ == "__main__":
    from celery_shop import add_up, pack, post  # by the name that the worker knows

    assert pack.delay("order-1").get(timeout=60) == "order-1 packed"
    assert post.delay("order-2 \x00 ü").get(timeout=60) == "order-2 \x00 ü"
    assert group(pack.s("x" * n) for n in (1, 100_000)).apply_async().get(timeout=60)
    assert chord([pack.s(str(n)) for n in range(5)])(add_up.s()).get(timeout=60) == 5
    pack.apply_async(("order-3",), countdown=0.2, priority=6).get(timeout=60)
    print(app.control.ping(timeout=1))
