"""Answers to the exercises of lesson 11."""

from collections import Counter, defaultdict

from .. import mistake, other_way

# 11.1: what nobody has any more.


def texts(value):
    """List the texts in a reply, however deep."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


def sent_in(commands):
    """List the orders that were sent, in their sequence."""
    found = []
    for _, words, _ in commands:
        if words[0] in ("RPUSH", "LPUSH"):
            found += words[2:]
        elif words[0] == "XADD":
            found.append(words[4])
    return [*dict.fromkeys(found)]


def names_in(commands):
    """Return the order for each id and tag."""
    ids = {reply: words[4] for _, words, reply in commands if words[0] == "XADD"}
    return ids | {words[2]: words[3] for _, words, _ in commands if words[0] == "HSET"}


def counted(commands, plus, minus, by=lambda client: True):
    """Count in how many places each order is, by the names of commands."""
    places, takers, names = Counter(), {}, names_in(commands)
    for client, words, reply in commands:
        name = words[0]
        if name in plus:
            of = {"XADD": words[4:], "HSET": words[3:]}.get(name, words[2:])
            places.update(of)
        if name in minus and reply and by(client):
            last = reply[-1] if name in ("BLPOP", "BRPOP") else words[-1]
            order = reply if name == "BLMOVE" else names.get(last, last)
            places[order] -= 1
            takers[order] = client
    return places, takers


PLUS = ("RPUSH", "LPUSH", "XADD", "HSET")
MINUS = ("BLPOP", "BRPOP", "LREM", "XACK", "HDEL")


def lost_by(plus=PLUS, minus=MINUS):
    """Return the answer that counts so."""

    def lost(commands, done, dead):
        places, takers = counted(commands, plus, minus)
        gone = [order for order, count in places.items() if count <= 0]
        return [o for o in gone if o not in done and takers[o] == dead]

    return lost


def all_that_is_not_done(commands, done, dead):
    return [order for order in sent_in(commands) if order not in done]


def what_waits_too(commands, done, dead):
    taken = ""
    for _, words, reply in commands:
        if words[0] in ("BLPOP", "BRPOP", "BLMOVE", "XREADGROUP"):
            taken += f"{reply}"
    waits = [order for order in sent_in(commands) if f"'{order}'" not in taken]
    return lost_by()(commands, done, dead) + waits


def nothing(commands, done, dead):
    return []


def what_was_popped(commands, done, dead):
    popped = [r[1] for _, words, r in commands if words[0] in ("BLPOP", "BRPOP") and r]
    return [order for order in dict.fromkeys(popped) if order not in done]


def popped_by_the_dead(commands, done, dead):
    popped = [r[1] for c, words, r in commands if words[0][-3:] == "POP" and r and c == dead]
    return [order for order in dict.fromkeys(popped) if order not in done]


def forgets_that_a_pop_may_wait(commands, done, dead):
    popped = [r[1] for _, words, r in commands if words[0] in ("BLPOP", "BRPOP")]
    return [order for order in popped if order not in done]


def forgets_who(commands, done, dead):
    places, _ = counted(commands, PLUS, MINUS)
    return [order for order, count in places.items() if count <= 0 and order not in done]


def forgets_what_is_done(commands, done, dead):
    places, takers = counted(commands, PLUS, MINUS)
    return [order for order, count in places.items() if count <= 0 and takers[order] == dead]


def whatever_the_dead_ever_took(commands, done, dead):
    taken = []
    for client, words, reply in commands:
        if client == dead and words[0] in ("BLPOP", "BRPOP", "BLMOVE", "XREADGROUP"):
            taken += [text for text in texts(reply) if text.startswith("order-")]
    return [order for order in dict.fromkeys(taken) if order not in done]


def only_what_the_dead_said(commands, done, dead):
    return lost_by()([each for each in commands if each[0] in (dead, "shop")], done, dead)


def looks_for_a_part_of_a_name(commands, done, dead):
    said = " ".join(done)
    return [order for order in lost_by()(commands, [], dead) if order not in said]


def does_not_read_to_the_end(commands, done, dead):
    """Take the first removal of an order for its end."""
    gone, names = [], names_in(commands)
    for client, words, reply in commands:
        if words[0] in MINUS and reply and client == dead:
            last = reply[-1] if words[0] in ("BLPOP", "BRPOP") else words[-1]
            gone.append(names.get(last, last))
    return [order for order in dict.fromkeys(gone) if order not in done]


def names_ids(commands, done, dead):
    gone = [w[-1] for c, w, r in commands if w[0] == "XACK" and c == dead]
    return gone or lost_by()(commands, done, dead)


def names_each_as_often_as_it_was_taken(commands, done, dead):
    return lost_by()(commands, done, dead) * 2


def names_the_first(commands, done, dead):
    return lost_by()(commands, done, dead)[:1]


def says_how_many(commands, done, dead):
    return len(lost_by()(commands, done, dead))


mistake("11.1", "Return a list of names", says_how_many)
mistake("11.1", "and it names it", all_that_is_not_done)
mistake("11.1", "popped it and died", nothing)
mistake("11.1", "Nobody has it in hand: it lies in the list", what_waits_too)
mistake("11.1", "lives, so", what_was_popped)
mistake("11.1", "is None when its time was over", forgets_that_a_pop_may_wait)
mistake("11.1", "lives, so", forgets_who)
mistake("11.1", "It is in `done`", forgets_what_is_done)
mistake("11.1", "A copy lies in `taken:", whatever_the_dead_ever_took)
mistake("11.1", "removed its copy before the work was done", lost_by(minus=("BLPOP", "BRPOP")))
mistake("11.1", "A copy lies in the hash `unacked`", lost_by(plus=("RPUSH", "LPUSH", "XADD")))
mistake(
    "11.1", "from `unacked` before the work was done", lost_by(minus=("BLPOP", "BRPOP", "LREM"))
)
mistake("11.1", "acknowledged it before the work", lost_by(minus=[n for n in MINUS if n != "XACK"]))
mistake("11.1", "though nobody sent it", names_ids)
mistake("11.1", "Name each order once", names_each_as_often_as_it_was_taken)
mistake("11.1", "popped it and died", names_the_first)
mistake("11.1", "it does not name it", looks_for_a_part_of_a_name)
mistake("11.1", "and it names it", does_not_read_to_the_end)
mistake("11.1", "removed its copy before the work", popped_by_the_dead)
mistake("11.1", "and it names it", lost_by(minus=(*MINUS, "BLMOVE")))


def in_places(commands, done, dead, is_gone=lambda count: count == 0, heeds=()):
    """Count the places, and take a removal for done, whatever the reply to it, but to these."""
    places, takers, names = Counter(), {}, names_in(commands)
    for client, words, reply in commands:
        match words:
            case ["RPUSH" | "LPUSH", _, *orders]:
                places.update(orders)
            case ["XADD", _, _, _, order] | ["HSET", _, _, order]:
                places[order] += 1
            case ["BLPOP" | "BRPOP", *_] if reply:
                places[reply[1]] -= 1
                takers[reply[1]] = client
            case ["LREM" | "XACK" | "HDEL", *_, name] if reply or words[0] not in heeds:
                order = names.get(name, name)
                places[order] -= 1
                takers[order] = client
    gone = [order for order, count in places.items() if is_gone(count)]
    return [order for order in gone if order not in done and takers[order] == dead]


def ignores_replies_to(*ignored):
    """Return the answers that take each of these removals for done."""
    heeds = {"LREM", "XACK", "HDEL"} - {*ignored}

    def lost(commands, done, dead):
        return in_places(commands, done, dead, lambda count: count <= 0, heeds)

    return lost


mistake("11.1", "is 0: that removed nothing", in_places)
mistake("11.1", "is 0: that removed nothing", ignores_replies_to("LREM", "XACK", "HDEL"))
mistake("11.1", "is 0: that removed nothing", ignores_replies_to("LREM"))
mistake("11.1", "is 0: that removed nothing", ignores_replies_to("XACK"))
mistake("11.1", "is 0: that removed nothing", ignores_replies_to("HDEL"))
other_way("11.1", ignores_replies_to())


def with_the_keys_themselves(commands, done, dead):
    """Keep what each key holds, and who last took something out of the broker."""
    held, hands, names = defaultdict(list), {}, names_in(commands)
    for client, words, reply in commands:
        match words:
            case ["RPUSH" | "LPUSH", key, *orders]:
                held[key] += orders
            case ["XADD", key, _, _, order]:
                held[key].append(order)
            case ["HSET", key, _, order]:
                held[key].append(order)
            case ["BLPOP" | "BRPOP", *_] if reply is not None:
                held[reply[0]].remove(reply[1])
                hands[reply[1]] = client
            case ["BLMOVE", source, target, *_] if reply is not None:
                held[source].remove(reply)
                held[target].append(reply)
            case ["LREM", key, _, order] if reply:
                held[key].remove(order)
                hands[order] = client
            case ["XACK", key, _, name] | ["HDEL", key, name] if reply:
                held[key].remove(names[name])
                hands[names[name]] = client
    there = {order for orders in held.values() for order in orders}
    return {o for o, client in hands.items() if client == dead} - there - {*done}


def by_the_last_word(commands, done, dead):
    """Look at the last command that says something of an order."""
    names, last = names_in(commands), {}
    for client, words, reply in commands:
        if words[0] == "XAUTOCLAIM" or reply == 0:
            continue
        taken = reply if words[0] in ("BLPOP", "BRPOP") else words[2:]
        for text in texts(taken):
            order = names.get(text, text)
            if order.startswith("order-"):
                last[order] = client, words[0]
    lost = [o for o, (client, name) in last.items() if client == dead and name in MINUS]
    return [order for order in lost if order not in done]


other_way("11.1", with_the_keys_themselves)
other_way("11.1", by_the_last_word)
other_way("11.1", lost_by())


# 11.2: which settings keep a promise.


def that_happen(setting, seconds):
    """Return the outcomes of the faults that can happen to a job of so many seconds."""
    limit = setting["limit"]
    is_long = limit is not None and seconds > limit
    return {f: o for f, o in setting["faults"].items() if is_long or f != "long job"}


def orders(setting):
    found = that_happen(setting, 30).values()
    return not any(each["lost"] or each["back"] >= 3600 for each in found)


def letters(setting):
    return not any(each["twice"] for each in that_happen(setting, 1).values())


def harms(*outcomes):
    return any(each["lost"] or each["twice"] for each in outcomes)


def videos(setting):
    found = that_happen(setting, 1200)
    return not harms(*(found[f] for f in ("long job", "cut off") if f in found))


def loses_nothing_however_late(setting):
    return not any(each["lost"] for each in that_happen(setting, 30).values())


def an_hour_is_soon_enough(setting):
    found = that_happen(setting, 30).values()
    return all(each["back"] is not None and each["back"] <= 3600 for each in found)


def forgets_none(setting):
    return all(each["back"] < 3600 for each in that_happen(setting, 30).values())


def forgets_that_there_may_be_no_limit(setting):
    found = [o for f, o in setting["faults"].items() if f != "long job" or setting["limit"] < 30]
    return not any(each["lost"] or each["back"] >= 3600 for each in found)


def takes_none_for_at_once(setting):
    return all((each["back"] or 0) < 3600 for each in that_happen(setting, 30).values())


def wants_it_within_ten_minutes(setting):
    found = that_happen(setting, 30).values()
    return all(each["back"] is not None and each["back"] < 600 for each in found)


def wants_each_exactly_once(setting):
    found = that_happen(setting, 30).values()
    return not any(each["lost"] or each["twice"] or each["back"] >= 3600 for each in found)


def one_good_fault_is_enough(setting):
    return any(not each["lost"] for each in that_happen(setting, 30).values())


def looks_at_one_fault(setting):
    found = setting["faults"]["killed before"]
    return not found["lost"] and found["back"] < 3600


def every_job_is_long(setting):
    found = setting["faults"].values()
    return not any(each["lost"] or each["back"] >= 3600 for each in found)


def no_job_is_long(setting):
    found = [o for f, o in setting["faults"].items() if f != "long job"]
    return not any(each["lost"] or each["back"] >= 3600 for each in found)


def counts_the_limit_as_too_long(setting):
    limit = setting["limit"] or 1000
    found = that_happen(setting, 31 if limit == 30 else 30).values()
    return not any(each["lost"] or each["back"] >= 3600 for each in found)


def no_limit_is_no_time_at_all(setting):
    return orders({**setting, "limit": setting["limit"] or 0})


def counts_orders(setting):
    return sum(len(each["lost"]) for each in that_happen(setting, 30).values())


def is_lost_too(setting):
    found = that_happen(setting, 1).values()
    return not any(each["twice"] or each["lost"] for each in found)


def only_when_it_is_killed(setting):
    found = setting["faults"]
    return not any(found[fault]["twice"] for fault in found if "killed" in fault)


def whoever_is_killed(setting):
    return not harms(*that_happen(setting, 1200).values())


def only_the_long_job(setting):
    found = that_happen(setting, 1200)
    return "long job" not in found or not harms(found["long job"])


def only_twice(setting):
    found = that_happen(setting, 1200)
    return not any(found[f]["twice"] for f in ("long job", "cut off") if f in found)


def wants_it_at_once(setting):
    found = that_happen(setting, 1200)
    return all(found[f]["back"] == 0 for f in ("long job", "cut off") if f in found)


def in_minutes(setting):
    found = that_happen(setting, 20)
    return not harms(*(found[f] for f in ("long job", "cut off") if f in found))


def says_yes(setting):
    return True


def says_no(setting):
    return False


AFTER = "all is done after 3,600 seconds"
mistake("11.2", AFTER, loses_nothing_however_late, letters, videos)
mistake("11.2", AFTER, an_hour_is_soon_enough, letters, videos)
mistake("11.2", "`back` is None where an order is lost", forgets_none, letters, videos)
mistake(
    "11.2", "and `limit` where none is set", forgets_that_there_may_be_no_limit, letters, videos
)
mistake("11.2", "is lost", takes_none_for_at_once, letters, videos)
mistake("11.2", "within the hour, does no harm", wants_it_within_ten_minutes, letters, videos)
mistake("11.2", "What is done twice", wants_each_exactly_once, letters, videos)
mistake("11.2", "breaks the promise", one_good_fault_is_enough, letters, videos)
mistake("11.2", "breaks the promise", looks_at_one_fault, letters, videos)
mistake("11.2", "`long job` happens only to what takes longer", every_job_is_long, letters, videos)
mistake("11.2", "`long job` breaks the promise", no_job_is_long, letters, videos)
mistake("11.2", "`long job` happens only", counts_the_limit_as_too_long, letters, videos)
mistake("11.2", "`long job` happens only", no_limit_is_no_time_at_all, letters, videos)
mistake("11.2", "return True or False", counts_orders, letters, videos)
mistake("11.2", "What is lost or late does no harm here", orders, is_lost_too, videos)
mistake("11.2", "`cut off` breaks the promise", orders, only_when_it_is_killed, videos)
mistake("11.2", "only where a worker was killed", orders, letters, whoever_is_killed)
mistake("11.2", "breaks the promise", orders, letters, letters)
mistake("11.2", "is lost", orders, letters, only_twice)
mistake("11.2", "breaks the promise: order-1 is done twice", orders, letters, wants_it_at_once)
mistake("11.2", "`cut off` breaks the promise", orders, letters, only_the_long_job)
mistake("11.2", "`long job` breaks the promise", orders, letters, in_minutes)
mistake("11.2", "breaks the promise", says_yes, says_yes, says_yes)
mistake("11.2", "Nothing is lost, done twice or late here", says_no, says_no, says_no)


def by_the_worst(setting):
    worst = 0
    for fault, outcome in setting["faults"].items():
        if fault == "long job" and not 0 < (setting["limit"] or 0) < 30:
            continue
        worst = max(worst, float("inf") if outcome["back"] is None else outcome["back"])
    return worst < 3600


def went_wrong(setting, seconds, what, *faults):
    """List what went wrong in these faults, and in long jobs."""
    asked = [*faults]
    if setting["limit"] is not None and setting["limit"] < seconds:
        asked.append("long job")
    return [order for fault in asked for each in what for order in setting["faults"][fault][each]]


def letters_by_name(setting):
    four = ("killed before", "killed after", "killed idle", "cut off")
    return went_wrong(setting, 1, ["twice"], *four) == []


def videos_by_name(setting):
    return went_wrong(setting, 1200, ["lost", "twice"], "cut off") == []


other_way("11.2", by_the_worst, letters_by_name, videos_by_name)
other_way("11.2", orders, letters, videos)


# 11.3: the lease.


def words_of(commands, *names):
    """Return the second and the words of the commands of these names."""
    return [(second, words) for second, _, words, _ in commands if words[0] in names]


SWEEPS = ("ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGE")


def asked_up_to(words):
    """Return the score up to which a sweep asks."""
    return float(words[3] if words[0] == "ZRANGEBYSCORE" else words[2])


def claimed(commands):
    """Return the min-idle time of the first claim that is no heartbeat, in seconds."""
    found = [int(words[4]) / 1000 for _, words in words_of(commands, "XAUTOCLAIM", "XCLAIM")]
    return next(filter(None, found), None)


def by_the_lock(commands):
    for _, words in words_of(commands, "SET"):
        if "PX" in words:
            return int(words[-1]) / 1000
    return claimed(commands)


def in_milliseconds(commands):
    return (claimed(commands) or 0) * 1000


def claims_alone(commands):
    return claimed(commands)


def by_the_first_claim(commands):
    for _, words in words_of(commands, "XAUTOCLAIM", "XCLAIM"):
        return int(words[4]) / 1000
    return our_lease(commands)


def by_the_block(commands):
    for _, words in words_of(commands, "XREADGROUP"):
        return int(words[words.index("BLOCK") + 1])
    return our_lease(commands)


def by_the_result(commands):
    for _, words in words_of(commands, "SET"):
        if "EX" in words:
            return int(words[-1])
    return None


def by_the_worker(commands):
    for _, words in words_of(commands, "EXPIRE"):
        return int(words[2])
    return our_lease(commands)


def by_the_sweep(commands):
    """Take every score for the second of the taking."""
    for second, words in words_of(commands, *SWEEPS):
        return second - asked_up_to(words)
    return claimed(commands)


def by_what_is_written(commands):
    """Take every score for the end of the lease."""
    for second, words in words_of(commands, "ZADD"):
        return float(words[-2]) - second
    return claimed(commands)


def by_the_time_until_it_was_found(commands):
    if idle := claimed(commands):
        return idle
    written = words_of(commands, "ZADD")
    for second, _, words, reply in commands:
        if words[0] in SWEEPS and reply:
            return second - [at for at, each in written if each[1] == words[1]][-1]
    return None


def our_lease(commands, sign=1):
    ahead = {}
    if idle := claimed(commands):
        return idle
    for second, words in words_of(commands, "ZADD", *SWEEPS):
        if words[0] == "ZADD":
            ahead[words[1]] = float(words[-2]) - second
        elif words[1] in ahead:
            return sign * (second - asked_up_to(words) + ahead[words[1]])
    return None


def with_the_wrong_sign(commands):
    return our_lease(commands, -1)


def a_moment(commands):
    for _, words in words_of(commands, *SWEEPS):
        return asked_up_to(words)
    return claimed(commands)


def the_wrong_bound(commands):
    """Take the second bound for the highest, as in ZRANGEBYSCORE."""
    for second, words in words_of(commands, *SWEEPS):
        return second - float(words[3])
    return claimed(commands)


def never_none(commands):
    found = our_lease(commands)
    return found if found is not None else 0


def in_words(commands):
    return f"{our_lease(commands)} seconds"


def an_hour_as_the_manual_says(commands):
    return 3600


def every_sorted_set_is_one(commands):
    """Take any ZADD for the one that a sweep asks for."""
    ahead = 0.0
    for second, words in words_of(commands, "ZADD"):
        ahead = float(words[-2]) - second
    for second, words in words_of(commands, *SWEEPS):
        return second - asked_up_to(words) + ahead
    return claimed(commands)


def knows_one_command(commands):
    known = [each for each in commands if each[2][0] != "ZREVRANGEBYSCORE"]
    return our_lease(known)


mistake("11.3", "the lock of a sweep", by_the_lock)
mistake("11.3", "count in milliseconds", in_milliseconds)
mistake("11.3", "find that command", claims_alone)
mistake("11.3", "that is its heartbeat", by_the_first_claim)
mistake("11.3", "how long a worker waits for an order", by_the_block)
mistake("11.3", "how long a result is kept", by_the_result)
mistake("11.3", "a worker's own note is forgotten", by_the_worker)
mistake("11.3", "the lease is what lies between in both", by_the_sweep)
mistake("11.3", "the lease is what lies between in both", by_what_is_written)
mistake("11.3", "an earlier sweep would have found it", by_the_time_until_it_was_found)
mistake("11.3", "Its sign is wrong", with_the_wrong_sign)
mistake("11.3", "That is a moment", a_moment)
mistake("11.3", "That is a moment", the_wrong_bound)
mistake("11.3", "return None where there is no lease", never_none)
mistake("11.3", "Return a number, and no text", in_words)
mistake("11.3", "find that command", an_hour_as_the_manual_says)
mistake("11.3", "how long after it was written", every_sorted_set_is_one)
mistake("11.3", "find that command", knows_one_command)


def rounded(commands):
    found = our_lease(commands)
    return None if found is None else round(found)


def from_the_last_sweep(commands):
    if idle := claimed(commands):
        return idle
    for second, words in reversed(words_of(commands, *SWEEPS)):
        at, written = [e for e in words_of(commands, "ZADD") if e[1][1] == words[1]][-1]
        return (second - at) - (asked_up_to(words) - float(written[-2]))
    return None


other_way("11.3", our_lease)
other_way("11.3", rounded)
other_way("11.3", from_the_last_sweep)


def by_names(commands, done, dead):
    return [command["job"] for command in commands]


def with_seconds(commands, done, dead):
    return [words for _, _, words, _ in commands]


def without_seconds(commands):
    return [words for _, words, _ in commands]


def asks_the_setting(setting):
    return not setting["lost"]


mistake("11.1", "a tuple: (client, words, reply)", by_names)
mistake("11.1", "a tuple: (client, words, reply)", with_seconds)
mistake("11.2", "A setting has `limit` and `faults`", *[asks_the_setting] * 3)
mistake("11.3", "a tuple: (second, client, words, reply)", without_seconds)
