"""Send order-1, order-2, ... by a shop, when the packing table says so: send.py SHOP COUNT"""

import asyncio
import inspect
import sys
from importlib import import_module

from effects import say

shop = import_module(sys.argv[1])
orders = [f"order-{number}" for number in range(1, int(sys.argv[2]) + 1)]
say("before sending")
sending = shop.send(orders)
if inspect.iscoroutine(sending):
    asyncio.run(sending)
