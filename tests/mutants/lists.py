"""Lies about lists, and about clients that wait."""

from typing import Any

from embedded_redis.engine._fakeredis import OK, CommandItem
from embedded_redis.engine.core import EmbeddedSocket
from embedded_redis.engine.waiting_room import WaitingRoom
from embedded_redis.rules import lists
from embedded_redis.rules.expiry import ExpiryTimesAreChecked
from embedded_redis.rules.generic import AddingAMemberTwiceChangesNothing
from embedded_redis.rules.lists import APopTakesOneCount, MovesWakeAndCheckTheirSidesFirst
from embedded_redis.rules.waiting import WaitersAreServedFirstComeFirstServed

from .lie import lie

BLPOP = "commands/blpop/"
BLMOVE = "commands/blmove/"
LMOVE = "commands/lmove/"
LISTS = "develop/data-types/lists/"


@lie(APopTakesOneCount, "lpop", "commands/lpop/", lesson="04")
def a_pop_does_not_remove(truth: Any, self: Any, key: Any, *counts: bytes) -> Any:
    """LPOP removes what it returns."""
    before = [*key.value] if key.value else None
    reply = truth(self, key, *counts)
    key.update(before)
    return reply


@lie(APopTakesOneCount, "lpop", "commands/lpop/", lesson="01")
def lpop_takes_from_the_right(truth: Any, self: Any, key: Any, *counts: bytes) -> Any:
    """LPOP takes from the left."""
    return self.rpop(key, *counts)


@lie(APopTakesOneCount, "lpop", "commands/lpop/", lesson="01")
def lpop_ignores_its_count(truth: Any, self: Any, key: Any, *counts: bytes) -> Any:
    """LPOP with a count takes that many elements."""
    return truth(self, key, *(b"1" for _ in counts))


@lie(EmbeddedSocket, "rpush", "commands/rpush/", lesson="01")
def rpush_pushes_on_the_left(truth: Any, self: Any, key: Any, *elements: bytes) -> int:
    """RPUSH adds at the right end."""
    return self.lpush(key, *elements)


@lie(EmbeddedSocket, "lpush", "commands/lpush/", lesson="04")
def lpush_keeps_the_order(truth: Any, self: Any, key: Any, *elements: bytes) -> int:
    """LPUSH adds one element after the other, so the last comes first."""
    return truth(self, key, *elements[::-1])


@lie(EmbeddedSocket, "lpush", BLPOP, lesson="04")
def a_waiter_is_served_in_the_middle(truth: Any, self: Any, key: Any, *elements: bytes) -> int:
    """A waiting client is served when the push has ended, not after its first element."""
    length = truth(self, key, *elements)
    waited_for = (self._db, key.key) in self._server.room._queues
    if waited_for:
        key.value.insert(0, key.value.pop(len(elements) - 1))
    return length


@lie(lists, "take", BLPOP, lesson="04")
def a_blocking_pop_does_not_remove(truth: Any, item: Any, left: bool) -> bytes:
    """BLPOP removes what it returns."""
    return item.value[0 if left else -1]


@lie(lists, "pop_one", BLPOP, lesson="04")
def blpop_looks_at_the_last_key_first(truth: Any, db: Any, keys: Any, left: bool) -> Any:
    """BLPOP takes from the first of its keys that holds something."""
    return truth(db, keys[::-1], left)


@lie(WaitersAreServedFirstComeFirstServed, "_blocking", BLPOP, lesson="04", waits=True)
def nobody_waits(truth: Any, self: Any, timeout: Any, func: Any, shape: Any = None) -> Any:
    """BLPOP waits until there is something, or its time is over."""
    reply = func(True)
    return shape(reply) if shape else reply


@lie(WaitersAreServedFirstComeFirstServed, "_blocking", BLPOP, lesson="04")
def blpop_fails_in_a_transaction(
    truth: Any, self: Any, timeout: Any, func: Any, shape: Any = None
) -> Any:
    """In a transaction BLPOP answers nil at once."""
    if self._in_transaction:
        lists.fail("ERR BLPOP is not allowed in transactions")
    return truth(self, timeout, func, shape)


@lie(WaitersAreServedFirstComeFirstServed, "_blocking", BLPOP, lesson="04", waits=True)
def waits_have_no_end(truth: Any, self: Any, timeout: Any, func: Any, shape: Any = None) -> Any:
    """BLPOP answers nil when its time is over."""
    return truth(self, 0, func, shape)


