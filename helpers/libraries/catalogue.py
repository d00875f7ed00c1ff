"""The task libraries: how each starts a worker, and what its manual says about safety."""

from __future__ import annotations

import json
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
    `ready` what this says when it begins to ask for jobs; the measurement adds `options`, or
    others for a fault (a long job's environment has LEASE, in seconds, as well). A job is a long
    one after so many seconds, by `limits`. `packages` are those whose versions are measured.
    `fetches` says how jobs are taken on the wire, and
    `acknowledges` when, for each of the settings. While it waits for jobs a worker is `blocking`
    at the server, or asks again and again. It has nothing more to do when it has been quiet for
    `quiet` seconds. Jobs that are not done may lie in `places`, a key for the name of each. One
    that `needs_another` looks for what a dead worker left only when another order comes: one is
    sent at each rung.
    """

    name: str
    packages: tuple[str, ...]
    worker: tuple[str, ...]
    ready: str
    fetches: str
    acknowledges: dict[str, str]
    safe: tuple[Setting, ...]
    options: tuple[str, ...] = ()
    options_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    blocking: bool = True
    quiet: float = 3.0
    needs_another: bool = False
    notes: tuple[str, ...] = ()
    limits: dict[str, int | None] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> tuple[str, ...]:
        """Name its settings: where none is recommended for safety, there are the default ones."""
        return SETTINGS if self.safe else (DEFAULT,)

    @property
    def shop(self) -> str:
        """Return the name of the module in `shops/` that uses it."""
        return f"{self.name}_shop"


# Celery looks for what was not acknowledged in time every 100 seconds, which the clock cannot turn.
SOON = {"unacked_restore_interval": 1, "unacked_restore_throttle": 1}


CELERYS = "https://docs.celeryq.dev/en/stable"


def _options(**more: int) -> tuple[str, str]:
    return "--", f"broker.transport_options=(json){json.dumps(SOON | more)}"


CELERY = Library(
    "celery",
    ("celery", "kombu"),
    ("celery", "-A", "celery_shop", "worker", "--concurrency=1", "--loglevel=INFO"),
    "ready.",
    "BRPOP",
    {DEFAULT: "before the task starts", SAFE: "after the task has returned"},
    (
        Setting("task_acks_late = True", f"{CELERYS}/userguide/configuration.html#task-acks-late"),
        Setting(
            "task_reject_on_worker_lost = True",
            f"{CELERYS}/userguide/configuration.html#task-reject-on-worker-lost",
        ),
        Setting(
            "worker_prefetch_multiplier = 1",
            f"{CELERYS}/userguide/optimizing.html#reserve-one-task-at-a-time",
        ),
    ),
    options=_options(),
    options_for={
        # Each wait ends after a second otherwise, and another one begins: orders would miss it.
        "killed idle": ("--without-mingle", *_options(polling_interval=30)),
        "long job": _options(visibility_timeout=2),
    },
    places={"queue": "celery", "unacked": "unacked"},
    quiet=4.0,
    limits={DEFAULT: 3600, SAFE: 3600},
    notes=(
        "It looks each second for what was not acknowledged in time, and not each 100 seconds.",
    ),
)

RQ = Library(
    "rq",
    ("rq",),
    ("rq", "worker"),
    "Listening on",
    "BLMOVE",
    dict.fromkeys(SETTINGS, "when the task has ended, or failed"),
    (Setting("Retry(max=3)", "https://python-rq.org/docs/exceptions/#retrying-failed-jobs"),),
    places={
        "queue": "rq:queue:default",
        "intermediate queue": "rq:queue:default:intermediate",
        "started jobs": "rq:wip:default",
        "failed jobs": "rq:failed:default",
    },
    limits={DEFAULT: 180, SAFE: 180},
)

LIBRARIES = MappingProxyType({library.name: library for library in (CELERY, RQ)})
