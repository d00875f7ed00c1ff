"""What is explored: a program of redis-py clients, and what it promises."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

Handle = Callable[[str], Awaitable[None]]
Send = Callable[[Redis, str], Awaitable[object]]
Work = Callable[[Redis, str, Handle], Awaitable[object]]
Rescue = Callable[[Redis], Awaitable[object]]
Holds = Callable[[Redis], Awaitable[bool]]
Give = Callable[[Pipeline], object]

SENDER, KEEPER, OBSERVER = "shop", "keeper", "observer"
WORKERS = ("ann", "bob", "carol", "dave", "erin", "frank")


@dataclass(eq=False)
class Given:
    """What the broker holds before all: who queues it, and what that was, once it was asked."""

    give: Give
    commands: bytes = b""


@dataclass(frozen=True)
class Program:
    """A sender, workers, what may go wrong on the way, and what must be true in the end."""

    send: Send
    work: Work
    workers: int
    jobs: int
    crashes: int
    lost_replies: int
    rescue: Rescue | None
    holds: Holds | None
    once: bool
    in_sequence: bool
    given: Given | None = None
    decode_responses: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Name the workers."""
        return WORKERS[: self.workers]

    @property
    def all_jobs(self) -> list[str]:
        """Name the jobs, in the sequence in which they are sent."""
        return [f"job-{number}" for number in range(1, self.jobs + 1)]

    @property
    def lives(self) -> int:
        """Count how often a worker is started at most: once more each time that it may die."""
        return 1 + max(1, self.crashes + self.lost_replies)
