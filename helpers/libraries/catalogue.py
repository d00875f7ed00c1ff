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
    others for a fault, and `environment` or, for the safe settings, `safe_environment`; that of a
    long job has LEASE as well, its `lease` in seconds. A job is a long one after so many seconds,
    by `limits`. `packages` are those whose versions are measured. `fetches` says how jobs are
    taken on the wire, and `acknowledges` when, for each of the settings. While it waits for jobs
    a worker is `blocking` at the server, or asks again and again. It has nothing more to do when
    it has been quiet for `quiet` seconds. Jobs that are not done may lie in `places`, a key for
    the name of each. With the settings that `needs_another` names it looks for what a dead worker
    left only when another order comes: one is sent at each rung.
    """

    name: str
    packages: tuple[str, ...]
    worker: tuple[str, ...]
    ready: str
    fetches: dict[str, str]
    acknowledges: dict[str, str]
    safe: tuple[Setting, ...]
    options: tuple[str, ...] = ()
    options_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    blocking: bool = True
    quiet: float = 3.0
    needs_another: tuple[str, ...] = ()
    lease: int = 2
    notes: tuple[str, ...] = ()
    limits: dict[str, int | None] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    safe_environment: dict[str, str] = field(default_factory=dict)

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

# Its worker holds order-1 until all five are sent, which may not outlast the lease.
CELERYS_LEASE = 6

CELERYS = "https://docs.celeryq.dev/en/stable"


def _options(**more: int) -> tuple[str, str]:
    return "--", f"broker.transport_options=(json){json.dumps(SOON | more)}"


CELERY = Library(
    "celery",
    ("celery", "kombu"),
    ("celery", "-A", "celery_shop", "worker", "--concurrency=1", "--loglevel=INFO"),
    "ready.",
    dict.fromkeys(SETTINGS, "BRPOP"),
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
        "long job": _options(visibility_timeout=CELERYS_LEASE),
    },
    lease=CELERYS_LEASE,
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
    dict.fromkeys(SETTINGS, "BLMOVE"),
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

DRAMATIQ = Library(
    "dramatiq",
    ("dramatiq",),
    ("dramatiq", "dramatiq_shop", "--processes=1", "--threads=1"),
    "ready for action",
    dict.fromkeys(SETTINGS, "EVALSHA"),
    dict.fromkeys(SETTINGS, "after the task has returned"),
    (
        Setting(
            "dramatiq_queue_prefetch=1",
            "https://dramatiq.io/reference.html#environment-variables",
        ),
    ),
    places={"queue": "dramatiq:default", "messages": "dramatiq:default.msgs"},
    blocking=False,
    lease=5,  # renewed each second
    limits={DEFAULT: 600, SAFE: 600},
    safe_environment={"dramatiq_queue_prefetch": "1"},
    notes=(
        "Its manual recommends no setting for safety; with this one a dead worker holds one job.",
        "It looks for dead workers at each command, and not at one of a thousand, by chance.",
    ),
)

TASKIQ = Library(
    "taskiq",
    ("taskiq", "taskiq-redis"),
    ("taskiq", "worker", "taskiq_shop:broker", "--workers=1", "--max-async-tasks=1"),
    "Listening started",
    {DEFAULT: "BRPOP", SAFE: "XREADGROUP"},
    {DEFAULT: "never", SAFE: "after the task has returned"},
    (Setting("RedisStreamBroker", "https://github.com/taskiq-python/taskiq-redis#readme"),),
    needs_another=(SAFE,),
    limits={DEFAULT: None, SAFE: 600},
    notes=(
        "It has no default broker. The list broker is that of its README until March 2025; since "
        "then the README begins with the stream broker.",
    ),
)

STREAQ = Library(
    "streaq",
    ("streaq", "coredis"),
    ("streaq", "run", "streaq_shop:worker"),
    "starting worker",
    dict.fromkeys(SETTINGS, "XREADGROUP"),
    dict.fromkeys(SETTINGS, "after the task has returned"),
    (
        Setting(
            "prefetch=0",
            "https://streaq.readthedocs.io/en/latest/worker.html#other-configuration-options",
        ),
    ),
    places={"queue": "streaq:default:queues:normal"},
    lease=10,  # renewed a second before it ends
    limits={DEFAULT: None, SAFE: None},
    environment={"TYPER_STANDARD_TRACEBACK": "1"},  # it exits at once, not after drawing a frame
    notes=("Its manual recommends no setting for safety; this one is to take no job in advance.",),
)

LIBRARIES = MappingProxyType(
    {library.name: library for library in (CELERY, RQ, DRAMATIQ, TASKIQ, STREAQ)}
)
