"""A reply that brings nothing has the name that redis-cli has for it, on every broker."""

import pytest

from helpers.cli import Terminal
from helpers.picture.rows import rows_of

from ..stage import EVERY_ENGINE, Stage, staged

stage = staged(EVERY_ENGINE)

NOTHING = [
    "GET none",
    "LPOP none",
    "LPOP none 5",
    "LMOVE none other LEFT RIGHT",
    "LRANGE none 0 -1",
    "HGETALL none",
    "SMEMBERS none",
    "XREAD STREAMS none 0",
    "XRANGE none - +",
    "XREADGROUP GROUP packing ann STREAMS orders >",
    "XREADGROUP GROUP packing ann STREAMS orders 0",
    "XCLAIM orders packing ann 0 1-0",
    "XAUTOCLAIM orders packing ann 0 0-0",
]


@pytest.mark.parametrize("protocol", [2, 3])
async def test_nothing_is_called_what_redis_cli_calls_it(stage: Stage, protocol: int) -> None:
    ann = stage.client("ann", protocol=protocol)
    await ann.xgroup_create("orders", "packing", mkstream=True)
    terminal = Terminal("bob")
    for line in NOTHING:
        await ann.execute_command(*line.split())
        printed = await terminal.type(line)
        # Where more is printed than that, as a cursor, the entries are what is missing.
        one_line = printed.strip("()") if "\n" not in printed else "no entries"
        assert rows_of([stage.steps()[-1]], set())[0].outcome == f"→ {one_line}", line
    await terminal.close()
