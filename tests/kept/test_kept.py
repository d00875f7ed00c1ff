"""A kept record is drawn as the one that was recorded, and tells nothing of its machine."""

import base64
import json
import uuid
import zlib
from pathlib import Path

import pytest
import redis

from helpers.errors import CourseError
from helpers.kept import Kept, stable
from helpers.picture import Flow
from helpers.record import Exchange, Record, tell

NAMES = r"order-\d+"


def say(record: Record, client: str, *words: str, reply: object) -> None:
    """Note a command with its reply."""
    exchange = Exchange(record, client)
    exchange.begin()
    exchange.ask(words)
    exchange.receive(reply)
    if client not in record.clients:
        record.clients.append(client)


@pytest.fixture
def shop() -> Record:
    """Give a record of lists, streams, a wait, an error, a message and a transaction."""
    record = Record()
    record.clients = ["shop", "ann", "bob"]
    ann, bob = Exchange(record, "ann"), Exchange(record, "bob", db=1)
    ann.begin()
    bob.begin()
    ann.ask(("BLPOP", "orders", "0"))
    bob.ask(("SUBSCRIBE", "news"))
    bob.receive(["subscribe", "news", 1])
    say(record, "shop", "RPUSH", "orders", "order-1", reply=1)
    ann.receive(["orders", "order-1"])
    say(record, "shop", "PUBLISH", "news", "sale", reply=1)
    bob.receive(["message", "news", "sale"])
    for words in (("MULTI",), ("LLEN", "orders"), ("LPOP", "news"), ("EXEC",)):
        ann.ask(words)
    for reply in ("OK", "QUEUED", "QUEUED", [0, redis.ResponseError("WRONGTYPE no list")]):
        ann.receive(reply)
    say(record, "shop", "XADD", "s", "1-0", "a", "b", reply="1-0")
    say(record, "shop", "XREAD", "STREAMS", "s", "0", reply={"s": [["1-0", ["a", "b"]]]})
    say(record, "shop", "HGETALL", "h", reply={"a": None, ("k", 1): 1.5, "t": True})
    ann.ask(("BLPOP", "orders", "0"))
    record.closed("bob", bob.number, is_loss=True)
    ann.lose("connection lost")
    bob.ask(("PING",))
    return record


def test_names_that_are_no_pattern_are_told_in_a_sentence(shop: Record) -> None:
    with pytest.raises(CourseError, match=r"names='order-\[' is no pattern .*such as order-"):
        stable(shop, "order-[")


def test_it_is_drawn_as_it_was(shop: Record, tmp_path: Path) -> None:
    Kept(shop).write(tmp_path / "kept.json")
    read = Kept.read(tmp_path / "kept.json")
    drawn = Flow(tell(shop), shop.clients)._repr_mimebundle_()
    assert read.flow()._repr_mimebundle_() == drawn
    assert vars(read.record)["closings"] == shop.closings


def test_remarks_stand_where_they_were_made(shop: Record, tmp_path: Path) -> None:
    shop.remark("ann", "packs order-1")
    say(shop, "shop", "RPUSH", "orders", "order-2", reply=1)
    shop.remark("ann", "is killed")
    Kept(stable(shop)).write(tmp_path / "kept.json")
    kept = Kept.read(tmp_path / "kept.json")
    lines = repr(kept.flow()).splitlines()
    packed, killed = (
        next(n for n, line in enumerate(lines) if what in line)
        for what in ("packs order-1", "is killed")
    )
    assert "order-2" in lines[packed + 1] and killed == len(lines) - 1
    assert [r.what for r in kept.record.remarks] == ["packs order-1", "is killed"]


def test_remarks_are_chosen_as_commands_are(shop: Record) -> None:
    shop.remark("ann", "packs order-1")
    shop.remark("bob", "is killed")
    kept = Kept(shop)
    assert "packs order-1" in repr(kept.only(about="*order-1*").flow())
    assert "is killed" not in repr(kept.only(about="*order-1*").flow())
    assert "is killed" not in repr(kept.only(clients="ann").flow())
    assert "is killed" in repr(kept.only(clients="bob").flow())


def test_a_short_record_is_kept_as_it_is(shop: Record) -> None:
    assert repr(Kept(stable(shop)).flow()) == repr(Flow(tell(shop), shop.clients))


def job(number: int, host: str, pid: int, clock: int) -> dict[str, str]:
    """Make what a library might store of a job: other ids each time."""
    body = base64.b64encode(f'[["order-{number}"], {{}}, {{"id": "x"}}]'.encode()).decode()
    tag, task = str(uuid.uuid4()), str(uuid.uuid4())
    data = {"body": body, "origin": f"gen{pid}@{host}", "tag": tag, "id": task, "at": clock}
    packed = zlib.compress(f"pickled order-{number}".encode())
    return {
        "message": json.dumps(data),
        "pickle": packed.decode("utf-8", "backslashreplace"),
        "tag": tag,
        "task": task,
        "compact": task.replace("-", ""),
    }


