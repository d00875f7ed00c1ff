"""Put back what belongs to everybody, such as asyncio.sleep, when an answer has changed it."""

from __future__ import annotations

import asyncio
import builtins
import json
import logging
import os
import sys
import time
from typing import Any

import redis
from redis.asyncio import client

_OWNERS = (
    builtins,
    asyncio,
    json,
    time,
    redis,
    redis.asyncio,
    client.Redis,
    client.PubSub,
    client.Pipeline,
)


class Shared:
    """How everything was at the moment that this was made."""

    def __init__(self) -> None:
        self._values: list[tuple[Any, dict[str, Any]]] = [
            (owner, dict(vars(owner))) for owner in _OWNERS
        ]
        self._environment = dict(os.environ)
        self._folder = os.getcwd()
        self._streams = sys.stdout, sys.stderr
        self._logging = logging.root.level, logging.root.handlers[:], logging.root.manager.disable
        self._depth = sys.getrecursionlimit()
        self._changed = ""
        self._is_over = False

    def watch(self, owner: type) -> None:
        """Put this class back as well: an answer has an object of it."""
        if all(owner is not known for known, _ in self._values):
            self._values.append((owner, dict(vars(owner))))

    def end(self) -> None:
        """Put nothing back any more: an answer that comes to its end too late changes nothing."""
        self._is_over = True

    def put_back(self) -> str:
        """Put everything back, and say what has been changed at any time, or nothing."""
        if self._is_over:
            return self._changed
        changed = [name for owner, values in self._values for name in _put_back(owner, values)]
        sys.stdout, sys.stderr = self._streams
        logging.root.level, logging.root.handlers[:], logging.root.manager.disable = self._logging
        sys.setrecursionlimit(self._depth)
        if os.getcwd() != self._folder:
            os.chdir(self._folder)
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
            changed.append("os.environ")
        if changed and not self._changed:
            self._changed = f"it changed {changed[0]}, which belongs to everybody."
        return self._changed


def _put_back(owner: Any, values: dict[str, Any]) -> list[str]:
    now = dict(vars(owner))
    changed = [name for name, value in values.items() if now.get(name) is not value]
    for name in changed:
        setattr(owner, name, values[name])
    # To a module an import may add a name; to a class, such as Redis, nobody adds one.
    added = [*(now.keys() - values.keys())] if isinstance(owner, type) else []
    for name in added:
        delattr(owner, name)
    return [f"{owner.__name__}.{name}" for name in changed + added]
