"""Answers to the exercises of lesson 7."""

import asyncio
import binascii
import uuid
import zlib

from redis.crc import key_slot
from redis.exceptions import MovedError, ResponseError

from .. import mistake, other_way


async def publishes(cluster, channel):
    total = 0
    for node in cluster.nodes:
        total += await cluster.connect(node, "asker").publish(channel, "anybody?")
    return total


async def one_node(cluster, channel):
    [(_, count)] = await cluster.connect("A", "asker").pubsub_numsub(channel)
    return count


async def all_channels(cluster, channel):
    total = 0
    for node in cluster.nodes:
        total += len(await cluster.connect(node, "asker").pubsub_channels())
    return total


mistake("7.1", "publish nothing", publishes)
mistake("7.1", "ask all of them", one_node)
mistake("7.1", "this very channel", all_channels)


async def all_at_once(cluster, channel):
    askers = [cluster.connect(node, "asker") for node in cluster.nodes]
    replies = await asyncio.gather(*(asker.pubsub_numsub(channel) for asker in askers))
    return sum(dict(reply)[channel] for reply in replies)


other_way("7.1", all_at_once)


async def plain(cluster, channel, text):
    return await cluster.connect("A", "shop").publish(channel, text)


async def always_a(cluster, channel, text):
    return await cluster.connect("A", "shop").spublish(channel, text)


async def says_nothing(cluster, channel, text):
    slot = await cluster.connect("A", "shop").cluster("KEYSLOT", channel)
    await cluster.connect(cluster.node_of(slot), "shop").spublish(channel, text)


mistake("7.2", "use SPUBLISH", plain)
mistake("7.2", "lives on another node", always_a)
mistake("7.2", "Return the reply", says_nothing)


async def tries_each(cluster, channel, text):
    for node in cluster.nodes:
        try:
            return await cluster.connect(node, "shop").spublish(channel, text)
        except ResponseError:
            continue


other_way("7.2", tries_each)


def without_braces(customer):
    return [f"{customer}:orders", f"{customer}:at-hand", f"{customer}:dead"]


def all_alike(customer):
    return [f"{{shop}}:{customer}:{part}" for part in ("orders", "at-hand", "dead")]


def the_same(customer):
    return [f"{{{customer}}}"] * 3


def nobody_in_particular(customer):
    return ["{orders}", "{orders}:at-hand", "{orders}:dead"]


mistake("7.3", "into braces", without_braces)
mistake("7.3", "not around something that all customers share", all_alike)
mistake("7.3", "three different names", the_same)
mistake("7.3", "not around something that all customers share", nobody_in_particular)


async def written_otherwise(customer):
    tag = "{" + customer + "}"
    return ("queue-" + tag, "hand-" + tag, "dead-" + tag)


other_way("7.3", written_otherwise)


def made_one_by_one(customer):
    return (f"{{{customer}}}:{part}" for part in ("orders", "at-hand", "dead"))


def values_of_a_dictionary(customer):
    return {part: f"{part}:{{{customer}}}" for part in ("orders", "at-hand", "dead")}.values()


other_way("7.3", made_one_by_one)
other_way("7.3", values_of_a_dictionary)


# Wrong in ways that only another cluster shows.


async def a_b_and_c(cluster, channel):
    counts = [await cluster.connect(node, "asker").pubsub_numsub(channel) for node in "ABC"]
    return sum(count for [(_, count)] in counts)


async def with_all_patterns(cluster, channel):
    total = await our_sum(cluster, channel)
    for node in cluster.nodes:
        total += await cluster.connect(node, "asker").pubsub_numpat()
    return total


async def our_sum(cluster, channel, command="PUBSUB NUMSUB"):
    total = 0
    for node in cluster.nodes:
        reply = await cluster.connect(node, "asker").execute_command(command, channel)
        total += reply[0][1] if isinstance(reply[0], (list, tuple)) else reply[1]
    return total


async def sharded_ones(cluster, channel):
    total = 0
    for node in cluster.nodes:
        total += (await cluster.connect(node, "asker").pubsub_shardnumsub(channel))[0][1]
    return total


async def both_kinds(cluster, channel):
    return await our_sum(cluster, channel) + await sharded_ones(cluster, channel)


async def with_one_of_its_own(cluster, channel):
    inbox = cluster.connect("A", "asker").pubsub()
    await inbox.subscribe(channel)
    return await our_sum(cluster, channel) - 1


async def nodes_that_have_some(cluster, channel):
    total = 0
    for node in cluster.nodes:
        total += channel in await cluster.connect(node, "asker").pubsub_channels()
    return total


async def by_node(cluster, channel):
    return {
        node: (await cluster.connect(node, "asker").pubsub_numsub(channel))[0][1]
        for node in cluster.nodes
    }


