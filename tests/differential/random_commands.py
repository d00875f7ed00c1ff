"""Random commands of one family on few keys: most are right, some are damaged.

The same seed gives the same commands, so a difference can be found again.
"""

import random
import re
import shlex

from .scenario import Scenario, scenario

ODD_NUMBERS = ("x", "", "1.5", "+1", "01", "9223372036854775808", "-1", "0")
ODD_IDS = ("abc", "-", "+", "$", "1-", "-1", "1-*", "1-2-3", "(1-1", "0-0", "", "+1-1", "01-1")
NAME_LETTERS, PATTERN_LETTERS = "aaabbb-*?[]^\\", "ab*?[a*-]^\\"
DAMAGE = 0.1  # of the commands

WORDS = {
    "LIST": ("a", "b", "c", "a", "b", "c", "text"),
    "STREAM": ("s", "t", "s", "t", "s", "t", "text"),
    "GROUP": ("g", "h", "g", "h", "g", "h", "nobody"),
    "WHO": ("ann", "bob", "Carol"),
    "KEY": ("a", "s", "text", "set", "hash", "sorted", "new"),
    "VALUE": ("x", "y", "z", "1", "2", "hello", ""),
    "SIDE": ("LEFT", "RIGHT", "left", "right"),
    "KEEP": ("KEEPREF", "DELREF", "ACKED"),
    "SOON": ("0.01", "0.01", "-1", "x", "inf", "1e300"),
    "IDLE": ("0", "0", "0", "100000", "-1", "x"),
    "END": ("-", "+", "ID", "ID", "(ID"),
    "FROM": (">", ">", ">", "0", "ID"),
    "AFTER": ("0", "$", "+", "ID"),
    "FIELD": ("f", "g", "h", "f", "g", ""),
    "FLAG": ("NX", "XX", "GT", "LT", "CH", "nx"),
    "SCORE": ("1", "2", "3", "0.5", "-1", "1e3", "inf", "-inf", "x", "nan", "+2"),
    "MIN": ("-inf", "1", "(1", "0", "2", "(2", "x", "1.5"),
    "MAX": ("+inf", "2", "(3", "3", "1", "(2", "x", "2.5"),
    "BEGIN": ("-", "[a", "(a", "[x", "x"),
    "STOP": ("+", "[y", "(z", "[x", "x"),
}
WORDS["SORTED"] = WORDS["SET"] = WORDS["LIST"]
WORDS["HASH"] = ("a", "b", "a", "b", "text")

