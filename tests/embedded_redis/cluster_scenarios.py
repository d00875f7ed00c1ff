"""What lesson 7 does in a cluster, as scenarios: the last letter of a client is its node.

Only clients of node A may block or close, for who waits for that looks at node A.
Three nodes: A holds the slots of orders, mail, news and b, B those of jobs and c, C of a and queue.
"""

# ruff: noqa: E501 # a step is one line, and the script stands in it

from tests.differential.scenario import Scenario, scenario

COUNTERS = "cluster_stats_messages_publish_sent cluster_stats_messages_publish_received"
SHARDED = COUNTERS.replace("publish", "publishshard")
STATE = (
    "cluster_state cluster_slots_assigned cluster_slots_ok cluster_known_nodes cluster_size "
    "cluster_current_epoch cluster_my_epoch"
)

BUS = scenario(
    "what is published on one node is heard on every node",
    f"""
    shopB: CLUSTER INFO | {COUNTERS}
    annA: SUBSCRIBE news
    bobC: PSUBSCRIBE n*
    shopB: PUBLISH news one
    annA<
    bobC<
    shopA: PUBLISH news two
    annA<
    bobC<
    annA: PSUBSCRIBE *s
    shopB: PUBLISH news three
    annA< 2
    bobC<
    shopA: PUBSUB NUMSUB news
    shopB: PUBSUB NUMSUB news
    shopA: PUBSUB NUMPAT
    shopB: PUBSUB CHANNELS
    shopB: PUBLISH silence x
    shopB: MULTI
    shopB: PUBLISH silence x
    shopB: PUBLISH silence y
    shopB: EXEC
    shopA: CLUSTER INFO | {COUNTERS}
    shopB: CLUSTER INFO | {COUNTERS}
    shopC: CLUSTER INFO | {COUNTERS}
    annA: UNSUBSCRIBE news
    annA: PUNSUBSCRIBE
    shopB: PUBLISH news four
    bobC<
    carolA: SUBSCRIBE news
    carolA closes
    shopA: PUBLISH news five
    bobC<
    shopB: CLUSTER INFO | {COUNTERS}
    """,
    proves="PublishGoesToEveryNode",
)

SHARDS = scenario(
    "a sharded channel lives on one node and leaves the bus alone",
    f"""
    annA: SSUBSCRIBE orders
    shopA: SPUBLISH orders one
    annA<
    shopB: SPUBLISH orders two
    bobB: SSUBSCRIBE orders
    bobB: SUNSUBSCRIBE orders    #! redis-8.6: it answers, wherever the channel lives
    bobB: SUNSUBSCRIBE
    bobB: SUBSCRIBE orders
    bobB: PSUBSCRIBE ord*
    annA: SSUBSCRIBE orders mail
    bobB: SSUBSCRIBE orders jobs
    shopB: PUBLISH orders loud
    bobB< 2
    shopA: SPUBLISH orders quiet
    annA<
    carolA: SSUBSCRIBE {{orders}}1 {{orders}}2
    carolA<
    shopA: SPUBLISH {{orders}}2 x
    carolA<
    shopA: PUBSUB SHARDNUMSUB orders
    shopA: PUBSUB SHARDCHANNELS ord*
    shopB: PUBSUB SHARDCHANNELS
    shopA: MULTI
    shopA: SPUBLISH jobs x
    shopA: EXEC
    annA: SUNSUBSCRIBE orders
    shopA: SPUBLISH orders unheard
    shopA: CLUSTER INFO | {COUNTERS} {SHARDED}
    shopB: CLUSTER INFO | {COUNTERS} {SHARDED}
    """,
    proves="KeysLiveOnTheNodeOfTheirSlot",
)

KEYS = scenario(
    "a key lives on the node of its slot",
    """
    shopA: SET orders 1
    shopB: SET orders 2
    shopC: GET orders
    shopA: GET orders
    shopA: GET {orders}
    shopA: CLUSTER KEYSLOT orders
    shopB: CLUSTER KEYSLOT {orders}.mail
    shopB: CLUSTER KEYSLOT {}orders
    shopB: CLUSTER KEYSLOT x{}{orders}
    shopA: CLUSTER COUNTKEYSINSLOT 105
    shopB: CLUSTER COUNTKEYSINSLOT 105
    shopB: CLUSTER COUNTKEYSINSLOT 16384
    shopB: CLUSTER COUNTKEYSINSLOT -1
    shopB: CLUSTER COUNTKEYSINSLOT many
    shopA: MGET orders mail
    shopA: MGET orders {orders}.mail
    shopA: MSET orders 1 jobs 2
    shopC: DEL orders
    shopC: DEL orders jobs
    shopA: OBJECT ENCODING orders
    shopB: OBJECT ENCODING orders
    shopA: RENAME orders mail
    shopB: COPY orders jobs
    shopA: SELECT 0
    shopA: SELECT 1    #! valkey-9: it may have several databases in a cluster, if asked to
    shopA: SELECT one
    shopA: MOVE orders 1    #! valkey-9: it may have several databases in a cluster, if asked to
    shopB: MOVE orders 1
    shopA: SWAPDB 0 1
    shopA: COPY orders mail DB 1
    shopB: DBSIZE
    shopA: DBSIZE
    shopA: DEL orders
    """,
    proves="KeysLiveOnTheNodeOfTheirSlot ClusterHasOneDatabase KeysAreCountedBySlot",
)

