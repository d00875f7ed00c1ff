"""A shop on Celery: celery -A celery_shop worker --concurrency=1"""

import os

from celery import Celery
from effects import pack_it

app = Celery("shop", broker=os.environ["BROKER_URL"])

if os.environ["SETTINGS"] == "safe":
    app.conf.task_acks_late = True
    app.conf.task_reject_on_worker_lost = True
    app.conf.worker_prefetch_multiplier = 1


@app.task
def pack(order):
    pack_it(order)


def send(orders):
    for order in orders:
        pack.delay(order)
