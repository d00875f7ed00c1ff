"""How a cluster divides its 16,384 slots among its nodes."""

from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

SLOTS = 16384
MOST_NODES = len(ascii_uppercase)


@dataclass(frozen=True)
class Share:
    """Which slots the node of this name holds."""

    name: str
    slots: range


@dataclass(frozen=True)
class Node:
    """One node: its name, its address, its slots, and how redis-py reaches it."""

    name: str
    host: str
    port: int
    slots: range
    options: dict[str, Any] = field(repr=False)


def shares(count: int) -> list[Share]:
    """Divide all slots among `count` nodes named A, B, C and so on, as redis-cli divides them.

    Raises ValueError when there is no letter for each node.
    Follows https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
    """
    if not 1 <= count <= MOST_NODES:
        raise ValueError(f"A cluster has 1 to {MOST_NODES} nodes here, not {count}.")
    bounds = [round(SLOTS * index / count) for index in range(count + 1)]
    return [
        Share(name, range(first, end))
        for name, first, end in zip(ascii_uppercase, bounds, bounds[1:], strict=False)
    ]
