"""A shop on Dramatiq: dramatiq dramatiq_shop --processes 1 --threads 1"""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from effects import lease, pack_it

broker = RedisBroker(
    url=os.environ["BROKER_URL"],
    heartbeat_timeout=lease(60) * 1000,
    maintenance_chance=1_000_000,  # of a million commands; usually 1000: a dice that we load
)
dramatiq.set_broker(broker)


@dramatiq.actor
def pack(order):
    pack_it(order)


def send(orders):
    for order in orders:
        pack.send(order)
