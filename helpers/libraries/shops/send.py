"""Send orders by a shop, when the packing table says so: send.py SHOP ORDER ..."""

import asyncio
import inspect
import sys
from importlib import import_module

from effects import say

shop = import_module(sys.argv[1])
say("before sending")
sending = shop.send(sys.argv[2:])
if inspect.iscoroutine(sending):
    asyncio.run(sending)