async def the_largest(cluster, channel):
    return max((await by_node(cluster, channel)).values())


async def all_that_begin_so(cluster, channel):
    total = 0
    for node in cluster.nodes:
        asker = cluster.connect(node, "asker")
        names = await asker.pubsub_channels(f"{channel}*")
        total += sum(count for _, count in await asker.pubsub_numsub(*names)) if names else 0
    return total


def remembers_the_count():
    known = {}

    async def listeners(cluster, channel):
        if channel not in known:
            known[channel] = await our_sum(cluster, channel)
        return known[channel]

    return listeners


async def of_the_home_node(cluster, channel):
    slot = await cluster.connect("A", "asker").cluster("KEYSLOT", channel)
    return (await by_node(cluster, channel))[cluster.node_of(slot)]


mistake("7.1", "There is no node", a_b_and_c)
mistake("7.1", "Patterns do not count here", with_all_patterns)
mistake("7.1", "this very channel", sharded_ones)
mistake("7.1", "another channel", both_kinds)
mistake("7.1", "do not subscribe", with_one_of_its_own)
mistake("7.1", "this very channel", nodes_that_have_some)
mistake("7.1", "Return one number", by_node)
mistake("7.1", "ask all of them", the_largest)
mistake("7.1", "this very channel", all_that_begin_so)
mistake("7.1", "ask each time", remembers_the_count())
mistake("7.1", "ask all of them", of_the_home_node)


async def in_one_expression(cluster, channel):
    return sum(
        [(await cluster.connect(n, "x").pubsub_numsub(channel))[0][1] for n in cluster.nodes]
    )


async def by_clients(cluster, channel):
    total = 0
    for node in reversed(cluster.nodes):
        async with cluster.connect(node, "asker") as asker:
            reply = await asker.execute_command("PUBSUB", "NUMSUB", channel)
            total += int(dict(reply)[channel] if isinstance(reply[0], tuple) else reply[1])
    return total


other_way("7.1", our_sum)
other_way("7.1", in_one_expression)
other_way("7.1", by_clients)


async def home_of(cluster, channel):
    slot = await cluster.connect("A", "asker").cluster("KEYSLOT", channel)
    return cluster.connect(cluster.node_of(slot), "shop")


async def always_sale(cluster, channel, text):
    return await (await home_of(cluster, channel)).spublish(channel, "sale")


async def always_one(cluster, channel, text):
    await (await home_of(cluster, channel)).spublish(channel, text)
    return 1


async def without_hash_tags(cluster, channel, text):
    slot = binascii.crc_hqx(channel.encode(), 0) % 16384
    return await cluster.connect(cluster.node_of(slot), "shop").spublish(channel, text)


async def tries_three(cluster, channel, text):
    for node in ["A", "B", "C"]:
        try:
            return await cluster.connect(node, "shop").spublish(channel, text)
        except Exception:
            pass


async def twice(cluster, channel, text):
    home = await home_of(cluster, channel)
    await home.spublish(channel, text)
    return await home.spublish(channel, text)


async def whether_anybody_heard(cluster, channel, text):
    return min(1, await (await home_of(cluster, channel)).spublish(channel, text))


async def both_ways(cluster, channel, text):
    heard = await (await home_of(cluster, channel)).spublish(channel, text)
    await cluster.connect("A", "shop").publish(channel, text)
    return heard


async def cut_short(cluster, channel, text):
    return await (await home_of(cluster, channel)).spublish(channel, text.split(":")[0][:8])


async def counts_first(cluster, channel, text):
    home = await home_of(cluster, channel)
    [(_, count)] = await home.pubsub_numsub(channel)
    await home.spublish(channel, text)
    return count


async def by_the_last_digit(cluster, channel, text):
    node = cluster.nodes[sum(map(ord, channel)) % len(cluster.nodes)]
    return await cluster.connect(node, "shop").spublish(channel, text)


mistake("7.2", "as it is", always_sale)
mistake("7.2", "Return the reply", always_one)
mistake("7.2", "lives on another node", without_hash_tags)
mistake("7.2", "and then swallowed", tries_three)
mistake("7.2", "Send the text once", twice)
mistake("7.2", "Return the reply", whether_anybody_heard)
mistake("7.2", "use SPUBLISH", both_ways)
mistake("7.2", "as it is", cut_short)
mistake("7.2", "Return the reply", counts_first)
mistake("7.2", "lives on another node", by_the_last_digit)


async def follows_the_redirection(cluster, channel, text):
    node = cluster.nodes[-1]
    while True:
        try:
            return await cluster.connect(node, "shop").spublish(channel, text)
        except MovedError as moved:
            node = cluster.node_at(moved.node_addr)


