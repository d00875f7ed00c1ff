"""Which broker a notebook uses, plain clients on it, and what guards somebody else's server."""

from .choice import Broker, broker, close, named_client

__all__ = ["Broker", "broker", "close", "named_client"]
