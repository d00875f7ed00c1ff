"""Strings, hashes, sets and sorted sets, as far as a queue, a counter or a memory needs them."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "strings and counters",
        """
        ann: DECRBY n 3
        ann: DECR n
        ann: SET t hello
        ann: GETRANGE t 1 3
        ann: GETRANGE t -3 -1
        ann: SETRANGE t 1 ipp
        ann: GET t
        ann: DECRBY t 1
        ann: DECRBY n x
        ann: PTTL none
        ann: PTTL t
        ann: GETRANGE none 0 -1
        """,
    ),
    scenario(
        "hashes as state of a job",
        """
        ann: HSET job state new tries 0
        ann: HSET job state done
        ann: HMGET job state tries none
        ann: HKEYS job
        ann: HVALS job
        ann: HLEN job
        ann: HEXISTS job state
        ann: HEXISTS job none
        ann: HSTRLEN job state
        ann: HINCRBYFLOAT job tries 1.5
        ann: HDEL job state tries none
        ann: EXISTS job
        ann: HDEL none f
        ann: HMGET none a b
        ann: HGETALL none
        ann: RPUSH l a
        ann: HGET l f
        ann: HDEL l f
        """,
    ),
    scenario(
        "sets as memory of what was handled",
        """
        ann: SADD seen a
        ann: SMEMBERS seen
        ann: SMISMEMBER seen a b
        ann: SMOVE seen other a
        ann: EXISTS seen
        ann: SMEMBERS other
        ann: SMEMBERS none
        ann: SDIFF other none
        ann: SINTER other other
        ann: SUNION other none
        ann: SINTERCARD 2 other other
        ann: SDIFFSTORE d other none
        ann: RPUSH l a
        ann: SMEMBERS l
        ann: SISMEMBER l a
        """,
        proves="MembersAreSentAsASet",
    ),
    scenario(
        "a sorted set as a queue of delayed jobs",
        """
        ann: ZADD later 10 a 20 b 30 c
        ann: ZRANGEBYSCORE later -inf 20
        ann: ZRANGEBYSCORE later (10 +inf WITHSCORES
        ann: ZRANGEBYSCORE later 0 100 LIMIT 0 1
        ann: ZRANGE later 0 20 BYSCORE
        ann: ZCOUNT later 10 20
        ann: ZRANK later b
        ann: ZREVRANK later b
        ann: ZRANK later none
        ann: ZSCORE later b
        ann: ZMSCORE later a none
        ann: ZREVRANGE later 0 -1 WITHSCORES
        ann: ZREVRANGEBYSCORE later 30 20
        ann: ZREM later a none
        ann: ZREMRANGEBYSCORE later 0 20
        ann: ZREMRANGEBYRANK later 0 -1
        ann: EXISTS later
        ann: ZADD later 1.5 x
        ann: ZINCRBY later 0.1 x    #! redis-7.0/2: writes 17 digits until 7.2
        ann: ZRANGEBYSCORE later a b
        """,
    ),
)