MESSAGING = scenario(
    "a list or a stream is one key, so it lives on one node",
    """
    shopA: RPUSH orders 1 2 3 4
    shopB: RPUSH orders 5
    annA: BLPOP orders mail 1
    annB: BLPOP orders 1
    annA: BLPOP orders {orders}.late 1
    annA: BLMOVE orders mail LEFT RIGHT 1
    annA: BLMOVE orders {orders}.doing LEFT RIGHT 1
    annA: LMPOP 2 orders mail LEFT
    annA: LMPOP 2 orders {orders}.doing LEFT
    annA: BLMPOP 1 2 orders mail LEFT
    annA: BLMPOP 1 1 orders LEFT
    annB: BLMPOP 1 1 orders LEFT
    annA: LMPOP 0 orders LEFT
    annA: LMPOP many orders LEFT
    annA: DEL orders {orders}.doing
    shopB: XADD jobs 1-1 n 1
    shopA: XADD jobs 1-2 n 2
    annA: XREAD STREAMS jobs 0
    annB: XREAD STREAMS jobs queue 0 0
    annB: XREAD COUNT 1 STREAMS jobs {jobs}2 0 0
    annB: XREAD COUNT 1 jobs 0 0
    annB: XGROUP CREATE jobs mailers 0
    annA: XGROUP CREATE jobs mailers 0
    annA: XREADGROUP GROUP mailers ann STREAMS jobs >
    annB: XREADGROUP GROUP mailers ann STREAMS jobs >
    annC: XACK jobs mailers 1-1
    annB: XACK jobs mailers 1-1
    annB: XPENDING jobs mailers
    annA: XINFO GROUPS jobs
    annA: BLPOP orders 0.01
    bobA~ BLPOP orders 0
    shopA: RPUSH orders 6
    bobA<
    annB: DEL jobs
    """,
)

TRANSACTIONS = scenario(
    "a transaction stays in one slot",
    """
    shopA: MULTI
    shopA: SET orders 1
    shopA: SET jobs 1
    shopA: EXEC
    shopA: GET orders
    shopA: MULTI
    shopA: SET orders 1
    shopA: SET mail 1
    shopA: EXEC
    shopA: EXEC
    shopA: GET orders
    shopA: WATCH jobs
    shopA: WATCH orders mail
    shopA: MULTI
    shopA: SET orders 1
    shopA: EXPIRE {orders}1 10
    shopA: PING
    shopA: EXEC
    shopA: MULTI
    shopA: SET orders 1 2 3 4
    shopA: SET mail 1
    shopA: SET orders 1
    shopA: EXEC
    shopA: DEL orders
    """,
)

SORTING = scenario(
    "what is sorted, and what it is sorted by, live in one slot",
    """
    shopA: RPUSH orders 3 1 2
    shopA: MSET {orders}1 c {orders}2 b {orders}3 a
    shopA: SORT orders BY weight-*    #! redis-7.0: says it in fewer words
    shopA: SORT orders BY {orders}* ALPHA    #! redis-7.0: reads no other key in a cluster
    shopA: SORT orders BY {orders}* GET {orders}* ALPHA    #! redis-7.0: reads no other key
    shopA: SORT orders BY {mail}*    #! redis-7.0: says it in fewer words
    shopA: SORT orders BY *{orders}    #! redis-7.0: says it in fewer words
    shopA: SORT orders BY {}*    #! redis-7.0: says it in fewer words
    shopA: SORT orders BY [{orders}*    #! redis-7.0: says it in fewer words
    shopA: SORT orders GET \\{orders}    #! redis-7.0: says it in fewer words
    shopA: SORT orders BY nosort
    shopA: SORT orders GET #    #! redis-7.0: reads no other key in a cluster
    shopA: SORT orders GET weight-*    #! redis-7.0: says it in fewer words
    shopA: SORT orders GET weight    #! redis-7.0: says it in fewer words
    shopA: SORT orders GET orders    #! redis-7.0: reads no other key in a cluster
    shopA: SORT orders GET # GET *    #! redis-7.0: says it in fewer words
    shopA: SORT orders BY nosort GET weight-*    #! redis-7.0: says it in fewer words
    shopA: SORT_RO orders BY weight-*    #! redis-7.0: says it in fewer words
    shopA: SORT_RO orders STORE {orders}s BY weight-*
    shopA: SORT orders NONSENSE BY weight-*
    shopA: SORT orders BY weight-* NONSENSE    #! redis-7.0: says it in fewer words
    shopA: SORT orders LIMIT x 1 BY weight-*
    shopA: SORT orders LIMIT 0 1 BY weight-*    #! redis-7.0: says it in fewer words
    shopA: SORT orders BY
    shopA: SORT {orders}1 BY weight-*    #! redis-7.0: says it in fewer words
    shopA: SORT orders STORE mail
    shopA: SORT orders STORE {orders}s
    shopA: SORT orders STORE mail STORE {orders}s
    shopA: LRANGE {orders}s 0 -1
    shopA: MULTI
    shopA: SORT orders BY weight-*
    shopA: SORT orders
    shopA: EXEC    #! redis-7.0: says it in fewer words
    shopA: DEL orders {orders}1 {orders}2 {orders}3 {orders}s
    shopB: SORT orders BY weight-*
    """,
    proves="SortStaysInOneSlot",
)