FAMILIES = {
    "lists": """
        RPUSH LIST VALUE VALUE | LPUSH LIST VALUE VALUE | RPUSH LIST VALUE | RPUSHX LIST VALUE
        LPOP LIST | RPOP LIST INT | LPOP LIST INT | LLEN LIST | LRANGE LIST 0 -1
        LRANGE LIST INT INT | LINDEX LIST INT | LSET LIST INT VALUE | LTRIM LIST INT INT
        LINSERT LIST BEFORE VALUE VALUE | LREM LIST INT VALUE | LPOS LIST VALUE
        LPOS LIST VALUE RANK INT COUNT INT | LPOS LIST VALUE COUNT INT MAXLEN INT
        LMOVE LIST LIST SIDE SIDE | RPOPLPUSH LIST LIST | LMPOP 2 LIST LIST SIDE COUNT INT
        LMPOP INT LIST SIDE | BLPOP LIST LIST SOON | BRPOP LIST SOON | BLMPOP SOON 1 LIST SIDE
        BLMOVE LIST LIST SIDE SIDE SOON | BRPOPLPUSH LIST LIST SOON | TYPE LIST | DEL LIST
        OBJECT ENCODING LIST | EXISTS LIST LIST
        """,
    "streams": """
        XADD STREAM NEW f VALUE | XADD STREAM NEW f VALUE g VALUE | XADD STREAM NEW f VALUE
        XADD STREAM NOMKSTREAM NEW f VALUE | XADD STREAM MAXLEN INT NEW f VALUE | XLEN STREAM
        XADD STREAM MINID ~ ID NEW f VALUE | XADD STREAM ID f VALUE | XRANGE STREAM - +
        XRANGE STREAM END END COUNT INT | XREVRANGE STREAM END END | XDEL STREAM ID ID
        XTRIM STREAM MAXLEN INT | XTRIM STREAM MINID ID KEEP | XTRIM STREAM MAXLEN ~ INT LIMIT INT
        XREAD STREAMS STREAM AFTER | XREAD COUNT INT STREAMS STREAM STREAM AFTER AFTER
        XREAD BLOCK 5 STREAMS STREAM AFTER | XSETID STREAM ID | XINFO STREAM STREAM
        XSETID STREAM ID ENTRIESADDED INT MAXDELETEDID ID | XINFO STREAM STREAM FULL COUNT INT
        XDELEX STREAM KEEP IDS 2 ID ID | XINFO GROUPS STREAM | TYPE STREAM | EXISTS STREAM
        """,
    "groups": """
        XADD STREAM NEW f VALUE | XADD STREAM NEW f VALUE | XGROUP CREATE STREAM GROUP 0 MKSTREAM
        XGROUP CREATE STREAM GROUP $ | XGROUP SETID STREAM GROUP ID ENTRIESREAD INT
        XGROUP DESTROY STREAM GROUP | XGROUP CREATECONSUMER STREAM GROUP WHO
        XGROUP DELCONSUMER STREAM GROUP WHO | XREADGROUP GROUP GROUP WHO STREAMS STREAM FROM
        XREADGROUP GROUP GROUP WHO COUNT INT STREAMS STREAM FROM
        XREADGROUP GROUP GROUP WHO BLOCK 5 NOACK STREAMS STREAM STREAM FROM FROM
        XACK STREAM GROUP ID ID | XPENDING STREAM GROUP
        XPENDING STREAM GROUP END END INT | columns 0 1 3
        XPENDING STREAM GROUP IDLE 100000 - + INT WHO | columns 0 1 3
        XCLAIM STREAM GROUP WHO IDLE ID ID | XCLAIM STREAM GROUP WHO IDLE ID FORCE JUSTID
        XCLAIM STREAM GROUP WHO IDLE ID IDLE 100000 RETRYCOUNT INT LASTID ID
        XAUTOCLAIM STREAM GROUP WHO IDLE END COUNT INT | XAUTOCLAIM STREAM GROUP WHO 0 0 JUSTID
        XACKDEL STREAM GROUP KEEP IDS 2 ID ID | XDEL STREAM ID | XTRIM STREAM MAXLEN INT KEEP
        XINFO GROUPS STREAM | XINFO CONSUMERS STREAM GROUP | rows name pending
        """,
    "generic": """
        SET KEY VALUE | SET KEY VALUE NX GET | SET KEY VALUE XX EX 100 | GET KEY | SETNX KEY VALUE
        DEL KEY KEY | UNLINK KEY | EXISTS KEY KEY | TOUCH KEY KEY | TYPE KEY | EXPIRE KEY 100 NX
        EXPIRE KEY 200 GT | PERSIST KEY | RENAME KEY KEY | RENAMENX KEY KEY | COPY KEY KEY REPLACE
        COPY KEY KEY DB INT | INCR KEY | INCRBY KEY INT | HSET KEY f VALUE | HGETALL KEY
        HINCRBY KEY f INT | SADD KEY VALUE | SISMEMBER KEY VALUE | SCARD KEY | ZADD KEY INT VALUE
        ZSCORE KEY VALUE | RPUSH a VALUE | XADD s NEW f VALUE | APPEND KEY VALUE | GETDEL KEY
        MULTI | EXEC | DISCARD | WATCH KEY | UNWATCH | DBSIZE | ECHO VALUE | PING | SELECT 0
        MSET KEY VALUE KEY VALUE | GETSET KEY VALUE | SETEX KEY 0 VALUE | FLUSHDB SYNC
        SETEX KEY 100 VALUE
        """,
    "sorted sets": """
        ZADD SORTED SCORE VALUE | ZADD SORTED SCORE VALUE SCORE VALUE | ZADD SORTED SCORE VALUE
        ZADD SORTED FLAG SCORE VALUE | ZADD SORTED FLAG FLAG SCORE VALUE | ZCARD SORTED
        ZADD SORTED INCR SCORE VALUE | ZADD SORTED FLAG INCR SCORE VALUE | ZSCORE SORTED VALUE
        ZMSCORE SORTED VALUE VALUE | ZREM SORTED VALUE VALUE | ZRANGE SORTED INT INT
        ZRANGE SORTED 0 -1 WITHSCORES | ZRANGE SORTED MIN MAX BYSCORE LIMIT INT INT
        ZRANGE SORTED MAX MIN BYSCORE REV WITHSCORES | ZREVRANGE SORTED INT INT WITHSCORES
        ZRANGEBYSCORE SORTED MIN MAX | ZRANGEBYSCORE SORTED MIN MAX LIMIT INT INT
        ZREVRANGEBYSCORE SORTED MAX MIN LIMIT INT INT | ZCOUNT SORTED MIN MAX
        ZRANGEBYSCORE SORTED MIN MAX WITHSCORES | ZREMRANGEBYSCORE SORTED MIN MAX
        ZREMRANGEBYRANK SORTED INT INT | ZINCRBY SORTED SCORE VALUE | ZRANK SORTED VALUE
        ZRANK SORTED VALUE WITHSCORE | ZREVRANK SORTED VALUE | ZPOPMIN SORTED | TYPE SORTED
        ZPOPMIN SORTED INT | ZPOPMAX SORTED INT | BZPOPMIN SORTED SORTED SOON | DEL SORTED
        BZPOPMAX SORTED SOON | ZMPOP 2 SORTED SORTED MIN COUNT INT | BZMPOP SOON 1 SORTED MIN
        ZRANGESTORE SORTED SORTED INT INT | ZRANGESTORE SORTED SORTED MIN MAX BYSCORE LIMIT INT INT
        ZUNIONSTORE SORTED 2 SORTED SORTED WEIGHTS INT INT | ZINTER 2 SORTED SORTED
        ZDIFF 2 SORTED SORTED | ZUNION 2 SORTED SORTED AGGREGATE MAX
        ZINTERCARD 2 SORTED SORTED LIMIT INT | ZDIFFSTORE SORTED 2 SORTED SORTED
        """,
    "members of one score": """
        ZADD SORTED 0 VALUE | ZADD SORTED 0 VALUE 0 VALUE | ZREM SORTED VALUE | ZCARD SORTED
        ZRANGE SORTED BEGIN STOP BYLEX | ZRANGE SORTED STOP BEGIN BYLEX REV LIMIT INT INT
        ZRANGEBYLEX SORTED BEGIN STOP | ZRANGEBYLEX SORTED BEGIN STOP LIMIT INT INT
        ZREVRANGEBYLEX SORTED STOP BEGIN | ZREMRANGEBYLEX SORTED BEGIN STOP
        ZLEXCOUNT SORTED BEGIN STOP | ZRANGESTORE SORTED SORTED BEGIN STOP BYLEX
        ZRANGE SORTED 0 -1
        """,
    "hashes and strings": """
        HSET HASH FIELD VALUE | HSET HASH FIELD VALUE FIELD VALUE | HSETNX HASH FIELD VALUE
        HGET HASH FIELD | HMGET HASH FIELD FIELD | HGETALL HASH | HDEL HASH FIELD FIELD
        HLEN HASH | HEXISTS HASH FIELD | HINCRBY HASH FIELD INT | HSTRLEN HASH FIELD
        HINCRBYFLOAT HASH FIELD SCORE | HKEYS HASH | HVALS HASH | HMSET HASH FIELD VALUE
        DEL HASH | TYPE HASH | INCR HASH | INCRBY HASH INT | DECRBY HASH INT | GET HASH
        INCRBYFLOAT HASH SCORE | APPEND HASH VALUE | STRLEN HASH | GETRANGE HASH INT INT
        SETRANGE HASH INT VALUE | SET HASH VALUE | GETEX HASH EX 100 | GETEX HASH PERSIST
        GETDEL HASH | MGET HASH HASH | MSETNX HASH VALUE HASH VALUE | SET HASH VALUE KEEPTTL
        SET HASH VALUE EX INT | SETBIT HASH INT 1 | GETBIT HASH INT
        """,
    "sets": """
        SADD SET VALUE | SADD SET VALUE VALUE | SREM SET VALUE VALUE | SCARD SET | TYPE SET
        SISMEMBER SET VALUE | SMISMEMBER SET VALUE VALUE | SMOVE SET SET VALUE | DEL SET
        SINTERCARD 2 SET SET LIMIT INT | SINTERSTORE SET SET SET | SUNIONSTORE SET SET SET
        SDIFFSTORE SET SET SET | EXISTS SET
        """,
    "patterns": """
        SET NAME x | HSET all NAME x NAME y NAME z | KEYS PATTERN | sorted
        HSCAN all 0 MATCH PATTERN | HSCAN all 0 MATCH PATTERN COUNT INT | HSCAN all 0 MATCH NAME
        """,
}