@lie(WaitingRoom, "_serve_queue", BLPOP, lesson="04")
def who_came_last_is_served_first(truth: Any, self: Any, place: Any, change: Any) -> None:
    """Waiting clients are served in the order in which they came."""
    queue = self._queues.get(place, {})
    for waiter in [*queue][::-1]:
        queue[waiter] = queue.pop(waiter)
    truth(self, place, change)


@lie(WaitersAreServedFirstComeFirstServed, "_wait", BLPOP, lesson="04")
def who_waited_before_is_served_first(
    truth: Any, self: Any, timeout: Any, attempt: Any, shape: Any
) -> None:
    """A client that was served stands at the back when it waits again."""
    truth(self, timeout, attempt, shape)
    regulars = vars(self._server).setdefault("regulars", set())
    for place in self._waiter.places if self in regulars else ():
        queue = self._server.room._queues[place]
        others = [waiter for waiter in queue if waiter is not self._waiter]
        for waiter in others:
            queue[waiter] = queue.pop(waiter)
    regulars.add(self)


@lie(EmbeddedSocket, "_run_command", "develop/using-commands/transactions/", lesson="04")
def a_transaction_serves_waiters_in_the_middle(truth: Any, self: Any, *given: Any) -> Any:
    """Nobody is served between two commands of a transaction."""
    reply = truth(self, *given)
    if self._in_transaction:
        self._server.room.serve()
    return reply


@lie(MovesWakeAndCheckTheirSidesFirst, "blmove", BLMOVE, lesson="04", waits=True)
def blmove_does_not_wait(
    truth: Any, self: Any, source: bytes, target: bytes, take: bytes, put: bytes, timeout: bytes
) -> Any:
    """BLMOVE waits while its source is empty."""
    return self.lmove(source, target, take, put)


@lie(lists, "move", BLMOVE, lesson="04")
def blmove_loses_the_element(
    truth: Any, db: Any, source: bytes, target: bytes, from_left: bool, to_left: bool
) -> Any:
    """LMOVE and BLMOVE put on the target what they take from the source."""
    popped = lists.pop_one(db, [source], from_left)
    return popped and popped[1]


@lie(lists, "move", LMOVE, lesson="04")
def a_move_leaves_a_copy(
    truth: Any, db: Any, source: bytes, target: bytes, from_left: bool, to_left: bool
) -> Any:
    """LMOVE and BLMOVE take from the source what they put on the target."""
    element = truth(db, source, target, from_left, to_left)
    origin = CommandItem(source, db, item=db.get(source), default=[])
    if element is not None:
        origin.update([*origin.value, element])
        origin.writeback()
    return element


@lie(lists, "move", LMOVE, lesson="08")
def a_move_takes_from_the_wrong_end(
    truth: Any, db: Any, source: bytes, target: bytes, from_left: bool, to_left: bool
) -> Any:
    """LEFT takes the first element, RIGHT the last."""
    return truth(db, source, target, not from_left, to_left)


@lie(lists, "move", LMOVE, lesson="04")
def a_move_puts_on_the_wrong_end(
    truth: Any, db: Any, source: bytes, target: bytes, from_left: bool, to_left: bool
) -> Any:
    """LEFT puts the element first, RIGHT last."""
    return truth(db, source, target, from_left, not to_left)


@lie(EmbeddedSocket, "lrem", "commands/lrem/", lesson="04")
def lrem_removes_nothing(truth: Any, self: Any, key: Any, count: int, element: bytes) -> int:
    """LREM removes elements, and answers how many."""
    return int(element in key.value)


@lie(EmbeddedSocket, "lrem", "commands/lrem/", lesson="04")
def lrem_always_answers_1(truth: Any, self: Any, key: Any, count: int, element: bytes) -> int:
    """LREM answers 0 when the element is not there."""
    truth(self, key, count, element)
    return 1


@lie(CommandItem, "writeback", LISTS, lesson="04")
def an_emptied_list_stays(truth: Any, self: Any, remove_empty_val: bool = True) -> None:
    """A list whose last element is taken is gone."""
    truth(self, remove_empty_val=False)


@lie(EmbeddedSocket, "ltrim", "commands/ltrim/", lesson="04")
def ltrim_keeps_the_oldest(truth: Any, self: Any, key: Any, start: int, stop: int) -> Any:
    """LTRIM with -3 -1 keeps the last three elements."""
    return truth(self, key, 0, -start - 1)


