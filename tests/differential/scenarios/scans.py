"""HSCAN, SSCAN and ZSCAN: what is stored in one piece, and what is not."""

from tests.differential.scenario import scenario

A_DOZEN = range(12)  # more than the ten that a scan looks at by default

SCENARIOS = (
    scenario(
        "a small collection is scanned whole",
        f"""
        ann: HSET h {" ".join(f"f{n} {n}" for n in reversed(A_DOZEN))}
        ann: HSCAN h 0
        ann: HSCAN h 7 COUNT 1
        ann: HSCAN h 0 NOVALUES    #! redis-7.0: came with 7.4
        ann: HSCAN h 0 MATCH f1*
        ann: HSCAN h 0 MATCH g* MATCH *0
        ann: ZADD z {" ".join(f"-{n} m{n}" for n in A_DOZEN)}
        ann: ZSCAN z 0
        ann: ZSCAN z 0 COUNT 1 MATCH m1*
        ann: SADD s {" ".join(f"{n}" for n in reversed(A_DOZEN))}
        ann: SSCAN s 0
        ann: SSCAN s 0 MATCH 1* COUNT 2
        ann: DEL z
        ann: ZADD z 0.1 a -inf b inf c 1e20 d 3 e
        ann: ZSCAN z 0    #! redis-7.0: wrote 0.1 with more digits
        """,
        proves="SmallCollectionsAreScannedWhole",
    ),
    scenario(
        "a scan judges its options once there is something to scan",
        """
        ann: HSET h f 1
        ann: SADD s 1
        ann: ZADD z 1 a
        ann: SET text 1
        ann: HSCAN none 0 COUNT 0
        ann: HSCAN none 0 COUNT
        ann: SSCAN none 0 NONSENSE
        ann: ZSCAN none 0 COUNT x
        ann: HSCAN text 0 NONSENSE
        ann: HSCAN h 0 COUNT 0
        ann: HSCAN h 0 COUNT x
        ann: HSCAN h 0 COUNT
        ann: HSCAN h 0 NONSENSE
        ann: HSCAN h 0 COUNT 1 COUNT -1
        ann: SSCAN s 0 MATCH
        ann: SSCAN s 0 TYPE set
        ann: SSCAN s 0 NOVALUES    #! redis-7.0: came with 7.4
        ann: ZSCAN z 0 NOVALUES    #! redis-7.0: came with 7.4
        ann: ZSCAN z 0 TYPE zset
        ann: ZSCAN z 0 COUNT 0
        """,
        proves="SmallCollectionsAreScannedWhole",
    ),
)