def random_scenario(family: str, seed: int, length: int) -> Scenario:
    """Make a scenario of so many random commands."""
    chance = random.Random(f"{family} {seed}")
    commands = (_command(family, chance, number) for number in range(length))
    lines = ["ann: SET text v", *(f"ann: {command}" for command in commands)]
    return scenario(f"{family} {seed}", "\n".join(lines))


def _command(family: str, chance: random.Random, number: int) -> str:
    template, _, how = chance.choice(_templates(family)).partition(" & ")
    words = [_fill(word, chance, number) for word in template.split()]
    if chance.random() < DAMAGE and len(words) > 1:
        _damage(words, chance)
    return shlex.join(words) + (f" | {how}" if how else "")


def _templates(family: str) -> list[str]:
    """Divide the templates; what follows "| columns", "| rows" or "| sorted" is how to compare."""
    marked = re.sub(r"\| (columns|rows|sorted)", r"& \1", FAMILIES[family].strip())
    return [template.strip() for line in marked.splitlines() for template in line.split("|")]


def _fill(word: str, chance: random.Random, number: int) -> str:
    """Replace a placeholder; ids of new entries mostly grow."""
    word = chance.choice(WORDS.get(word, (word,)))
    if word == "INT":
        return _mostly(chance, str(chance.randint(-1, 4)), ODD_NUMBERS)
    if word == "NEW":
        return _mostly(chance, f"{number // 3}-{chance.randint(1, 3)}", ("abc", f"{number // 3}-*"))
    if word in ("NAME", "PATTERN"):
        letters = NAME_LETTERS if word == "NAME" else PATTERN_LETTERS
        return "".join(chance.choices(letters, k=chance.randint(1, 7)))
    if word in ("ID", "(ID"):
        near = f"{max(0, number // 3 - chance.randint(0, 4))}-{chance.randint(1, 3)}"
        return word.replace("ID", _mostly(chance, near, ODD_IDS))
    return word


def _mostly(chance: random.Random, usual: str, odd: tuple[str, ...]) -> str:
    return chance.choice(odd) if chance.random() < DAMAGE else usual


def _damage(words: list[str], chance: random.Random) -> None:
    """Drop, add or change one word after the command's name."""
    at = chance.randrange(1, len(words))
    words[at : at + 1] = chance.choice(([], [words[at], "more"], ["bogus"], [""]))
