"""Fields of a hash that expire."""

from tests.differential.scenario import scenario

LAST = 2**46 - 1  # milliseconds since 1970: the last moment at which a field may expire

SCENARIOS = (
    scenario(
        "HSETEX sets fields that keep their times",
        """
        ann: HSETEX h EX 100 FIELDS 2 a 1 b 2    #! redis-7.0: came with 8.0
        ann: HSETEX h KEEPTTL FIELDS 2 a 3 c 4    #! redis-7.0: came with 8.0
        ann: HTTL h FIELDS 3 a b c | tens    #! redis-7.0: came with 7.4
        ann: HPERSIST h FIELDS 3 a b c    #! redis-7.0: came with 7.4
        ann: HSETEX h keepttl FXX FIELDS 1 b 5    #! redis-7.0: came with 8.0
        ann: HMGET h a b c    #! redis-7.0: came with 8.0
        ann: HEXPIREAT h 4000000000 FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: HSETEX h KEEPTTL FIELDS 1 a 6    #! redis-7.0: came with 8.0
        ann: HPEXPIRETIME h FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: HSETEX h FIELDS 1 a 7    #! redis-7.0: came with 8.0
        ann: HPEXPIRETIME h FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: HSETEX h KEEPTTL FIELDS 1 keepttl 8    #! redis-7.0: came with 8.0
        ann: HSETEX h FIELDS 1 keepttl 9    #! redis-7.0: came with 8.0
        ann: HSETEX h KEEPTTL FNX FIELDS 1 a 9    #! redis-7.0: came with 8.0
        ann: HGET h a    #! redis-7.0: came with 8.0
        ann: HSETEX h EXAT 1 FIELDS 1 a 1    #! redis-7.0: came with 8.0
        ann: HEXISTS h a
        """,
        proves="FieldsMayKeepTheirTimes",
    ),
    scenario(
        "HSETEX judges its options before the key",
        f"""
        ann: SET t 1
        ann: HSETEX t EX 1 EX 2 FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t KEEPTTL KEEPTTL FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FNX FXX FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FNX FNX FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t Nonsense FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t PERSIST FIELDS 1 a 1    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HSETEX t EX x FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t EX -1 FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t PXAT {LAST + 1} FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t PX {LAST} FIELDS 1 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FIELDS 0 a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FIELDS x a 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FIELDS 2 a 1    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HSETEX t FIELDS 1 a 1 b 2    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HSETEX t FIELDS 1 a 1 EX 10    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HSETEX t FIELDS 1 a 1 b    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HSETEX t EX 1 FIELDS 1    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HSETEX t FNX KEEPTTL EX 1    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FNX KEEPTTL FNX FNX    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FNX FNX KEEPTTL EX    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FNX KEEPTTL KEEPTTL EX    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HSETEX t FIELDS 1 a 1    #! redis-7.0: came with 8.0
        """,
        proves="ArgumentsAreJudgedBeforeTheKey",
    ),
    scenario(
        "fields expire within bounds",
        f"""
        ann: HSET h a 1
        ann: HPEXPIREAT h {LAST} FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: HPEXPIRETIME h FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: HPEXPIREAT h {LAST + 1} FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPEXPIREAT h -1 FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HEXPIREAT h {LAST // 1000} FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: HEXPIREAT h {LAST // 1000 + 1} FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HEXPIREAT h -1 FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HEXPIRE h {LAST // 1000} FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPEXPIRE h {LAST} FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPEXPIRE h -1 FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HGETEX h PXAT {LAST + 1} FIELDS 1 a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HGETEX h EX -1 FIELDS 1 a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HGETEX none EX {LAST} FIELDS 1 a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HEXPIRE none {LAST} FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HEXPIRE none x FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: HEXPIRE h {LAST} NONSENSE FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HEXPIRE h 10 NX NX FIELDS 1 a    #! redis-7.0 redis-8.6 valkey-9: of 7.4, reworded
        ann: HEXPIRE h 10 NX XX FIELDS 1 a    #! redis-7.0 redis-8.6 valkey-9: of 7.4, reworded
        ann: HEXPIRE h 10 NONSENSE FIELDS 1 a    #! redis-7.0 redis-8.6 valkey-9: of 7.4, reworded
        ann: HEXPIRE h 10 NX FIELDS 2 a    #! redis-7.0 redis-8.6 valkey-9: of 7.4, reworded
        ann: HGETEX h EX 1 EX 2 FIELDS 1 a    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HGETEX h EX 1 PERSIST FIELDS 1 a    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HGETEX h PERSIST EX 1 FIELDS 1 a    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HGETEX h PERSIST FIELDS 1 a    #! redis-7.0: came with 8.0
        ann: HPEXPIRETIME h FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: SET t 1
        ann: HEXPIRE t x FIELDS 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HGETEX t EX x FIELDS 1 a    #! redis-7.0: came with 8.0
        """,
        proves="TimesOfFieldsAreChecked",
    ),
    scenario(
        "fields are announced by their number",
        """
        ann: HSET h a 1
        ann: SET t 1
        ann: HTTL h NONSENSE 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HTTL h FIELDS 0 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HTTL h FIELDS 2 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPTTL h FIELDS x a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPTTL none NONSENSE 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HEXPIRETIME h FIELDS -1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPEXPIRETIME h FIELDS 1 a b    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPERSIST h NONSENSE 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPERSIST h FIELDS 0 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HPERSIST h FIELDS 2 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HGETDEL h NONSENSE 1 a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HGETDEL h FIELDS x a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HGETDEL h FIELDS 2 a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HGETDEL none FIELDS 0 a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HGETEX h NONSENSE 1 a    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HGETEX h FIELDS 0 a    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HGETEX h FIELDS 1 a EX 10    #! redis-7.0 redis-8.6 valkey-9: of 8.0, reworded
        ann: HEXPIRE h 10 FIELDS 0 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HTTL t NONSENSE 1 a    #! redis-7.0 valkey-9: of 7.4, reworded
        ann: HGETDEL t NONSENSE 1 a    #! redis-7.0 valkey-9: of 8.0, reworded
        ann: HGETDEL h FIELDS 1 a    #! redis-7.0: came with 8.0
        """,
        proves="FieldsAreAnnounced",
    ),
    scenario(
        "a hash whose fields expire has an encoding of its own",
        """
        ann: HSET h a 1 b 2
        ann: HEXPIRE h 100 FIELDS 1 a    #! redis-7.0: came with 7.4
        ann: OBJECT ENCODING h    #! redis-7.0 valkey-9: of 7.4, reworded
        """,
        proves="ValuesHaveAnEncoding",
    ),
)
