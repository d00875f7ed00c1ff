"""Each point that the course must teach has cells that run it; this table names them.

S1 to S11 are the parts of the note that the course grew from, in its order. A row gives the point,
the lesson, words of the cell's source, and words of its output ("" where the cell shows nothing).
Markdown cells count where the point is a matter of words.
"""

from pathlib import Path

import pytest

from publish.lesson import Cell, Output, read

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

POINTS = [
    ("S1 a direct call fails with the service", "01", "place_order(", "mail service is down"),
    ("S1 a broker lets the order through", "01", 'shop.rpush("outbox", order)', "order-1 accepted"),
    ("S1 messages wait until the service is back", "01", "mail_is_up = True", "order-1"),
    ("S2 terms: producer and consumer, publisher and subscriber", "01", "producer | consumer", ""),
    ("S2 direction: a copy for each service, or one", "01", "copies", "(6, 3)"),
    ("S2 persistence: reading empties a queue only", "01", "left = await", "(0, 3)"),
    ("S2 history: a latecomer's queue begins now", "01", "from_queue", "['order-6']"),
    ("S2 history: a latecomer reads the stream", "01", "from_stream", "order-3"),
    ("S2 retention is no setting", "01", "xtrim", "(1, 3)"),
    ("S2 fitness: one to one", "01", "split", "('job-1', 'job-2')"),
    ("S2 fitness: many to many", "01", "shared", "[['1-1', '1-2'], ['1-1', '1-2']]"),
    ("S3 three ways: pub/sub", "01", 'publish("news"', "1"),
    ("S3 three ways: list", "01", 'rpush("parcels"', "parcel-1"),
    ("S3 three ways: stream", "01", 'xadd("visits"', "home"),
    ("S3 fire and forget, and where it fits", "01", "fire and forget", ""),
    ("S3 where each way fits", "08", "survivors", "'is typing' in a chat"),
    ("S4 no delivery guarantee: late", "02", "book 30", "book 25"),
    ("S4 no delivery guarantee: away", "02", "book 35", "book 35"),
    ("S4 no delivery guarantee: slow", "02", "02-slow-subscriber", "All: False"),
    ("S4 no metadata: a message is a channel and bytes", "02", "order-7 paid", "'pattern': None"),
    ("S4 what the application must add: an envelope", "02", 'letter["id"]', "(3, '09:10'"),
    ("S5 PUBLISH hello world to nobody", "02", 'publish("hello", "world")', "0"),
    ("S5 the reply is a count of subscriptions", "02", "closing soon", "2"),
    ("S6 SUBSCRIBE event1 event2: two confirmations", "02", "await read(inbox)", "event2  2"),
    ("S6 a subscriber cannot run other commands", "02", '"GET", "price"', "Can't execute 'get'"),
    ("S6 unless it speaks RESP3", "02", '"GET", "price"', "30 euro"),
    ("S7 two terminals: the publisher", "02", '("event2", "hello3")', "1\n1\n1"),
    ("S7 two terminals: the subscriber", "02", "await read(inbox)", "event2  hello3"),
    ("S8 PSUBSCRIBE mail-*", "03", 'psubscribe("mail-*")', "1"),
    ("S8 pmessage", "03", "await read(inbox)", "pmessage  mail-*  mail-1  hello~!"),
    ("S8 glob patterns", "03", "h[^e]llo", "['hallo', 'hillo']"),
    ("S9 channel and pattern: PUBLISH counts two", "03", "your parcel has left", "2"),
    ("S9 channel and pattern: two messages", "03", "await read(inbox)", "pmessage  mail-*  mail-1"),
    ("S10 lists as queues with blocking pops", "04", "ann.blpop", "order-3"),
    ("S10 streams are append-only", "05", 'id=at("10:00")', "equal or smaller"),
    ("S10 search by time", "05", 'min=at("09:00")', "(['book', 'lamp', 'book']"),
    ("S10 live listening", "05", "block=0", "desk"),
    ("S10 consumers and groups", "06", "take(bob", "['3-0', '4-0']"),
    ("S10 kinship with Kafka", "06", "Apache Kafka", ""),
    ("S11 cluster: subscribe on any node", "07", "cluster.settled()", "message  news  sale"),
    ("S11 cluster: every node gets every message", "07", "nobody-listens", "200"),
    ("S11 cluster: defeats the purpose", "07", "cost_of_ten", "110"),
]


def runs(cell: Cell, source: str, output: str) -> bool:
    """Tell whether this cell is the one that the table means."""
    if source not in cell.source:
        return False
    shown = "\n".join(each.text for each in cell.outputs)
    return output in shown if cell.kind == "code" else not output


def test_no_part_of_the_note_is_left_out() -> None:
    assert {point.split()[0] for point, *_ in POINTS} == {f"S{n}" for n in range(1, 12)}


@pytest.mark.parametrize(
    ("point", "lesson", "source", "output"), POINTS, ids=[point for point, *_ in POINTS]
)
def test_a_cell_runs_it(point: str, lesson: str, source: str, output: str) -> None:
    [path] = NOTEBOOKS.glob(f"{lesson}_*.ipynb")
    assert any(runs(cell, source, output) for cell in read(path).cells), (
        f"no cell of {path.name}: {point}"
    )


def test_a_lost_cell_is_noticed() -> None:
    cell = Cell("a", "code", "await shop.llen('q')", outputs=(Output("execute_result", "2"),))
    assert runs(cell, "await shop.llen('q')", "2")
    assert not runs(cell, "await shop.llen('q')", "3")