TELLING = scenario(
    "a node tells of its cluster",
    f"""
    shopA: CLUSTER INFO | {STATE}
    shopB: CLUSTER INFO | {STATE}
    shopC: CLUSTER INFO | {STATE}
    shopA: CLUSTER MYID | masked
    shopA: CLUSTER NODES | masked
    shopA: CLUSTER SLOTS | masked
    shopA: CLUSTER SHARDS | masked
    shopA: CLUSTER KEYSLOT
    shopA: CLUSTER NOSUCH
    shopA: INFO cluster
    shopA: INFO server | redis_mode    #! valkey-9: it calls the field server_mode
    shopA: HELLO 2 | mode
    shopA: HELLO 3 | mode
    shopA: CONFIG GET cluster-enabled
    """,
    proves="NodesSayThatTheyAreClustered NodesKnowEachOther NodesTellWhatCrossesTheBus",
)

SIX_NODES = scenario(
    "with six nodes every PUBLISH is five messages",
    f"""
    shopA: PUBLISH silence one
    shopF: PUBLISH silence two
    shopF: PUBLISH silence three
    annD: SUBSCRIBE news
    shopE: PUBLISH news four
    annD<
    shopA: CLUSTER INFO | {COUNTERS}
    shopB: CLUSTER INFO | {COUNTERS}
    shopC: CLUSTER INFO | {COUNTERS}
    shopD: CLUSTER INFO | {COUNTERS}
    shopE: CLUSTER INFO | {COUNTERS}
    shopF: CLUSTER INFO | {COUNTERS}
    """,
)

SCRIPTS = scenario(
    "a script stays on its node",
    r"""
    shopA: EVAL "return redis.call('SET', KEYS[1], 1)" 1 b
    shopB: EVAL "return redis.call('SET', KEYS[1], 1)" 1 b
    shopA: EVAL "return 1" 2 b c
    shopA: EVAL "return redis.call('GET', 'b')" 0
    shopA: EVAL "return redis.call('GET', 'c')" 0    #! valkey-9: words it differently
    shopA: EVAL "return redis.pcall('GET', 'c')" 0    #! valkey-9: words it differently
    shopA: EVAL "return {redis.call('EXISTS', 'b'), redis.call('EXISTS', 'orders')}" 0
    shopA: EVAL "#!lua\nreturn {redis.call('EXISTS', 'b'), redis.call('EXISTS', 'orders')}" 0    #! valkey-9: words it differently
    shopA: EVAL "#!lua\nreturn redis.call('EXISTS', 'orders')" 1 b    #! valkey-9: words it differently
    shopA: EVAL "#!lua flags=allow-cross-slot-keys\nreturn {redis.call('EXISTS', 'b'), redis.call('EXISTS', 'orders')}" 0
    shopA: EVAL "#!lua flags=no-cluster\nreturn 1" 0
    shopA: EVAL "return redis.call('SPUBLISH', 'orders', 'x')" 0
    shopA: EVAL "return redis.call('SPUBLISH', 'jobs', 'x')" 0    #! valkey-9: words it differently
    annA: SUBSCRIBE news
    shopB: EVAL "return redis.call('PUBLISH', 'news', 'x')" 0
    annA<
    shopA: EVAL "return redis.call('SELECT', 1)" 0    #! valkey-9: words it differently
    shopA: MULTI
    shopA: EVAL "return redis.call('SET', KEYS[1], 1)" 1 c
    shopA: EXEC
    """,
    proves="KeysLiveOnTheNodeOfTheirSlot",
)

THREE_NODES: tuple[Scenario, ...] = (
    BUS,
    SHARDS,
    KEYS,
    MESSAGING,
    TRANSACTIONS,
    SORTING,
    TELLING,
    SCRIPTS,
)
