"""The model of a cluster finds the keys of a command where a real server finds them."""

from pathlib import Path

import redis

from embedded_redis import known_commands
from embedded_redis.cluster.keys import keys_of
from helpers.broker.servers import start_server
from tests.real_servers import each_server

COMMANDS = """
GET a | MGET a b | MSET a 1 b 2 | RPUSH a 1 | LMOVE a b LEFT RIGHT | BLPOP a b 0 |
BLMOVE a b LEFT RIGHT 0 | LMPOP 2 a b LEFT | BLMPOP 0 2 a b LEFT COUNT 2 | RENAME a b | WATCH a b |
XADD a * f 1 | XREAD STREAMS a b 0 0 | XREAD COUNT 2 BLOCK 0 streams a b 0 0 | XACK a g 1-1 |
XREADGROUP GROUP g ann STREAMS a b > > | XGROUP CREATE a g 0 | XINFO STREAM a | XTRIM a MAXLEN 0 |
OBJECT ENCODING a | MEMORY USAGE a | SINTERCARD 2 a b LIMIT 1 | ZUNIONSTORE a 2 b c | SORT a |
SORT a STORE b | SORT a LIMIT 0 store STORE b | SORT a BY store store c STORE d | SORT a STORE |
SORT_RO a BY b | ZMPOP 1 a MIN | BZMPOP 0 2 a b MIN | ZUNION 2 a b | EVAL x 2 a b c | EVAL x 0 a |
UNLINK a b c
"""


@each_server()
def test_the_keys_of_a_command_are_those_that_the_server_names(program: Path) -> None:
    server = start_server(program, password="")
    with redis.Redis(port=server.port) as asker:
        for words in (text.split() for text in COMMANDS.split("|")):
            assert sorted(_ours(words)) == sorted(_theirs(asker, words)), words
    server.stop()


def _ours(words: list[str]) -> list[str]:
    name = "|".join(words[:2]).lower()
    container = name in known_commands()
    entry = known_commands()[name if container else words[0].lower()]
    keys = keys_of(entry, [word.encode() for word in words[1 + container :]])
    return [key.decode() for key in keys]


def _theirs(asker: redis.Redis, words: list[str]) -> list[str]:
    try:
        return asker.execute_command("COMMAND GETKEYS", *words)
    except redis.ResponseError as error:
        assert "no key arguments" in str(error), (words, error)
        return []
