"""Plain redis-py clients, with the settings that a course about failures needs."""

from typing import Any

import redis
import redis.asyncio
import redis.asyncio.retry
import redis.retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

# redis-py's own defaults hide what the course shows: a time-out of 5 seconds cuts a waiting client
# off, ten retries bring a killed client back, and two questions to the server go with each
# connection that nobody asked for.
PLAIN: dict[str, Any] = {
    "decode_responses": True,
    "socket_timeout": None,
    "socket_connect_timeout": 5.0,
    "driver_info": None,
    "maint_notifications_config": MaintNotificationsConfig(enabled=False),
}


def client(where: dict[str, Any], **changes: Any) -> redis.asyncio.Redis:
    """Return a client that is awaited; `where` and the changes are options of redis-py's pools."""
    once = redis.asyncio.retry.Retry(NoBackoff(), 0)
    pool = redis.asyncio.ConnectionPool(**(where | PLAIN | {"retry": once} | changes))
    return redis.asyncio.Redis.from_pool(pool)


def blocking_client(where: dict[str, Any], **changes: Any) -> redis.Redis:
    """Return a client that is not awaited, for work behind the scenes."""
    once = redis.retry.Retry(NoBackoff(), 0)
    pool = redis.ConnectionPool(**(where | PLAIN | {"retry": once} | changes))
    return redis.Redis.from_pool(pool)
