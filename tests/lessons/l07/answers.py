"""Answers to the exercises of lesson 7."""

import asyncio

from redis.exceptions import ResponseError

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
mistake("7.1", "ask all of them", all_channels)


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
