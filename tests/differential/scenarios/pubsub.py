"""Subscribers and publishers: what is confirmed, delivered, counted and refused."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "publishing to nobody reaches nobody",
        """
        shop: PUBLISH event1 hello
        shop: SPUBLISH event1 hello
        shop: PUBSUB NUMSUB event1
        """,
    ),
    scenario(
        "the session of two terminals",
        """
        ann: SUBSCRIBE event1 event2
        ann<
        shop: PUBLISH event1 hello
        shop: PUBLISH event1 hello2
        shop: PUBLISH event2 hello3
        shop: PUBLISH event3 unheard
        ann< 3
        """,
        proves="MessagesReachTheirSubscribers SubscriptionsAreCountedByKind",
    ),
    scenario(
        "a channel and a pattern deliver twice, the channel first",
        """
        ann: SUBSCRIBE mail-1
        ann: PSUBSCRIBE mail-*
        ann: PSUBSCRIBE mail-?
        shop: PUBLISH mail-1 x
        ann<
        ann<sorted 2
        shop: PUBLISH mail-22 y
        ann<
        """,
    ),
    scenario(
        "subscribing again does not count again",
        """
        ann: SUBSCRIBE a
        ann: SUBSCRIBE a a
        ann<
        ann: PSUBSCRIBE a
        ann: PSUBSCRIBE a
        shop: PUBLISH a x
        ann< 2
        shop: PUBSUB NUMSUB a
        shop: PUBSUB NUMPAT
        """,
    ),
    scenario(
        "sharded subscriptions are apart",
        """
        ann: SUBSCRIBE a b
        ann<
        ann: PSUBSCRIBE *
        ann: SSUBSCRIBE a
        ann: SSUBSCRIBE b c
        ann<
        ann: UNSUBSCRIBE a
        ann: SUNSUBSCRIBE a
        shop: SPUBLISH b x
        ann<
        shop: PUBLISH b y
        ann< 2
        shop: SPUBLISH a z
        shop: PUBSUB SHARDNUMSUB a b c
        shop: PUBSUB NUMSUB a b c
        shop: PUBSUB SHARDCHANNELS c*
        shop: PUBSUB CHANNELS
        ann: SUNSUBSCRIBE zzz
        ann: SUNSUBSCRIBE b c
        ann<
        ann: SUNSUBSCRIBE
        """,
        proves="SubscriptionsAreCountedByKind MessagesReachTheirSubscribers PubsubTellsWhoListens",
    ),
    scenario(
        "unsubscribing from nothing is confirmed",
        """
        ann: UNSUBSCRIBE
        ann: PUNSUBSCRIBE
        ann: SUNSUBSCRIBE
        ann: UNSUBSCRIBE a b
        ann<
        ann: PUNSUBSCRIBE a
        ann: SUBSCRIBE a
        ann: PUNSUBSCRIBE
        ann: SUNSUBSCRIBE
        ann: UNSUBSCRIBE b
        ann: UNSUBSCRIBE
        ann: GET x
        """,
        proves="SubscriptionsAreCountedByKind",
    ),
    scenario(
        "unsubscribing from all of them",
        """
        ann: SUBSCRIBE a
        ann: SUBSCRIBE b
        ann: PSUBSCRIBE p
        ann: PUNSUBSCRIBE
        ann: UNSUBSCRIBE a
        ann: UNSUBSCRIBE
        ann: SET k v
        shop: PUBLISH a x
        """,
    ),
    scenario(
        "what a subscriber may do depends on the protocol",
        """
        ann: SUBSCRIBE a
        ann: GET k
        ann: CLIENT LIST TYPE master
        ann: set k v
        ann: XADD s * a b | masked
        ann: BLPOP
        ann: nonsense 1 2
        ann: MULTI
        ann: PING
        ann: PING hello
        ann: PING a b
        ann: ECHO x
        """,
        proves="SubscriberModeFollowsTheProtocol",
    ),
    scenario(
        "a sharded subscriber is in subscriber mode too",
        """
        ann: SSUBSCRIBE a
        ann: GET k
        ann: PING
        ann: SUNSUBSCRIBE a
        ann: GET k
        ann: PING
        """,
        proves="SubscriberModeFollowsTheProtocol",
    ),
    scenario(
        "RESET leaves subscriber mode, and RESP3",
        """
        ann: SUBSCRIBE a
        ann: PSUBSCRIBE b
        ann: SSUBSCRIBE c
        ann: SELECT 3
        ann: RESET
        ann: GET k
        ann: CLIENT INFO | name db sub psub ssub resp
        ann: CLIENT GETNAME
        shop: PUBSUB NUMSUB a
        shop: PUBSUB NUMPAT
        """,
        proves="ResetAndQuitEndTheSession",
    ),
    scenario(
        "QUIT answers and hangs up, also while subscribed",
        """
        ann: SUBSCRIBE a
        ann: QUIT
        ann<
        bob: QUIT now
        bob<
        shop: PUBLISH a x
        shop: PUBSUB NUMSUB a
        """,
        proves="ResetAndQuitEndTheSession",
    ),
    scenario(
        "a closed subscriber counts no more",
        """
        ann: SUBSCRIBE a
        ann: PSUBSCRIBE *
        ann: SSUBSCRIBE a
        bob: SUBSCRIBE a
        shop: PUBLISH a x
        ann closes
        shop: PUBLISH a y
        shop: SPUBLISH a y
        shop: PUBSUB NUMSUB a
        shop: PUBSUB NUMPAT
        shop: PUBSUB SHARDNUMSUB a
        bob< 2
        """,
        proves="ClosedClientsAreForgotten",
    ),
    scenario(
        "subscribing in a transaction",
        """
        ann: MULTI
        ann: SUBSCRIBE a
        ann: EXEC
        shop: PUBLISH a x
        ann<
        bob: MULTI
        bob: SSUBSCRIBE a
        bob: PSUBSCRIBE a
        bob: SUNSUBSCRIBE a
        bob: EXEC
        carol: MULTI
        carol: SUBSCRIBE a b
        carol: UNSUBSCRIBE a
        carol: EXEC
        carol<
        """,
    ),
    scenario(
        "publishing in a transaction is delivered when it ends",
        """
        ann: SUBSCRIBE a
        shop: MULTI
        shop: PUBLISH a 1
        shop: PUBLISH a 2
        shop: SET k v
        shop: PUBSUB NUMSUB a
        shop: EXEC
        ann< 2
        shop: MULTI
        shop: PUBLISH a 3
        shop: DISCARD
        """,
    ),
    scenario(
        "publishing to oneself under RESP3",
        """
        ann: HELLO 3 | proto
        ann: SUBSCRIBE a
        ann: PUBLISH a x    #! redis-7.0: the message came before the reply until 7.2
        ann<    #! redis-7.0: the message came before the reply until 7.2
        ann: MULTI
        ann: PUBLISH a y
        ann: PUBLISH a z
        ann: EXEC    #! redis-7.0: the messages came inside the reply until 7.2
        ann< 2    #! redis-7.0: the messages came inside the reply until 7.2
        """,
        proves="MessagesReachTheirSubscribers",
    ),
    scenario(
        "globs",
        r"""
        ann: PSUBSCRIBE h?llo
        bob: PSUBSCRIBE h[ae]llo
        carol: PSUBSCRIBE h[^e]llo
        dave: PSUBSCRIBE h[a-b]llo
        erin: PSUBSCRIBE "h\\*llo"
        frank: PSUBSCRIBE h*llo
        shop: PUBLISH hello 1
        shop: PUBLISH hallo 2
        shop: PUBLISH hbllo 3
        shop: PUBLISH h*llo 4
        shop: PUBLISH hllo 5
        shop: PUBLISH heeello 6
        shop: PUBLISH Hello 7
        shop: PUBLISH "h\\llo" 8
        """,
    ),
    scenario(
        "more globs",
        r"""
        ann: PSUBSCRIBE "["
        bob: PSUBSCRIBE "a["
        carol: PSUBSCRIBE "a[b"
        dave: PSUBSCRIBE "a]"
        erin: PSUBSCRIBE "[]"
        frank: PSUBSCRIBE "[^]"
        gina: PSUBSCRIBE "\\"
        hal: PSUBSCRIBE ""
        ida: PSUBSCRIBE "[z-a]"
        shop: PUBLISH "[" 1
        shop: PUBLISH "a[" 2
        shop: PUBLISH "ab" 3
        shop: PUBLISH "a]" 4
        shop: PUBLISH "a" 5
        shop: PUBLISH "" 6
        shop: PUBLISH "\\" 7
        shop: PUBLISH "m" 8
        shop: PUBLISH "[]" 9
        """,
    ),
    scenario(
        "a star does not match the channel without a name",
        """
        ann: PSUBSCRIBE *
        bob: PSUBSCRIBE ""
        carol: SUBSCRIBE ""
        shop: PUBLISH "" x
        shop: PUBLISH a x
        ann<
        bob<
        carol<
        shop: PUBSUB CHANNELS *
        shop: PUBSUB CHANNELS ""
        shop: PUBSUB CHANNELS
        """,
        proves="MessagesReachTheirSubscribers PubsubTellsWhoListens",
    ),
    scenario(
        "what PUBSUB tells",
        """
        shop: PUBSUB CHANNELS
        ann: SUBSCRIBE news.art
        ann: PSUBSCRIBE news.*
        shop: PUBSUB CHANNELS
        shop: PUBSUB CHANNELS news.*
        shop: PUBSUB CHANNELS x*
        shop: PUBSUB NUMSUB
        shop: PUBSUB NUMSUB news.art none
        shop: PUBSUB NUMPAT
        bob: PSUBSCRIBE news.*
        shop: PUBSUB NUMPAT
        shop: PUBSUB SHARDCHANNELS
        shop: PUBSUB SHARDNUMSUB
        """,
        proves="PubsubTellsWhoListens",
    ),
    scenario(
        "errors of pub/sub commands",
        """
        shop: PUBSUB
        shop: PUBSUB nonsense
        shop: PUBSUB NUMPAT extra
        shop: PUBSUB CHANNELS a b
        shop: pubsub channels a b
        shop: PUBSUB SHARDCHANNELS a b
        shop: SUBSCRIBE
        shop: PSUBSCRIBE
        shop: SSUBSCRIBE
        shop: PUBLISH a
        shop: PUBLISH a b c
        shop: SPUBLISH a
        """,
        proves="PubsubTellsWhoListens",
    ),
    scenario(
        "channels know no databases",
        """
        ann: SELECT 5
        ann: SUBSCRIBE a
        shop: PUBLISH a x
        ann<
        """,
    ),
    scenario(
        "messages are bytes",
        """
        ann: SUBSCRIBE ""
        shop: PUBLISH "" ""
        ann<
        bob: SUBSCRIBE "två ord"
        shop: PUBLISH "två ord" "ett\\ntvå"
        bob<
        """,
    ),
    scenario(
        "a message between a command and its reply",
        """
        ann: HELLO 3 | proto
        ann: SUBSCRIBE a
        shop: PUBLISH a 1
        ann<
        ann: INCR n
        shop: PUBLISH a 2
        ann<
        ann~ BLPOP jobs 0
        shop: PUBLISH a 3
        ann<
        shop: RPUSH jobs x
        ann<
        """,
    ),
    scenario(
        "several patterns in several clients",
        """
        ann: PSUBSCRIBE a* b*
        ann<
        bob: PSUBSCRIBE b*
        shop: PUBLISH apple 1
        shop: PUBLISH bear 2
        ann: PUNSUBSCRIBE b*
        ann<sorted 2
        shop: PUBLISH bee 3
        bob< 2
        ann: PING
        """,
    ),
)
