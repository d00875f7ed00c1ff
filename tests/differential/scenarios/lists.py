"""Lists: pushes, pops, moves, positions, time-outs and their errors."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "a queue is filled, read and emptied",
        """
        ann: RPUSH jobs a b c
        ann: LPUSH jobs z y
        ann: LRANGE jobs 0 -1
        ann: LRANGE jobs -2 -1
        ann: LRANGE jobs 5 9
        ann: LRANGE jobs 2 1
        ann: LLEN jobs
        ann: LPOP jobs
        ann: RPOP jobs
        ann: LPOP jobs 2
        ann: RPOP jobs 9
        ann: EXISTS jobs
        ann: TYPE jobs
        ann: LPOP jobs
        ann: LPOP jobs 1
        ann: LLEN jobs
        ann: LRANGE jobs 0 -1
        """,
    ),
    scenario(
        "pops with a count, and the counts that are refused",
        """
        ann: RPUSH jobs a b c
        ann: LPOP jobs 0
        ann: LPOP nothing 0
        ann: LPOP jobs -1
        ann: RPOP jobs x
        ann: LPOP nothing -1
        ann: LPOP jobs 1 2
        ann: RPOP jobs 1 2 3
        ann: LPOP
        ann: SET text v
        ann: LPOP text
        ann: LPOP text 1
        ann: LPOP text -1
        ann: LRANGE jobs 0 -1
        """,
        proves="APopTakesOneCount",
    ),
    scenario(
        "a pop of nothing changes nothing for who watches",
        """
        ann: RPUSH jobs a
        bob: WATCH jobs
        ann: LPOP jobs 0
        ann: RPOP jobs 0
        bob: MULTI
        bob: PING
        bob: EXEC
        """,
        proves="APopTakesOneCount",
    ),
    scenario(
        "a push needs a list where it says so",
        """
        ann: RPUSHX jobs a
        ann: LPUSHX jobs a
        ann: EXISTS jobs
        ann: RPUSH jobs a
        ann: RPUSHX jobs b c
        ann: LPUSHX jobs z y
        ann: LRANGE jobs 0 -1
        ann: SET text v
        ann: RPUSH text a
        ann: LPUSHX text a
        ann: RPUSH jobs
        """,
    ),
    scenario(
        "elements are read, set, inserted, removed and trimmed by place",
        """
        ann: RPUSH jobs a b c b a
        ann: LINDEX jobs 0
        ann: LINDEX jobs -1
        ann: LINDEX jobs 9
        ann: LINDEX jobs x
        ann: LINDEX nothing x
        ann: LSET jobs 1 B
        ann: LSET jobs 9 z
        ann: LSET nothing 0 z
        ann: LSET jobs x z
        ann: LINSERT jobs BEFORE c 1
        ann: LINSERT jobs after c 2
        ann: LINSERT jobs BEFORE nowhere 3
        ann: LINSERT nothing BEFORE a 3
        ann: LINSERT jobs BESIDE a 3
        ann: LREM jobs 1 a
        ann: LREM jobs -1 b
        ann: LREM jobs 0 nowhere
        ann: LREM jobs x a
        ann: LRANGE jobs 0 -1
        ann: LTRIM jobs 1 2
        ann: LRANGE jobs 0 -1
        ann: LTRIM jobs 5 9
        ann: EXISTS jobs
        ann: LTRIM nothing 0 1
        ann: LTRIM jobs x 1
        """,
    ),
    scenario(
        "a key of another type is refused before the index",
        """
        ann: SET text v
        ann: LINDEX text 0
        ann: LINDEX text x
        ann: LSET text 0 a
        ann: LRANGE text 0 -1
        ann: LLEN text
        ann: LINSERT text BEFORE a b
        ann: LREM text 0 a
        ann: LTRIM text 0 1
        """,
        proves="AListIsCheckedBeforeTheIndex",
    ),
    scenario(
        "LPOS finds the first, the n-th and the last",
        """
        ann: RPUSH jobs a b c a b c a
        ann: LPOS jobs a
        ann: LPOS jobs c
        ann: LPOS jobs nowhere
        ann: LPOS jobs a RANK 2
        ann: LPOS jobs a RANK -1
        ann: LPOS jobs a RANK 9
        ann: LPOS jobs a COUNT 0
        ann: LPOS jobs a COUNT 2
        ann: LPOS jobs a COUNT 2 RANK -2
        ann: LPOS jobs nowhere COUNT 1
        ann: LPOS jobs c MAXLEN 2
        ann: LPOS jobs c MAXLEN 3
        ann: LPOS jobs a RANK -1 MAXLEN 1 COUNT 0
        ann: LPOS nothing a
        ann: LPOS nothing a COUNT 1
        """,
    ),
    scenario(
        "LPOS refuses its options one by one, before the key",
        """
        ann: SET text v
        ann: LPOS text a RANK 0
        ann: LPOS text a COUNT -1
        ann: LPOS text a MAXLEN -1
        ann: LPOS text a MAXLEN -1 RANK 0
        ann: LPOS text a RANK -9223372036854775808    #! redis-7.0: overflows until 7.2
        ann: LPOS text a RANK x COUNT -1
        ann: LPOS text a COUNT
        ann: LPOS text a FIRST 1
        ann: LPOS text a
        ann: LPOS text
        """,
        proves="PositionsAreSearchedAsAsked",
    ),
    scenario(
        "elements move between lists, and around one",
        """
        ann: RPUSH jobs a b c
        ann: LMOVE jobs busy LEFT RIGHT
        ann: LMOVE jobs busy right left
        ann: LRANGE busy 0 -1
        ann: LMOVE busy busy LEFT RIGHT
        ann: LRANGE busy 0 -1
        ann: RPOPLPUSH busy busy
        ann: RPOPLPUSH jobs busy
        ann: EXISTS jobs
        ann: LRANGE busy 0 -1
        ann: LMOVE nothing busy LEFT LEFT
        ann: RPOPLPUSH nothing busy
        ann: BLMOVE busy done LEFT LEFT 0
        ann: BRPOPLPUSH busy done 1
        ann: LRANGE done 0 -1
        """,
    ),
    scenario(
        "a move refuses its sides before the keys, then the keys",
        """
        ann: SET text v
        ann: RPUSH jobs a
        ann: LMOVE text jobs UP LEFT
        ann: LMOVE text jobs LEFT UP
        ann: LMOVE text jobs LEFT RIGHT
        ann: LMOVE jobs text LEFT RIGHT
        ann: LMOVE nothing text LEFT RIGHT
        ann: RPOPLPUSH text jobs
        ann: RPOPLPUSH jobs text
        ann: BLMOVE jobs text UP LEFT x
        ann: BLMOVE jobs text LEFT RIGHT x
        ann: BLMOVE jobs text LEFT RIGHT 0
        ann: BLMOVE text jobs LEFT RIGHT 0
        ann: LRANGE jobs 0 -1
        ann: LMOVE jobs busy LEFT
        """,
        proves="MovesWakeAndCheckTheirSidesFirst",
    ),
    scenario(
        "LMPOP takes several, and an emptied list is gone",
        """
        ann: RPUSH low a b c
        ann: LMPOP 2 high low LEFT
        ann: LMPOP 2 high low right COUNT 9
        ann: EXISTS low
        ann: LMPOP 2 high low LEFT
        ann: RPUSH high 1 2 3
        ann: BLMPOP 0 2 high low LEFT COUNT 2
        ann: BLMPOP 0 2 low high RIGHT
        ann: EXISTS high
        ann: TYPE high
        ann: BLMPOP 0.01 1 high LEFT
        """,
        proves="EmptiedListsDisappear",
    ),
    scenario(
        "LMPOP and BLMPOP refuse numbers, sides and counts, in this order",
        """
        ann: SET text v
        ann: LMPOP 0 text LEFT
        ann: LMPOP x text LEFT
        ann: LMPOP -1 text LEFT
        ann: LMPOP 2 text LEFT
        ann: LMPOP 1 text UP
        ann: LMPOP 1 text LEFT COUNT 0
        ann: LMPOP 1 text LEFT COUNT x
        ann: LMPOP 1 text LEFT COUNT
        ann: LMPOP 1 text LEFT COUNT 1 COUNT 1
        ann: LMPOP 1 text LEFT
        ann: LMPOP 1 text
        ann: BLMPOP x 0 text LEFT
        ann: BLMPOP x 1 text UP
        ann: BLMPOP x 1 text LEFT COUNT 0
        ann: BLMPOP x 1 text LEFT
        ann: BLMPOP -1 1 text LEFT
        ann: BLMPOP 1 1 text LEFT
        """,
    ),
    scenario(
        "a time-out that is no time is refused, whatever the keys hold",
        """
        ann: SET text v
        ann: RPUSH jobs a
        ann: BLPOP jobs x
        ann: BLPOP jobs -1
        ann: BLPOP text -0.5
        ann: BRPOP jobs ""
        ann: BRPOP jobs nan
        ann: BRPOP jobs inf    #! redis-7.0: overflows until 7.2
        ann: BRPOP jobs -inf
        ann: BLPOP jobs 1e300    #! redis-7.0: overflows until 7.2
        ann: BLPOP jobs 9999999999999999    #! redis-7.0: overflows until 7.2
        ann: BLPOP jobs " 1"
        ann: BLPOP jobs 1_0
        ann: BRPOPLPUSH text jobs x
        ann: BRPOPLPUSH jobs jobs -1
        ann: BRPOPLPUSH jobs jobs 1e19    #! redis-7.0: overflows until 7.2
        ann: BLMOVE jobs jobs LEFT LEFT -1
        ann: BLMOVE jobs jobs LEFT LEFT 1e19    #! redis-7.0: overflows until 7.2
        ann: LRANGE jobs 0 -1
        ann: BLPOP jobs 0x1
        ann: BLPOP jobs
        """,
        proves="BlockingPopsCheckTheirTimeout",
    ),
    scenario(
        "a blocking pop looks at its keys in order, up to the first of another type",
        """
        ann: SET text v
        ann: RPUSH jobs a b
        ann: BLPOP nothing jobs text 0
        ann: BLPOP nothing text jobs 0
        ann: BRPOP jobs 0.5
        ann: BLPOP jobs 0.01
        ann: BRPOP jobs nothing 0.01
        ann: BLMOVE jobs done LEFT LEFT 0.01
        ann: BRPOPLPUSH jobs done 0.01
        ann: EXISTS done
        """,
    ),
    scenario(
        "in a transaction nothing waits",
        """
        ann: RPUSH jobs a b
        ann: MULTI
        ann: BLPOP jobs 0
        ann: BLMOVE jobs busy LEFT RIGHT 0
        ann: BLPOP jobs 0
        ann: BLMPOP 0 1 jobs LEFT
        ann: BRPOPLPUSH jobs busy 0
        ann: BLPOP jobs x
        ann: LLEN busy
        ann: EXEC
        """,
    ),
    scenario(
        "a processing list: take, acknowledge, sweep",
        """
        shop: RPUSH orders order-1 order-2 order-3
        ann: BLMOVE orders ann LEFT RIGHT 0
        bob: BLMOVE orders bob LEFT RIGHT 0
        ann: LREM ann 1 order-1
        bob: LRANGE bob 0 -1
        shop: LMOVE bob orders RIGHT LEFT
        shop: LRANGE orders 0 -1
        shop: EXISTS ann bob
        """,
    ),
)
