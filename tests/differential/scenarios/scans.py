"""What a scan of one piece answers, and which names a pattern matches."""

from tests.differential.scenario import scenario

A_DOZEN = range(12)  # more than the ten that a scan looks at by default

STARS, LETTERS = 40 * "a*", 60 * "a"  # to go back with each star would take years

SCENARIOS = (
    scenario(
        "no pattern takes long, however many stars it has",
        f"""
        ann: SET {LETTERS} x
        ann: KEYS {STARS}b
        ann: KEYS {STARS}
        ann: SCAN 0 MATCH {STARS}b COUNT 100
        ann: SCAN 0 MATCH {STARS} COUNT 100
        ann: HSET h {LETTERS} x
        ann: HSCAN h 0 MATCH {STARS}b
        bob: PSUBSCRIBE {STARS}b
        ann: PUBLISH {LETTERS} x
        ann: PUBLISH {LETTERS}b x
        bob<
        ann: SUBSCRIBE {LETTERS}
        carol: PUBSUB CHANNELS {STARS}b
        carol: CONFIG GET {STARS}b
        carol: SET {1001 * "a"} x
        carol: KEYS {1000 * "*a"}*
        carol: KEYS {1001 * "*a"}
        """,
    ),
    scenario(
        "what no pattern matches, and what one matches that is named like an option",
        """
        ann: SET "" x
        ann: KEYS **
        ann: KEYS *
        ann: SCAN 0 MATCH ** COUNT 100
        ann: SCAN 0 MATCH * COUNT 100
        ann: HSET h match x
        ann: HSCAN h 0 MATCH match COUNT 5
        ann: DEL "" h
        """,
        proves="PatternsChooseAmongNames",
    ),
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
