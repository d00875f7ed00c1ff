"""Lesson 7: see what a cluster does with a publish."""

import asyncio
from binascii import crc_hqx
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from ...cluster import start_cluster
from ...cluster.cluster import Cluster
from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, repeated
from ...sandbox.plain import NotYet
from ...waiting import read

SHARDED = 7  # subscriptions of a sharded channel that has the name of the plain one
IN_BRACES = ("news-{{{}}}-{}", "{{{}}}{}", "{}{{{}}}")
BRACES = (
    "news-{{{}}}-{{{}}}",
    "news-{{}}-{{{}}}-{}",
    "news-{{}}-{}-{}",
    "{}}}-{{{}",
    "{{{{{}}}}}{}",
)
MOST_COME = 24  # subscribers, while one text is on its way
CROWD = 105  # more listeners on one node
FEW = 12  # listeners of whom each is asked what it heard
ELSEWHERE = (2, 4, 5)  # how many nodes there are, by the number of the trial, besides three


@exercise(
    "7.1",
    "listeners",
    hints=(
        "Each node knows its own subscriptions only.",
        "`PUBSUB NUMSUB channel` on every node, without publishing anything.",
        "For each node of cluster.nodes: connect to it, ask `pubsub_numsub(channel)`, add up.",
    ),
)
async def counts_on_every_node(trial: Trial, listeners: Answer) -> str:
    channel = trial.invent("news", 1)[0]
    async with await start_cluster(3, model=True) as cluster:
        counts = dict(zip(cluster.nodes, trial.random.sample(range(4), 3), strict=True))
        inboxes = await _audience(cluster, channel, counts)
        await _counted(trial, listeners, cluster, channel, inboxes, {})
    await _counts_elsewhere(trial, listeners)
    total = sum(counts.values())
    return f"{total} subscriptions on three nodes were counted, and nobody was disturbed."


async def _audience(
    cluster: Cluster, channel: str, counts: dict[str, int]
) -> list[tuple[str, PubSub]]:
    """Let so many listen on each node, and others nearby: to patterns, and to other channels."""
    inboxes = []
    for node, count in counts.items():
        client = cluster.connect(node, f"listener-{node}")
        for _ in range(count):
            inboxes.append((node, await _listening(client, channel)))
    await _listening(cluster.connect("B", "listener-B"), "other", f"{channel}0")
    return inboxes


async def _listening(client: Any, *channels: str, sharded: bool = False) -> PubSub:
    inbox = client.pubsub()
    await (inbox.ssubscribe if sharded else inbox.subscribe)(*channels)
    return inbox


async def _heard(inbox: PubSub) -> list[Any]:
    texts = ("message", "smessage")
    return [each["data"] for each in await read(inbox) if each["type"] in texts]


async def _counted(
    trial: Trial,
    listeners: Answer,
    cluster: Cluster,
    channel: str,
    inboxes: list[tuple[str, PubSub]],
    known: dict[int, str],
) -> None:
    """Let subscriptions be counted; `known` explains what other numbers come of."""
    found = await trial.run(listeners, cluster, channel)
    heard = [text for _, inbox in inboxes[:FEW] for text in await _heard(inbox)]
    expect_same(
        "how many messages the subscribers received", len(heard), 0, "Ask, and publish nothing."
    )
    counts = {node: sum(at == node for at, _ in inboxes) for node in cluster.nodes}
    left = {node: await _subscribed(cluster, node, channel) for node in cluster.nodes}
    hint = "A subscription of your own disturbs the count: ask, and do not subscribe."
    expect_same("the subscriptions on each node afterwards", left, counts, hint)
    total, number = sum(counts.values()), found if type(found) is int else -1
    expect_same(
        f"the number of subscriptions, {counts} by node",
        found,
        total,
        (isinstance(found, (list, dict)), "Return one number, the sum of all nodes."),
        (number in known, known.get(number, "")),
        (
            number == 0 or (number > 0 and number not in counts.values()),
            "NUMSUB says of a node how many subscriptions this very channel has there: ask all of "
            "them, and add up.",
        ),
        "Each node counts its own: ask all of them, and add up.",
    )


async def _subscribed(cluster: Cluster, node: str, channel: str) -> int:
    [(_, count)] = await cluster.connect(node, "meter").pubsub_numsub(channel)
    return int(count)


