"""An effect is counted when a worker says so, and a worker stands where it is held."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from helpers.libraries.packing import Packing
from helpers.libraries.process import SHOPS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the packing table is a socket file")
PACK = "import sys; from effects import pack_it; pack_it(sys.argv[1])"


async def pack(packing: Packing, order: str) -> asyncio.subprocess.Process:
    environment = {"PACKING": str(packing.path), "WORKER": "worker-1", "PYTHONPATH": str(SHOPS)}
    return await asyncio.create_subprocess_exec(sys.executable, "-c", PACK, order, env=environment)


async def test_what_is_packed_is_counted(packing: Packing) -> None:
    for order in ("order-1", "order-2", "order-1"):
        assert await (await pack(packing, order)).wait() == 0
    assert packing.packed == ["order-1", "order-2", "order-1"]


async def test_who_is_held_before_the_effect_has_not_packed(packing: Packing) -> None:
    packing.hold("worker-1", "before order-3")
    worker = await pack(packing, "order-3")
    await asyncio.wait_for(packing.reached("worker-1", "before order-3"), 30)
    assert await (await pack(packing, "order-4")).wait() == 0  # meanwhile it could have
    assert packing.packed == ["order-4"]
    packing.let_go("worker-1", "before order-3")
    assert await worker.wait() == 0
    assert packing.packed == ["order-4", "order-3"]


async def test_who_is_held_after_the_effect_has_packed_and_may_be_killed(packing: Packing) -> None:
    packing.hold("worker-1", "after order-3")
    worker = await pack(packing, "order-3")
    await asyncio.wait_for(packing.reached("worker-1", "after order-3"), 30)
    assert await (await pack(packing, "order-4")).wait() == 0  # meanwhile it could have ended
    worker.kill()
    assert await worker.wait() == -signal.SIGKILL
    assert packing.packed == ["order-3", "order-4"]


async def test_another_worker_and_another_order_are_not_held(packing: Packing) -> None:
    packing.hold("worker-2", "before order-3")
    packing.hold("worker-1", "before order-4")
    assert await (await pack(packing, "order-3")).wait() == 0


async def test_it_is_quiet_once_nobody_says_anything(packing: Packing) -> None:
    packing.hold("worker-1", "after order-3")
    worker = await pack(packing, "order-3")
    await asyncio.wait_for(packing.reached("worker-1", "after order-3"), 30)
    quiet = asyncio.create_task(packing.quiet(0.3))
    await asyncio.sleep(0)
    packing.let_go("worker-1", "after order-3")
    assert await (await pack(packing, "order-4")).wait() == 0
    await asyncio.wait_for(quiet, 30)
    await worker.wait()
    assert packing.packed == ["order-3", "order-4"]


async def test_a_table_that_closes_lets_everybody_go(tmp_path: Path) -> None:
    table = Packing(tmp_path / "packing", lambda who, what: None)
    await table.open()
    table.hold("worker-1", "before order-3")
    worker = await pack(table, "order-3")
    await asyncio.wait_for(table.reached("worker-1", "before order-3"), 30)
    await table.close()
    await asyncio.wait_for(worker.wait(), 30)
    assert table.packed == []
