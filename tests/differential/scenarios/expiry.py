"""Keys that expire while somebody waits for them or watches them: an event as a deletion is.

A client that waits a moment for a key that never comes lets the time pass.
"""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "a stream that expires while its consumers wait",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        bob~ XREADGROUP GROUP g bob BLOCK 0 STREAMS s >
        carol~ XREAD BLOCK 0 STREAMS s $
        shop: PEXPIRE s 20
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        bob<    #! redis-7.0: says UNBLOCKED until 7.2
        carol blocked?
        shop: EXISTS s
        shop: XADD s 1-1 a 1
        carol<
        """,
    ),
    scenario(
        "a stream that has a time to live already when its consumer begins to wait",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: PEXPIRE s 300
        ann~ XREADGROUP GROUP g ann BLOCK 3000 STREAMS s >
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
        timed=True,
    ),
    scenario(
        "one of two streams expires",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: XGROUP CREATE t g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s t > >
        bob~ XREADGROUP GROUP g bob BLOCK 0 STREAMS s >
        shop: PEXPIRE t 20
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        bob blocked?
        shop: XADD s 1-1 a 1
        bob<
        """,
    ),
    scenario(
        "a time to live that is moved or taken back in time",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: PEXPIRE s 200
        shop: PERSIST s
        bob: BLPOP never 0.35
        ann blocked?
        shop: PEXPIRE s 10000
        shop: PEXPIRE s 20 LT
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
        timed=True,
    ),
    scenario(
        "a time to live that comes with RENAME or COPY",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: XGROUP CREATE t g 0 MKSTREAM
        shop: PEXPIRE t 300
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: RENAME t s
        ann blocked?
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: XGROUP CREATE t g 0 MKSTREAM
        shop: PEXPIRE t 300
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: COPY t s REPLACE
        ann blocked?
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
        timed=True,
    ),
    scenario(
        "a time that has come already deletes at once",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: PEXPIRE s 0
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: EXPIREAT s 1
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: EXPIRE s -1
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: SET k v PXAT 1
        shop: EXISTS k
        shop: SET k v
        shop: GETEX k PXAT 1
        shop: EXISTS k
        """,
    ),
    scenario(
        "a stream that is gone and back before the transaction ends",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: MULTI
        shop: PEXPIRE s 0
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: EXEC
        ann blocked?
        shop: XADD s 1-1 a 1
        ann<
        """,
    ),
    scenario(
        "the stream of another database expires",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: SELECT 1
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: PEXPIRE s 10
        bob: BLPOP never 0.15
        ann blocked?
        shop: SELECT 0
        shop: PEXPIRE s 10
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
    ),
    scenario(
        "other keys that expire wake nobody",
        """
        shop: SET jobs text
        shop: DEL jobs
        ann~ BLPOP jobs 0
        bob~ BZPOPMIN jobs 0
        carol~ BLMOVE jobs done LEFT RIGHT 0
        dave~ XREAD BLOCK 0 STREAMS jobs $
        shop: SET jobs text PX 20
        erin: BLPOP never 0.15
        ann blocked?
        bob blocked?
        carol blocked?
        dave blocked?
        shop: RPUSH jobs 1
        ann<
        """,
    ),
    scenario(
        "a list that expires before its job is taken",
        """
        shop: RPUSH jobs 1
        shop: PEXPIRE jobs 20
        bob: BLPOP never 0.05
        ann~ BLPOP jobs 0
        shop: RPUSH jobs 2
        ann<
        shop: RPUSH jobs 3
        shop: PTTL jobs
        """,
    ),
    scenario(
        "a waiter's target that expires",
        """
        shop: RPUSH done old
        shop: PEXPIRE done 20
        ann~ BLMOVE jobs done LEFT RIGHT 0
        bob: BLPOP never 0.05
        shop: RPUSH jobs 1
        ann<
        shop: LRANGE done 0 -1
        shop: PTTL done
        """,
    ),
    scenario(
        "a watched key that expires ends the transaction",
        """
        shop: SET k v PX 200
        ann: WATCH k
        ann: GET k
        bob: BLPOP never 0.35
        ann: MULTI
        ann: SET k new
        ann: EXEC
        shop: EXISTS k
        """,
        timed=True,
    ),
    scenario(
        "a watched key that expires between MULTI and EXEC",
        """
        shop: SET k v
        ann: WATCH other k
        ann: MULTI
        ann: SET k new
        shop: PEXPIRE k 20
        bob: BLPOP never 0.15
        ann: EXEC
        """,
    ),
    scenario(
        "a watched key that has expired before",
        """
        shop: SET k v PX 10
        bob: BLPOP never 0.05
        ann: WATCH k
        ann: MULTI
        ann: SET k new
        ann: EXEC
        shop: SET k v PX 10
        bob: BLPOP never 0.05
        ann: WATCH k
        bob: BLPOP never 0.15
        shop: EXISTS k
        ann: MULTI
        ann: PING
        ann: EXEC
        """,
    ),
    scenario(
        "a watched key that comes and expires",
        """
        ann: WATCH k
        shop: SET k v PX 10
        bob: BLPOP never 0.15
        ann: MULTI
        ann: PING
        ann: EXEC
        """,
    ),
    scenario(
        "a watched key that expires after UNWATCH, after EXEC, in another database",
        """
        shop: SET k v PX 20
        ann: WATCH k
        ann: UNWATCH
        bob: BLPOP never 0.15
        ann: MULTI
        ann: PING
        ann: EXEC
        shop: SET k v PX 20
        shop: SELECT 1
        shop: SET k v
        carol: SELECT 1
        carol: WATCH k
        bob: BLPOP never 0.15
        carol: MULTI
        carol: PING
        carol: EXEC
        """,
    ),
    scenario(
        "a watched key that lives on",
        """
        shop: SET k v PX 10000
        ann: WATCH k
        ann: GET k
        ann: MULTI
        ann: PING
        ann: EXEC
        """,
    ),
    scenario(
        "every way to take a stream away from its consumer",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: UNLINK s
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: RENAME s gone
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: MOVE s 1
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: SWAPDB 0 2
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: RPUSH l 1
        shop: RENAME l s
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: DEL s
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: SADD set 1
        shop: SINTERSTORE s set
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: DEL s
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: SINTERSTORE s none
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: FLUSHDB
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
    ),
    scenario(
        "another group is destroyed, and another stream deleted",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: XGROUP CREATE s h 0
        shop: XGROUP CREATE t g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: XGROUP DESTROY s h
        shop: DEL t
        ann blocked?
        shop: XADD s 1-1 a 1
        ann<
        """,
    ),
    scenario(
        "one stream named twice",
        """
        shop: XADD s 1-1 a 1
        shop: XADD s 2-1 a 2
        ann: XREAD STREAMS s s 0 1
        ann: XREAD STREAMS s s 0 0
        ann: XREAD COUNT 1 STREAMS s t s 1 0 0
        shop: XGROUP CREATE s g 0
        ann: XREADGROUP GROUP g ann STREAMS s s > >
        ann: XREADGROUP GROUP g ann STREAMS s s 0 >
        ann: XREADGROUP GROUP g ann STREAMS s s 0 1-1
        shop: XADD s 3-1 a 3
        shop: XADD s 4-1 a 4
        ann: XREADGROUP GROUP g ann COUNT 1 STREAMS s s > >
        ann~ XREAD BLOCK 0 STREAMS s s $ 4-1
        shop: XADD s 5-1 a 5
        ann<    #! redis-7.0: answers for the stream once, until 7.2
        """,
    ),
    scenario(
        "one name twice in other commands",
        """
        shop: XADD s 1-1 p 1 p 2 q 3
        shop: XRANGE s - +
        shop: SET k v
        ann: MGET k k
        ann: EXISTS k k
        ann: WATCH k k
        ann: MULTI
        ann: PING
        ann: EXEC
        ann: DEL k k
        shop: HSET h f 1 f 2
        shop: HMGET h f f
        shop: HGETALL h
        shop: RPUSH l 1 2 3
        ann: LMPOP 2 l l LEFT COUNT 2
        ann: BLMPOP 0 2 l l LEFT
        ann: CONFIG GET maxmemory maxmemory
        ann: PUBSUB NUMSUB c c
        """,
    ),
)
