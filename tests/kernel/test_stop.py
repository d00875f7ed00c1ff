"""The stop button ends a cell that waits, and everything is well afterwards.

REPEAT=20 presses it twenty times for each wait; with -s the seconds are printed.
"""

import os

import pytest

from tests.kernel.live_kernel import LiveKernel, Shown, live_kernel

SOON = 1.0  # seconds
REPEAT = int(os.environ.get("REPEAT", "1"))
SETUP = "import asyncio\nfrom helpers import connect\nshop, ann = connect('shop'), connect('ann')"
READY = "ready"
WAITS = {
    "blpop": "await ann.blpop('none')",
    "listen": "async for message in inbox.listen(): pass",
    "task": "await asyncio.create_task(ann.blpop('none'))",
    "sleep": "await asyncio.sleep(100)",
}
# A server may take a moment to notice that a connection is closed, and serves it until then.
AFTERWARDS = """
while any('b' in client['flags'] for client in await shop.client_list()): pass
pushed = await shop.rpush('none', 'a', 'b')
answers = [await ann.lpop('none'), await ann.ping(), list(await ann.blpop('none'))]
await shop.publish('talk', 'hello')
heard = await inbox.get_message(timeout=5)
[pushed, *answers, await ann.llen('none'), heard and heard['data']]
"""
WELL = "[2, 'a', True, ['none', 'b'], 0, 'hello']"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a signal is what stops a cell here")


def stop(kernel: LiveKernel, wait: str) -> Shown:
    """Begin a wait, and press stop as soon as the cell says that it is there."""
    return kernel.run(f"print('{READY}', flush=True)\n{wait}", 30, stop_when=READY)


@pytest.mark.parametrize("broker", ["embedded", "server"])
def test_each_wait_ends_and_leaves_all_well(broker: str) -> None:
    with live_kernel(broker) as kernel:
        kernel.run(SETUP)
        subscribe = (
            "inbox = ann.pubsub(ignore_subscribe_messages=True)\nawait inbox.subscribe('talk')"
        )
        kernel.run(f"{subscribe}\nwhile await inbox.get_message(timeout=0.01): pass")
        stop(kernel, "await asyncio.sleep(100)")  # the first error of a kernel takes a while
        for name, wait in [*WAITS.items()] * REPEAT:
            shown = stop(kernel, wait)
            print(f"{broker}, {name}: {shown.seconds:.3f} s")
            assert (shown.ended, shown.status) == (True, "error"), name
            assert shown.seconds < SOON, (name, shown.seconds)
            assert "Stopped. The broker and your clients are well" in shown.error[1], name
            assert len(shown.error) == 3, shown.error
            after = kernel.run(AFTERWARDS)
            assert after.text == WELL, (name, after.text, after.error)


def test_a_loop_that_never_waits_is_stopped_as_well() -> None:
    with live_kernel() as kernel:
        kernel.run(SETUP)
        shown = stop(kernel, "while True: pass")
        assert shown.ended and shown.error[-1].endswith("KeyboardInterrupt\x1b[39m")
        assert kernel.run("await ann.ping()").text == "True"


def test_stop_does_not_end_what_waits_in_another_cell() -> None:
    with live_kernel() as kernel:
        kernel.run(SETUP)
        kernel.run("task = asyncio.create_task(ann.blpop('none'))\nawait asyncio.sleep(0)")
        assert stop(kernel, "await asyncio.sleep(100)").ended
        kernel.run("await shop.rpush('none', 'a')")
        assert "'a'" in kernel.run("await task").text