async def _counts_elsewhere(trial: Trial, listeners: Answer) -> None:
    """Count on another number of nodes, where others listen to patterns and to sharded channels."""
    channel = f"News*{trial.texts('news', 1)[0]}?"
    async with await start_cluster(ELSEWHERE[trial.number - 1], model=True) as cluster:
        counts = {node: trial.random.randrange(1, 4) for node in cluster.nodes}
        inboxes = await _audience(cluster, channel, counts)
        for node in cluster.nodes:
            nearby = cluster.connect(node, "nearby").pubsub()
            await nearby.psubscribe("weather.*", "sport.*")
        home = cluster.node_of(key_slot(channel.encode()))
        client = cluster.connect(home, "sharded")
        for _ in range(SHARDED):
            await _listening(client, channel, sharded=True)
        total = sum(counts.values())
        known = {
            total + 2 * len(counts): "Patterns do not count here, whether they match or not.",
            SHARDED: "SHARDNUMSUB counts those of the sharded channel, which is another.",
            total + SHARDED: "The sharded channel of this name is another channel.",
        }
        await _counted(trial, listeners, cluster, channel, inboxes, known)
        node = trial.random.choice(cluster.nodes)
        late = [cluster.connect(node, f"late-{number}") for number in range(2)]
        for number in range(CROWD if trial.number == 2 else 1):
            inboxes.append((node, late[number % 2].pubsub()))
            await inboxes[-1][1].subscribe(channel)
        known = {total: "More have subscribed since the last call: ask each time."}
        await _counted(trial, listeners, cluster, channel, inboxes, known)


@exercise(
    "7.2",
    "shout",
    hints=(
        "A sharded channel lives on one node. Which one?",
        '`await client.cluster("KEYSLOT", channel)` on any node, then `cluster.node_of(slot)`.',
        "Connect to that node, call `spublish(channel, text)`, and return the reply.",
    ),
)
async def publishes_where_the_channel_lives(trial: Trial, shout: Answer) -> str:
    async with await start_cluster(3, model=True) as cluster:
        meters = _meters(cluster)
        names = [f"news-{trial.number}-{number}" for number in range(6)]
        homes = {await _shouted(trial, cluster, meters, shout, name, "sale", 1) for name in names}
        expect_same("nodes that had a channel", sorted(homes), cluster.nodes)
    await _shouts_elsewhere(trial, shout)
    return f"{len(names)} sharded messages reached their channels, and none crossed the bus."


async def _shouts_elsewhere(trial: Trial, shout: Answer) -> None:
    """Shout on another number of nodes: to nobody, to several, and to names with a part in braces.

    Each node has a channel, and one has two whose whole names would be elsewhere.
    """
    async with await start_cluster(ELSEWHERE[trial.number - 1], model=True) as cluster:
        meters = _meters(cluster)
        wanted, named = list(cluster.nodes), []
        while wanted:
            for name in (*trial.texts("news", 1), _in_braces(trial, cluster)):
                if (home := _home_of(cluster, name)) in wanted:
                    wanted.remove(home)
                    named.append(name)
        named += [each.format(*trial.random.sample(range(1, 1000), 2)) for each in BRACES]
        counts = [trial.random.randrange(4) for _ in named]
        texts = [f" {text}\n" for text in trial.texts("sale", len(named))]
        for name, text, count in zip(named, texts, counts, strict=True):
            await _shouted(trial, cluster, meters, shout, name, text, count)
        await _comes_while_it_shouts(trial, cluster, shout)


async def _comes_while_it_shouts(trial: Trial, cluster: Cluster, shout: Answer) -> None:
    """Let somebody subscribe at each turn while it shouts; the reply counts who received it."""
    if trial.number > 1:
        return
    [channel], [text] = trial.texts("news", 1), trial.texts("sale", 1)
    client = cluster.connect(_home_of(cluster, channel), "listener")

    async def comes(turns: int) -> PubSub:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await _listening(client, channel, sharded=True)

    running = trial.start(shout, cluster, channel, text)
    inboxes = await asyncio.gather(*map(comes, range(MOST_COME)))
    reply = await trial.finish(running)
    heard = [each for inbox in inboxes for each in await _heard(inbox)]
    what = "what shout returned while others subscribed, and how many received the text"
    hint = "Return the reply of SPUBLISH: it alone knows how many received this text."
    expect_same(what, [reply, len(heard)], [len(heard)] * 2, hint)


def _in_braces(trial: Trial, cluster: Cluster) -> str:
    """Invent a name whose part in braces decides for another node than all of it would.

    Only the first pair of braces counts.
    """
    while True:
        first, last = trial.random.sample(range(1, 1000), 2)
        name = trial.random.choice(IN_BRACES).format(first, last)
        whole = crc_hqx(name.encode(), 0) % REDIS_CLUSTER_HASH_SLOTS
        if cluster.node_of(whole) != _home_of(cluster, name):
            return name


def _home_of(cluster: Cluster, name: str) -> str:
    return cluster.node_of(key_slot(name.encode()))


