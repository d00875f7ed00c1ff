"""A line typed as in redis-cli, its reply printed as redis-cli prints it."""

from .cells import redis_cli, terminals
from .completion import complete
from .terminal import Terminal

__all__ = ["Terminal", "complete", "redis_cli", "terminals"]