@lie(EmbeddedSocket, "ltrim", "commands/ltrim/", lesson="04")
def ltrim_trims_nothing(truth: Any, self: Any, key: Any, start: int, stop: int) -> Any:
    """LTRIM removes what is outside of its range."""
    return truth(self, key, 0, -1)


@lie(EmbeddedSocket, "rpush", "commands/rpush/", lesson="01")
def rpush_answers_how_many_it_pushed(truth: Any, self: Any, key: Any, *elements: bytes) -> int:
    """RPUSH answers the length of the list."""
    truth(self, key, *elements)
    return len(elements)


@lie(EmbeddedSocket, "rpush", BLPOP, lesson="04")
def a_push_to_a_waiting_client_answers_0(truth: Any, self: Any, key: Any, *elements: bytes) -> int:
    """RPUSH counts the element before it is handed to a client that waits."""
    length = truth(self, key, *elements)
    return length - 1 if (self._db, key.key) in self._server.room._queues else length


@lie(EmbeddedSocket, "lrem", "commands/lrem/", lesson="04")
def lrem_removes_all_that_are_equal(
    truth: Any, self: Any, key: Any, count: int, element: bytes
) -> int:
    """LREM with a count of 1 removes one element."""
    return truth(self, key, 0, element)


@lie(EmbeddedSocket, "llen", "commands/llen/", lesson="04")
def llen_counts_equal_elements_once(truth: Any, self: Any, key: Any) -> int:
    """LLEN counts every element, equal ones too."""
    return len({*key.value})


@lie(EmbeddedSocket, "ltrim", "commands/ltrim/", lesson="04")
def ltrim_keeps_one_too_many(truth: Any, self: Any, key: Any, start: int, stop: int) -> Any:
    """LTRIM with -3 keeps three elements."""
    return truth(self, key, start - 1, stop)


@lie(EmbeddedSocket, "watch", "commands/watch/", lesson="08")
def watch_is_ignored(truth: Any, self: Any, *keys: Any) -> Any:
    """EXEC runs nothing when a watched key has changed."""
    return OK


@lie(EmbeddedSocket, "zrem", "commands/zrem/", lesson="09")
def zrem_always_answers_1(truth: Any, self: Any, key: Any, *members: bytes) -> int:
    """ZREM answers how many members it has removed: 0 to whoever comes second."""
    truth(self, key, *members)
    return 1


@lie(ExpiryTimesAreChecked, "set_", "commands/set/", lesson="04")
def set_nx_with_get_returns_nothing(
    truth: Any, self: Any, key: Any, value: bytes, *options: bytes
) -> Any:
    """SET with NX and GET returns the value that it found."""
    reply = truth(self, key, value, *options)
    return None if {b"nx", b"get"} <= {option.lower() for option in options} else reply


@lie(ExpiryTimesAreChecked, "set_", "commands/set/", lesson="04")
def set_nx_of_an_equal_value_says_yes(
    truth: Any, self: Any, key: Any, value: bytes, *options: bytes
) -> Any:
    """SET with NX answers nil when the key is there, whatever it holds."""
    return OK if key.value == value else truth(self, key, value, *options)


@lie(EmbeddedSocket, "rpush", "commands/rpush/", lesson="04")
def an_empty_text_is_not_pushed(truth: Any, self: Any, key: Any, *elements: bytes) -> int:
    """An empty text is an element like any other."""
    return truth(self, key, *filter(None, elements))


@lie(EmbeddedSocket, "incr", "commands/incr/", lesson="04")
def incr_answers_1(truth: Any, self: Any, key: Any) -> int:
    """INCR adds to what is there, also when it is sent again."""
    key.update(b"0")
    return truth(self, key)


@lie(AddingAMemberTwiceChangesNothing, "sadd", "commands/sadd/", lesson="04")
def sadd_counts_what_was_there(truth: Any, self: Any, key: Any, *members: bytes) -> int:
    """SADD answers how many members are new, and none of one that is there."""
    truth(self, key, *members)
    return len(members)


@lie(lists, "pop_one", BLPOP, lesson="04")
def blpop_names_the_first_of_its_keys(truth: Any, db: Any, keys: Any, left: bool) -> Any:
    """BLPOP names the key that the element comes from."""
    found = truth(db, keys, left)
    return found and [next(iter(keys)), found[1]]


@lie(EmbeddedSocket, "lrange", "commands/lrange/", lesson="01")
def lrange_leaves_out_its_end(truth: Any, self: Any, key: Any, start: int, stop: int) -> Any:
    """LRANGE includes the element at its end."""
    return truth(self, key, start, stop)[:-1]
