"""Strings as rows of bits."""

from tests.differential.scenario import scenario

SCENARIOS = (
    scenario(
        "BITOP finds what one row has and the others have not",
        """
        ann: SET a abc
        ann: SET b abd
        ann: SET c z
        ann: RPUSH l 1
        ann: BITOP DIFF d a b c    #! redis-7.0 valkey-9: came with 8.2
        ann: BITCOUNT d    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP diff1 d a b c    #! redis-7.0 valkey-9: came with 8.2
        ann: BITCOUNT d    #! redis-7.0 valkey-9: came with 8.2
        ann: GETBIT d 3    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP ANDOR d a b c    #! redis-7.0 valkey-9: came with 8.2
        ann: GET d    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP ONE d a b c    #! redis-7.0 valkey-9: came with 8.2
        ann: BITCOUNT d    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP ONE d a    #! redis-7.0 valkey-9: came with 8.2
        ann: GET d    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP DIFF d none a    #! redis-7.0 valkey-9: came with 8.2
        ann: STRLEN d    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP DIFF d none none    #! redis-7.0 valkey-9: came with 8.2
        ann: EXISTS d
        ann: BITOP ONE l a    #! redis-7.0 valkey-9: came with 8.2
        ann: TYPE l    #! redis-7.0 valkey-9: came with 8.2
        """,
        proves="BitsAreCombinedAsIn82",
    ),
    scenario(
        "BITOP judges the number of its keys before it looks at them",
        """
        ann: SET a abc
        ann: RPUSH l 1
        ann: BITOP NONSENSE d l
        ann: BITOP NOT d l l
        ann: BITOP DIFF d l    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP diff1 d l    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP ANDOR d l    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP DIFF d a l    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP ONE d l    #! redis-7.0 valkey-9: came with 8.2
        ann: BITOP AND d l
        """,
        proves="ArgumentsAreJudgedBeforeTheKey",
    ),
    scenario(
        "BITFIELD_RO only gets",
        """
        ann: SET a x
        ann: RPUSH l 1
        ann: BITFIELD_RO a GET u8 0 GET i4 #1
        ann: BITFIELD_RO none GET u8 0
        ann: BITFIELD_RO a
        ann: BITFIELD_RO a OVERFLOW WRAP GET u8 0
        ann: BITFIELD_RO a SET u8 0 1
        ann: BITFIELD_RO a INCRBY u8 0 1
        ann: BITFIELD_RO a SET u65 0 1
        ann: BITFIELD_RO a GET u8 0 SET u8
        ann: BITFIELD_RO l GET u8 0
        ann: GET a
        """,
        proves="BitsMayBeReadOnly",
    ),
    scenario(
        "steps and ranges of bits are judged before the key",
        """
        ann: RPUSH l 1
        ann: BITFIELD l GET u64 0
        ann: BITFIELD l GET i64 0
        ann: BITFIELD l GET i65 0
        ann: BITFIELD l GET U8 0
        ann: BITFIELD l GET u08 0
        ann: BITFIELD l GET u8 x
        ann: BITFIELD l GET u8 -1
        ann: BITFIELD l GET u8 #
        ann: BITFIELD l GET u8 4294967296
        ann: BITFIELD l GET u8 #536870912
        ann: BITFIELD l NONSENSE
        ann: BITFIELD l SET u8 0 x
        ann: BITFIELD l SET u65 0 x
        ann: BITFIELD l INCRBY u8 0
        ann: BITFIELD l OVERFLOW NONSENSE
        ann: BITFIELD l OVERFLOW
        ann: BITCOUNT l x y    #! redis-7.0: looked at the key first
        ann: BITCOUNT l 0 1 NONSENSE    #! redis-7.0: looked at the key first
        ann: BITCOUNT l x 1 NONSENSE    #! redis-7.0: looked at the key first
        ann: BITCOUNT l 0    #! redis-7.0 valkey-9: looked at the key first
        ann: BITCOUNT l 0 1 BIT BIT    #! redis-7.0: looked at the key first
        ann: BITPOS l 2
        ann: BITPOS l x
        ann: BITPOS l 1 x    #! redis-7.0: looked at the key first
        ann: BITPOS l 1 x y NONSENSE    #! redis-7.0: looked at the key first
        ann: BITPOS l 1 0 y NONSENSE    #! redis-7.0: looked at the key first
        ann: BITPOS l 1 0 y BIT    #! redis-7.0: looked at the key first
        ann: BITPOS l 1 0 1 BIT BIT    #! redis-7.0: looked at the key first
        ann: BITPOS l 1 0 1 BIT
        """,
        proves="ArgumentsAreJudgedBeforeTheKey",
    ),
)
