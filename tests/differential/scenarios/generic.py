"""Keys of any type, expiry, databases, transactions, and how values are stored."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "keys come and go",
        """
        ann: SET a 1
        ann: RPUSH b 1
        ann: XADD c 1-1 f 1
        ann: EXISTS a b c d a
        ann: TOUCH a b c d a
        ann: TYPE a
        ann: TYPE b
        ann: TYPE c
        ann: TYPE d
        ann: DBSIZE
        ann: KEYS a
        ann: KEYS [b
        ann: KEYS b*
        ann: RENAME a e
        ann: RENAME a f
        ann: RENAMENX e b
        ann: RENAMENX e a
        ann: DEL a b d
        ann: UNLINK c d
        ann: DBSIZE
        ann: DEL
        """,
        proves="TouchCountsKeys",
    ),
    scenario(
        "a copy is a second value",
        """
        ann: RPUSH jobs a b
        ann: COPY jobs copy
        ann: RPUSH jobs c
        ann: LRANGE copy 0 -1
        ann: COPY jobs copy
        ann: COPY jobs copy REPLACE
        ann: LRANGE copy 0 -1
        ann: COPY nothing copy
        ann: COPY jobs jobs
        ann: COPY jobs jobs DB 1
        ann: COPY jobs copy DB x
        ann: COPY jobs copy DB 99
        ann: COPY jobs copy BOGUS
        ann: XADD s 1-1 a 1
        ann: XGROUP CREATE s g 0
        ann: COPY s s2
        ann: XREADGROUP GROUP g ann STREAMS s2 >
        ann: XPENDING s g
        ann: XPENDING s2 g
        ann: EXPIRE jobs 1000
        bob~ BLPOP other 0
        ann: COPY jobs other
        bob<
        ann: TTL other | tens
        ann: PERSIST other
        ann: TTL jobs | tens
        ann: COPY jobs other DB 1
        ann: RPUSH jobs d
        ann: SELECT 1
        ann: LRANGE other 0 -1
        """,
    ),
    scenario(
        "a key expires when it is told to",
        """
        ann: SET a 1
        ann: TTL a | tens
        ann: EXPIRE a 100
        ann: TTL a | tens
        ann: PERSIST a
        ann: PERSIST a
        ann: TTL a | tens
        ann: TTL nothing
        ann: EXPIRE nothing 100
        ann: EXPIRE a 100 XX
        ann: EXPIRE a 100 NX
        ann: EXPIRE a 50 GT
        ann: EXPIRE a 50 LT
        ann: TTL a | tens
        ann: EXPIREAT a 4000000000
        ann: EXPIRETIME a
        ann: PEXPIREAT a 4000000000600
        ann: EXPIRETIME a
        ann: PEXPIRETIME a
        ann: EXPIRETIME nothing
        ann: EXPIRE a -1
        ann: EXISTS a
        ann: SET a 1
        ann: EXPIRE a 0
        ann: EXISTS a
        ann: SET a 1
        ann: PEXPIREAT a 1
        ann: GET a
        ann: SET a 1 EX 100
        ann: TTL a | tens
        ann: SET a 2
        ann: TTL a | tens
        """,
        proves="ExpiryTimeIsRounded",
    ),
    scenario(
        "a time that has come deletes a key in a database that nobody used before",
        """
        ann: MULTI
        ann: SELECT 7
        ann: RPUSH jobs a
        ann: PEXPIREAT jobs 1
        ann: EXISTS jobs
        ann: EXEC
        """,
    ),
    scenario(
        "a cursor is judged before the key",
        """
        ann: SET text v
        ann: HSCAN text x
        ann: SSCAN none x
        ann: ZSCAN none x
        ann: HSCAN text 0
        ann: SSCAN none 0
        """,
        proves="ArgumentsAreJudgedBeforeTheKey",
    ),
    scenario(
        "expiry options are refused first, then the time",
        """
        ann: SET a 1
        ann: EXPIRE a x
        ann: EXPIRE a x BOGUS
        ann: EXPIRE a 10 NX XX
        ann: EXPIRE a 10 NX GT
        ann: EXPIRE a 10 GT LT
        ann: EXPIRE a 9223372036854775807
        ann: PEXPIRE a 9223372036854775807
        ann: EXPIREAT a 9223372036854775807
        ann: PEXPIREAT nothing 10 BOGUS
        ann: EXPIRE nothing 9223372036854775807
        ann: EXPIRE a
        """,
        proves="ExpireJudgesItsOptionsFirst",
    ),
    scenario(
        "SET, its conditions and its times",
        """
        ann: SET a 1 NX
        ann: SET a 2 NX
        ann: SET a 3 XX
        ann: SET b 3 XX
        ann: SET a 4 GET
        ann: SET a 5 NX GET
        ann: SET b 6 NX GET
        ann: SETNX a 7
        ann: SETNX c 7
        ann: GET a
        ann: SET a 1 NX XX
        ann: SET a 1 EX
        ann: SET a 1 EX x
        ann: SET a 1 EX 0
        ann: SET a 1 PX -1
        ann: SET a 1 EX 10 PX 10
        ann: SET a 1 EX 10 KEEPTTL
        ann: SET a 1 EX 9223372036854775807
        ann: SETEX a 0 1
        ann: SETEX a x 1
        ann: PSETEX a -5 1
        ann: GETEX a EX 0
        ann: GETEX a EX 10 PERSIST
        ann: GETEX nothing EX 0    #! valkey-9: judges the time before the key
        ann: GETEX a EX 100
        ann: TTL a | tens
        ann: RPUSH jobs a
        ann: GETEX jobs BOGUS
        ann: GETEX jobs
        ann: SET jobs 1 GET
        ann: GET jobs
        """,
        proves="ExpiryTimesAreChecked",
    ),
    scenario(
        "an idempotency store in a string, a set, a hash and a sorted set",
        """
        ann: SET seen:1 done NX EX 3600
        ann: SET seen:1 done NX EX 3600
        ann: SADD seen id-1
        ann: SADD seen id-1
        ann: SADD seen id-1 id-2
        ann: SISMEMBER seen id-1
        ann: SISMEMBER seen id-9
        ann: SCARD seen
        ann: SREM seen id-1 id-9
        ann: HSET order:1 state paid total 5
        ann: HSET order:1 state sent
        ann: HSETNX order:1 state lost
        ann: HGET order:1 state
        ann: HGETALL order:1
        ann: HINCRBY order:1 total 2
        ann: HINCRBY order:1 state 1
        ann: HGETALL nothing
        ann: ZADD ages 5 a 7 b
        ann: ZADD ages NX 9 a
        ann: ZADD ages CH 6 a 8 c
        ann: ZADD ages GT 1 a
        ann: ZADD ages INCR 1.5 a
        ann: ZRANGE ages 0 -1 WITHSCORES
        ann: ZSCORE ages a
        ann: ZCARD ages
        ann: INCR n
        ann: INCRBY n 5
        ann: DECR n
        ann: INCRBYFLOAT n 0.5
        ann: INCR n
        """,
    ),
    scenario(
        "numbers and options are refused before the key",
        """
        ann: SET text v
        ann: ZADD text NX XX 1 a
        ann: ZADD text GT LT 1 a
        ann: ZADD text INCR 1 a 2 b
        ann: ZADD text x a
        ann: ZADD text 1 a 2
        ann: ZADD text 1 a
        ann: ZPOPMIN text -1
        ann: ZPOPMIN text x
        ann: ZPOPMAX text 1 2
        ann: ZRANGE text x -1
        ann: ZRANGE text 0 -1 BOGUS
        ann: ZRANGE text 0 -1 REV WITHSCORES
        ann: ZRANGE text x -1 BYSCORE LIMIT 0
        ann: ZREVRANGE text 0 x
        ann: HINCRBY text f x
        ann: HINCRBY text f 1
        ann: ZINCRBY text x a
        ann: SPOP text -1
        ann: LINSERT text BESIDE a b
        ann: SCAN x
        ann: SCAN 0 COUNT 0
        """,
        proves="ArgumentsAreJudgedBeforeTheKey",
    ),
    scenario(
        "INCRBYFLOAT looks at the key first",
        """
        ann: RPUSH jobs a
        ann: INCRBYFLOAT jobs x
        ann: INCRBYFLOAT n x
        ann: SET text v
        ann: INCRBYFLOAT text 1
        ann: INCR text
        ann: INCR jobs
        """,
        proves="NumbersAreJudgedAfterTheKey",
    ),
    scenario(
        "half a pair is refused by the command's name",
        """
        ann: HSET h a 1 b
        ann: HMSET h a 1 b
        ann: MSET a 1 b
        ann: MSETNX a 1 b
        ann: SCAN 0 COUNT
        ann: SCAN 0 MATCH
        ann: EXISTS h a
        ann: MULTI
        ann: HSET h a 1 b
        ann: EXEC
        """,
        proves="PairsMustBeComplete",
    ),
    scenario(
        "databases are numbered, swapped and emptied",
        """
        ann: SET a 0
        ann: SELECT 1
        ann: GET a
        ann: SET a 1
        ann: SET b 1
        ann: MOVE b 0
        ann: MOVE a 0
        ann: SWAPDB 0 1
        ann: GET a
        ann: SELECT x
        ann: SELECT 16
        ann: SELECT -1
        ann: SELECT 99999999999
        ann: MOVE a x
        ann: MOVE a 16
        ann: MOVE a 1
        ann: SWAPDB x 0
        ann: SWAPDB 0 x
        ann: SWAPDB 0 16
        ann: FLUSHDB
        ann: DBSIZE
        ann: SELECT 0
        ann: DBSIZE
        """,
        proves="DatabaseNumbersAreChecked",
    ),
    scenario(
        "a flush takes SYNC or ASYNC",
        """
        ann: SET a 1
        ann: FLUSHDB BOGUS
        ann: FLUSHALL SYNC ASYNC
        ann: EXISTS a
        ann: FLUSHDB SYNC
        ann: EXISTS a
        ann: SET a 1
        ann: FLUSHALL async
        ann: DBSIZE
        """,
        proves="FlushesMaySayHow",
    ),
    scenario(
        "a transaction runs all of it, or nothing",
        """
        ann: MULTI
        ann: SET a 1
        ann: RPUSH a 2
        ann: INCR a
        ann: EXEC
        ann: MULTI
        ann: SET a 9
        ann: BOGUS    #! redis-8.6: an unknown command without arguments is told in fewer words
        ann: SET a
        ann: SET a 8
        ann: EXEC
        ann: GET a
        ann: MULTI
        ann: SET a 7
        ann: DISCARD
        ann: GET a
        ann: EXEC
        ann: DISCARD
        ann: MULTI
        ann: EXEC
        ann: UNWATCH
        """,
    ),
    scenario(
        "MULTI and WATCH inside MULTI",
        """
        ann: MULTI
        ann: MULTI    #! valkey-9: Valkey refuses it as an error that aborts the transaction
        ann: WATCH a    #! valkey-9: Valkey refuses it as an error that aborts the transaction
        ann: SET a 1
        ann: EXEC    #! valkey-9: Valkey refuses it as an error that aborts the transaction
        ann: GET a    #! valkey-9: Valkey refuses it as an error that aborts the transaction
        """,
    ),
    scenario(
        "EXEC with arguments ends the transaction",
        """
        ann: EXEC now
        ann: MULTI
        ann: SET a 1
        ann: EXEC now
        ann: EXEC
        ann: EXISTS a
        """,
        proves="AWrongExecEndsTheTransaction",
    ),
    scenario(
        "a watched key that changed stops the transaction",
        """
        ann: SET a 1
        ann: WATCH a b
        bob: SET b 1
        ann: MULTI
        ann: SET a 2
        ann: EXEC
        ann: GET a
        ann: WATCH a
        bob: GET a
        bob: SETNX a 1
        bob: EXPIRE b 100
        ann: MULTI
        ann: SET a 3
        ann: EXEC
        ann: WATCH a
        bob: EXPIRE a 100
        ann: MULTI
        ann: EXEC
        ann: WATCH a
        bob: SET a 4
        ann: UNWATCH
        ann: MULTI
        ann: PING
        ann: EXEC
        ann: WATCH a
        ann: SET a 5
        ann: MULTI
        ann: PING
        ann: EXEC
        ann: WATCH
        """,
    ),
    scenario(
        "adding a member that is there changes nothing",
        """
        ann: SADD seen id-1
        ann: WATCH seen
        bob: SADD seen id-1
        ann: MULTI
        ann: PING
        ann: EXEC
        ann: WATCH seen
        bob: SADD seen id-2
        ann: MULTI
        ann: PING
        ann: EXEC
        """,
        proves="AddingAMemberTwiceChangesNothing",
    ),
    scenario(
        "how values are stored",
        """
        ann: SET a 12
        ann: OBJECT ENCODING a
        ann: SET a text
        ann: OBJECT ENCODING a
        ann: SET a "a text of more than sixty-four characters, which no server stores in one piece"
        ann: OBJECT ENCODING a    #! valkey-9: embeds longer strings
        ann: SET a 9223372036854775808
        ann: OBJECT ENCODING a
        ann: RPUSH b 1 2 3
        ann: OBJECT ENCODING b    #! redis-7.0: came with 7.2
        ann: XADD c 1-1 a 1
        ann: OBJECT ENCODING c
        ann: SADD d 1 2
        ann: OBJECT ENCODING d
        ann: SADD d x
        ann: OBJECT ENCODING d    #! redis-7.0: came with 7.2
        ann: HSET e f 1
        ann: OBJECT ENCODING e
        ann: ZADD f 1 a
        ann: OBJECT ENCODING f
        ann: OBJECT ENCODING nothing
        ann: OBJECT REFCOUNT b
        ann: OBJECT REFCOUNT nothing
        ann: OBJECT FREQ nothing
        ann: OBJECT FREQ b
        ann: OBJECT IDLETIME nothing
        ann: OBJECT
        ann: OBJECT ENCODING
        ann: OBJECT BOGUS a
        """,
        proves="ValuesHaveAnEncoding",
    ),
    scenario(
        "what Redis remembers of a key, beyond its value",
        """
        ann: SET a 1
        ann: APPEND a 2
        ann: OBJECT ENCODING a    #! embedded: looks only at what the key holds now
        ann: SADD d 1 x
        ann: SREM d x
        ann: OBJECT ENCODING d    #! embedded redis-7.0: looks only at what the key holds now
        ann: OBJECT IDLETIME a | masked    #! embedded: times of access are not kept
        ann: MEMORY USAGE a | masked    #! embedded: an estimate would not be the truth
        """,
    ),
    scenario(
        "corners that no lesson comes near",
        """
        ann: LREM jobs -9223372036854775808 a    #! redis-7.0: takes the least number
        ann: DECRBY n -9223372036854775808
        ann: SET "" v
        ann: KEYS **
        bob: WATCH c
        ann: SORT none STORE c
        bob: MULTI
        bob: EXEC    #! embedded: SORT of nothing changes the key for clients that watch it
        carol~ BLPOP z 0
        ann: ZADD z 1 a
        ann: SORT z ALPHA STORE z
        carol blocked?    #! embedded: is served a list that replaced another type
        carol closes
        ann: INFO clients | total_blocking_keys    #! embedded redis-7.0: not counted
        ann: ACL WHOAMI    #! embedded: no users and no rights
        ann: CLIENT TRACKINGINFO    #! embedded: no tracking of keys
        ann: COMMAND LIST FILTERBY PATTERN xackx    #! embedded: no filters
        ann: GEOADD places 13 38 home    #! embedded: places would lie a little elsewhere
        ann: PFADD visitors ann    #! embedded: an estimate would not be the same
        ann: LCS a c    #! embedded: bytes would come out otherwise
        """,
    ),
    scenario(
        "commands explain themselves",
        """
        ann: XINFO HELP    #! redis-7.0: words the last line differently
        ann: XGROUP HELP    #! redis-7.0: words the last line differently
        ann: OBJECT HELP    #! redis-7.0: words the last line differently
        ann: PUBSUB HELP    #! redis-7.0: words the last line differently
        ann: OBJECT HELP more
        """,
        proves="ContainersExplainThemselves",
    ),
    scenario(
        "small talk",
        """
        ann: ECHO hello
        ann: ECHO
        ann: PING
        ann: PING hello
        ann: PING a b
        ann: TIME | masked
        ann: TIME now
        ann: DBSIZE now
        ann: KEYS
        ann: APPEND a 1
        ann: STRLEN a
        ann: GETSET a 2
        ann: GETDEL a
        ann: GET a
        ann: MGET a b
        ann: SCAN 0
        ann: SCAN 0 TYPE list
        ann: RPUSH jobs 1
        ann: SCAN 0 TYPE LIST
        ann: SCAN 0 MATCH j*
        """,
    ),
    scenario(
        "unknown commands are named as typed",
        """
        ann: BOGUS    #! redis-8.6: an unknown command without arguments is told in fewer words
        ann: bogus one two
        ann: Bogus "a b" ""
        ann: MULTI
        ann: BOGUS    #! redis-8.6: an unknown command without arguments is told in fewer words
        ann: EXEC
        """,
    ),
)
