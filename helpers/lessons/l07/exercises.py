"""Lesson 7: see what a cluster does with a publish."""

from redis.asyncio.client import PubSub

from ...cluster import start_cluster
from ...cluster.cluster import Cluster
from ...exercises.exercise import exercise
from ...exercises.trial import Answer, Trial
from ...exercises.verdict import expect_same, repeated
from ...sandbox.plain import NotYet
from ...waiting import read


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
        inboxes = [
            await _listening(cluster, node, channel)
            for node, count in counts.items()
            for _ in range(count)
        ]
        await _listening(cluster, "B", "other")
        found = await trial.run(listeners, cluster, channel)
        await cluster.settled()
        heard = [message for inbox in inboxes for message in await read(inbox)]
        expect_same(
            "how many messages the subscribers received", len(heard), 0, "Ask, and publish nothing."
        )
        total = sum(counts.values())
        hint = "Each node counts its own: ask all of them, and add up."
        expect_same(f"the number of subscriptions, {counts} by node", found, total, hint)
    return f"{total} subscriptions on three nodes were counted, and nobody was disturbed."


async def _listening(cluster: Cluster, node: str, channel: str, sharded: bool = False) -> PubSub:
    inbox = cluster.connect(node, f"listener-{node}").pubsub()
    await (inbox.ssubscribe if sharded else inbox.subscribe)(channel)
    await read(inbox)
    return inbox


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
    hints = {"Moved": "The channel lives on another node: find its slot, and the node that has it."}
    async with await start_cluster(3, model=True) as cluster:
        homes = [await _shouted(trial, cluster, shout, channel, hints) for channel in _names(trial)]
    expect_same("nodes that had a channel", sorted(set(homes)), ["A", "B", "C"])
    return f"{len(homes)} sharded messages reached their channels, and none crossed the bus."


def _names(trial: Trial) -> list[str]:
    return [f"news-{trial.number}-{number}" for number in range(6)]


async def _shouted(
    trial: Trial, cluster: Cluster, shout: Answer, channel: str, hints: dict[str, str]
) -> str:
    asker = cluster.connect("A", "asker")
    home = cluster.node_of(await asker.cluster("KEYSLOT", channel))
    inbox = await _listening(cluster, home, channel, sharded=True)
    before = await _sent(cluster)
    reply = await trial.run(shout, cluster, channel, "sale", hints=hints)
    crossed = await _sent(cluster) - before
    expect_same("messages on the bus", crossed, 0, "PUBLISH goes to every node: use SPUBLISH.")
    heard = [message["data"] for message in await read(inbox)]
    expect_same(
        "what the subscriber received", heard, ["sale"], "Send the text once, with SPUBLISH."
    )
    expect_same("what shout returned", reply, 1, "Return the reply of SPUBLISH.")
    await inbox.aclose()
    return home


async def _sent(cluster: Cluster) -> int:
    total = 0
    for node in cluster.nodes:
        info = await cluster.connect(node, "meter").cluster("INFO")
        total += int(info.get("cluster_stats_messages_publish_sent", 0))
    return total


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
        names, homes = [], set()
        for customer in customers:
            three = _three_names(await trial.run(keys_of, customer))
            names += three
            homes.add(await _home(cluster, three))
        hint = "Put braces around the customer, not around something that all customers share."
        expect_same("nodes that hold the keys of 30 customers", sorted(homes), cluster.nodes, hint)
    expect_same("names used twice", repeated(names), [], "Give each customer names of its own.")
    return "each customer's three keys are together, and 30 customers are spread over all nodes."


async def _home(cluster: Cluster, names: list[str]) -> str:
    """Name the node on which all three keys lie, once LMOVE between two of them has worked."""
    asker = cluster.connect("A", "asker")
    slots = [await asker.cluster("KEYSLOT", name) for name in names]
    hint = "Put what the three names share into braces."
    expect_same(f"the number of slots in which {names} are", len(set(slots)), 1, hint)
    home = cluster.node_of(slots[0])
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
