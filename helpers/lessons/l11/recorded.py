"""Real traffic of task libraries whose worker was killed, in the form of exercise 11.1."""

from __future__ import annotations

import re
from typing import Any

from ...kept import Kept
from .recording import Noted
from .taking import Grouping, Popping, Tagging, Way
from .wire import moment, traffic

RECORDED: dict[tuple[str, str], type[Way]] = {
    ("celery", "default"): Tagging,
    ("celery", "safe"): Tagging,
    ("taskiq", "default"): Popping,
    ("taskiq", "safe"): Grouping,
}
"""The settings whose orders are only where the exercise says, and their way of taking one."""

DEAD = "worker-1"
ON_QUEUES = "LPUSH RPUSH BRPOP HSET HDEL XADD XREADGROUP XACK XAUTOCLAIM"
ORDER = re.compile(r"\{(order-\d+)\}(?:#\d+)?")  # how a kept record writes a message


def recorded(library: str, settings: str) -> list[Noted]:
    """Return as (client, words, reply) what was said of orders when a worker was killed.

    A command that had to wait for an order stands after the one that sent it.
    """
    steps = _kept(library, settings).only(ON_QUEUES).steps
    steps.sort(key=moment)
    noted = [(s.command.client, [*s.command.words], s.reply) for s in steps]
    return [_plainly(each) for each in noted if "order-" in f"{each}" or each[1][0] == "XACK"]


def packed(library: str, settings: str) -> list[str]:
    """Name the orders whose effects were counted."""
    remarks = [remark.what for remark in _kept(library, settings).record.remarks]
    return [order for what in remarks for order in re.findall(r"^packs (order-\d+)", what)]


def _kept(library: str, settings: str) -> Kept:
    return traffic(f"{library}-{settings}-killed-before")


def _plainly(value: Any) -> Any:
    """Write a message as the order that it is about."""
    if isinstance(value, str):
        return ORDER.sub(r"\1", value)
    if isinstance(value, dict):
        return {key: _plainly(item) for key, item in value.items()}
    return type(value)(map(_plainly, value)) if isinstance(value, list | tuple) else value
