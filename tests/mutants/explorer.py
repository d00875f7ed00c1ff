"""Small lies of the explorer about a program, each told for one run of its tests: one must notice.

The explorer is what exercises and readers are judged by, so its own tests are put to this test.
"""

from typing import Any

from embedded_redis.engine import images
from helpers.explore import likeness
from helpers.explore.life import Life
from helpers.explore.search import Graph
from helpers.explore.world import World, _Scene

from .own import OwnLies

EXPLORER_LIES = OwnLies("explore/test_explore.py")
lie = EXPLORER_LIES.lie


@lie(World, "_accidents", "one_worker_dies_before_inside_and_after")
def skips_a_crash_point(truth: Any, *given: Any) -> Any:
    """A worker may die while it handles a job."""
    return (choice for choice in truth(*given) if choice.fate != "dies inside")


@lie(World, "_heirs", "who_dies_comes_back_under_its_name_and_under_a_new_one")
def knows_one_name_only(truth: Any, *given: Any) -> Any:
    """Whoever dies is started again under its name, and in another schedule under a new one."""
    return truth(*given)[:1]


@lie(Life, "_take", "a_lost_reply_is_seen_at_any_command")
def forgets_that_the_reply_is_lost(truth: Any, self: Any, given: Any) -> Any:
    """A client whose reply is lost sees its connection break."""
    return truth(self, given._replace(what="goes"))


@lie(_Scene, "die", "popped_job_is_lost_by_a_crash")
def lets_the_dead_go_on(truth: Any, self: Any, choice: Any) -> Any:
    """Whoever has died does nothing more."""
    self._bury = lambda life: None
    return truth(self, choice)


@lie(Graph, "_sum", "what_is_walked_once_counts_as_often_as_it_is_met")
def counts_twice(truth: Any, *given: Any) -> Any:
    """Each schedule is counted once."""
    counts, best = truth(*given)
    return tuple(2 * count for count in counts), best


@lie(World, "next_timer", "time_passes_at_once_and_in_order")
def lets_time_stand_still(truth: Any, *given: Any) -> Any:
    """Time passes when nothing else can happen."""
    return None


@lie(likeness._Look, "mapping", "what_is_walked_once_counts_as_often_as_it_is_met")
def takes_two_lives_for_one(truth: Any, *given: Any) -> Any:
    """Two lives are alike only when their variables are."""
    return ()


@lie(images, "_keys", "what_is_walked_once_counts_as_often_as_it_is_met")
def takes_two_brokers_for_one(truth: Any, *given: Any) -> Any:
    """Two brokers are alike only when their keys hold the same."""
    return ()
