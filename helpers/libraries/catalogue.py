"""The task libraries: how each starts a worker, and what its manual says about safety."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

DEFAULT, SAFE = "default", "safe"
SETTINGS = (DEFAULT, SAFE)


@dataclass(frozen=True)
class Setting:
    """A setting that the manual recommends so that no job is lost, and where it says so."""

    code: str
    manual: str


@dataclass(frozen=True)
class Library:
    """A task library.

    `worker` is its documented command line for one process that does one job at a time, and
    `ready` what this says when it begins to ask for jobs; `short_lease` are words more, for a job
    that takes longer than its lease (the environment then has LEASE, in seconds). `packages` are
    those whose versions are measured. `fetches` says how jobs are taken on the wire, and
    `acknowledges` when, for each of the settings. While it waits for jobs a worker is `blocking`
    at the server, or asks again and again. It has nothing more to do when it has been quiet for
    `quiet` seconds.
    """

    name: str
    packages: tuple[str, ...]
    worker: tuple[str, ...]
    ready: str
    fetches: str
    acknowledges: dict[str, str]
    safe: tuple[Setting, ...]
    short_lease: tuple[str, ...] = ()
    blocking: bool = True
    quiet: float = 2.0
    notes: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def shop(self) -> str:
        """Return the name of the module in `shops/` that uses it."""
        return f"{self.name}_shop"


# Celery looks for what was not acknowledged in time every 100 seconds, which the clock cannot turn.
SOON = '"unacked_restore_interval": 1, "unacked_restore_throttle": 1'

CELERY = Library(
    "celery",
    ("celery", "kombu"),
    (
        *("celery", "-A", "celery_shop", "worker", "--concurrency=1", "--loglevel=INFO", "--"),
        f"broker.transport_options=(json){{{SOON}}}",
    ),
    "ready.",
    "BRPOP",
    {DEFAULT: "before the task starts", SAFE: "after the task has returned"},
    (),
    short_lease=(f'broker.transport_options=(json){{{SOON}, "visibility_timeout": 2}}',),
)

RQ = Library(
    "rq",
    ("rq",),
    ("rq", "worker"),
    "Listening on",
    "BLMOVE",
    {DEFAULT: "", SAFE: ""},
    (),
)

LIBRARIES = MappingProxyType({library.name: library for library in (CELERY, RQ)})
