"""A terminal: what is typed, what is printed, and what a transcript of redis-cli cannot show."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import redis

from helpers import broker
from helpers.broker import choice
from helpers.broker.servers import start_server
from helpers.cli import Terminal, cells, complete, redis_cli
from helpers.cli.history import LineHistory
from helpers.cli.line import MOST_TIMES, read_line
from helpers.cli.replies import ErrorReply, ReplyParser
from helpers.cli.text import shown
from helpers.cli.words import InvalidLine, split_line
from helpers.errors import CourseError
from helpers.session import _record, flow
from helpers.waiting import until_blocked
from tests.waiting import until

from ..real_servers import each_server
from ..stage import EVERY_ENGINE, TWO_ENGINES, Stage, staged

stage = staged(TWO_ENGINES)
every_stage = staged(EVERY_ENGINE)
Opened = Callable[..., Terminal]
TYPED = 400
SEED = 7
PIECES = [
    *("GET", "RPUSH", "MULTI", "EXEC", "SUBSCRIBE", "RESET", "HELLO 3", "XADD s *", "a", "b"),
    *("'", '"', "\\", "\\x0", " ", "\t", "\x00", "é", "\ud800", "5", "-1", ":", "#", "*"),
]
REFUSED = (
    "(error) ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET"
    " are allowed in this context"
)
SENT = {  # by kind: as it goes over the wire, and as it is printed
    "status": (b"+OK\r\n", "OK"),
    "error": (b"-ERR no\r\n", "(error) ERR no"),
    "long error": (b"!6\r\nERR no\r\n", "(error) ERR no"),
    "integer": (b":-7\r\n", "(integer) -7"),
    "text": (b"$4\r\na\r\nb\r\n", '"a\\r\\nb"'),
    "empty": (b"$0\r\n\r\n", '""'),
    "nil of RESP2": (b"$-1\r\n", "(nil)"),
    "nil array": (b"*-1\r\n", "(nil)"),
    "nil": (b"_\r\n", "(nil)"),
    "true": (b"#t\r\n", "(true)"),
    "false": (b"#f\r\n", "(false)"),
    "double": (b",1.50\r\n", "(double) 1.50"),
    "big number": (b"(12345678901234567890123\r\n", "(big number) 12345678901234567890123"),
    "report": (b"=8\r\ntxt:a\nbc\r\n", "a\nbc"),
    "array": (b"*2\r\n:1\r\n*1\r\n+a\r\n", "1) (integer) 1\n2) 1) a"),
    "no array": (b"*0\r\n", "(empty array)"),
    "map": (b"%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:2\r\n:3\r\n", None),
    "no map": (b"%0\r\n", "(empty hash)"),
    "set": (b"~2\r\n+a\r\n+b\r\n", "1~ a\n2~ b"),
    "no set": (b"~0\r\n", "(empty set)"),
    "push": (b">2\r\n+a\r\n+b\r\n", "1) a\n2) b"),
    "no push": (b">0\r\n", "(empty push)"),
    "attributes": (b"|1\r\n+ttl\r\n:5\r\n+OK\r\n", "OK"),
    "error inside": (b"*2\r\n-ERR no\r\n:1\r\n", "1) (error) ERR no\n2) (integer) 1"),
}
MAP = "1# a => (integer) 1\n2# b => \n   1) (integer) 2\n   2) (integer) 3"


@pytest.fixture
async def opened(stage: Stage) -> AsyncIterator[Opened]:
    """Open terminals on the broker of the stage, and close them."""
    terminals: list[Terminal] = []

    def open_one(name: str, **options: int) -> Terminal:
        terminals.append(Terminal(name, **options))
        return terminals[-1]

    yield open_one
    for terminal in terminals:
        await terminal.close()


async def until_listed(name: str, flag: str) -> None:
    """Wait until the broker lists a client with this flag."""
    async with broker.broker().side_client() as side:

        async def is_listed() -> bool:
            listed = await side.client_list()
            return any(c["name"] == name and flag in c["flags"] for c in listed)

        await until(is_listed, f"{name} to be listed with {flag}")


async def parsed(pieces: list[bytes]) -> object:
    """Parse what arrives in pieces, with time between them."""
    parser, stream = ReplyParser(65536), asyncio.StreamReader()
    parser._forget(stream)
    reading = asyncio.create_task(parser.read_response())
    for piece in pieces:
        stream.feed_data(piece)
        for _ in range(3):
            await asyncio.sleep(0)
    stream.feed_eof()
    return await reading


@pytest.mark.parametrize("kind", SENT)
async def test_each_kind_of_reply_is_read_and_printed(kind: str) -> None:
    sent, printed = SENT[kind]
    expected = MAP if printed is None else printed
    assert shown(await parsed([sent])) == expected
    assert shown(await parsed([bytes([byte]) for byte in sent])) == expected


async def test_a_cancelled_read_loses_nothing() -> None:
    parser, stream = ReplyParser(65536), asyncio.StreamReader()
    parser._forget(stream)
    for piece in (b"*2\r\n$5\r\nhe", b"llo\r\n", b":1"):
        stream.feed_data(piece)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(parser.read_response(), 0.001)
    stream.feed_data(b"2\r\n+next\r\n")
    assert await parser.read_response() == [b"hello", 12]
    assert await parser.read_response() == b"next"


async def test_the_end_of_a_connection_and_what_is_no_reply_are_errors() -> None:
    with pytest.raises(redis.ConnectionError, match="Server closed the connection"):
        await parsed([b"*2\r\n:1\r\n"])
    with pytest.raises(redis.InvalidResponse, match='got "H" as reply type byte'):
        await parsed([b"HTTP/1.1 400 Bad Request\r\n"])


def test_an_error_keeps_its_text_and_reads_as_redis_py_writes_it() -> None:
    error = ErrorReply("ERR no such key")
    assert (str(error), error.text) == ("no such key", "ERR no such key")


def test_surrogates_and_other_odd_characters_are_words_too() -> None:
    assert split_line("a\ud800 \x00 \x0b\x0c b") == [rb"a\ud800", b"\x00", b"b"]
    assert split_line("\x0b a\x0bb") == [b"a\x0bb"]


def test_a_line_is_repeated_within_reason() -> None:
    assert read_line(f"{MOST_TIMES} PING") == (MOST_TIMES, [b"PING"])
    with pytest.raises(CourseError, match="repeated 1000 times at most"):
        read_line(f"{MOST_TIMES + 1} PING")
    with pytest.raises(InvalidLine, match="repeat command option value"):
        read_line(f"{2**63} PING")


@pytest.mark.parametrize("line", ["help", "HELP @list", "?", ":set hints", "clear", "connect a 1"])
async def test_what_only_redis_cli_knows_is_refused_in_one_sentence(
    line: str, opened: Opened
) -> None:
    told = await opened("ann").type(line)
    assert told.startswith(f"Only redis-cli itself knows {line.split()[0].lower()}: ")
    assert "\n" not in told


@pytest.mark.parametrize("line", ["MONITOR", "sync", "3 PSYNC ? -1"])
async def test_what_never_ends_is_refused(line: str, opened: Opened) -> None:
    ann = opened("ann")
    assert "never ends" in await ann.type(line)
    assert await ann.type("PING") == "PONG"


async def test_lines_may_be_typed_while_subscribed_and_messages_stay_in_order(
    opened: Opened,
) -> None:
    ann, shop = opened("ann"), opened("shop")
    await ann.type("SUBSCRIBE event1 event2")
    assert ann.prompt.endswith("(subscribed mode)> ")
    await shop.type("PUBLISH event1 early")
    assert await ann.type("GET a") == f'1) "message"\n2) "event1"\n3) "early"\n{REFUSED}'
    assert await ann.type("PING") == '1) "pong"\n2) ""'
    assert await ann.type("SUBSCRIBE event3") == '1) "subscribe"\n2) "event3"\n3) (integer) 3'
    assert (await ann.type("UNSUBSCRIBE event1 event2")).count("unsubscribe") == 2
    assert await ann.type("UNSUBSCRIBE") == '1) "unsubscribe"\n2) "event3"\n3) (integer) 0'
    assert "subscribed" not in ann.prompt
    assert await ann.type("RPUSH list message event1 x") == "(integer) 3"
    assert (await ann.type("LRANGE list 0 -1")).startswith('1) "message"')


async def test_under_resp3_a_subscriber_may_do_anything(opened: Opened) -> None:
    ann, shop = opened("ann", protocol=3), opened("shop")
    await ann.type("SUBSCRIBE event1")
    await shop.type("PUBLISH event1 hello")
    await shop.type("RPUSH list message event1 x")
    assert await ann.type("LRANGE list 0 -1") == (
        '1) "message"\n2) "event1"\n3) "hello"\n1) "message"\n2) "event1"\n3) "x"'
    )
    assert await ann.type("PING hi") == '"hi"'
    printed = await ann.type("PUBLISH event1 own") + await ann.arrived()
    assert "(integer) 1" in printed  # which comes first differs between servers
    assert '1) "message"\n2) "event1"\n3) "own"' in printed
    assert await ann.type("UNSUBSCRIBE event1")
    assert not ann.is_listening


async def test_what_has_arrived_is_there_at_once_and_only_once(opened: Opened) -> None:
    shop = opened("shop")
    for name, protocol in (("ann", 2), ("bob", 3)):
        inbox = opened(name, protocol=protocol)
        assert await inbox.arrived() == ""
        await inbox.type("PSUBSCRIBE mail-*")
        assert await inbox.arrived() == ""
        for number in range(3):
            await shop.type(f"PUBLISH mail-1 {number}")
        assert (await inbox.arrived()).count("pmessage") == 3
        assert await inbox.arrived() == ""
        await inbox.type("PUNSUBSCRIBE")


async def test_listening_can_be_cancelled_and_loses_nothing(opened: Opened) -> None:
    ann, shop = opened("ann"), opened("shop")
    await ann.type("SUBSCRIBE event1")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ann.listen(), 0.01)
    await shop.type("PUBLISH event1 hello")
    assert await asyncio.wait_for(ann.listen(), 5) == '1) "message"\n2) "event1"\n3) "hello"'


async def test_a_subscription_inside_a_transaction_is_noticed(opened: Opened) -> None:
    ann, shop = opened("ann"), opened("shop")
    await ann.type("MULTI")
    assert await ann.type("SUBSCRIBE event1") == (
        "Reading messages... (press Ctrl-C to quit)\nQUEUED"
    )
    await ann.type("EXEC")
    assert ann.is_listening
    await shop.type("PUBLISH event1 hello")
    assert await ann.arrived() == '1) "message"\n2) "event1"\n3) "hello"'


async def test_a_list_with_the_words_of_a_confirmation_is_none(opened: Opened) -> None:
    ann = opened("ann")
    await ann.type("RPUSH list subscribe event1 1")
    assert await ann.type("LRANGE list 0 -1") == '1) "subscribe"\n2) "event1"\n3) "1"'
    assert not ann.is_listening


async def test_silence_is_not_waited_for(opened: Opened) -> None:
    ann, shop = opened("ann"), opened("shop")
    typed = ["CLIENT REPLY OFF", "SET a 1", "CLIENT REPLY SKIP", "NOPE", "CLIENT REPLY ON", "GET a"]
    assert [await ann.type(line) for line in typed] == ["", "", "", "", "OK", '"1"']
    typed = ["CLIENT REPLY SKIP", "INCR a", "INCR a"]
    assert [await ann.type(line) for line in typed] == ["", "", "(integer) 3"]
    typed = ["CLIENT REPLY OFF", "RESET", "PING"]
    assert [await ann.type(line) for line in typed] == ["", "RESET", "PONG"]
    assert await shop.type("GET a") == '"3"'


@pytest.mark.parametrize("kind", ["waiting", "subscribed", "idle", "in a transaction"])
async def test_ctrl_c_gives_the_prompt_back(kind: str, opened: Opened) -> None:
    ann = opened("ann")
    await ann.type("SELECT 2")
    await ann.type("SET here 1")
    if kind == "waiting":
        typing = asyncio.create_task(ann.type("BLPOP none 0"))
        await until_blocked(ann)
    if kind == "subscribed":
        await ann.type("SUBSCRIBE event1")
        typing = asyncio.create_task(ann.listen())
        await until_listed("ann", "P")
    if kind == "in a transaction":
        await ann.type("MULTI")
    await ann.interrupt()
    if kind in ("waiting", "subscribed"):
        assert await asyncio.wait_for(typing, 5) == "^C"
    assert ann.prompt.endswith("[2]> ")
    assert await ann.type("GET here") == '"1"'


async def test_a_cancelled_line_leaves_no_reply_to_the_next(opened: Opened) -> None:
    ann, shop = opened("ann"), opened("shop")
    typing = asyncio.create_task(ann.type("BLPOP orders 0"))
    await until_blocked(ann)
    typing.cancel()
    await asyncio.wait({typing})
    assert await ann.type("PING") == "PONG"
    assert await shop.type("RPUSH orders order-1") == "(integer) 1"
    assert await ann.type("LPOP orders") == '"order-1"'


async def test_a_line_typed_while_another_waits_comes_after_it(opened: Opened) -> None:
    ann, shop = opened("ann"), opened("shop")
    first = asyncio.create_task(ann.type("BLPOP orders 0"))
    await until_blocked(ann)
    second = asyncio.create_task(ann.type("LLEN orders"))
    await shop.type("RPUSH orders a b")
    assert await asyncio.wait_for(first, 5) == '1) "orders"\n2) "a"'
    assert await asyncio.wait_for(second, 5) == "(integer) 1"


async def test_a_lost_connection_is_told_and_made_anew(opened: Opened) -> None:
    ann, shop = opened("ann"), opened("shop")
    for line in ("SELECT 3", "SET here 1", "MULTI"):
        await ann.type(line)
    await shop.type("CLIENT KILL TYPE normal")
    assert await ann.type("SET a 1") == "Error: Server closed the connection"
    assert ann.prompt == "not connected> "
    assert await ann.type("GET here") == '"1"'
    assert ann.prompt.endswith("[3]> ")


async def test_a_subscriber_that_is_cut_off_is_told(opened: Opened) -> None:
    ann, shop = opened("ann"), opened("shop")
    await ann.type("SUBSCRIBE event1")
    await shop.type("CLIENT KILL TYPE pubsub")
    assert await ann.listen() == "Error: Server closed the connection"
    assert ann.prompt == "not connected> "
    assert await ann.arrived() == ""


async def test_what_was_printed_before_the_loss_stays(opened: Opened) -> None:
    ann = opened("ann")
    assert await ann.type("2 QUIT") == "OK\nError: Server closed the connection"


@pytest.mark.parametrize("line", ["quit", "EXIT", "exit now"])
async def test_whoever_leaves_may_come_back(line: str, opened: Opened) -> None:
    ann = opened("ann")
    await ann.type("SELECT 2")
    assert await ann.type(line) == ""
    assert ann.prompt.endswith("6379> " if "6379" in ann.prompt else "> ")
    assert await ann.type("DBSIZE") == "(integer) 0"


async def test_an_outage_is_told_in_the_words_of_redis_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choice._embedded()
    monkeypatch.setattr(choice, "_chosen", ("embedded", chosen))
    ann = Terminal("ann")
    assert await ann.type("PING") == "PONG"
    chosen._options["server"].connected = False
    assert await ann.type("PING") == "Error: Server closed the connection"
    assert await ann.type("PING") == (
        "Could not connect to Redis at 127.0.0.1:6379: Connection refused"
    )
    chosen._options["server"].connected = True
    assert await ann.type("PING") == "PONG"
    await ann.close()


@each_server()
async def test_a_server_that_is_shut_down_says_nothing(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(program, password="")
    where = {"host": "127.0.0.1", "port": server.port}
    chosen = broker.Broker("server", server.url, "", where, where, lambda: None)
    monkeypatch.setattr(choice, "_chosen", ("embedded", chosen))
    ann = Terminal("ann")
    assert await ann.type("SHUTDOWN NOSAVE") == ""
    assert ann.prompt == "not connected> "
    refused = f"Could not connect to Redis at 127.0.0.1:{server.port}: Connection refused"
    assert await ann.type("PING") == refused
    server.stop()


@each_server()
async def test_reset_does_not_lock_a_terminal_out_of_the_private_server(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(program)
    chosen = broker.Broker("server", server.url, "", server.options, {}, lambda: None)
    monkeypatch.setattr(choice, "_chosen", ("embedded", chosen))
    ann = Terminal("ann")
    assert await ann.type("SELECT 1") == "OK"
    assert await ann.type("RESET") == "RESET"
    assert await ann.type("RPUSH orders order-1") == "(integer) 1"
    with redis.Redis(**server.options, db=0) as side:
        assert side.llen("orders") == 1
    await ann.close()
    server.stop()


@each_server()
async def test_on_somebodys_server_a_terminal_is_guarded(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(program, password="")
    monkeypatch.setattr(choice, "_chosen", None)
    monkeypatch.setenv("COURSE_BROKER", f"{server.url}/1")
    with redis.Redis(port=server.port, db=1, decode_responses=True) as theirs:
        ann = Terminal("ann")
        assert ann.prompt == f"127.0.0.1:{server.port}[1]> "
        assert await ann.type("RPUSH orders order-1") == "(integer) 1"
        theirs.set("theirs", "1")
        refusals = {
            "FLUSHALL": "FLUSHALL could reach what the course did not create",
            '"FLUSHALL"': "FLUSHALL could reach what the course did not create",
            "GET theirs": "The course did not create the key 'theirs'",
            "SELECT 0": "SELECT 0 could reach",
            "SHUTDOWN": "SHUTDOWN could reach",
        }
        for line, refusal in refusals.items():
            assert (await ann.type(line)).startswith(refusal)
        assert (await ann.type('"FLUSHALL "')).startswith("(error) ERR unknown command")
        assert await ann.type("LRANGE orders 0 -1") == '1) "order-1"'
        await ann.close()
        assert ann.prompt == f"127.0.0.1:{server.port}[1]> "
        broker.close()
        assert theirs.keys() == ["theirs"]
    server.stop()


def odd_line(chance: random.Random) -> str:
    between = chance.choice(["", " ", " "])
    return between.join(chance.choices(PIECES, k=chance.randint(1, 6)))


async def test_nothing_that_is_typed_raises(opened: Opened) -> None:
    chance = random.Random(SEED)
    ann = opened("ann")
    typed = [odd_line(chance) for _ in range(TYPED)]
    printed = [await asyncio.wait_for(ann.type(line), 5) for line in typed]
    kinds = ("(error)", "Invalid argument(s)", "(integer)", "QUEUED", "OK", "subscribe", "RESET")
    assert [kind for kind in kinds if not any(kind in text for text in printed)] == []
    assert not [text for text in printed if "Error:" in text or "Could not" in text]


def test_names_of_commands_are_completed() -> None:
    assert complete("xa") == ["XACK", "XACKDEL", "XADD", "XAUTOCLAIM"]
    assert complete("XGROUP CREATE") == ["XGROUP CREATE", "XGROUP CREATECONSUMER"]
    assert complete("xgroup  d") == ["XGROUP DELCONSUMER", "XGROUP DESTROY"]
    assert complete("client k") == ["CLIENT KILL"]
    assert complete("xgroup") == ["XGROUP"]
    assert "XGROUP HELP" in complete("xgroup ")
    assert complete("") == complete("  ") == complete("nope") == complete("get a b") == []


def test_history_goes_back_and_forth() -> None:
    history = LineHistory()
    assert (history.earlier(), history.later()) == ("", "")
    for line in ("PING", "PING", " ", "GET a"):
        history.add(line)
    walked = [history.earlier(), history.earlier(), history.earlier(), history.later()]
    assert walked == ["GET a", "PING", "PING", "GET a"]
    assert (history.later(), history.later(), history.earlier()) == ("", "", "GET a")


@pytest.mark.parametrize(
    "line",
    [
        *("AUTH secret", "auth ann secret", "2 AUTH secret", 'AUTH "secret'),
        *("HELLO 3 AUTH ann secret", "ACL SETUSER ann >secret", "CONFIG SET requirepass secret"),
        "MIGRATE host 1 key 0 5 AUTH secret",
    ],
)
def test_history_keeps_no_password(line: str) -> None:
    history = LineHistory()
    history.add(line)
    assert history.earlier() == ""


@pytest.fixture
async def forgotten() -> AsyncIterator[None]:
    """Leave no terminal of a cell to the next test."""
    cells._terminals.clear()
    yield
    for terminal in cells._terminals.values():
        await terminal.close()
    cells._terminals.clear()


@pytest.mark.usefixtures("forgotten")
async def test_a_cell_prints_what_redis_cli_prints(
    every_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["RPUSH orders order-1", "SUBSCRIBE event1", "PUBLISH event1 hello", "", "LPOP orders"]
    for line, name in zip(typed, ["shop", "ann", "shop", "ann", "shop"], strict=True):
        await redis_cli(line, name)
    await redis_cli("")
    assert capsys.readouterr().out == (
        "(integer) 1\n"
        'Reading messages... (press Ctrl-C to quit)\n1) "subscribe"\n2) "event1"\n3) (integer) 1\n'
        '(integer) 1\n1) "message"\n2) "event1"\n3) "hello"\n"order-1"\n'
    )


@pytest.mark.usefixtures("forgotten")
async def test_a_cell_keeps_its_terminal_and_flow_shows_it(
    every_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    flow()
    for line in ("MULTI", "RPUSH orders order-1", "EXEC", "LPOP orders x", "SUBSCRIBE event1", ""):
        await redis_cli(line, "ann")
    told = capsys.readouterr().out.splitlines()
    refused = "(error) ERR value is out of range, must be positive"
    assert told[:4] == ["OK", "QUEUED", "1) (integer) 1", refused]
    pictured = repr(flow())
    assert "ann  RPUSH orders order-1" in pictured
    assert "PING" not in pictured
    assert [c.words[0] for c in _record.commands if c.client == "ann"][-5:] == [
        *("MULTI", "RPUSH", "EXEC", "LPOP", "SUBSCRIBE")
    ]


async def test_a_wrong_name_is_told_when_the_terminal_is_made() -> None:
    with pytest.raises(CourseError, match="cannot be a client's name"):
        Terminal("two words")
