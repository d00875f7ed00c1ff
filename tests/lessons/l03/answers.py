"""Answers to the exercises of lesson 3."""

import json

from .. import mistake, other_way


async def too_wide(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-*")


async def one_character(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-?")


async def both_ways(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[1-5]")
    await inbox.subscribe(f"{prefix}-3")


async def only_mail(inbox, prefix):
    await inbox.psubscribe("mail-[1-5]")


async def four_of_them(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[1-4]")


async def any_separator(inbox, prefix):
    await inbox.psubscribe(f"{prefix}?[1-5]")


async def two_too_many(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[1-578]")


async def three_prefixes(inbox, prefix):
    for each in ("parcel", "order", "mail"):
        await inbox.psubscribe(f"{each}-[1-5]")


mistake("3.1", "catches too much", any_separator)
mistake("3.1", "catches too much", two_too_many)
mistake("3.1", "Subscribe the given inbox", three_prefixes)
mistake("3.1", "catches too much", too_wide)
mistake("3.1", "catches too much", one_character)
mistake("3.1", "two subscriptions match", both_ways)
mistake("3.1", "", only_mail)
mistake("3.1", "All five", four_of_them)


async def by_name(inbox, prefix):
    for number in range(1, 6):
        await inbox.subscribe(f"{prefix}-{number}")


other_way("3.1", by_name)


def every_time(message, accounts, handled):
    payment = json.loads(message["data"])
    accounts[payment["customer"]] -= payment["amount"]


def no_pattern(message, accounts, handled):
    if message["type"] == "message":
        every_time(message, accounts, handled)


def only_the_last(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["id"] not in handled:
        handled.clear()
        handled.add(payment["id"])
        accounts[payment["customer"]] -= payment["amount"]


def by_amount(message, accounts, handled):
    payment = json.loads(message["data"])
    what = payment["customer"], payment["amount"]
    if what not in handled:
        handled.add(what)
        accounts[payment["customer"]] -= payment["amount"]


mistake("3.2", "charged again", every_time)
mistake("3.2", "charged again", no_pattern)
mistake("3.2", "not only the last one", only_the_last)
mistake("3.2", "tell them apart by their id", by_amount)


async def returns_early(message, accounts, handled):
    payment = json.loads(message["data"])
    before = len(handled)
    handled.update({payment["id"]})
    if len(handled) == before:
        return
    accounts.update({payment["customer"]: accounts[payment["customer"]] - payment["amount"]})


other_way("3.2", returns_early)


async def looks_first(cashier, payment, accounts):
    if not await cashier.get(payment["id"]):
        await cashier.set(payment["id"], "yes")
        accounts[payment["customer"]] -= payment["amount"]


async def forgets(cashier, payment, accounts):
    if await cashier.set(payment["id"], "yes", nx=True):
        accounts[payment["customer"]] -= payment["amount"]
        await cashier.delete(payment["id"])


async def one_key_for_all(cashier, payment, accounts):
    if await cashier.set("charged", "yes", nx=True):
        accounts[payment["customer"]] -= payment["amount"]


in_python = set()


async def in_memory(cashier, payment, accounts):
    if payment["id"] not in in_python:
        in_python.add(payment["id"])
        accounts[payment["customer"]] -= payment["amount"]


async def remembers_for_a_second(cashier, payment, accounts):
    if await cashier.set(payment["id"], "yes", nx=True, ex=1):
        accounts[payment["customer"]] -= payment["amount"]


async def remembers_for_a_day(cashier, payment, accounts):
    if await cashier.set(payment["id"], "yes", nx=True, ex=86400):
        accounts[payment["customer"]] -= payment["amount"]


mistake("3.3", "is forgotten after", remembers_for_a_second)
other_way("3.3", remembers_for_a_day)
mistake("3.3", "in a single command", looks_first)
mistake("3.3", "do not forget it", forgets)
mistake("3.3", "an id of its own", one_key_for_all)
mistake("3.3", "the broker remembers nothing", in_memory)


async def in_a_set(cashier, payment, accounts):
    if await cashier.sadd("charged", payment["id"]) == 0:
        return
    accounts[payment["customer"]] = accounts[payment["customer"]] - payment["amount"]


other_way("3.3", in_a_set)


def as_last_seen(message, accounts, handled):
    accounts.update(carol=140, dave=130)


def gives_money(message, accounts, handled):
    payment = json.loads(message["data"])
    accounts[payment["customer"]] += payment["amount"]


mistake("3.2", "the accounts after four payments", as_last_seen)
mistake("3.2", "Take the amount off", gives_money)


class Till:
    """Remember by itself, from one check to the next as well."""

    def __init__(self):
        self._seen = {}

    def __call__(self, message, accounts, handled):
        payment = json.loads(message["data"])
        if self._seen.setdefault(payment["id"], message) is message:
            accounts[payment["customer"]] -= payment["amount"]


till = Till()
other_way("3.2", till)
other_way("3.2", till)

REMEMBERED = set()


async def redis_for_show(cashier, payment, accounts):
    await cashier.set(payment["id"], 1)
    if payment["id"] not in REMEMBERED:
        REMEMBERED.add(payment["id"])
        accounts[payment["customer"]] -= payment["amount"]


async def the_result_alone(cashier, payment, accounts):
    await cashier.set(payment["id"], 1)
    accounts["carol"] = 215


async def every_delivery(cashier, payment, accounts):
    accounts[payment["customer"]] -= payment["amount"]


async def account_as_memory(cashier, payment, accounts):
    if payment["id"] not in accounts:
        accounts[payment["id"]] = 0
        accounts[payment["customer"]] -= payment["amount"]


mistake("3.3", "outside Redis", redis_for_show)
mistake("3.3", "Carol's account", the_result_alone)
mistake("3.3", "Each delivery was charged", every_delivery)
mistake("3.3", "Nothing but Carol's account", account_as_memory)


async def counted(cashier, payment, accounts):
    if await cashier.incr(f"deliveries:{payment['id']}") == 1:
        accounts[payment["customer"]] -= payment["amount"]


other_way("3.3", counted)
