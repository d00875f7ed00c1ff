"""Send orders by a shop, each when the packing table says so: send.py SHOP ORDER ..."""

import asyncio
import inspect
import sys
from importlib import import_module

from effects import say


def one_by_one(orders):
    """Give each order when it may be sent."""
    for order in orders:
        say(f"sending {order}")
        yield order


shop = import_module(sys.argv[1])
sending = shop.send(one_by_one(sys.argv[2:]))
if inspect.iscoroutine(sending):
    asyncio.run(sending)
