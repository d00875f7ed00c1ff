"""Streams: ids, ranges, reading, trimming, deleting, and what XINFO tells."""

from tests.differential.scenario import Scenario, scenario


def many_entries(name: str, count: int, field: str, tail: str) -> Scenario:
    """Fill a stream in one transaction, then go on."""
    adds = "\n".join(f"shop: XADD s {number}-1 f {field}" for number in range(1, count + 1))
    return scenario(name, f"shop: MULTI\n{adds}\nshop: EXEC\n{tail}", "StreamsTellOfThemselves")


SCENARIOS = (
    scenario(
        "ids only grow",
        """
        ann: XADD s 1-1 a 1
        ann: XADD s 1-1 a 1
        ann: XADD s 1-0 a 1
        ann: XADD s 0-5 a 1
        ann: XADD s 1 a 1
        ann: XADD s 1-2 a 1
        ann: XADD s 5 a 1
        ann: XADD s 5 a 1
        ann: XADD s 5-* a 1
        ann: XADD s 4-* a 1
        ann: XADD s 6-* a 1
        ann: XLEN s
        ann: XDEL s 6-0
        ann: XADD s 6-0 a 1
        ann: XADD s 0-0 a 1
        ann: XADD new 0-0 a 1
        ann: XADD new 0-* a 1
        ann: XADD new 0-1 a 1
        ann: XADD new 18446744073709551615-18446744073709551615 a 1
        ann: XADD new * a 1
        ann: XADD new 18446744073709551615-* a 1
        ann: XRANGE new - +
        """,
    ),
    scenario(
        "what is no id is refused",
        """
        ann: XADD s abc a 1
        ann: XADD s 1-abc a 1
        ann: XADD s 1- a 1
        ann: XADD s -1 a 1
        ann: XADD s 1-2-3 a 1
        ann: XADD s 1-1-* a 1
        ann: XADD s "" a 1
        ann: XADD s + a 1
        ann: XADD s $ a 1
        ann: XADD s (1-1 a 1
        ann: XADD s 18446744073709551616-0 a 1
        ann: XADD s 99999999999999999999999-0 a 1
        ann: EXISTS s
        ann: XADD s 01-1 a 1
        ann: XADD s +2-1 a 1
        ann: XADD s 2-02 a 1
        ann: XRANGE s - +
        """,
        proves="EntryIdsOnlyGrow",
    ),
    scenario(
        "XADD refuses wrong arguments in its own order",
        """
        ann: XADD
        ann: XADD s
        ann: XADD s *
        ann: XADD s * a
        ann: XADD s * a 1 b
        ann: XADD s 0-0 a
        ann: XADD s abc a
        ann: SET text v
        ann: XADD text * a 1
        ann: XADD text 0-0 a 1
        ann: XADD s NOMKSTREAM * a 1
        ann: XADD s NOMKSTREAM 0-0 a 1
        ann: XADD s MAXLEN 5
        ann: XADD s MAXLEN x 1-1 a 1
        ann: XADD s MAXLEN -1 1-1 a 1
        ann: XADD s MAXLEN 5 MINID 1 1-1 a 1
        ann: XADD s MAXLEN 5 LIMIT 1 1-1 a 1
        ann: XADD s MAXLEN ~ 5 LIMIT -1 1-1 a 1
        ann: XADD s LIMIT 5 1-1 a 1
        ann: XADD s MINID abc 1-1 a 1
        ann: XADD s BOGUS 1-1 a 1
        ann: EXISTS s
        """,
        proves="EntryIdsOnlyGrow",
    ),
    scenario(
        "what is newer than 8.2 is refused as 8.2 refuses it",
        """
        ann: XADD s IDMP shop 1 * a 1    #! redis-8.6: IDMP came with 8.6
        ann: XADD s IDMPAUTO shop * a 1    #! redis-8.6: IDMP came with 8.6
        ann: XGROUP CREATE s g 0 MKSTREAM
        ann: XREADGROUP GROUP g ann CLAIM 0 STREAMS s >    #! redis-8.6: CLAIM came with 8.4
        ann: XNACK s g FAIL IDS 1 1-1
        ann: XCFGSET s IDMP-DURATION 5    #! redis-8.6: IDMP came with 8.6
        ann: XIDMPRECORD s p i 1-1    #! redis-8.6: IDMP came with 8.6
        ann: SET text v IFEQ v    #! valkey-9 redis-8.6: came with Redis 8.4 and Valkey 8.1
        ann: DELEX text    #! redis-8.6: came with 8.4
        ann: DIGEST text    #! redis-8.6: came with 8.4
        ann: MSETEX 1 a 1 EX 10    #! valkey-9 redis-8.6: came with Redis 8.4 and Valkey 9.1
        ann: INCREX n
        ann: LMOVEM a b LEFT LEFT
        """,
        proves="EntryIdsOnlyGrow ConsumersReadWhatIsNew",
    ),
    scenario(
        "XADD trims as it adds",
        """
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 1
        ann: XADD s MAXLEN 2 3-1 a 1
        ann: XRANGE s - +
        ann: XADD s MAXLEN = 1 4-1 a 1
        ann: XADD s MINID 4-1 5-1 a 1
        ann: XADD s MAXLEN ~ 1 6-1 a 1
        ann: XADD s MAXLEN ~ 1 LIMIT 0 7-1 a 1
        ann: XRANGE s - +
        ann: XADD s NOMKSTREAM MAXLEN 0 8-1 a 1
        ann: EXISTS s
        ann: XLEN s
        ann: XADD s 7-5 a 1
        ann: XTRIM s MAXLEN 0
        ann: XADD s maxlen 5 nomkstream 9-1 a 1
        """,
    ),
    scenario(
        "XTRIM by length and by id",
        """
        ann: MULTI
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 1
        ann: XADD s 3-1 a 1
        ann: XADD s 4-1 a 1
        ann: EXEC
        ann: XTRIM s MAXLEN 9
        ann: XTRIM s MINID +2
        ann: XTRIM s MINID ~ 4
        ann: XTRIM s MAXLEN ~ 0 LIMIT 1
        ann: XTRIM s maxlen = 1
        ann: XRANGE s - +
        ann: XTRIM s MAXLEN 0
        ann: XLEN s
        ann: TYPE s
        ann: XTRIM nothing MAXLEN 1
        """,
        proves="TrimmingFollowsTheNodes",
    ),
    scenario(
        "XTRIM refuses wrong arguments before the key",
        """
        ann: SET text v
        ann: XTRIM text
        ann: XTRIM text MAXLEN
        ann: XTRIM text MAXLEN x
        ann: XTRIM text MAXLEN -1
        ann: XTRIM text MAXLEN 1 MINID 1
        ann: XTRIM text MAXLEN 1 LIMIT 1
        ann: XTRIM text MAXLEN ~ 1 LIMIT x
        ann: XTRIM text MAXLEN ~ 1 LIMIT -1
        ann: XTRIM text LIMIT 1
        ann: XTRIM text LIMIT 0
        ann: XTRIM text NOMKSTREAM MAXLEN 1
        ann: XTRIM text MINID abc
        ann: XTRIM text MAXLEN 1 BOGUS
        ann: XTRIM text KEEPREF
        ann: XTRIM text MAXLEN 1 KEEPREF DELREF
        ann: XTRIM text MAXLEN 1
        """,
        proves="TrimmingFollowsTheNodes",
    ),
    many_entries(
        "approximate trimming removes whole nodes of 100 entries",
        300,
        "1",
        """
        shop: XINFO STREAM s | radix-tree-keys radix-tree-nodes
        shop: XTRIM s MAXLEN ~ 250
        shop: XTRIM s MAXLEN ~ 50
        shop: XLEN s
        shop: XTRIM s MAXLEN ~ 50
        shop: XTRIM s MINID ~ 299
        shop: XTRIM s MAXLEN ~ 0
        shop: XLEN s
        shop: XINFO STREAM s | radix-tree-keys radix-tree-nodes last-generated-id
        """,
    ),
    many_entries(
        "a node of long entries is full at 4096 bytes",
        150,
        "v" * 100,
        """
        shop: XINFO STREAM s | radix-tree-keys radix-tree-nodes
        shop: XTRIM s MAXLEN ~ 50
        shop: XLEN s
        shop: XINFO STREAM s | radix-tree-keys recorded-first-entry-id
        shop: XTRIM s MAXLEN ~ 20 LIMIT 40
        shop: XTRIM s MAXLEN ~ 20 LIMIT 20
        shop: XTRIM s MAXLEN ~ 0 LIMIT 0
        """,
    ),
    many_entries(
        "a saw-tooth: 149 entries stay, the 150th leaves 50",
        149,
        "1",
        """
        shop: XTRIM s MAXLEN ~ 50
        shop: XADD s MAXLEN ~ 50 150-1 f 1
        shop: XLEN s
        shop: XRANGE s - + COUNT 1
        """,
    ),
    scenario(
        "ranges by id, exclusive, backwards, counted",
        """
        ann: MULTI
        ann: XADD s 1-1 a 1
        ann: XADD s 1-2 a 2
        ann: XADD s 2-1 a 3 b 4
        ann: XADD s 3-0 a 5
        ann: EXEC
        ann: XRANGE s - +
        ann: XRANGE s 1 1
        ann: XRANGE s 1-2 2
        ann: XRANGE s (1-1 (3-0
        ann: XRANGE s (1 +
        ann: XRANGE s 2 1
        ann: XRANGE s - + COUNT 2
        ann: XRANGE s - + COUNT 0
        ann: XRANGE s - + COUNT -5
        ann: XRANGE s - + COUNT 1 COUNT 3
        ann: XREVRANGE s + -
        ann: XREVRANGE s + - COUNT 1
        ann: XREVRANGE s (2-1 1-1
        ann: XREVRANGE s 1 1
        ann: XREVRANGE s - +
        ann: XRANGE nothing - +
        ann: XRANGE nothing - + COUNT 0
        ann: XREVRANGE nothing + -
        ann: XLEN nothing
        """,
        proves="RangesAreReadById",
    ),
    scenario(
        "ranges refuse wrong ids and counts before the key",
        """
        ann: SET text v
        ann: XRANGE text abc +
        ann: XRANGE text - 1-abc
        ann: XRANGE text (- +
        ann: XRANGE text ( +
        ann: XRANGE text (18446744073709551615-18446744073709551615 +
        ann: XRANGE text - (0-0
        ann: XRANGE text (abc (0-0
        ann: XRANGE text - + COUNT
        ann: XRANGE text - + COUNT x
        ann: XRANGE text - + LIMIT 1
        ann: XREVRANGE text abc -
        ann: XREVRANGE text (0-0 -
        ann: XREVRANGE text + (18446744073709551615-18446744073709551615
        ann: XRANGE text - +
        ann: XREVRANGE text + -
        ann: XLEN text
        ann: XRANGE text -
        """,
        proves="RangesAreReadById",
    ),
    scenario(
        "a reader keeps its own place",
        """
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 2
        ann: XADD t 1-1 b 1
        ann: XREAD STREAMS s 0
        ann: XREAD STREAMS s 1-1
        ann: XREAD STREAMS s 1
        ann: XREAD STREAMS s 2-1
        ann: XREAD STREAMS s 9
        ann: XREAD COUNT 1 STREAMS s t 0 0
        ann: XREAD COUNT 0 STREAMS s 0
        ann: XREAD COUNT -1 STREAMS s 0
        ann: XREAD STREAMS s t 2-1 0
        ann: XREAD STREAMS s nothing $ 0
        ann: XREAD STREAMS nothing 0
        ann: XREAD BLOCK 0 STREAMS s 0
        ann: XREAD BLOCK 10 STREAMS s $
        ann: xread block 10 count 5 streams s t 1-1 $
        ann: XDEL s 2-1
        ann: XREAD STREAMS s 1-1
        ann: XADD s 3-1 a 3
        ann: XREAD STREAMS s 1-1
        """,
        proves="ReadersKeepTheirOwnPlace",
    ),
    scenario(
        "the last entry, read with a plus",
        """
        ann: XREAD STREAMS s +    #! redis-7.0: came with 7.4
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 2
        ann: XREAD STREAMS s +    #! redis-7.0: came with 7.4
        ann: XREAD COUNT 5 STREAMS s nothing + +    #! redis-7.0: came with 7.4
        ann: XDEL s 2-1
        ann: XREAD STREAMS s +    #! redis-7.0 valkey-9: came with 7.4; nil in Valkey
        ann: XREAD BLOCK 10 STREAMS s +    #! redis-7.0 valkey-9: came with 7.4; nil in Valkey
        ann: XTRIM s MAXLEN 0
        ann: XREAD STREAMS s +    #! redis-7.0: came with 7.4
        """,
        proves="ReadersKeepTheirOwnPlace",
    ),
    scenario(
        "XREAD refuses wrong arguments",
        """
        ann: SET text v
        ann: XADD s 1-1 a 1
        ann: XREAD STREAMS s
        ann: XREAD STREAMS s t 0    #! redis-7.0 valkey-9: words it differently
        ann: XREAD s 0 STREAMS
        ann: XREAD COUNT 1 BLOCK 1
        ann: XREAD COUNT x STREAMS s 0
        ann: XREAD BLOCK x STREAMS s 0
        ann: XREAD BLOCK -1 STREAMS s 0
        ann: XREAD BLOCK 1.5 STREAMS s 0
        ann: XREAD BLOCK 9223372036854775807 STREAMS s 0    #! redis-7.0: overflows until 7.2
        ann: XREAD BOGUS STREAMS s 0
        ann: XREAD STREAMS s abc
        ann: XREAD STREAMS s -
        ann: XREAD STREAMS s >
        ann: XREAD STREAMS text 0
        ann: XREAD STREAMS text $
        ann: XREAD STREAMS s text 0 0
        ann: XREAD GROUP g ann STREAMS s >
        ann: XREAD NOACK STREAMS s 0
        ann: XREAD
        """,
        proves="ReadersKeepTheirOwnPlace",
    ),
    scenario(
        "deleting leaves the stream, its last id and its count of additions",
        """
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 2
        ann: XADD s 3-1 a 3
        ann: XDEL s 2-1
        ann: XDEL s 2-1
        ann: XDEL s 1-1 9-9 3-1
        ann: XLEN s
        ann: EXISTS s
        ann: TYPE s
        ann: XINFO STREAM s    #! redis-8.6: some fields came with 8.6
        ann: XADD s 3-1 a 1
        ann: XDEL nothing 1-1
        ann: XDEL nothing abc
        ann: DEL s
        ann: XADD s 1-1 a 1
        """,
        proves="DeletingNamesTheEntries",
    ),
    scenario(
        "XDEL judges every id before it deletes one",
        """
        ann: XADD s 1-1 a 1
        ann: XDEL s 1-1 abc
        ann: XDEL s $
        ann: XDEL s -
        ann: XDEL s *
        ann: XDEL s
        ann: XLEN s
        ann: SET text v
        ann: XDEL text abc
        ann: XDEL s 1
        ann: XDEL s 1-1
        """,
        proves="DeletingNamesTheEntries",
    ),
    scenario(
        "XDELEX tells what became of each entry",
        """
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 2
        ann: XADD s 3-1 a 3
        ann: XADD s 4-1 a 4
        ann: XGROUP CREATE s g 0
        ann: XREADGROUP GROUP g ann COUNT 2 STREAMS s >
        ann: XDELEX s IDS 2 9-9 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s ACKED IDS 3 2-1 3-1 9-9    #! redis-7.0 valkey-9: came with 8.2
        ann: XPENDING s g
        ann: XDELEX s DELREF IDS 2 2-1 8-8    #! redis-7.0 valkey-9: came with 8.2
        ann: XPENDING s g    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s IDS 1 3-1 KEEPREF    #! redis-7.0 valkey-9: came with 8.2
        ann: XRANGE s - +    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX nothing IDS 2 1-1 abc    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s IDS 1 abc    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s IDS 0 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s IDS x 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s IDS 2 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s IDS 1 1-1 2-2    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s KEEPREF DELREF IDS 1 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s BOGUS IDS 1 1-1    #! redis-7.0 valkey-9: came with 8.2
        ann: XDELEX s    #! redis-7.0 valkey-9: came with 8.2
        """,
        proves="DeletingNamesTheEntries",
    ),
    scenario(
        "XSETID rewrites history, within bounds",
        """
        ann: XSETID s 5-0
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 2
        ann: XSETID s 1-1
        ann: XSETID s 2-1
        ann: XSETID s 9-9
        ann: XADD s 5-5 a 1
        ann: XSETID s 10 ENTRIESADDED 1
        ann: XSETID s 10 ENTRIESADDED -1
        ann: XSETID s 10 ENTRIESADDED x
        ann: XSETID s 10 ENTRIESADDED 77
        ann: XSETID s 10 MAXDELETEDID 11
        ann: XSETID s 10 ENTRIESADDED 78 MAXDELETEDID 1-1
        ann: XSETID s 10 BOGUS 1
        ann: XSETID s 10 ENTRIESADDED
        ann: XSETID s abc
        ann: XSETID s
        ann: XINFO STREAM s | last-generated-id max-deleted-entry-id entries-added
        ann: SET text v
        ann: XSETID text 1-1
        ann: XSETID text abc
        """,
        proves="EntryIdsOnlyGrow",
    ),
    scenario(
        "XINFO STREAM in short and in full",
        """
        ann: XADD s 1-1 a 1
        ann: XADD s 2-1 a 2
        ann: XGROUP CREATE s g 0
        ann: XINFO STREAM s    #! redis-8.6: some fields came with 8.6
        ann: XINFO STREAM s FULL | timeless    #! redis-8.6: some fields came with 8.6
        ann: XREADGROUP GROUP g ann COUNT 1 STREAMS s >
        ann: XINFO STREAM s FULL | timeless    #! redis-7.0 redis-8.6: fields of 7.2, 8.6
        ann: XINFO STREAM s FULL COUNT 1 | timeless    #! redis-7.0 redis-8.6: fields of 7.2, 8.6
        ann: XINFO STREAM s FULL COUNT 0 | timeless    #! redis-7.0 redis-8.6: fields of 7.2, 8.6
        ann: xinfo stream s full count -1 | timeless    #! redis-7.0 redis-8.6: fields of 7.2, 8.6
        ann: XTRIM s MAXLEN 0
        ann: XINFO STREAM s    #! redis-8.6: some fields came with 8.6
        ann: XINFO STREAM s FULL | timeless    #! redis-7.0 valkey-9 redis-8.6: fields of 7.4, 8.6
        """,
        proves="StreamsTellOfThemselves",
    ),
    scenario(
        "XINFO refuses what it does not know",
        """
        ann: XINFO
        ann: XINFO BOGUS s
        ann: xinfo bogus s
        ann: XINFO STREAM
        ann: XINFO STREAM nothing
        ann: XINFO STREAM nothing FULL
        ann: XINFO GROUPS nothing
        ann: XINFO CONSUMERS nothing g
        ann: XADD s 1-1 a 1
        ann: XINFO CONSUMERS s g
        ann: XINFO CONSUMERS s
        ann: XINFO STREAM s BOGUS
        ann: XINFO stream s BOGUS
        ann: XINFO STREAM s FULL COUNT
        ann: XINFO STREAM s FULL COUNT x
        ann: XINFO STREAM s FULL COUNT 1 2
        ann: XINFO GROUPS s more
        ann: SET text v
        ann: XINFO STREAM text
        ann: XINFO GROUPS text
        ann: XINFO CONSUMERS text g
        """,
        proves="StreamsTellOfThemselves",
    ),
    scenario(
        "many entries of one transaction, one id each",
        """
        ann: MULTI
        ann: XADD s 5-* a 1
        ann: XADD s 5-* a 2
        ann: XADD s 5-1 a 3
        ann: XADD s 5-* a 4
        ann: XLEN s
        ann: XREAD BLOCK 0 STREAMS s 9
        ann: XGROUP create s g 0 BOGUS
        ann: EXEC
        ann: XRANGE s - +
        """,
    ),
)
