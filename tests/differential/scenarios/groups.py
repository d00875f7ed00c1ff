"""Consumer groups: reading, pending entries, acknowledging, claiming, and XINFO."""

from tests.differential.scenario import scenario

FIVE = """
        shop: MULTI
        shop: XADD s 1-1 a 1
        shop: XADD s 2-1 a 2
        shop: XADD s 3-1 a 3
        shop: XADD s 4-1 a 4
        shop: XADD s 5-1 a 5
        shop: EXEC
        shop: XGROUP CREATE s g 0
"""

SCENARIOS = (
    scenario(
        "a group is made once, with or without its stream",
        """
        ann: XGROUP CREATE s g $
        ann: XGROUP CREATE s g $ MKSTREAM
        ann: XGROUP CREATE s g 0
        ann: XGROUP CREATE s g 0 MKSTREAM
        ann: XGROUP CREATE s h 5-5 ENTRIESREAD 3
        ann: XGROUP CREATE s i 0 mkstream entriesread -1
        ann: XINFO GROUPS s    #! redis-7.0 valkey-9: does not cap ENTRIESREAD
        ann: TYPE s
        ann: XLEN s
        ann: XGROUP DESTROY s h
        ann: XGROUP DESTROY s h
        ann: XGROUP DESTROY nothing g
        ann: XGROUP CREATECONSUMER s g ann
        ann: XGROUP CREATECONSUMER s g ann
        ann: XGROUP DELCONSUMER s g ann
        ann: XGROUP DELCONSUMER s g ann
        """,
        proves="GroupsAreMadeOnce",
    ),
    scenario(
        "XGROUP refuses options, then the key, then the group",
        """
        ann: XGROUP
        ann: XGROUP BOGUS s g
        ann: XGROUP CREATE s
        ann: XGROUP CREATE nothing g 0 BOGUS
        ann: XGROUP create nothing g 0 BOGUS
        ann: XGROUP CREATE nothing g 0 ENTRIESREAD
        ann: XGROUP CREATE nothing g 0 ENTRIESREAD x
        ann: XGROUP CREATE nothing g 0 ENTRIESREAD -2
        ann: XGROUP CREATE nothing g abc
        ann: XGROUP CREATE nothing g abc MKSTREAM
        ann: EXISTS nothing
        ann: XADD s 1-1 a 1
        ann: XGROUP CREATE s g abc
        ann: XGROUP CREATE nothing g 0 ENTRIESREAD 1 ENTRIESREAD 2
        ann: XGROUP CREATE s g 0 ENTRIESREAD 1 ENTRIESREAD 2
        ann: XGROUP CREATE s g -
        ann: XGROUP CREATE s g +
        ann: XGROUP SETID s g 0
        ann: XGROUP SETID nothing g 0
        ann: XGROUP SETID s g 0 MKSTREAM
        ann: XGROUP CREATECONSUMER s g ann
        ann: XGROUP CREATECONSUMER nothing g ann
        ann: XGROUP DELCONSUMER s g ann
        ann: SET text v
        ann: XGROUP CREATE text g 0
        ann: XGROUP SETID text g 0
        ann: XGROUP DESTROY text g
        ann: XGROUP DELCONSUMER text g ann
        """,
        proves="GroupsAreMadeOnce",
    ),
    scenario(
        "SETID moves a group back and forth",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann STREAMS s >
        ann: XGROUP SETID s g 3-1
        ann: XREADGROUP GROUP g bob STREAMS s >
        ann: XPENDING s g
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: XGROUP SETID s g $
        ann: XREADGROUP GROUP g bob STREAMS s >
        ann: XGROUP SETID s g 0 ENTRIESREAD 2
        ann: XINFO GROUPS s    #! redis-7.0 valkey-9: computes the lag as before 7.4
        ann: XGROUP SETID s g -
        ann: XGROUP SETID s g +
        ann: XGROUP SETID s g 0 ENTRIESREAD 1 ENTRIESREAD 2
        ann: XGROUP SETID s g abc
        ann: XINFO GROUPS s | rows last-delivered-id entries-read
        """,
        proves="GroupsAreMadeOnce",
    ),
    scenario(
        "no group has read more than was added",
        """
        ann: XADD s 1-1 a 1
        ann: XGROUP CREATE s g 0 ENTRIESREAD 99
        ann: XINFO GROUPS s    #! redis-7.0 valkey-9: does not cap ENTRIESREAD
        ann: XGROUP SETID s g 1-1 ENTRIESREAD 50
        ann: XINFO GROUPS s    #! redis-7.0 valkey-9: does not cap ENTRIESREAD
        """,
        proves="GroupsAreMadeOnce",
    ),
    scenario(
        "two consumers split, two groups each get all",
        FIVE
        + """
        shop: XGROUP CREATE s mail 0
        ann: XREADGROUP GROUP g ann COUNT 2 STREAMS s >
        bob: XREADGROUP GROUP g bob COUNT 2 STREAMS s >
        ann: XREADGROUP GROUP g ann STREAMS s >
        bob: XREADGROUP GROUP g bob STREAMS s >
        bob: XREADGROUP GROUP mail bob STREAMS s >
        shop: XPENDING s g
        shop: XPENDING s mail
        shop: XINFO GROUPS s
        shop: XINFO CONSUMERS s g | rows name pending
        """,
        proves="ConsumersReadWhatIsNew StreamsTellOfThemselves",
    ),
    scenario(
        "history is read by id, and counts as a delivery",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann COUNT 3 STREAMS s >
        ann: XREADGROUP GROUP g ann STREAMS s 0
        ann: XREADGROUP GROUP g ann COUNT 1 STREAMS s 1-1
        ann: XREADGROUP GROUP g ann STREAMS s 9-9
        ann: XREADGROUP GROUP g bob STREAMS s 0
        ann: XREADGROUP GROUP g ann BLOCK 0 STREAMS s 5
        shop: XDEL s 2-1
        ann: XREADGROUP GROUP g ann STREAMS s 0
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: XACK s g 2-1
        ann: XREADGROUP GROUP g ann STREAMS s 0
        """,
        proves="ConsumersReadWhatIsNew",
    ),
    scenario(
        "a read without COUNT, with BLOCK, delivers what is ready",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann BLOCK 1000 STREAMS s >
        ann: XREADGROUP GROUP g ann BLOCK 10 STREAMS s >
        ann: XREADGROUP GROUP g ann BLOCK 10 COUNT 5 STREAMS s >
        ann: XPENDING s g
        shop: XADD s 6-1 a 6
        ann: XREADGROUP GROUP g ann COUNT 10 BLOCK 0 STREAMS s >
        shop: XADD s 7-1 a 7
        ann: XREADGROUP GROUP g ann COUNT 0 STREAMS s >
        shop: XADD s 8-1 a 8
        ann: XREADGROUP GROUP g ann COUNT -3 STREAMS s >
        """,
        proves="ConsumersReadWhatIsNew",
    ),
    scenario(
        "several streams in one read",
        """
        shop: XADD s 1-1 a 1
        shop: XADD t 1-1 b 1
        shop: XGROUP CREATE s g 0
        shop: XGROUP CREATE t g 0
        shop: XGROUP CREATE u g 0 MKSTREAM
        ann: XREADGROUP GROUP g ann STREAMS s t u > > >
        ann: XREADGROUP GROUP g ann STREAMS s t > 0
        ann: XREADGROUP GROUP g ann STREAMS s t 0 0
        ann: XREADGROUP GROUP g ann STREAMS s t > >
        ann: XREADGROUP GROUP g ann STREAMS u 0
        """,
        proves="ConsumersReadWhatIsNew",
    ),
    scenario(
        "NOACK reads leave nothing pending",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann NOACK COUNT 2 STREAMS s >
        ann: XPENDING s g
        ann: XREADGROUP GROUP g ann STREAMS s 0
        ann: XINFO GROUPS s
        ann: XINFO CONSUMERS s g | rows name pending
        ann: XREADGROUP GROUP g ann NOACK STREAMS s 0
        """,
    ),
    scenario(
        "reading makes the consumer, even of nothing",
        """
        shop: XGROUP CREATE s g $ MKSTREAM
        ann: XREADGROUP GROUP g ann STREAMS s >
        bob: XREADGROUP GROUP g bob STREAMS s 0
        shop: XINFO CONSUMERS s g | rows name    #! redis-7.0: an empty read made none until 7.2
        shop: XCLAIM s g carol 0 1-1
        shop: XAUTOCLAIM s g dave 0 0
        shop: XINFO CONSUMERS s g | rows name    #! redis-7.0: an empty read made none until 7.2
        shop: XINFO CONSUMERS s g | rows inactive    #! redis-7.0: these fields came with 7.2
        """,
        proves="ConsumersReadWhatIsNew",
    ),
    scenario(
        "XREADGROUP refuses wrong arguments",
        """
        ann: XADD s 1-1 a 1
        ann: XREADGROUP GROUP g ann STREAMS s >
        ann: XREADGROUP GROUP g ann STREAMS nothing >
        ann: XREADGROUP GROUP g ann BLOCK 10 STREAMS nothing >
        ann: XGROUP CREATE s g 0
        ann: XREADGROUP GROUP g ann STREAMS s nothing > >
        ann: XREADGROUP GROUP other ann STREAMS s >
        ann: XREADGROUP GROUP g ann STREAMS s
        ann: XREADGROUP GROUP g ann COUNT 1 STREAMS s t >    #! redis-7.0: words it differently
        ann: XREADGROUP COUNT 1 COUNT 1 STREAMS s >
        ann: XREADGROUP GROUP g STREAMS s > more words
        ann: XREADGROUP GROUP g ann COUNT x STREAMS s >
        ann: XREADGROUP GROUP g ann BLOCK x STREAMS s >
        ann: XREADGROUP GROUP g ann BLOCK -1 STREAMS s >
        ann: XREADGROUP GROUP g ann BOGUS STREAMS s >
        ann: XREADGROUP GROUP g ann STREAMS s $
        ann: XREADGROUP GROUP g ann STREAMS s +    #! redis-7.0: came with 7.4
        ann: XREADGROUP GROUP g ann STREAMS s -
        ann: XREADGROUP GROUP g ann STREAMS s abc
        ann: SET text v
        ann: XREADGROUP GROUP g ann STREAMS text >
        ann: XPENDING s g
        """,
        proves="ConsumersReadWhatIsNew",
    ),
    scenario(
        "an acknowledged entry is forgotten, and stays in the stream",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann COUNT 4 STREAMS s >
        ann: XACK s g 1-1
        ann: XACK s g 1-1
        ann: XACK s g 2-1 3-1 9-9
        ann: XACK s g 4
        ann: XPENDING s g
        ann: XLEN s
        ann: XINFO GROUPS s
        ann: XACK s other 1-1
        ann: XACK nothing g 1-1
        ann: XACK nothing g abc
        """,
    ),
    scenario(
        "XACK judges every id before it acknowledges one",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann STREAMS s >
        ann: XACK s g 1-1 abc
        ann: XACK s g $
        ann: XACK s g
        ann: XACK s other abc
        ann: SET text v
        ann: XACK text g abc
        ann: XPENDING s g
        """,
        proves="AcknowledgedEntriesAreForgotten",
    ),
    scenario(
        "XACKDEL acknowledges and deletes",
        FIVE
        + """
        shop: XGROUP CREATE s mail 0
        ann: XREADGROUP GROUP g ann STREAMS s >
        ann: XREADGROUP GROUP mail ann COUNT 3 STREAMS s >
        ann: XACKDEL s g IDS 2 1-1 9-9    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g ACKED IDS 2 2-1 4-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g DELREF IDS 1 3-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XACK s mail 2-1
        ann: XACKDEL s g ACKED IDS 1 2-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDEL s 5-1
        ann: XACKDEL s g IDS 1 5-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g KEEPREF IDS 1 5-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XRANGE s - +    #! redis-7.0 valkey-9: came with 8.2
        ann: XPENDING s g    #! redis-7.0 valkey-9: came with 8.2
        ann: XPENDING s mail - + 9 | columns 0 1 3    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL nothing g IDS 1 abc    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s other IDS 1 abc    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g IDS 1 abc    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g IDS 0 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g IDS 2 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XACKDEL s g BOGUS IDS 1 1-1    #! redis-7.0 valkey-9: came with 8.2
        """,
        proves="AcknowledgedEntriesAreForgotten",
    ),
    scenario(
        "trimming and the groups' references",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann COUNT 3 STREAMS s >
        ann: XACK s g 1-1
        ann: XTRIM s MAXLEN 0 ACKED    #! redis-7.0 valkey-9: came with 8.2
        ann: XRANGE s - +    #! redis-7.0 valkey-9: came with 8.2
        ann: XTRIM s MAXLEN 3 KEEPREF    #! redis-7.0 valkey-9: came with 8.2
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: XTRIM s MAXLEN 2 DELREF    #! redis-7.0 valkey-9: came with 8.2
        ann: XPENDING s g - + 9 | columns 0 1 3    #! redis-7.0 valkey-9: came with 8.2
        ann: XADD s MAXLEN 0 ACKED 6-1 a 6    #! redis-7.0 valkey-9: came with 8.2
        ann: XADD s DELREF MAXLEN 1 7-1 a 7    #! redis-7.0 valkey-9: came with 8.2
        ann: XRANGE s - +    #! redis-7.0 valkey-9: came with 8.2
        """,
    ),
    scenario(
        "XPENDING sums up and lists, by consumer and by age",
        FIVE
        + """
        ann: XPENDING s g
        ann: XREADGROUP GROUP g bob COUNT 2 STREAMS s >
        ann: XREADGROUP GROUP g ann COUNT 2 STREAMS s >
        ann: XPENDING s g
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: XPENDING s g - + 1 | columns 0 1 3
        ann: XPENDING s g 2-1 + 9 ann | columns 0 1 3
        ann: XPENDING s g (1-1 (3-1 9 | columns 0 1 3
        ann: XPENDING s g - + 9 nobody
        ann: XPENDING s g - + 0
        ann: XPENDING s g - + -1
        ann: XPENDING s g IDLE 100000 - + 9
        ann: XPENDING s g IDLE 0 - + 9 bob | columns 0 1 3
        ann: XCLAIM s g ann 0 1-1 IDLE 500000 JUSTID
        ann: XPENDING s g IDLE 100000 - + 9 | columns 0 1 3
        ann: XPENDING s g + - 9
        """,
        proves="PendingEntriesAreListed",
    ),
    scenario(
        "XPENDING refuses wrong arguments before the key",
        """
        ann: XPENDING nothing g
        ann: XPENDING nothing g -
        ann: XPENDING nothing g - +
        ann: XPENDING nothing g - + x
        ann: XPENDING nothing g - abc 9
        ann: XPENDING nothing g IDLE x - + 9
        ann: XPENDING nothing g IDLE 5 - +
        ann: XPENDING nothing g (abc + 9
        ann: XPENDING nothing g - (0-0 9
        ann: XPENDING nothing g - + 9 ann more words
        ann: XPENDING nothing
        ann: XADD s 1-1 a 1
        ann: XPENDING s g
        ann: XPENDING s g - + 9
        ann: SET text v
        ann: XPENDING text g
        ann: XPENDING text g - + x
        """,
        proves="PendingEntriesAreListed",
    ),
    scenario(
        "a dead worker's entries are claimed",
        FIVE
        + """
        bob: XREADGROUP GROUP g bob COUNT 3 STREAMS s >
        ann: XCLAIM s g ann 100000 1-1
        ann: XCLAIM s g ann 0 1-1
        ann: XCLAIM s g ann 0 2-1 9-9 4-1 JUSTID
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: XCLAIM s g carol 0 3-1 RETRYCOUNT 7
        ann: XCLAIM s g carol 0 3-1 RETRYCOUNT -1
        ann: XCLAIM s g carol 0 4-1 FORCE
        ann: XCLAIM s g carol 0 5-1 FORCE JUSTID RETRYCOUNT 0
        ann: XCLAIM s g carol 0 9-9 FORCE
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: XCLAIM s g ann 0 1-1 IDLE 500000
        ann: XCLAIM s g bob 400000 1-1 2-1 JUSTID
        ann: XCLAIM s g ann 0 2-1 TIME 1000 JUSTID
        ann: XCLAIM s g bob 1000000 2-1 JUSTID
        ann: XCLAIM s g bob 0 1-1 LASTID 9-0
        ann: XINFO GROUPS s | rows last-delivered-id pending
        ann: XINFO CONSUMERS s g | rows name pending
        """,
        proves="ClaimedEntriesChangeHands",
    ),
    scenario(
        "XCLAIM refuses wrong arguments",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann STREAMS s >
        ann: XCLAIM s other ann 0 1-1
        ann: XCLAIM nothing g ann x 1-1
        ann: XCLAIM s g ann x 1-1
        ann: XCLAIM s g ann -5 1-1 JUSTID
        ann: XCLAIM s g ann 0 abc
        ann: XCLAIM s g ann 0 1-1 abc
        ann: XCLAIM s g ann 0 1-1 BOGUS
        ann: XCLAIM s g ann 0 1-1 IDLE
        ann: XCLAIM s g ann 0 1-1 IDLE x
        ann: XCLAIM s g ann 0 1-1 TIME x
        ann: XCLAIM s g ann 0 1-1 RETRYCOUNT x
        ann: XCLAIM s g ann 0 1-1 LASTID abc
        ann: XCLAIM s g ann 0
        ann: SET text v
        ann: XCLAIM text g ann 0 1-1
        """,
        proves="ClaimedEntriesChangeHands",
    ),
    scenario(
        "XAUTOCLAIM walks the pending entries, and drops the deleted ones",
        FIVE
        + """
        bob: XREADGROUP GROUP g bob STREAMS s >
        ann: XAUTOCLAIM s g ann 100000 0
        ann: XAUTOCLAIM s g ann 0 0 COUNT 2
        ann: XAUTOCLAIM s g ann 0 3-1 COUNT 2 JUSTID
        ann: XPENDING s g - + 9 | columns 0 1 3
        shop: XDEL s 2-1 4-1
        ann: XAUTOCLAIM s g carol 0 -
        ann: XAUTOCLAIM s g carol 0 (1-1 count 1
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: XAUTOCLAIM s g carol 0 9-9
        ann: XACK s g 1-1 3-1 5-1
        ann: XAUTOCLAIM s g carol 0 0
        """,
        proves="ClaimedEntriesChangeHands",
    ),
    scenario(
        "age is made with XCLAIM IDLE and needs no sleep",
        FIVE
        + """
        bob: XREADGROUP GROUP g bob STREAMS s >
        ann: XCLAIM s g bob 0 1-1 2-1 IDLE 60000 JUSTID
        ann: XAUTOCLAIM s g ann 30000 0
        ann: XPENDING s g - + 9 | columns 0 1 3
        """,
    ),
    scenario(
        "XAUTOCLAIM refuses wrong arguments before the key",
        """
        ann: XAUTOCLAIM nothing g ann x 0
        ann: XAUTOCLAIM nothing g ann 0 abc
        ann: XAUTOCLAIM nothing g ann 0 0 COUNT 0
        ann: XAUTOCLAIM nothing g ann 0 0 COUNT x
        ann: XAUTOCLAIM nothing g ann 0 0 COUNT
        ann: XAUTOCLAIM nothing g ann 0 0 BOGUS
        ann: XAUTOCLAIM nothing g ann 0 0
        ann: XADD s 1-1 a 1
        ann: XAUTOCLAIM s g ann 0 0
        ann: XAUTOCLAIM s g ann 0
        ann: SET text v
        ann: XAUTOCLAIM text g ann 0 0
        """,
        proves="ClaimedEntriesChangeHands",
    ),
    scenario(
        "a deleted consumer takes its pending entries with it",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann COUNT 3 STREAMS s >
        shop: XGROUP DELCONSUMER s g ann
        shop: XPENDING s g
        bob: XREADGROUP GROUP g bob STREAMS s >
        shop: XGROUP SETID s g 0
        bob: XREADGROUP GROUP g bob COUNT 1 STREAMS s >
        shop: XPENDING s g - + 9 | columns 0 1 3
        """,
    ),
    scenario(
        "a poison message goes to a dead-letter stream",
        FIVE
        + """
        ann: XREADGROUP GROUP g ann COUNT 1 STREAMS s >
        ann: XAUTOCLAIM s g bob 0 0
        ann: XAUTOCLAIM s g carol 0 0
        ann: XPENDING s g - + 9 | columns 0 1 3
        ann: MULTI
        ann: XADD dead 1-1 from 1-1 deliveries 3
        ann: XACK s g 1-1
        ann: EXEC
        ann: XPENDING s g
        """,
    ),
    scenario(
        "lag and entries-read",
        FIVE
        + """
        shop: XINFO GROUPS s
        ann: XREADGROUP GROUP g ann COUNT 2 STREAMS s >
        shop: XINFO GROUPS s
        shop: XGROUP CREATE s late $
        shop: XGROUP CREATE s middle 3-1
        shop: XINFO GROUPS s
        shop: XADD s 6-1 a 6
        shop: XINFO GROUPS s
        shop: XDEL s 4-1
        shop: XINFO GROUPS s
        ann: XREADGROUP GROUP g ann STREAMS s >
        shop: XINFO GROUPS s
        shop: XTRIM s MAXLEN 1
        shop: XINFO GROUPS s    #! valkey-9: Valkey computes the lag in its own way
        shop: XTRIM s MAXLEN 0
        shop: XINFO GROUPS s
        shop: XGROUP SETID s g 0
        shop: XINFO GROUPS s
        shop: XADD s 7-1 a 7
        shop: XINFO GROUPS s    #! valkey-9: Valkey computes the lag in its own way
        """,
        proves="StreamsTellOfThemselves",
    ),
    scenario(
        "groups and consumers are told by name",
        """
        shop: XADD s 1-1 a 1
        shop: XGROUP CREATE s zoo 0
        shop: XGROUP CREATE s Ant 0
        shop: XGROUP CREATE s mid 0
        shop: XREADGROUP GROUP zoo zed STREAMS s >
        shop: XREADGROUP GROUP zoo abe STREAMS s 0
        shop: XREADGROUP GROUP zoo Bob STREAMS s 0
        shop: XINFO GROUPS s | rows name consumers pending
        shop: XINFO CONSUMERS s zoo | rows name pending
        shop: XINFO STREAM s FULL | timeless    #! redis-7.0 redis-8.6: fields of 7.2, 8.6
        """,
        proves="StreamsTellOfThemselves",
    ),
    scenario(
        "a watched stream changes when its entries do",
        FIVE
        + """
        ann: WATCH s
        bob: XREADGROUP GROUP g bob STREAMS s >
        bob: XACK s g 1-1
        bob: XGROUP CREATE s other 0
        bob: XGROUP DESTROY s other
        bob: XDEL s 9-9
        ann: MULTI
        ann: PING
        ann: EXEC
        ann: WATCH s
        bob: XDEL s 1-1
        ann: MULTI
        ann: PING
        ann: EXEC
        """,
        proves="AcknowledgedEntriesAreForgotten",
    ),
)
