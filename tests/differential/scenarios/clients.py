"""Connections: names, flags, kills, unblocking, protocols."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "flags tell what a client does",
        """
        ann: SUBSCRIBE a b
        ann<
        ann: PSUBSCRIBE p
        ann: SSUBSCRIBE s
        bob~ BLPOP jobs 0
        carol: MULTI
        carol: SET k v
        dave~ XREAD BLOCK 0 STREAMS s $
        erin: CLIENT NO-EVICT ON
        frank: CLIENT NO-TOUCH on    #! redis-7.0: came with 7.2
        hal: PSUBSCRIBE p
        shop: CLIENT LIST | name flags sub psub ssub multi cmd db    #! redis-7.0: lacks NO-TOUCH
        """,
        proves="ClientListTellsWhatClientsDo WaitersAreServedFirstComeFirstServed",
    ),
    scenario(
        "CLIENT INFO tells of oneself",
        """
        ann: SELECT 2
        ann: CLIENT INFO | name db flags resp cmd user redir sub psub ssub multi
        ann: WATCH a b c
        ann: CLIENT INFO | watch    #! redis-7.0: the field came with 7.4
        ann: MULTI
        ann: CLIENT INFO
        ann: EXEC | masked
        """,
        proves="ClientListTellsWhatClientsDo",
    ),
    scenario(
        "CLIENT LIST by type and by id",
        """
        ann: SUBSCRIBE a
        bob: PING
        shop: CLIENT LIST TYPE pubsub | name
        shop: CLIENT LIST TYPE normal | name
        shop: CLIENT LIST TYPE PUBSUB | name
        shop: CLIENT LIST TYPE master
        shop: CLIENT LIST TYPE replica
        shop: CLIENT LIST TYPE nonsense
        shop: CLIENT LIST ID {bob.id} {ann.id} | name
        shop: CLIENT LIST ID {ann.id} 999999 | name
        shop: CLIENT LIST ID 999999
        shop: CLIENT LIST ID abc    #! valkey-9: calls it a syntax error
        shop: CLIENT LIST ID
        shop: CLIENT LIST nonsense
        shop: CLIENT LIST TYPE
        """,
        proves="ClientListTellsWhatClientsDo",
    ),
    scenario(
        "names of clients",
        """
        ann: CLIENT GETNAME
        ann: CLIENT SETNAME ""
        ann: CLIENT GETNAME
        ann: CLIENT SETNAME "two words"
        ann: CLIENT SETNAME ann-2
        ann: CLIENT GETNAME
        ann: CLIENT ID | masked
        ann: CLIENT SETINFO LIB-NAME course    #! redis-7.0: came with 7.2
        ann: CLIENT SETINFO lib-ver 1.0    #! redis-7.0: came with 7.2
        ann: CLIENT SETINFO lib-ver "1 0"    #! redis-7.0: came with 7.2
        ann: CLIENT SETINFO nonsense 1    #! redis-7.0: came with 7.2
        ann: CLIENT INFO | lib-name lib-ver    #! redis-7.0: came with 7.2
        """,
        proves="NamesAreChecked",
    ),
    scenario(
        "errors of CLIENT",
        """
        ann: CLIENT
        ann: CLIENT nonsense
        ann: CLIENT SETNAME
        ann: CLIENT GETNAME x
        ann: CLIENT ID x
        ann: CLIENT UNBLOCK
        ann: CLIENT UNBLOCK x
        ann: CLIENT UNBLOCK 999999
        ann: CLIENT UNBLOCK 999999 nonsense
        ann: CLIENT UNBLOCK 999999 ERROR x    #! valkey-9: ignores extra words
        ann: CLIENT REPLY
        ann: CLIENT REPLY nonsense
        ann: CLIENT NO-EVICT nonsense
        ann: CLIENT KILL
        ann: CLIENT KILL 1.2.3.4:5
        ann: CLIENT KILL ID
        ann: CLIENT KILL ID x    #! valkey-9: calls it a syntax error
        ann: CLIENT KILL ID 0
        ann: CLIENT KILL ID 999999
        ann: CLIENT KILL TYPE nonsense
        ann: CLIENT KILL SKIPME maybe
        ann: CLIENT KILL USER nobody
        ann: CLIENT KILL ADDR 1.2.3.4:5
        ann: CLIENT KILL nonsense 1
        ann: CLIENT KILL ID 999999 TYPE
        """,
    ),
    scenario(
        "a killed waiter is told, and takes nothing",
        """
        ann~ BLPOP jobs 0
        bob~ BLPOP jobs 0
        shop: CLIENT KILL ID {ann.id}
        ann<
        shop: RPUSH jobs 1
        bob<
        shop: LLEN jobs
        shop: CLIENT LIST | name
        """,
        proves="KilledClientsAreHungUp ClosedClientsAreForgotten",
    ),
    scenario(
        "a killed subscriber is told, and counts no more",
        """
        ann: SUBSCRIBE a
        shop: CLIENT KILL TYPE pubsub
        ann<
        shop: PUBLISH a x
        shop: PUBSUB NUMSUB a
        """,
        proves="KilledClientsAreHungUp ClosedClientsAreForgotten",
    ),
    scenario(
        "ways to kill",
        """
        ann: PING
        bob: PING
        carol: PING
        dave: PING
        shop: CLIENT KILL {ann.addr}
        ann<
        shop: CLIENT KILL ADDR {bob.addr}
        bob<
        shop: CLIENT KILL LADDR 1.2.3.4:5
        shop: CLIENT KILL LADDR {bob.laddr} ID 123456
        eve: PING
        shop: CLIENT KILL LADDR {eve.laddr} ID {eve.id}
        eve<
        shop: CLIENT KILL ID {carol.id} TYPE pubsub
        shop: CLIENT KILL ID {carol.id} ADDR {carol.addr} TYPE normal
        carol<
        shop: CLIENT KILL ID {shop.id}
        shop: CLIENT KILL ID {shop.id} SKIPME yes
        shop: CLIENT KILL ID {shop.id} SKIPME no
        shop<
        dave: CLIENT KILL {dave.addr}
        dave<
        """,
        proves="KilledClientsAreHungUp",
    ),
    scenario(
        "who kills itself in a transaction reads no reply",
        """
        ann: MULTI
        ann: SET k v
        ann: CLIENT KILL ID {ann.id} SKIPME no
        ann: SET k w
        ann: EXEC
        ann<
        shop: GET k
        """,
        proves="KilledClientsAreHungUp",
    ),
    scenario(
        "a command to a killed connection",
        """
        ann: PING
        shop: CLIENT KILL ID {ann.id}
        ann: PING
        """,
    ),
    scenario(
        "a closed waiter takes nothing",
        """
        ann~ BLPOP jobs 0
        bob~ BLMOVE jobs done LEFT RIGHT 0
        ann closes
        bob closes
        shop: RPUSH jobs 1
        shop: LRANGE jobs 0 -1
        shop: EXISTS done
        """,
        proves="ClosedClientsAreForgotten",
    ),
    scenario(
        "CLIENT UNBLOCK ends a wait",
        """
        ann~ BLPOP jobs 0
        shop: CLIENT UNBLOCK {ann.id}
        ann<
        ann~ BLPOP jobs 0
        shop: CLIENT UNBLOCK {ann.id} TIMEOUT
        ann<
        ann~ BLPOP jobs 0
        shop: CLIENT UNBLOCK {ann.id} error
        ann<
        ann~ XREAD BLOCK 0 STREAMS s $
        shop: CLIENT UNBLOCK {ann.id}
        ann<
        shop: CLIENT UNBLOCK {ann.id}
        ann~ BLMOVE a b LEFT LEFT 0
        shop: CLIENT UNBLOCK {ann.id}
        ann<
        ann~ BLMPOP 0 1 a LEFT
        shop: CLIENT UNBLOCK {ann.id}
        ann<
        ann~ BRPOPLPUSH a b 0
        shop: CLIENT UNBLOCK {ann.id}
        ann<
        shop: RPUSH jobs x
        ann: LLEN jobs
        """,
        proves="UnblockedClientsGetAnAnswer",
    ),
    scenario(
        "HELLO",
        """
        ann: HELLO | server proto mode role    #! valkey-9: it gives its own name
        ann: HELLO 2 | server proto mode role    #! valkey-9: it gives its own name
        ann: HELLO 3 | server proto mode role    #! valkey-9: it gives its own name
        ann: HELLO | proto
        ann: HELLO 4
        ann: HELLO 1
        ann: HELLO abc
        ann: HELLO 3 SETNAME anna | proto
        ann: CLIENT GETNAME
        ann: HELLO 3 nonsense
        ann: HELLO 3 SETNAME
        ann: HELLO 3 SETNAME "a b"
        ann: HELLO 3 AUTH default wrong SETNAME zoe | proto
        ann: AUTH wrong
        ann: AUTH default wrong
        ann: AUTH nobody wrong
        ann: AUTH a b c
        ann: AUTH
        ann: CLIENT GETNAME
        """,
        proves="HelloNegotiatesTheProtocol TheDefaultUserNeedsNoPassword",
    ),
    scenario(
        "CLIENT REPLY silences",
        """
        ann: CLIENT REPLY ON
        ann! CLIENT REPLY OFF
        ann! SET a 1
        ann! NONSENSE
        ann! GET a
        ann: CLIENT REPLY ON
        ann: GET a
        ann! CLIENT REPLY SKIP
        ann! SET a 2
        ann: GET a
        ann! CLIENT REPLY OFF
        ann! CLIENT REPLY SKIP
        ann! GET a
        ann: CLIENT REPLY ON
        ann: PING
        """,
    ),
    scenario(
        "a silenced client still gets messages",
        """
        ann: HELLO 3 | proto
        ann! CLIENT REPLY OFF
        ann! SUBSCRIBE a
        ann<
        shop: PUBLISH a x
        ann<
        ann! PING
        ann: CLIENT REPLY ON
        """,
    ),
    scenario(
        "commands sent behind a blocked one wait for it",
        """
        ann~ BLPOP jobs 0
        ann! SET k v
        ann! GET k
        shop: GET k
        shop: RPUSH jobs 1
        ann< 3
        shop: GET k
        bob~ BLPOP jobs 0
        bob! BLPOP jobs 0
        bob! PING
        shop: RPUSH jobs 2 3 4
        bob< 3
        shop: LRANGE jobs 0 -1
        """,
    ),
    scenario(
        "commands sent behind a wait in a transaction's reply",
        """
        ann! MULTI
        ann! RPUSH jobs 1
        ann! BLPOP jobs 0
        ann! EXEC
        ann! PING
        ann< 5
        """,
    ),
    scenario(
        "QUIT and what was sent behind it",
        """
        ann! QUIT
        ann! SET k v
        ann<
        ann<
        shop: GET k
        """,
    ),
    scenario(
        "PING and ECHO",
        """
        ann: PING
        ann: PING hello
        ann: PING a b
        ann: ping
        ann: ECHO hello
        ann: ECHO
        ann: ECHO a b
        """,
    ),
    scenario(
        "RESET in a transaction",
        """
        ann: MULTI
        ann: SET k v
        ann: RESET
        ann: EXEC
        ann: GET k
        ann: MULTI
        ann: SET k v
        ann: QUIT
        ann<
        """,
    ),
    scenario(
        "SELECT",
        """
        ann: SELECT 1
        ann: SET k v
        ann: CLIENT INFO | db
        ann: SELECT 16
        ann: SELECT -1
        ann: SELECT abc
        ann: SELECT
        bob: GET k
        bob: SELECT 1
        bob: GET k
        """,
    ),
    scenario(
        "commands that nobody has",
        """
        ann: NONSENSE    #! redis-8.6: an unknown command without arguments is told in fewer words
        ann: Nonsense a b "c d"
        ann: NONSENSE WORDWORDWORD b
        ann: NONSENSE WORDWORD WORD c d
        ann: OBJECT
        ann: OBJECT nonsense k
        ann: XGROUP nonsense
        ann: XINFO nonsense s
        ann: CONFIG nonsense
        ann: GET
        ann: get a b
        ann: MULTI
        ann: NONSENSE    #! redis-8.6: an unknown command without arguments is told in fewer words
        ann: EXEC
        """.replace("WORD", "0123456789" * 6),
    ),
)
