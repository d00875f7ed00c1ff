"""Which settings Redis 8.2 has, and which of them hold here as they do on a fresh server."""

from functools import cache
from importlib.resources import files

TABLE = "settings_of_redis_8_2.tsv"

# What CONFIG GET can answer truthfully.
HELD = {
    b"appendonly": b"no",
    b"cluster-enabled": b"no",
    b"databases": b"16",
    b"hash-max-listpack-entries": b"512",
    b"hash-max-listpack-value": b"64",
    b"hash-max-ziplist-entries": b"512",
    b"hash-max-ziplist-value": b"64",
    b"list-compress-depth": b"0",
    b"list-max-listpack-size": b"-2",
    b"list-max-ziplist-size": b"-2",
    b"maxmemory": b"0",
    b"maxmemory-policy": b"noeviction",
    b"notify-keyspace-events": b"",
    b"save": b"",
    b"set-max-intset-entries": b"512",
    b"set-max-listpack-entries": b"128",
    b"set-max-listpack-value": b"64",
    b"stream-node-max-bytes": b"4096",
    b"stream-node-max-entries": b"100",
    b"timeout": b"0",
    b"zset-max-listpack-entries": b"128",
    b"zset-max-listpack-value": b"64",
    b"zset-max-ziplist-entries": b"128",
    b"zset-max-ziplist-value": b"64",
}


@cache
def known_settings() -> frozenset[bytes]:
    """Read the names that the CONFIG GET of Redis 8.2.3 answers.

    Follows https://redis.io/docs/latest/commands/config-get/
    """
    _, *names = files(__package__).joinpath(TABLE).read_text("utf-8").splitlines()
    return frozenset(name.encode() for name in names)
