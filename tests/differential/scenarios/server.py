"""What the server tells of itself."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "INFO counts clients and channels",
        """
        ann: SUBSCRIBE a b
        ann<
        ann: PSUBSCRIBE p
        bob: SSUBSCRIBE s
        carol~ BLPOP jobs 0
        shop: WATCH k
        shop: INFO clients | connected_clients blocked_clients
        shop: INFO clients | pubsub_clients watching_clients    #! redis-7.0: came with 7.4
        shop: INFO stats | pubsub_channels pubsub_patterns
        shop: INFO stats | pubsubshard_channels
        shop: INFO CLIENTS | blocked_clients
        ann closes
        carol closes
        shop: INFO | connected_clients blocked_clients pubsub_channels pubsub_patterns
        """,
        proves="InfoTellsTheTruth",
    ),
    scenario(
        "INFO tells the role and the keys",
        """
        shop: INFO replication | role connected_slaves
        shop: INFO server | redis_mode    #! valkey-9: names the field server_mode
        shop: INFO server | arch_bits
        shop: INFO Memory | maxmemory maxmemory_human maxmemory_policy
        shop: INFO memory | mem_not_counted_for_evict    #! embedded: nobody counts memory
        shop: INFO cluster | cluster_enabled
        shop: INFO keyspace | db0
        shop: SET a 1
        shop: SET b 2
        shop: INFO keyspace | db0    #! redis-7.0 valkey-9: Redis 8 added a field
        shop: INFO nonsense
        shop: INFO server clients | blocked_clients
        shop: INFO everything | role
        shop: INFO all | role
        shop: INFO default | role
        """,
        proves="InfoTellsTheTruth",
    ),
    scenario(
        "CONFIG GET",
        """
        shop: CONFIG GET maxmemory
        shop: CONFIG GET maxmemory-policy appendonly | maxmemory-policy appendonly
        shop: CONFIG GET STREAM-node-max-* | stream-node-max-bytes stream-node-max-entries
        shop: CONFIG GET databases
        shop: CONFIG GET save
        shop: CONFIG GET notify-keyspace-events
        shop: CONFIG GET TIMEOUT
        shop: CONFIG GET TIMEOU*
        shop: CONFIG GET hash-max-listpack-* | hash-max-listpack-entries hash-max-listpack-value
        shop: CONFIG GET set-max-intset-entries zset-max-listpack-value | set-max-intset-entries
        shop: CONFIG GET list-max-listpack-size
        shop: CONFIG GET client-output-buffer-limit    #! embedded: no buffer here is cut off
        shop: CONFIG GET maxclients    #! embedded: nothing here keeps it
        shop: CONFIG GET maxclient*    #! embedded: nothing here keeps it
        shop: CONFIG GET nonsense
        shop: CONFIG GET
        shop: CONFIG nonsense
        """,
        proves="ConfigTellsWhatHolds",
    ),
    scenario(
        "replicas",
        """
        shop: ROLE | masked
        shop: WAIT 0 0
        shop: WAIT 1 20
        shop: WAIT 1 -1
        shop: WAIT x 0
        shop: WAIT 0 x
        shop: WAIT 1
        shop: MULTI
        shop: WAIT 1 0
        shop: EXEC
        ann~ WAIT 1 0
        shop: CLIENT UNBLOCK {ann.id}
        ann<
        """,
        proves="NobodyReplicates",
    ),
    scenario(
        "COMMAND",
        """
        shop: COMMAND INFO nonsense
        shop: COMMAND INFO nonsense xack | masked
        shop: COMMAND | masked
        shop: COMMAND COUNT    #! redis-7.0 valkey-9 redis-8.6: each has its own commands
        shop: COMMAND LIST | sorted    #! redis-7.0 valkey-9 redis-8.6: each has its own commands
        shop: COMMAND nonsense
        """,
        proves="CommandsAreThoseOfRedis",
    ),
    scenario(
        "no cluster here",
        """
        shop: CLUSTER INFO
        shop: CLUSTER NODES
        shop: CLUSTER KEYSLOT k    #! valkey-9: answers it without a cluster
        shop: CLUSTER nonsense
        shop: CLUSTER
        shop: READONLY    #! valkey-9: accepts it without a cluster
        shop: ASKING
        """,
        proves="NothingIsPretended",
    ),
    scenario(
        "what needs a real server",
        """
        shop: FUNCTION LIST    #! embedded: no functions here
        shop: FCALL f 0    #! embedded: no functions here
        shop: CONFIG SET maxmemory 0    #! embedded: no setting can be changed
        shop: CONFIG RESETSTAT    #! embedded: no setting can be changed
        shop: DEBUG SLEEP 0    #! embedded: it looks inside the server
        shop: LATENCY RESET    #! embedded: it looks inside the server
        shop: SLOWLOG LEN | masked    #! embedded: it looks inside the server
        shop: MEMORY DOCTOR    #! embedded: it looks inside the server
        shop: MEMORY PURGE    #! embedded: it looks inside the server
        shop: INFO persistence | masked    #! embedded: nothing is saved to disk
        shop: INFO commandstats | masked    #! embedded: it looks inside the server
        shop: LASTSAVE | masked    #! embedded: nothing is saved to disk
        shop: SAVE    #! embedded: nothing is saved to disk
        shop: WAITAOF 0 0 0    #! embedded redis-7.0: came with 7.2; nothing is saved to disk here
        shop: SET k v
        shop: DUMP k | masked    #! embedded: nothing is saved to disk
        shop: CLIENT PAUSE 0    #! embedded: no client can be held up
        shop: CLIENT UNPAUSE    #! embedded: no client can be held up
        shop: CLIENT GETREDIR    #! embedded: no tracking of keys
        shop: CLIENT HELP | masked    #! embedded: no help texts
        shop: COMMAND DOCS get | masked    #! embedded: no documentation inside
        shop: COMMAND GETKEYS GET a    #! embedded: no documentation inside
        shop: COMMAND INFO get    #! embedded valkey-9/3: tips and key specifications are left out
        shop: REPLICAOF NO ONE    #! embedded: nothing is replicated
        shop: MODULE LIST | masked    #! embedded: no modules
        """,
    ),
    scenario(
        "TIME",
        """
        shop: TIME | masked
        shop: TIME x
        """,
    ),
)
