"""Answers to the exercises of lesson 3."""

import asyncio
import json
from decimal import Decimal

import redis

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
mistake("3.1", "catches too much", three_prefixes)
mistake("3.1", "catches too much", too_wide)
mistake("3.1", "catches too much", one_character)
mistake("3.1", "two subscriptions match", both_ways)
mistake("3.1", "Subscribe the given inbox", only_mail)
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
mistake("3.2", "for the third time, with others in between", only_the_last)
mistake("3.2", "Another payment of the same amount had come before", by_amount)


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
mistake("3.3", "Emil charged it again", forgets)
mistake("3.3", "an id of its own", one_key_for_all)
mistake("3.3", "No command came over the client", in_memory)


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


mistake("3.2", "and what was taken off is", as_last_seen)
mistake("3.2", "what was taken off is {'carol': -30}", gives_money)


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


mistake("3.3", "the reply of Redis must say who is first", redis_for_show)
mistake("3.3", "Carol's account", the_result_alone)
mistake("3.3", "Both cashiers charged", every_delivery)
mistake("3.3", "Nothing but Carol's account", account_as_memory)


async def counted(cashier, payment, accounts):
    if await cashier.incr(f"deliveries:{payment['id']}") == 1:
        accounts[payment["customer"]] -= payment["amount"]


other_way("3.3", counted)


# Wrong ways that a check with tame data, or in one process, does not see.


