"""Five faults, each with five orders: what happens to the worker, until the counting begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import MappingProxyType

from .catalogue import DEFAULT
from .outcome import Outcome
from .shop import Shop, shop
from .worker import Worker

FIRST = "before order-1"
LONG = 8.0  # seconds that a long job takes at least, and half as long again as its lease
OUTAGE = 1.5  # seconds that the broker is out of reach after the effect
RECOVERY = 12.0  # seconds in which a library that tries again has tried again


async def killed_before(here: Shop) -> None:
    """Kill a worker while order-3 is in hand, before its effect."""
    await _killed_at(here, "before order-3")


async def killed_after(here: Shop) -> None:
    """Kill a worker after the effect of order-3, before the task has returned."""
    await _killed_at(here, "after order-3")


async def _killed_at(here: Shop, moment: str) -> None:
    worker = await _worker_at(here, moment)
    worker.kill()


async def _worker_at(here: Shop, moment: str) -> Worker:
    """Let a worker get to this moment; it has the first order in hand until all five are sent.

    Else it would take as many at a time as happen to have been sent when it looks.
    """
    worker = await here.worker(pause=moment)
    worker.hold(FIRST)
    sender = await here.sender(5)
    await sender.send_one()
    await worker.reached(FIRST)
    await sender.send()
    worker.go_on(FIRST)
    await worker.at_pause()
    return worker


async def killed_idle(here: Shop) -> None:
    """Kill a worker that waits for jobs and reads no more, after they were sent."""
    worker = await here.worker()
    sender = await here.sender(5)
    await here.waiting()
    worker.freeze()
    await sender.send()
    worker.kill()


async def long_job(here: Shop) -> None:
    """Let order-3 take longer than its lease, while its worker lives and a second one is up."""
    worker = await _worker_at(here, "before order-3")
    other = await here.worker(pause="before order-3")  # it is a long job for everybody
    await here.quiet(max(LONG, 1.5 * here.library.lease))
    if here.needs_another:
        await here.another()
    worker.go_on()
    other.go_on()


async def cut_off(here: Shop) -> None:
    """Put the broker out of reach while order-3 is in hand, until after its effect."""
    worker = await _worker_at(here, "before order-3")
    async with here.out_of_reach():
        worker.go_on()
        await worker.reached("after order-3")
        await here.quiet(OUTAGE)
    await here.waiting()
    await here.quiet(RECOVERY)


FAULTS: MappingProxyType[str, Callable[[Shop], Awaitable[None]]] = MappingProxyType(
    {
        "killed before": killed_before,
        "killed after": killed_after,
        "killed idle": killed_idle,
        "long job": long_job,
        "cut off": cut_off,
    }
)


async def outcome(
    fault: str,
    library: str,
    settings: str = DEFAULT,
    *,
    server: Path | None = None,
    traffic: Path | None = None,
) -> Outcome:
    """Let a fault happen in a shop of this library, and count; `traffic` is to keep what passed."""
    async with shop(library, settings, fault=fault, server=server) as here:
        await FAULTS[fault](here)
        found = await here.outcome()
        if traffic:
            traffic.parent.mkdir(parents=True, exist_ok=True)
            here.recorder.keep(traffic, names=r"order-\d+")
        return found