def traffic(host: str, pid: int, clock: int) -> Record:
    """Let a library of this machine work: two jobs, a worker with a lease, a stream."""
    record, worker = Record(), uuid.uuid4().hex
    say(record, worker, "CLIENT", "SETNAME", worker, reply="OK")
    say(record, worker, "HSET", f"w:{worker}", "pid", str(pid), "hostname", host, reply=2)
    say(record, worker, "HSET", f"w:{worker}", "ip_address", f"10.0.0.{pid}:{pid}", reply=1)
    say(record, worker, "ZRANGE", "index", f"{clock - 3600}.25", "0", reply=[])
    for number in (1, 2):
        made = job(number, host, pid, clock)
        say(record, f"{host}.{pid}", "LPUSH", "q", made["message"], reply=number)
        say(record, worker, "HSET", f"job:{made['task']}", "data", made["pickle"], reply=1)
        say(record, worker, "ZADD", "index", f"{clock + 1}.5", made["tag"], reply=1)
        say(record, worker, "GET", f"/home/{host}/x/meta-{made['compact']}", reply=None)
        say(record, worker, "XADD", "done", "*", "a", "b", reply=f"{clock + number}123-0")
    say(record, worker, "XRANGE", "done", f"({clock + 1}123-0", "+", reply=[])
    say(record, worker, "XTRIM", "done", "MINID", f"{clock}000", reply=0)
    say(record, worker, "INFO", "server", reply=f"# Server\r\nos: {host}\r\n" * 9)
    say(record, worker, "GET", "l", reply=redis.ResponseError(f"WRONGTYPE {'no ' * 30}string"))
    say(record, worker, "CONFIG", "GET", "dir", reply=["dir", f"/tmp/{host}/{pid}/data"])
    return record


def lines(record: Record, host: str, path: Path) -> list[str]:
    Kept(stable(record, NAMES, {host: "host"})).write(path)
    return path.read_text("utf-8").splitlines()


def test_two_machines_make_the_same_file(tmp_path: Path) -> None:
    here = lines(traffic("alpha", 71, 1_700_000_000), "alpha", tmp_path / "a.json")
    there = lines(traffic("beta-7", 4_242, 1_790_000_007), "beta-7", tmp_path / "b.json")
    assert here == there
    told = "\n".join(here)
    assert not [
        word for word in ("alpha", "71", "10.0.0", "17000", "/home", "/tmp") if word in told
    ]


def test_what_is_written_tells_what_belongs_together(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    lines(traffic("alpha", 71, 1_700_000_000), "alpha", path)
    told = [" ".join(words) for _, words, _ in Kept.read(path).commands]
    assert told[3:9] == [
        "ZRANGE index T-60min 0",
        "LPUSH q {order-1}",
        "HSET job:order-1-id data {order-1}#2",
        "ZADD index T order-1-id2",
        "GET …/meta-order-1-id",
        "XADD done * a b",
    ]
    assert told[-5:-3] == ["XRANGE done (2-0 +", "XTRIM done MINID 1"]
    assert Kept.read(path).commands[-2][2].startswith("error: WRONGTYPE no no")
    assert Kept.read(path).flow().lanes == ["id-1", "host.pid-1"]


def test_what_is_no_text_is_labelled_by_itself() -> None:
    record = Record()
    for message in ("\x80\x04\x95", "\x80\x04\x96", "\x80\x04\x95", "x" * 100, "short {text}"):
        say(record, "shop", "RPUSH", "q", message, reply=1)
    written = [command.words[2] for command in stable(record).commands]
    assert written == ["{text-1}", "{text-2}", "{text-1}", "{text-3}", "short {text}"]


def test_what_is_not_shown_is_counted_and_taken_account_of(shop: Record) -> None:
    kept = Kept(shop)
    assert repr(kept.only("xadd llen").flow()).splitlines()[-1].strip() == (
        "… left out: 2 BLPOP, 1 SUBSCRIBE, 1 RPUSH, 1 PUBLISH, 1 MULTI, 1 LPOP, 4 others …"
    )
    assert "orders: empty" in repr(kept.only("RPUSH").flow())
    assert "left out" in kept.only("RPUSH").flow()._repr_mimebundle_()["image/svg+xml"]
    assert "left out" not in repr(kept.only(about="*", clients="shop ann b*").flow())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"clients": []}', '{"clients": [], "traffic": [1]}']
)
def test_a_file_that_holds_no_record_is_told(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="holds no record"):
        Kept.read(path)


def test_one_that_is_not_named_is_no_plural() -> None:
    record = Record()
    for name in ("DEL", "GET", "SET", "LLEN", "TTL", "TYPE", "EXISTS", "XLEN"):
        say(record, "shop", name, "key", reply=1)
    told = repr(Kept(record).only("DEL").flow()).splitlines()[-1]
    assert told.endswith(", 1 other …")


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"commands": "MULTI exec"}, ["MULTI", "EXEC"]),
        ({"about": "news"}, ["SUBSCRIBE", "PUBLISH", "LPOP"]),
        ({"about": "*rder-1"}, ["BLPOP", "RPUSH"]),
        ({"clients": "bob", "without": "PING"}, ["SUBSCRIBE", "PUBLISH"]),
        ({"about": "s", "clients": "shop", "without": "XREAD h"}, ["XADD"]),
    ],
)
def test_a_part_is_chosen(chosen: dict[str, str], names: list[str], shop: Record) -> None:
    assert [words[0] for _, words, _ in Kept(shop).only(**chosen).commands] == names


def test_replies_are_plain_text(shop: Record) -> None:
    told = {tuple(words): reply for _, words, reply in Kept(shop).commands}
    assert told["RPUSH", "orders", "order-1"] == "1"
    assert told["LPOP", "news"] == "error: WRONGTYPE no list"
    assert told["BLPOP", "orders", "0"] == "connection lost"
    assert told["PING",] == "not read yet"
    first = Kept(shop).commands[0]
    assert first == ("ann", ["BLPOP", "orders", "0"], "orders, order-1")