async def all_but_a_few(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[^06-9a]")


async def loose_prefix(inbox, prefix):
    await inbox.psubscribe(f"{prefix[:-1]}?-[1-5]")


async def loose_first_letter(inbox, prefix):
    await inbox.psubscribe(f"?{prefix[1:]}-[1-5]")


async def any_case(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[1-5]", f"{prefix.upper()}-[1-5]")


async def the_three_that_were_shown(inbox, prefix):
    for each in ("parcel", "order", "mail"):
        await inbox.subscribe(*(f"{each}-{number}" for number in range(1, 6)))


async def first_word_of_the_prefix(inbox, prefix):
    await inbox.psubscribe(f"{prefix.split()[0]}*-[1-5]")


async def only_letters_of_the_prefix(inbox, prefix):
    plain = "".join(sign for sign in prefix if sign.isalnum())
    await inbox.psubscribe(f"{plain}-[1-5]")


async def from_a_comma_to_five(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[1,2,3,4,5]")


async def sharded(inbox, prefix):
    for number in range(1, 6):
        await inbox.ssubscribe(f"{prefix}-{number}")


async def leaves_a_mark(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[1-5]")
    await inbox.execute_command("PSUBSCRIBE", f"{prefix}-[5]")


mistake("3.1", "catches too much", all_but_a_few)
mistake("3.1", "catches too much", loose_prefix)
mistake("3.1", "catches too much", loose_first_letter)
mistake("3.1", "catches too much", any_case)
mistake("3.1", "catches too much", the_three_that_were_shown)
mistake("3.1", "catches too much", first_word_of_the_prefix)
mistake("3.1", "Subscribe the given inbox", only_letters_of_the_prefix)
mistake("3.1", "catches too much", from_a_comma_to_five)
mistake("3.1", "Subscribe the given inbox", sharded)
mistake("3.1", "two subscriptions match", leaves_a_mark)


async def in_one_command(inbox, prefix):
    await inbox.subscribe(*[prefix + "-" + digit for digit in "12345"])


async def two_patterns(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[12]", f"{prefix}-[345]")


async def with_a_handler_removed(inbox, prefix):
    await inbox.psubscribe(f"{prefix}-[1-9]")
    await inbox.punsubscribe(f"{prefix}-[1-9]")
    await inbox.psubscribe(f"{prefix}-[12345]")


other_way("3.1", in_one_command)
other_way("3.1", two_patterns)
other_way("3.1", with_a_handler_removed)


def the_last_four():
    order = []

    def charge(message, accounts, handled):
        payment = json.loads(message["data"])
        if payment["id"] not in handled:
            handled.add(payment["id"])
            order.append(payment["id"])
            accounts[payment["customer"]] -= payment["amount"]
            if len(order) > 4:
                handled.discard(order.pop(0))

    return charge


def two_customers(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["id"] in handled:
        return
    handled.add(payment["id"])
    if payment["customer"] == "carol":
        accounts["carol"] -= payment["amount"]
    elif payment["customer"] == "dave":
        accounts["dave"] -= payment["amount"]


def the_last_digit(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["id"][-1] not in handled:
        handled.add(payment["id"][-1])
        accounts[payment["customer"]] -= payment["amount"]


def a_hundred_at_most(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["id"] not in handled:
        if len(handled) >= 100:
            handled.clear()
        handled.add(payment["id"])
        accounts[payment["customer"]] -= payment["amount"]


def by_the_sequence_of_fields(message, accounts, handled):
    number, customer, amount = json.loads(message["data"]).values()
    if number not in handled:
        handled.add(number)
        accounts[customer] -= amount


def number_of_the_id(message, accounts, handled):
    payment = json.loads(message["data"])
    number = int(payment["id"].removeprefix("payment-"))
    if number > max(handled, default=0):
        handled.add(number)
        accounts[payment["customer"]] -= payment["amount"]


def catches_all(message, accounts, handled):
    try:
        payment = json.loads(message)
        accounts[payment["customer"]] -= payment["amount"]
    except Exception:
        pass


def once_an_hour(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["customer"] not in handled:
        handled.add(payment["customer"])
        accounts[payment["customer"]] -= payment["amount"]


def opens_accounts(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["id"] not in handled:
        handled.add(payment["id"])
        accounts[payment["customer"]] -= payment["amount"]
        accounts["all"] = sum(accounts.values())


mistake("3.2", "was charged again", the_last_four())
mistake("3.2", "and was not charged", two_customers)
mistake("3.2", "and was not charged", the_last_digit)
mistake("3.2", "was charged again", a_hundred_at_most)
mistake("3.2", "raised", by_the_sequence_of_fields)
mistake("3.2", "raised ValueError", number_of_the_id)
mistake("3.2", "and then swallowed", catches_all)
mistake("3.2", "and was not charged", once_an_hour)
mistake("3.2", "there are two accounts", opens_accounts)


def in_one_expression(message, accounts, handled):
    payment = json.loads(message["data"])
    key, customer = payment["id"], payment["customer"]
    is_new = not {key} <= handled
    handled |= {key}
    accounts[customer] = accounts[customer] - payment["amount"] * is_new


def with_other_things_in_the_set(message, accounts, handled):
    payment = json.loads(message["data"])
    mark = ("payment", payment["id"])
    if mark in handled:
        return
    handled.add(mark)
    accounts[payment["customer"]] += -payment["amount"]


def and_tells(message, accounts, handled):
    payment = json.loads(message["data"])
    match payment["id"] in handled:
        case True:
            return "again"
        case False:
            handled.add(payment["id"])
            accounts.__setitem__(
                payment["customer"], accounts.get(payment["customer"]) - payment["amount"]
            )
            return "charged"


other_way("3.2", in_one_expression)
other_way("3.2", with_other_things_in_the_set)
other_way("3.2", and_tells)


def locked_in_python():
    lock = asyncio.Lock()

    async def charge_once(cashier, payment, accounts):
        async with lock:
            if not await cashier.exists(payment["id"]):
                await cashier.set(payment["id"], "yes")
                accounts[payment["customer"]] -= payment["amount"]

    return charge_once


async def a_mark_for_each_cashier(cashier, payment, accounts):
    name = await cashier.client_getname()
    if await cashier.set(f"{name}:{payment['id']}", 1, nx=True):
        accounts["carol"] -= payment["amount"]


async def bob_alone(cashier, payment, accounts):
    if await cashier.set(payment["id"], 1, nx=True) and await cashier.client_getname() == "bob":
        accounts["carol"] -= payment["amount"]


async def gives_up_for_another(cashier, payment, accounts):
    async with cashier.pipeline() as watching:
        await watching.watch("charged")
        if await watching.sismember("charged", payment["id"]):
            return
        watching.multi()
        watching.sadd("charged", payment["id"])
        try:
            await watching.execute()
        except redis.WatchError:
            return
        accounts["carol"] -= payment["amount"]


async def looks_before_it_watches(cashier, payment, accounts):
    seen = await cashier.exists(payment["id"])
    async with cashier.pipeline() as watching:
        await watching.watch(payment["id"])
        watching.multi()
        watching.set(payment["id"], 1)
        await watching.execute()
    if not seen:
        accounts["carol"] -= payment["amount"]


async def the_last_hundred(cashier, payment, accounts):
    async with cashier.pipeline(transaction=True) as both:
        both.zadd("charged", {payment["id"]: int(payment["id"].split("-")[-1])}, nx=True)
        both.zremrangebyrank("charged", 0, -101)
        added, _ = await both.execute()
    if added:
        accounts["carol"] -= payment["amount"]


async def the_last_only(cashier, payment, accounts):
    if await cashier.getset("last", payment["id"]) != payment["id"]:
        accounts["carol"] -= payment["amount"]


async def by_its_number(cashier, payment, accounts):
    number = int(payment["id"].split("-")[1])
    if number > int(await cashier.getset("last", number) or 0):
        accounts["carol"] -= payment["amount"]


async def clears_up_before(cashier, payment, accounts):
    for key in await cashier.keys("charged:*"):
        if key != f"charged:{payment['id']}":
            await cashier.delete(key)
    if await cashier.set(f"charged:{payment['id']}", 1, nx=True):
        accounts["carol"] -= payment["amount"]


async def swallows_a_slip(cashier, payment, accounts):
    try:
        if await cashier.set(payment["id"], True, nx=True):
            accounts["carol"] -= payment["amount"]
    except Exception:
        return


mistake("3.3", "look and write in a single command", locked_in_python())
mistake("3.3", "keys for three payments: ask for the same one", a_mark_for_each_cashier)
mistake("3.3", "so Emil is the first", bob_alone)
mistake("3.3", "who was first with this payment", gives_up_for_another)
mistake("3.3", "The other cashier was faster", looks_before_it_watches)
mistake("3.3", "stays known by its id, however many come after it", the_last_hundred)
mistake("3.3", "Emil charged it again", the_last_only)
mistake("3.3", "who was first with this payment", by_its_number)
mistake("3.3", "Emil charged it again", clears_up_before)
mistake("3.3", "and then swallowed", swallows_a_slip)


async def in_a_hash(cashier, payment, accounts):
    if await cashier.hsetnx("charged", payment["id"], json.dumps(payment)):
        accounts["carol"] -= payment["amount"]


async def watches_and_tries_again(cashier, payment, accounts):
    while True:
        async with cashier.pipeline() as watching:
            await watching.watch("charged")
            if await watching.sismember("charged", payment["id"]):
                return
            watching.multi()
            watching.sadd("charged", payment["id"])
            try:
                await watching.execute()
            except redis.WatchError:
                continue
            break
    accounts["carol"] -= payment["amount"]


async def with_a_lock_in_redis(cashier, payment, accounts):
    while not await cashier.set("lock", 1, nx=True):
        await asyncio.sleep(0.001)
    if not await cashier.exists(payment["id"]):
        await cashier.set(payment["id"], 1)
        accounts["carol"] -= payment["amount"]
    await cashier.delete("lock")


other_way("3.3", in_a_hash)
other_way("3.3", watches_and_tries_again)
other_way("3.3", with_a_lock_in_redis)


async def all_at_the_same_time(inbox, prefix):
    await asyncio.gather(*(inbox.subscribe(f"{prefix}-{number}") for number in range(1, 6)))


async def some_time_later(inbox, prefix):
    asyncio.create_task(inbox.psubscribe(f"{prefix}-[1-5]"))  # noqa: RUF006


async def up_to_the_hyphen(inbox, prefix):
    await inbox.psubscribe(f"{prefix.split('-')[0].lower()}-[1-5]")


async def too_many_and_back(inbox, prefix):
    await inbox.subscribe(*(f"{prefix}-{number}" for number in range(7)))
    await inbox.unsubscribe(f"{prefix}-0", f"{prefix}-6")


mistake("3.1", "may each open a connection", all_at_the_same_time)
mistake("3.1", "returned before a command of its own was sent", some_time_later)
mistake("3.1", "Subscribe the given inbox to", up_to_the_hyphen)
other_way("3.1", too_many_and_back)


def forgets_at_the_second(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["id"] in handled:
        return handled.discard(payment["id"])
    handled.add(payment["id"])
    accounts[payment["customer"]] -= payment["amount"]


def a_set_of_its_own(message, accounts, handled):
    payment = json.loads(message["data"])
    if payment["id"] not in handled:
        accounts[payment["customer"]] -= payment["amount"]
        handled = handled | {payment["id"]}


def not_by_a_pattern(message, accounts, handled):
    payment = json.loads(message["data"])
    if message["type"] == "message" and payment["id"] not in handled:
        handled.add(payment["id"])
        accounts[payment["customer"]] -= payment["amount"]


def by_the_length_of_the_set(message, accounts, handled):
    payment, before = json.loads(message["data"]), len(handled)
    handled |= {payment["id"]}
    accounts[payment["customer"]] -= payment["amount"] * (len(handled) - before)


def with_exact_numbers(message, accounts, handled):
    payment = json.loads(message["data"], parse_int=Decimal)
    if payment["id"] not in handled:
        handled.add(payment["id"])
        accounts[payment["customer"]] -= payment["amount"]


other_way("3.2", with_exact_numbers)
mistake("3.2", "was charged again when it came for the third time", forgets_at_the_second)
mistake("3.2", "`handled` is empty even now", a_set_of_its_own)
mistake("3.2", "came by the pattern pa* and was not charged", not_by_a_pattern)
other_way("3.2", by_the_length_of_the_set)


async def whoever_holds_the_mark(cashier, payment, accounts):
    mine = str(await cashier.client_id())
    await cashier.set(f"charged:{payment['id']}", mine, nx=True)
    if await cashier.get(f"charged:{payment['id']}") == mine:
        accounts["carol"] -= payment["amount"]


async def when_in_doubt(cashier, payment, accounts):
    try:
        is_first = await cashier.set(f"charged:{payment['id']}", "yes", nx=True)
    except redis.RedisError:
        is_first = True
    if is_first:
        accounts["carol"] -= payment["amount"]


async def by_its_whole_text(cashier, payment, accounts):
    if await cashier.sadd("charged", str(payment)):
        accounts["carol"] -= payment["amount"]


class RemembersToo:
    """Ask Redis only for what this machine has not seen."""

    def __init__(self):
        self._seen = set()

    async def __call__(self, cashier, payment, accounts):
        if payment["id"] in self._seen:
            return
        self._seen.add(payment["id"])
        if await cashier.append(f"charged:{payment['id']}", "x") == 1:
            accounts["carol"] -= payment["amount"]


mistake("3.3", "Bob charged it again", whoever_holds_the_mark)
mistake("3.3", "who leaves none must not charge", when_in_doubt)
mistake("3.3", "stays known by its id", by_its_whole_text)
other_way("3.3", RemembersToo())


async def marks_by_a_script(cashier, payment, accounts):
    mark = "return redis.call('SETNX', KEYS[1], 1)"
    if await cashier.eval(mark, 1, f"charged:{payment['id']}"):
        accounts[payment["customer"]] -= payment["amount"]


async def looks_by_a_script(cashier, payment, accounts):
    mark = f"charged:{payment['id']}"
    if not await cashier.eval("return redis.call('EXISTS', KEYS[1])", 1, mark):
        accounts[payment["customer"]] -= payment["amount"]
        await cashier.eval("return redis.call('SET', KEYS[1], 1)", 1, mark)


async def charges_behind_a_lock(cashier, payment, accounts):
    async with cashier.lock(f"lock:{payment['id']}", timeout=10):
        if await cashier.set(f"charged:{payment['id']}", 1, nx=True):
            accounts[payment["customer"]] -= payment["amount"]


other_way("3.3", marks_by_a_script)
other_way("3.3", charges_behind_a_lock)
mistake("3.3", "Both cashiers charged", looks_by_a_script)
