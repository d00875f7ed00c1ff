"""Clients that wait: who is served, and when a wait ends."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "three waiters get three jobs in the order in which they came",
        """
        ann~ BLPOP jobs 0
        bob~ BLPOP jobs 0
        carol~ BLPOP jobs 0
        shop: RPUSH jobs 1 2 3
        ann<
        bob<
        carol<
        shop: LLEN jobs
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "LPUSH of three hands out the last one first",
        """
        ann~ BLPOP jobs 0
        bob~ BRPOP jobs 0
        shop: LPUSH jobs a b c
        ann<
        bob<
        shop: LRANGE jobs 0 -1
        """,
    ),
    scenario(
        "more waiters than jobs, one job at a time",
        """
        ann~ BLPOP jobs 0
        bob~ BLPOP jobs 0
        carol~ BLPOP jobs 0
        shop: RPUSH jobs 1
        ann<
        shop: RPUSH jobs 2
        bob<
        ann~ BLPOP jobs 0
        shop: RPUSH jobs 3
        carol<
        shop: RPUSH jobs 4
        ann<
        shop: LLEN jobs
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "a list is served when it is there already, keys in their order",
        """
        shop: RPUSH low l1 l2
        shop: RPUSH high h1
        ann: BLPOP high low 0
        ann: BLPOP high low 0
        ann: BRPOP high low 1
        ann~ BLPOP high low 0
        shop: RPUSH low l3
        ann<
        """,
    ),
    scenario(
        "several keys become ready in one transaction",
        """
        ann~ BLPOP a b c 0
        shop: MULTI
        shop: RPUSH c 3
        shop: RPUSH b 2
        shop: RPUSH a 1
        shop: EXEC
        ann<    #! redis-7.0: served the key that was ready first, until 7.2
        shop: LLEN a    #! redis-7.0: served the key that was ready first, until 7.2
        shop: LLEN b
        shop: LLEN c    #! redis-7.0: served the key that was ready first, until 7.2
        """,
    ),
    scenario(
        "two waiters and two keys in one transaction",
        """
        ann~ BLPOP a b 0
        bob~ BLPOP b a 0
        carol~ BLPOP a 0
        shop: MULTI
        shop: RPUSH b x y
        shop: RPUSH a z
        shop: EXEC
        ann<    #! redis-7.0: served the key that was ready first, until 7.2
        bob<    #! redis-7.0: served the key that was ready first, until 7.2
        carol blocked?    #! redis-7.0: served the key that was ready first, until 7.2
        shop: LRANGE b 0 -1    #! redis-7.0: served the key that was ready first, until 7.2
        shop: RPUSH a end
        """,
    ),
    scenario(
        "pushes in a transaction are handed out when it ends",
        """
        ann~ BLPOP jobs 0
        bob~ BLPOP jobs 0
        shop: MULTI
        shop: RPUSH jobs 1
        shop: LPUSH jobs 2
        shop: LLEN jobs
        shop: EXEC
        ann<
        bob<
        """,
    ),
    scenario(
        "a job that is gone when the transaction ends serves nobody",
        """
        ann~ BLPOP jobs 0
        shop: MULTI
        shop: RPUSH jobs 1
        shop: DEL jobs
        shop: EXEC
        ann blocked?
        shop: MULTI
        shop: RPUSH jobs 1
        shop: LPOP jobs
        shop: EXEC
        ann blocked?
        shop: RPUSH jobs 2
        ann<
        """,
    ),
    scenario(
        "blocking commands do not block in a transaction",
        """
        ann: MULTI
        ann: BLPOP jobs 0
        ann: BRPOP jobs 0
        ann: BLMOVE jobs done LEFT RIGHT 0
        ann: BRPOPLPUSH jobs done 0
        ann: BLMPOP 0 1 jobs LEFT
        ann: XREAD BLOCK 0 STREAMS s $
        ann: BZPOPMIN z 0
        ann: BZMPOP 0 1 z MIN
        ann: EXEC
        shop: RPUSH jobs 1 2 3
        ann: MULTI
        ann: BLPOP jobs 0
        ann: BLMOVE jobs done LEFT RIGHT 0
        ann: BLPOP jobs -1
        ann: EXEC
        """,
    ),
    scenario(
        "a time-out answers nil",
        """
        ann: BLPOP jobs 0.01
        ann: BRPOP jobs 0.01
        ann: BLMOVE jobs done LEFT RIGHT 0.01
        ann: BRPOPLPUSH jobs done 0.01
        ann: BLMPOP 0.01 1 jobs LEFT
        ann: XREAD BLOCK 10 STREAMS s $
        ann: BZPOPMIN z 0.01
        ann: BZPOPMAX z 0.01
        ann: BZMPOP 0.01 1 z MIN
        shop: RPUSH jobs 1
        shop: LLEN jobs
        ann: BLPOP jobs 0.01
        """,
    ),
    scenario(
        "time-outs that are refused",
        """
        ann: BLPOP jobs -1
        ann: BLPOP jobs abc
        ann: BLPOP jobs 1e400    #! redis-7.0: calls it negative
        ann: BLPOP jobs nan
        ann: BLPOP jobs inf    #! redis-7.0: calls it negative
        ann: BLPOP jobs 99999999999999999999    #! redis-7.0: calls it negative
        ann: BLPOP jobs ""
        ann: BLPOP jobs
        ann: BLMOVE jobs done LEFT RIGHT -1
        ann: BLMOVE jobs done LEFT RIGHT abc
        ann: BLMOVE jobs done UP RIGHT 0
        ann: BLMPOP -1 1 jobs LEFT
        ann: BLMPOP abc 1 jobs LEFT
        ann: XREAD BLOCK -1 STREAMS s $
        ann: XREAD BLOCK abc STREAMS s $
        ann: XREAD BLOCK 1.5 STREAMS s $
        ann: XREAD BLOCK
        ann: BRPOPLPUSH jobs done -1
        ann: BZPOPMIN z -1
        ann: BZPOPMIN z abc
        ann: BZPOPMAX z abc
        ann: BZMPOP abc 1 z MIN
        ann: BZMPOP -1 1 z MIN
        ann: BZMPOP abc 0 z MIN
        ann: BLMPOP abc 0 l LEFT
        ann: BLMPOP 0 0 l LEFT
        ann: BZMPOP 0 0 z MIN
        ann: BZMPOP 0 1 z UP
        ann: BZPOPMIN z nan
        ann: BZPOPMAX z ""
        ann: BZMPOP nan 1 z MIN
        ann: BZMPOP -1 1 z MIN COUNT x
        ann: BZMPOP -1 1 z MIN MAX
        ann: ZMPOP x z MIN
        ann: ZMPOP 2 z MIN
        ann: ZMPOP 1 z MIN COUNT 0
        """,
        proves="SortedSetPopsCheckTheirNumbers",
    ),
    scenario(
        "BLMOVE wakes, and its target may serve another",
        """
        ann~ BLMOVE jobs doing LEFT RIGHT 0
        bob~ BLMOVE doing done LEFT RIGHT 0
        carol~ BLPOP done 0
        shop: RPUSH jobs 1
        ann<
        bob<
        carol<
        shop: EXISTS jobs doing done
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "a ring of moves ends",
        """
        ann~ BLMOVE a b LEFT RIGHT 0
        bob~ BLMOVE b a LEFT RIGHT 0
        shop: RPUSH a x
        ann<
        bob<
        shop: LRANGE a 0 -1
        shop: LRANGE b 0 -1
        """,
    ),
    scenario(
        "BLMOVE from a list to itself",
        """
        ann~ BLMOVE a a LEFT RIGHT 0
        bob~ BLPOP a 0
        shop: RPUSH a x y
        ann<
        bob<
        shop: LRANGE a 0 -1
        """,
    ),
    scenario(
        "a move to a key of the wrong type gets the error, and the job stays",
        """
        shop: SET doing text
        ann~ BLMOVE jobs doing LEFT RIGHT 0
        bob~ BLPOP jobs 0
        shop: RPUSH jobs 1
        ann<
        bob<
        carol~ BRPOPLPUSH jobs doing 0
        shop: RPUSH jobs 2
        carol<
        shop: LRANGE jobs 0 -1
        """,
    ),
    scenario(
        "a key of another type serves nobody",
        """
        ann~ BLPOP k 0
        bob~ XREAD BLOCK 0 STREAMS k $
        carol~ BZPOPMIN k 0
        shop: SET k text
        shop: DEL k
        shop: SADD k m
        shop: DEL k
        shop: HSET k f v
        ann blocked?
        bob blocked?
        carol blocked?
        shop: DEL k
        shop: ZADD k 1 m
        carol<
        shop: RPUSH k 1
        ann<
        shop: XADD k 1-1 f v
        bob<
        """,
    ),
    scenario(
        "another key of the waiter has the wrong type by then",
        """
        ann~ BLPOP a b 0
        shop: SET a text
        ann blocked?
        shop: RPUSH b 1
        ann<    #! redis-7.0: served the key that was ready, until 7.2
        shop: LLEN b    #! redis-7.0: served the key that was ready, until 7.2
        """,
    ),
    scenario(
        "the wrong type at once",
        """
        shop: SET k text
        ann: BLPOP k 0
        ann: BLPOP none k 0
        ann: BRPOP k 0
        ann: BLMOVE k d LEFT LEFT 0
        ann: BRPOPLPUSH k d 0
        ann: BLMPOP 0 1 k LEFT
        ann: XREAD BLOCK 0 STREAMS k $
        ann: BZPOPMIN k 0
        ann: BZPOPMAX none k 0
        ann: BZMPOP 0 1 k MIN
        ann: ZMPOP 1 k MIN
        shop: RPUSH l 1
        ann: BLPOP l k 0
        """,
    ),
    scenario(
        "BLMPOP takes several and waits for several keys",
        """
        ann~ BLMPOP 0 2 a b LEFT COUNT 2
        bob~ BLMPOP 0 1 b RIGHT COUNT 10
        shop: RPUSH b 1 2 3
        ann<
        bob<
        shop: EXISTS b
        shop: RPUSH a 1 2 3
        ann: BLMPOP 0 2 b a RIGHT COUNT 10
        shop: EXISTS a
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "sorted sets serve in order too",
        """
        ann~ BZPOPMIN z 0
        bob~ BZPOPMAX z 0
        carol~ BZMPOP 0 1 z MIN COUNT 2
        shop: ZADD z 1 a 2 b 3 c 4 d
        ann<
        bob<
        carol<
        shop: EXISTS z
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "XREAD waits for what is new, and everybody gets it",
        """
        shop: XADD s 1-1 a 1
        ann~ XREAD BLOCK 0 STREAMS s $
        bob~ XREAD BLOCK 0 COUNT 1 STREAMS s $
        carol~ XREAD BLOCK 0 STREAMS other s $ 1-1
        shop: XADD s 2-1 b 2
        ann<
        bob<
        carol<
        ann: XREAD BLOCK 0 STREAMS s 1-1
        ann: XREAD BLOCK 0 STREAMS s other 0 $
        """,
    ),
    scenario(
        "$ is resolved when the wait begins",
        """
        shop: XADD s 1-1 a 1
        ann~ XREAD BLOCK 0 STREAMS s $
        shop: XDEL s 1-1
        ann blocked?
        shop: MULTI
        shop: XADD s 2-1 b 2
        shop: XADD s 3-1 c 3
        shop: EXEC
        ann<
        bob~ XREAD BLOCK 0 STREAMS new $
        shop: XADD new 5-5 a 1
        bob<
        """,
    ),
    scenario(
        "a plus that waited gets the last entry alone",
        """
        ann~ XREAD BLOCK 0 STREAMS s +    #! redis-7.0: came with 7.4
        bob~ XREAD BLOCK 0 COUNT 5 STREAMS s t + $    #! redis-7.0: came with 7.4
        shop: MULTI
        shop: XADD s 1-1 a 1
        shop: XADD s 2-1 a 2
        shop: EXEC
        ann<    #! redis-7.0: came with 7.4
        bob<    #! redis-7.0: came with 7.4
        """,
    ),
    scenario(
        "a stream that is made anew",
        """
        shop: XADD s 5-1 a 1
        ann~ XREAD BLOCK 0 STREAMS s $
        shop: DEL s
        ann blocked?
        shop: XADD s 1-1 b 2
        ann blocked?
        shop: XADD s 6-1 c 3
        ann<
        """,
    ),
    scenario(
        "XREAD in a transaction that adds and trims",
        """
        ann~ XREAD BLOCK 0 STREAMS s $
        shop: MULTI
        shop: XADD s 1-1 a 1
        shop: XTRIM s MAXLEN 0
        shop: EXEC
        ann blocked?    #! redis-7.0: is served nothing, until 7.2
        shop: XADD s 2-1 a 1
        ann<    #! redis-7.0: is served nothing, until 7.2
        """,
    ),
    scenario(
        "consumers of a group are served in order",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        bob~ XREADGROUP GROUP g bob COUNT 1 BLOCK 0 STREAMS s >
        carol~ XREADGROUP GROUP g carol BLOCK 0 NOACK STREAMS s >
        shop: XADD s 1-1 a 1
        ann<
        shop: XADD s 2-1 a 2
        bob<
        shop: XADD s 3-1 a 3
        carol<
        shop: XPENDING s g
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "several entries at once go to the consumers in front",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann COUNT 1 BLOCK 0 STREAMS s >
        bob~ XREADGROUP GROUP g bob COUNT 2 BLOCK 0 STREAMS s >
        carol~ XREADGROUP GROUP g carol BLOCK 0 STREAMS s >
        shop: MULTI
        shop: XADD s 1-1 a 1
        shop: XADD s 2-1 a 2
        shop: XADD s 3-1 a 3
        shop: XADD s 4-1 a 4
        shop: EXEC
        ann<
        bob<
        carol<
        shop: XPENDING s g - + 10 | masked
        """,
        proves="WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "a group that is destroyed while its consumer waits",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: XGROUP DESTROY s g
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
    ),
    scenario(
        "a stream that is deleted while its consumer waits",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        bob~ XREAD BLOCK 0 STREAMS s $
        shop: DEL s
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        bob blocked?
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: FLUSHALL
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        shop: XGROUP CREATE s g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: SET s text
        ann<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
    ),
    scenario(
        "a stream that is renamed while its consumer waits",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: XGROUP CREATE t g 0 MKSTREAM
        shop: XADD t 1-1 a 1
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        shop: RENAME t s
        ann<
        """,
    ),
    scenario(
        "a list that arrives by RENAME, COPY, MOVE, SORT or SWAPDB",
        """
        shop: RPUSH source 1
        ann~ BLPOP jobs 0
        shop: RENAME source jobs
        ann<
        shop: RPUSH source 2
        ann~ BLPOP jobs 0
        shop: COPY source jobs
        ann<
        ann~ BLPOP jobs 0
        shop: SORT source STORE jobs
        ann<
        shop: SELECT 1
        shop: RPUSH jobs 3
        ann~ BLPOP jobs 0
        shop: MOVE jobs 0
        ann<
        shop: RPUSH jobs 4
        ann~ BLPOP jobs 0
        shop: SWAPDB 0 1
        ann<
        """,
    ),
    scenario(
        "waiters of one database do not see another",
        """
        ann~ BLPOP jobs 0
        shop: SELECT 1
        shop: RPUSH jobs 1
        ann blocked?
        shop: SELECT 0
        shop: RPUSH jobs 2
        ann<
        """,
    ),
    scenario(
        "other commands that add to a list",
        """
        ann~ BLPOP jobs 0
        shop: RPUSHX jobs 1
        shop: LINSERT jobs BEFORE x y
        ann blocked?
        shop: RPUSH other 1 2 3
        shop: LMOVE other jobs LEFT RIGHT
        ann<
        ann~ BLPOP jobs 0
        shop: RPOPLPUSH other jobs
        ann<
        ann~ BLPOP jobs 0
        shop: BLMOVE other jobs LEFT RIGHT 0
        ann<
        """,
    ),
    scenario(
        "the waiter that was woken in vain goes to the back of every queue",
        """
        shop: XGROUP CREATE s g 0 MKSTREAM
        shop: XGROUP CREATE t g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s >
        bob~ XREADGROUP GROUP g bob BLOCK 0 STREAMS s t > >
        carol~ XREADGROUP GROUP g carol BLOCK 0 STREAMS t >
        shop: XADD s 1-1 a 1
        ann<
        shop: XADD t 1-1 a 1
        carol blocked?    #! redis-7.0: keeps its place until 7.2
        bob blocked?    #! redis-7.0: keeps its place until 7.2
        shop: XADD t 2-1 a 1
        bob<    #! redis-7.0: keeps its place until 7.2
        """,
    ),
    scenario(
        "a group, a consumer and a stream that are called like an option",
        """
        shop: XGROUP CREATE count streams 0 MKSTREAM
        ann~ XREADGROUP GROUP streams block BLOCK 0 COUNT 1 STREAMS count >
        bob~ XREAD BLOCK 0 STREAMS streams count $ $
        shop: XADD count 1-1 a 1
        ann<
        bob<
        """,
    ),
    scenario(
        "what adds nothing to a stream wakes nobody",
        """
        shop: XADD s 1-1 a 1
        shop: XGROUP CREATE s g $
        shop: XGROUP CREATE t g 0 MKSTREAM
        ann~ XREADGROUP GROUP g ann BLOCK 0 STREAMS s t > >
        bob~ XREADGROUP GROUP g bob BLOCK 0 STREAMS t >
        shop: XACK s g 1-1
        shop: XTRIM s MAXLEN 10
        shop: XGROUP CREATECONSUMER s g dave
        shop: XGROUP DELCONSUMER s g dave
        shop: XGROUP CREATE s other 0
        shop: EXPIRE s 100
        shop: XDEL s 9-9
        shop: XADD t 1-1 a 1
        ann<
        bob blocked?
        carol~ XREADGROUP GROUP g carol BLOCK 0 STREAMS s >
        shop: XGROUP SETID s g 0
        carol blocked?
        shop: XADD s 2-1 b 2
        carol<
        shop: XGROUP DESTROY t g
        bob<    #! redis-7.0: says UNBLOCKED until 7.2
        """,
    ),
    scenario(
        "another key of a stream's waiter has the wrong type by then",
        """
        ann~ XREAD BLOCK 0 STREAMS s t $ $
        shop: SET t text
        shop: XADD s 1-1 a 1
        ann<    #! redis-7.0: served the key that was ready, until 7.2
        """,
    ),
    scenario(
        "a waiter that is freed goes on with what it sent",
        """
        ann~ BLPOP jobs 0
        shop: RPUSH jobs 1 2
        ann<
        ann: BLPOP jobs 0
        ann: PING
        """,
    ),
    scenario(
        "the same key twice",
        """
        ann~ BLPOP a a 0
        shop: RPUSH a 1 2
        ann<
        shop: LRANGE a 0 -1
        """,
    ),
    scenario(
        "expired keys serve nobody",
        """
        shop: RPUSH jobs 1
        shop: PEXPIRE jobs 1
        ann: BLPOP other 0.02
        ann: BLPOP jobs 0.01
        shop: EXISTS jobs
        """,
    ),
    scenario(
        "WATCH sees what a waiter took",
        """
        bob: WATCH jobs
        ann~ BLPOP jobs 0
        shop: RPUSH jobs 1
        ann<
        bob: MULTI
        bob: PING
        bob: EXEC
        """,
    ),
    scenario(
        "a waiter in RESP3 subscribed to a channel",
        """
        ann: HELLO 3 | proto
        ann: SUBSCRIBE a
        ann~ BLPOP jobs 0
        shop: CLIENT LIST | name flags
        shop: PUBLISH a x
        shop: RPUSH jobs 1
        ann< 2
        """,
    ),
)
