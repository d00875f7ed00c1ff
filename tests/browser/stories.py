"""What is pressed in each lab, and what its page and the broker then say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """What is pressed in a lab, what the page then says, and where the broker has those figures.

    `presses` names acts, in turn; `Label=value` sets something. `said` is a pattern, whose groups
    are compared with the broker's answer to `question`.
    """

    lesson: int
    presses: str
    said: str
    question: str


BUS = "__import__('helpers.practice.labs', fromlist=['lab'])._shown['7']._askers.values()"
SENT = "int((await node.cluster('INFO')).get('cluster_stats_messages_publish_sent', 0))"
STORIES = [
    Story(
        1,
        "Send an order, Send an order, Everybody reads, Add a late service, Everybody reads, "
        "Send an order",
        r"Sent 3; each list holds (1), the stream holds (3)\. .*stock 2 and 2, stats 0 and 2\.",
        "[*{await r.llen(f'lab:1:for-{s}') for s in ('mail', 'stock', 'stats')},"
        " await r.xlen('lab:1:orders')]",
    ),
    Story(
        2,
        "Publish, Subscribe ann, Publish, Unsubscribe ann, Publish, Subscribe ann, Publish, "
        "Subscribe bob, Publish",
        r"Published 5\. ann received 3, missed 2; bob received 1, missed 4\. Subscribed now: (2)\.",
        "[(await r.pubsub_numsub('lab:2:news'))[0][1]]",
    ),
    Story(
        3,
        "Channel=mail-1, Pattern=mail-*, Subscribe to channel ann, Subscribe to pattern ann, "
        "Publish, Subscribe to channel ann, Publish, Pattern=m*, Subscribe to pattern ann, "
        "Publish, Subscribe to channel bob, Publish",
        r"In all: 4 published, .*\(10 to ann, 1 to bob.*\)\. ann has (3) subscriptions and got 6 ",
        "[sum(int(c['sub']) + int(c['psub']) for c in await r.client_list()"
        " if c['name'] == 'lab3-ann')]",
    ),
    Story(
        4,
        "Push an order, Push an order, Push an order, Push an order, Kill ann, "
        "Take with=BLMOVE, Finish bob, Push an order",
        r"Pushed 5: (1) in the queue, 2 in hand \((1) also in the worker's own list\), "
        r"(1) packed, 1 lost",
        "[await r.llen('lab:4:orders'), await r.llen('lab:4:orders:bob'),"
        " await r.llen('lab:4:packed')]",
    ),
    Story(
        5,
        "Add an entry, Add an entry, Add an entry, Read on ann, Keep the newest=1, Trim, "
        "Read on bob",
        r"Added 3: (1) held, 2 trimmed\. ann has read 3; bob has read 1, 2 missed\.",
        "[await r.xlen('lab:5:visits')]",
    ),
    Story(
        6,
        "Add an order, Add poison, Add an order, Take next ann, Work on it ann, Take next ann, "
        "Work on it ann, A minute passes, Claim idle bob, Take next bob",
        r"Added 3: 0 new, (2) pending, 1 done, 0 set aside\. ann is dead",
        "[(await r.xpending('lab:6:orders', 'packing'))['pending']]",
    ),
    Story(
        7,
        "Nodes=6, Publish 10 C, Subscribe A, Publish 10 B, With=SPUBLISH, Publish 10 C",
        r"6 nodes\. So far (100) messages crossed the bus, 10 were heard",
        f"[sum([{SENT} for node in {BUS}])]",
    ),
    Story(
        8,
        "Jobs=9, The worker dies=in 1 of 4 tries, Run once",
        r"Run 1: .*Lost: Pop (\d+), Publish (\d+)\.",
        "[9 - await r.hlen(f'lab:8:{name}:1:done') for name in ('Pop', 'Publish')]",
    ),
    Story(
        9,
        "Design=one list for all, Next step ann, Next step ann, Next step ann, "
        "Next step bob, Next step bob, Next step ann",
        r"2 jobs: (1) in orders, (0) begun, 1 handled, of these 1 twice, 0 lost",
        "[await r.llen('lab:9:orders'), await r.llen('lab:9:taken')]",
    ),
    Story(
        10,
        "Add a job due in 10 s, Turn the clock 10 s, Move what is due, Take ann, "
        "Handler raises ann, Turn the clock 10 s, Move what is due, Take ann, "
        "Handler raises ann, Add a job due in 10 s, Turn the clock 10 s, Move what is due, "
        "Take bob",
        r"Now 30 s\. Added 2: (1) in later, 0 new in orders, (1) pending, (0) in orders:dead",
        "[await r.zcard('lab:10:later'),"
        " (await r.xpending('lab:10:orders', 'packing'))['pending'],"
        " await r.xlen('lab:10:orders:dead')]",
    ),
    Story(
        11,
        "Library=Celery acks_late, Send a job, Send a job, Next step ann, Next step ann, "
        "Next step ann, Kill ann, Start bob, An hour passes, Next step bob, Next step bob, "
        "Next step bob",
        r"Now 1 h\. Sent 2: (1) waiting, (1) in hand, 0 left by the dead, 1 packed, "
        r"1 of them twice, 0 lost",
        "[await r.llen('lab:11:celery'), await r.hlen('lab:11:unacked')]",
    ),
]