async def _shouted(
    trial: Trial,
    cluster: Cluster,
    meters: list[Redis],
    shout: Answer,
    channel: str,
    text: str,
    count: int,
) -> str:
    home = _home_of(cluster, channel)
    client = cluster.connect(home, "listener")
    inboxes = [await _listening(client, channel, sharded=True) for _ in range(count)]
    before = await _sent(meters)
    moved = "The channel lives on another node: find its slot, and the node that has it."
    reply = await trial.run(shout, cluster, channel, text, hints={"Moved": moved})
    crossed = await _sent(meters) - before
    expect_same("messages on the bus", crossed, 0, "PUBLISH goes to every node: use SPUBLISH.")
    for inbox in inboxes:
        heard = await _heard(inbox)
        expect_same(
            "what the subscriber received",
            heard,
            [text],
            (not heard, "Send the text once, with SPUBLISH."),
            (len(heard) == 1, "The text must arrive as it is."),
            "Send the text once, with SPUBLISH.",
        )
        await inbox.aclose()
    what = f"what shout returned when {count} listened"
    expect_same(what, reply, count, "Return the reply of SPUBLISH.")
    return home


def _meters(cluster: Cluster) -> list[Redis]:
    return [cluster.connect(node, "meter") for node in cluster.nodes]


async def _sent(meters: list[Redis]) -> int:
    infos = [await meter.cluster("INFO") for meter in meters]
    return sum(int(info.get("cluster_stats_messages_publish_sent", 0)) for info in infos)


@exercise(
    "7.3",
    "keys_of",
    hints=(
        "All keys of one command must be in one slot. What decides the slot?",
        "If a name has a part in braces, only that part decides the slot.",
        'For the customer ann, f"{{{customer}}}:orders" is the name {ann}:orders.',
    ),
)
async def keeps_a_customer_together(trial: Trial, keys_of: Answer) -> str:
    customers = trial.invent("customer", 30)
    async with await start_cluster(3, model=True) as cluster:
        named, homes = {}, set()
        for customer in customers:
            three = _three_names(await trial.run(keys_of, customer))
            named[customer] = three
            homes.add(await _home(cluster, three))
        hint = "Put braces around the customer, not around something that all customers share."
        expect_same("nodes that hold the keys of 30 customers", sorted(homes), cluster.nodes, hint)
    others = _others(trial) if trial.number < 3 else [*_others(trial), *trial.many("customer")]
    answers = await trial.run_each(keys_of, [(other,) for other in others])
    named |= {other: _in_one_slot(found) for other, found in zip(others, answers, strict=True)}
    names = [name for three in named.values() for name in three]
    expect_same("names used twice", repeated(names), [], "Give each customer names of its own.")
    await _another_program_finds_them(trial, keys_of, named)
    return "each customer's three keys are together, and 30 customers are spread over all nodes."


def _others(trial: Trial) -> list[str]:
    """Invent customers of every shape, some of whom differ in little."""
    [number] = trial.random.sample(range(100, 1000), 1)
    like = (
        "customer-{}",
        "Customer-{}",
        "customer-{}0",
        "client-{}",
        "고객-{}",
        "팀-{}",
        "0{}",
        "{}",
    )
    return [*trial.texts("customer", 6), *(each.format(number) for each in like)]


def _in_one_slot(found: object) -> list[str]:
    three = _three_names(found)
    _share_a_slot(three)
    return three


def _share_a_slot(names: list[str]) -> int:
    slots = {key_slot(name.encode()) for name in names}
    expect_same(
        f"the number of slots in which {names} are",
        len(slots),
        1,
        (any("{}" in name for name in names), "Empty braces decide nothing: the whole name does."),
        (
            all("{" in name for name in names),
            "What is in the braces must be the same in all three.",
        ),
        "Put what the three names share into braces.",
    )
    return slots.pop()


async def _another_program_finds_them(
    trial: Trial, keys_of: Answer, named: dict[str, list[str]]
) -> None:
    """Ask again, in another sequence and in another process."""
    customers = [*reversed(named)]
    answers = await trial.run_each(keys_of.elsewhere(), [(each,) for each in customers])
    for customer, found in zip(customers, answers, strict=True):
        expect_same(
            f"the names for {customer!r}, asked for by another program",
            _three_names(found),
            named[customer],
            "What one program puts there another one must find: make the names of nothing but the "
            "customer.",
        )


async def _home(cluster: Cluster, names: list[str]) -> str:
    """Name the node on which all three keys lie, once LMOVE between two of them has worked."""
    home = cluster.node_of(_share_a_slot(names))
    worker = cluster.connect(home, "worker")
    await worker.rpush(names[0], "order-1")
    expect_same("what LMOVE moved", await worker.lmove(names[0], names[1]), "order-1")
    return home


def _three_names(found: object) -> list[str]:
    names = list(found) if isinstance(found, list) else []
    if len(names) != 3 or not all(type(name) is str for name in names) or len(set(names)) < 3:
        raise NotYet("keys_of should return three different names, in a list of strings.")
    return names


EXERCISES = (counts_on_every_node, publishes_where_the_channel_lives, keeps_a_customer_together)