async def by_ranges(cluster, channel, text):
    slot = key_slot(channel.encode())
    [home] = [node for node in cluster.nodes if slot in cluster.slots(node)]
    return await cluster.connect(home, "shop").execute_command("SPUBLISH", channel, text)


other_way("7.2", follows_the_redirection)
other_way("7.2", by_ranges)


def new_names_each_time(customer):
    return [f"{{{customer}}}:{uuid.uuid4().hex}" for _ in range(3)]


def by_python_hash(customer):
    return [f"{{{hash(customer)}}}:{part}" for part in ("orders", "at-hand", "dead")]


def in_order_of_arrival():
    numbers = {}

    def keys_of(customer):
        number = numbers.setdefault(customer, len(numbers))
        return [f"{{{number}}}:{part}" for part in ("orders", "at-hand", "dead")]

    return keys_of


def empty_braces(customer):
    return [f"{{}}{customer}:{part}" for part in ("orders", "at-hand", "dead")]


def the_number_only(customer):
    number = customer.split("-")[-1]
    return [f"{{{number}}}:{part}" for part in ("orders", "at-hand", "dead")]


def in_small_letters(customer):
    return [f"{{{customer.lower()}}}:{part}" for part in ("orders", "at-hand", "dead")]


def latin_letters_only(customer):
    word = customer.encode("ascii", "ignore").decode().strip()
    return [f"{{{word}}}:{part}" for part in ("orders", "at-hand", "dead")]


def braces_around_the_part(customer):
    return [f"{{{part}}}:{customer}" for part in ("orders", "at-hand", "dead")]


def braces_around_two(customer):
    return [f"{{{customer}}}:orders", f"{{{customer}}}:at-hand", f"{customer}:dead"]


def the_first_ten(customer):
    return [f"{{{customer[:11]}}}:{part}" for part in ("orders", "at-hand", "dead")]


def a_few_tags(customer):
    tag = len(customer) % 2
    return [f"{{{tag}}}:{customer}:{part}" for part in ("orders", "at-hand", "dead")]


mistake("7.3", "another one must find", new_names_each_time)
mistake("7.3", "another one must find", by_python_hash)
mistake("7.3", "another one must find", in_order_of_arrival())
mistake("7.3", "Empty braces", empty_braces)
mistake("7.3", "names of its own", the_number_only)
mistake("7.3", "names of its own", in_small_letters)
mistake("7.3", "names of its own", latin_letters_only)
mistake("7.3", "must be the same in all three", braces_around_the_part)
mistake("7.3", "into braces", braces_around_two)
mistake("7.3", "names of its own", the_first_ten)
mistake("7.3", "not around something", a_few_tags)


def with_a_sum(customer):
    tag = zlib.crc32(customer.encode())
    return {f"{{{tag}}}:{customer}:{part}" for part in "abc"}


def the_customer_alone_is_one(customer):
    return ["{" + customer + "}" + part for part in ("", ":in-hand", ":dead")]


other_way("7.3", with_a_sum)
other_way("7.3", the_customer_alone_is_one)


# Names of every shape, many listeners, and somebody who comes meanwhile.


async def in_small_letters(cluster, channel):
    clients = [cluster.connect(node, "asker") for node in cluster.nodes]
    return sum([(await each.pubsub_numsub(channel.lower()))[0][1] for each in clients])


async def with_one_digit(cluster, channel):
    clients = [cluster.connect(node, "asker") for node in cluster.nodes]
    return sum([(await each.pubsub_numsub(channel))[0][1] % 10 for each in clients])


def by_hash_of_both(customer):
    return [f"{{{customer}}}:{hash((customer, part))}" for part in ("orders", "at-hand", "dead")]


async def as_counted_before(cluster, channel, text):
    home = cluster.connect(cluster.node_of(key_slot(channel.encode())), "shop")
    [(_, count)] = await home.pubsub_shardnumsub(channel)
    await home.spublish(channel, text)
    return count


async def by_the_last_braces(cluster, channel, text):
    start, end = channel.rfind("{"), channel.rfind("}")
    tag = channel[start + 1 : end] if 0 <= start < end - 1 else channel
    slot = binascii.crc_hqx(tag.encode(), 0) % 16384
    return await cluster.connect(cluster.node_of(slot), "shop").spublish(channel, text)


mistake("7.1", "this very channel", in_small_letters)
mistake("7.1", "ask all of them, and add up", with_one_digit)
mistake("7.2", "it alone knows how many", as_counted_before)
mistake("7.2", "lives on another node", by_the_last_braces)
mistake("7.3", "of nothing but the customer", by_hash_of_both)
