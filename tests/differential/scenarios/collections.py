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
        "decimal numbers are added as people add them",
        """
        ann: INCRBYFLOAT n 0.1
        ann: INCRBYFLOAT n 0.2
        ann: GET n
        ann: INCRBYFLOAT n 1.23
        ann: INCRBYFLOAT n -1.53
        ann: INCRBYFLOAT n -1e-17
        ann: INCRBYFLOAT n 1e-18
        ann: INCRBYFLOAT n 1e20
        ann: INCRBYFLOAT n 0.001
        ann: INCRBYFLOAT n 12345678901234567890.12345
        ann: SET m 3.0e3
        ann: INCRBYFLOAT m 200
        ann: INCRBYFLOAT m 3.333333333333333333333
        ann: INCRBYFLOAT m 1e300
        ann: HINCRBYFLOAT h f 1.23
        ann: HINCRBYFLOAT h f 1.23
        ann: HINCRBYFLOAT h f 0.1
        ann: HGET h f
        ann: HINCRBYFLOAT h g -0.7
        ann: HINCRBYFLOAT h g 0.7
        """,
        proves="NumbersAreJudgedAfterTheKey AFieldThatIsNoNumberIsNamed",
    ),
    scenario(
        "a random pick judges its count before the key",
        """
        ann: SADD s a
        ann: HSET h f 1
        ann: ZADD z 1 a
        ann: SET t 1
        ann: SRANDMEMBER s -9223372036854775808
        ann: SRANDMEMBER none -9223372036854775808
        ann: SRANDMEMBER t 1 nonsense
        ann: SRANDMEMBER s 1 2 3
        ann: SRANDMEMBER t x
        ann: HRANDFIELD h -9223372036854775808
        ann: HRANDFIELD t -9223372036854770000 WITHVALUES
        ann: HRANDFIELD h 9223372036854775807 WITHVALUES
        ann: HRANDFIELD t 1 nonsense
        ann: HRANDFIELD none x
        ann: HRANDFIELD t 1 WITHVALUES WITHVALUES
        ann: ZRANDMEMBER z -9223372036854775808
        ann: ZRANDMEMBER none -9223372036854770000 WITHSCORES
        ann: ZRANDMEMBER t 1 nonsense
        ann: ZRANDMEMBER none x
        ann: ZRANDMEMBER t
        """,
        proves="ArgumentsAreJudgedBeforeTheKey",
    ),
    scenario(
        "sorted sets name what is missing",
        """
        ann: ZUNION 0 k
        ann: ZUNIONSTORE d 0 k
        ann: ZINTER 0 k
        ann: ZDIFF -1 k
        ann: ZDIFFSTORE d 0 k
        ann: ZINTERCARD 0 k
        ann: ZRANGE none 0 -1 BYLEX WITHSCORES
        ann: ZRANGE none x y BYSCORE BYLEX
        ann: ZRANGESTORE d none x y BYSCORE BYLEX
        """,
        proves="TypesAreJudgedBeforeOptions ArgumentsAreJudgedBeforeTheKey",
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
    scenario(
        "how much sets share",
        """
        ann: SADD seen a b c
        ann: SINTERCARD 2 seen none
        ann: SINTERCARD 1 seen LIMIT 2
        ann: SINTERCARD 1 seen LIMIT 0
        ann: SINTERCARD 0 seen
        ann: SINTERCARD x seen
        ann: SINTERCARD 2 seen
        ann: SINTERCARD 1 seen LIMIT -1
        ann: SINTERCARD 1 seen LIMIT
        ann: RPUSH l a
        ann: SINTERCARD 2 none l
        ann: SUNIONSTORE all seen none
        """,
        proves="AMissingSetHasNoMembers",
    ),
    scenario(
        "chosen by chance, from one",
        """
        ann: SADD one a
        ann: RANDOMKEY
        ann: SRANDMEMBER one
        ann: SRANDMEMBER one -2
        ann: SRANDMEMBER none
        ann: SPOP one 2
        ann: SPOP one 2
        ann: SPOP one
        ann: HSET h f v
        ann: HRANDFIELD h
        ann: HRANDFIELD h 2 WITHVALUES
        ann: HRANDFIELD none
        ann: HRANDFIELD none 2
        ann: ZADD z 1 a
        ann: ZRANDMEMBER z
        ann: ZRANDMEMBER z 2 WITHSCORES
        ann: ZRANDMEMBER none 2
        ann: ZRANDMEMBER none
        ann: SORT_RO z ALPHA
        """,
        proves="WhatWasAskedForByCountIsACollection",
    ),
    scenario(
        "sorted sets put together",
        """
        ann: ZADD a 1 x 2 y
        ann: ZADD b 3 y
        ann: RPUSH l a
        ann: ZUNION 2 a b WITHSCORES
        ann: ZINTER 2 a b WITHSCORES
        ann: ZDIFF 2 a b
        ann: ZUNION 2 a l AGGREGATE MOST
        ann: ZUNION 2 a b AGGREGATE MOST
        ann: ZUNIONSTORE u 2 a b WEIGHTS 2 3 AGGREGATE MAX
        ann: ZRANGE u 0 -1 WITHSCORES
        ann: ZINTERSTORE u 2 a none
        ann: EXISTS u
        ann: ZDIFFSTORE l 2 a b
        ann: TYPE l
        ann: ZINTERCARD 2 a b LIMIT 1
        ann: ZINTERCARD 2 a b LIMIT x
        ann: SET t v
        ann: ZINTERCARD 2 a t LIMIT -1
        """,
        proves="TypesAreJudgedBeforeOptions",
    ),
    scenario(
        "ranges of a sorted set",
        """
        ann: ZADD m 0 a 0 b 0 c
        ann: SET t v
        ann: ZRANGEBYLEX m [a (c
        ann: ZREVRANGEBYLEX m + - LIMIT 1 1
        ann: ZRANGE m + - BYLEX REV LIMIT 0 2
        ann: ZLEXCOUNT m - +
        ann: ZLEXCOUNT m a b
        ann: ZRANGE t x y BYSCORE
        ann: ZRANGE t x y BYLEX
        ann: ZRANGEBYSCORE m x y LIMIT x 1
        ann: ZRANGEBYLEX t x y LIMIT 0 y
        ann: ZREVRANGEBYSCORE m 1 0 LIMIT 1
        ann: ZREVRANGE m 0 -1 BYSCORE
        ann: ZRANGE m 0 -1 LIMIT 0 1
        ann: ZRANGE m 0 -1 LIMIT 0 x
        ann: ZRANK m b WITHSCORE    #! redis-7.0: came with 7.2
        ann: ZREVRANK m b c d
        ann: ZRANK m b c d
        ann: ZRANK t b c    #! redis-7.0: came with 7.2
        ann: ZRANGESTORE t m 0 1
        ann: TYPE t
        ann: ZRANGESTORE t m 5 6
        ann: TYPE t
        ann: ZREMRANGEBYLEX m [a [b
        ann: ZRANGE m 0 -1
        """,
        proves="ErrorsAreWordedAsByRedis AStoredRangeReplacesAnyType "
        "ArgumentsAreJudgedBeforeTheKey",
    ),
    scenario(
        "numbers in fields and strings",
        """
        ann: HSET h f x
        ann: HINCRBYFLOAT h f 1
        ann: HINCRBYFLOAT h f y
        ann: HINCRBYFLOAT h g inf
        ann: HINCRBYFLOAT h g 1.5
        ann: SETRANGE h -1 x
        ann: SUBSTR h 0 1
        ann: COPY h k DB -1 more
        ann: COPY h k REPLACE DB 0
        ann: HGETALL k
        """,
        proves="AFieldThatIsNoNumberIsNamed",
    ),
    scenario(
        "fields that expire",
        """
        ann: HSET h f 1 g 2
        ann: HEXPIRE h 100 FIELDS 1 f    #! redis-7.0: came with 7.4
        ann: HTTL h FIELDS 3 f g none    #! redis-7.0: came with 7.4
        ann: HPTTL h FIELDS 1 f | masked    #! redis-7.0: came with 7.4
        ann: HPEXPIRE h 100000 NX FIELDS 2 f g    #! redis-7.0: came with 7.4
        ann: HPERSIST h FIELDS 2 f none    #! redis-7.0: came with 7.4
        ann: HEXPIREAT h 4000000000 FIELDS 1 f    #! redis-7.0: came with 7.4
        ann: HPEXPIREAT h 4000000000001 FIELDS 1 g    #! redis-7.0: came with 7.4
        ann: HEXPIRETIME h FIELDS 2 f g    #! redis-7.0 valkey-9: Valkey rounds down
        ann: HPEXPIRETIME h FIELDS 2 f g    #! redis-7.0: came with 7.4
        ann: HPERSIST h FIELDS 2 f    #! redis-7.0 valkey-9: Valkey words it differently
        ann: HGETEX h EX 100 FIELDS 1 f    #! redis-7.0: came with 8.0
        ann: HSETEX h FNX EX 100 FIELDS 1 i 3    #! redis-7.0: came with 8.0
        ann: HGETDEL h FIELDS 1 i    #! redis-7.0: came with 8.0
        ann: HEXPIREAT h 1 FIELDS 1 f    #! redis-7.0: came with 7.4
        ann: HEXISTS h f    #! redis-7.0: came with 7.4
        """,
        proves="TimesOfFieldsAreRoundedUp",
    ),
    scenario(
        "bits",
        """
        ann: SETBIT b 7 1
        ann: SETBIT b 7 0
        ann: SETBIT b 1 2
        ann: SETBIT b 12 1
        ann: GETBIT b 12
        ann: GETBIT b 100
        ann: BITCOUNT b
        ann: BITCOUNT b 0 0
        ann: BITPOS b 1
        ann: BITOP OR all b none
        ann: BITOP NOT not b
        ann: GET all
        ann: BITFIELD b SET u8 0 255 GET u4 4 INCRBY u8 0 1
        ann: GETBIT none 0
        """,
    ),
)
