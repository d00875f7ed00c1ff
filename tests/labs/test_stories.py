"""The story of each lab, on every broker: what the learner does, and what the picture then says."""

from collections.abc import AsyncIterator
from textwrap import dedent

import pytest

from helpers.labs.acts import Act
from helpers.labs.model import Lab, NotPossible
from helpers.lessons.l01.lab import TwoCopies
from helpers.lessons.l02.lab import Channel
from helpers.lessons.l03.lab import Patterns
from helpers.lessons.l04.lab import ENOUGH, Line
from helpers.lessons.l05.lab import END, History
from helpers.lessons.l06.lab import Board
from helpers.lessons.l07.lab import MOST, SIZES, Bus
from helpers.lessons.l08.lab import MANY, MOST_RUNS, NAMES, Crash, deaths
from helpers.lessons.l09.lab import Schedule
from helpers.stage.text import write

from ..stage import EVERY_ENGINE, Stage, staged

stage = staged(EVERY_ENGINE)
Labs = list[Lab]


@pytest.fixture
async def labs() -> AsyncIterator[Labs]:
    """Close the labs of a test at its end."""
    opened: Labs = []
    yield opened
    for model in opened:
        await model.close()


async def play(model: Lab, *actions: str, **settings: object) -> None:
    """Set what is given, then do these actions; none may go wrong."""
    for name, value in settings.items():
        setattr(model, name, value)
    for action in actions:
        await model.do(getattr(model, action))
        assert model.problem == "", action


async def press(model: Lab, *presses: str) -> None:
    """Do the acts of these names; `Label=value` sets something. None may go wrong."""
    for name in presses:
        label, is_setting, value = name.partition("=")
        if is_setting:
            await model.choose(setting_of(model, label), value)
        else:
            await model.press(name)
        assert model.problem == "", name


def setting_of(model: Lab, label: str) -> str:
    """Return what the control of this label sets."""
    settings = [c for c in model.controls() if not isinstance(c, Act)]
    return next(c.setting for c in settings if c.label == label)


def reached(model: Lab) -> list[bool]:
    """Tell which goals are reached."""
    return [goal.is_reached for goal in model.told_goals()]


def shows(model: Lab, expected: str) -> None:
    """Compare what the stage says, without its title."""
    assert write(model.stage()).partition("\n")[2] == dedent(expected).strip("\n")


async def test_1_a_late_service_finds_history_in_the_stream_only(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await play(model, "send", "send", "read", "join", "send", "read")
    shows(
        model,
        """
        for-mail       list
        for-stock      list
        for-stats      list
        orders         [order-1] [order-2] [order-3] stream
        mail, list     [✓ order-1] [✓ order-2] [✓ order-3] 3 received
        mail, stream   [✓ order-1] [✓ order-2] [✓ order-3] 3 received
        stock, list    [✓ order-1] [✓ order-2] [✓ order-3] 3 received
        stock, stream  [✓ order-1] [✓ order-2] [✓ order-3] 3 received
        stats, list    [✕ order-1] [✕ order-2] [✓ order-3] 1 received
        stats, stream  [✓ order-1] [✓ order-2] [✓ order-3] 3 received
        □ held by the broker   ✓ received or done   ✕ lost or missed
        """,
    )
    await play(model, "join", "join")
    assert model.hint == "No more services will come."


async def test_1_shows_what_the_broker_holds(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await play(model, "send")
    stranger = stage.client("stranger")
    await stranger.rpush("lab:1:for-mail", "from-outside")
    await stranger.delete("lab:1:orders")
    await play(model, "look")
    assert model.state.queues["mail"] == ["order-1", "from-outside"]
    assert model.state.stream == []


async def test_2_who_is_away_misses_what_is_published(stage: Stage, labs: Labs) -> None:
    labs.append(model := Channel())
    await play(model, "publish", "subscribe", "publish")
    await play(model, "subscribe", listener="bob")
    assert model.hint == ""
    await play(model, "publish", "leave", "publish")
    shows(
        model,
        """
        shop   [→ news-1, reply 0] [→ news-2, reply 1] [→ news-3, reply 2] [→ news-4, reply 1] 1 subscribed now
        ann    [✕ news-1] [✓ news-2] [✓ news-3] [✓ news-4] listens
        bob    [✕ news-1] [✕ news-2] [✓ news-3] [✕ news-4] is away
        carol  [✕ news-1] [✕ news-2] [✕ news-3] [✕ news-4] is away
        → sent   ✓ received or done   ✕ lost or missed
        """,  # noqa: E501
    )
    assert model.summary() == (
        "Published 4; PUBLISH counted 4 deliveries; subscribed now: 1. "
        "ann received 3 and missed 1; bob received 1 and missed 3; carol received 0 and missed 4."
    )
    await play(model, "leave")
    assert model.hint == "bob does not listen."
    await play(model, "subscribe", listener="ann")
    assert model.hint == "ann listens already."


async def test_2_counts_as_the_broker_counts(stage: Stage, labs: Labs) -> None:
    labs.append(model := Channel())
    stranger = stage.client("stranger").pubsub()
    await stranger.subscribe("lab:2:news")
    await stranger.get_message(timeout=5)
    await play(model, "publish")
    assert (model.state.replies, model.state.subscriptions) == ({"news-1": 1}, 1)
    await stranger.aclose()


async def test_3_each_further_match_brings_the_message_again(stage: Stage, labs: Labs) -> None:
    labs.append(model := Patterns())
    await play(model, "psubscribe", wanted="mail-*")
    await play(model, "subscribe", "publish", wanted="mail-1", channel="mail-1")
    await play(model, "psubscribe", wanted="m*")
    await play(model, "psubscribe", "publish", listener="bob", wanted=r"mail-\*")
    await play(model, "publish", channel="mail-*")
    await play(model, "publish", channel="post")
    shows(
        model,
        r"""
        shop       [→ m1 to mail-1, reply 2] [→ m2 to mail-1, reply 3] [→ m3 to mail-*, reply 3] [→ m4 to post, reply 0]
        ann        3 subscribed
          mail-1   [✓ m1] [✓ m2] channel
          mail-*   [2x m1] [2x m2] [✓ m3] pattern
          m*       [2x m2] [2x m3] pattern
        bob        1 subscribed
          mail-\*  [✓ m3] pattern
        → sent   ✓ received or done   2x duplicate
        """,  # noqa: E501
    )
    assert model.state.twice("ann") == 4
    await play(model, "give_up", listener="ann")
    assert model.state.counts == {"ann": 0, "bob": 1}
    await play(model, "give_up")
    assert model.hint == "ann has no subscription."


async def test_3_the_same_subscription_counts_once(stage: Stage, labs: Labs) -> None:
    labs.append(model := Patterns())
    await play(model, "subscribe", "subscribe", wanted=" mail-1 ")
    assert model.hint == "ann had that one already: the server counts it once."
    await play(model, "publish")
    assert (model.state.counts["ann"], model.state.published["m1"]) == (1, ("mail-1", 1))


async def test_3_tells_apart_who_else_listens(stage: Stage, labs: Labs) -> None:
    labs.append(model := Patterns())
    outside = stage.client("outside").pubsub()
    await outside.psubscribe("*-1")
    await outside.get_message(timeout=5)
    await play(model, "psubscribe", "publish", wanted="mail-*", channel="mail-1")
    assert model.summary().startswith(
        "Published 1; PUBLISH counted 2 deliveries, 1 of them to clients of the lesson. "
        "ann has 1 subscription and received 1, 0 of them duplicates"
    )
    await outside.aclose()


@pytest.mark.parametrize(("typed", "hint"), [("  ", "Type a name first."), ("x" * 31, "Take a")])
async def test_3_a_name_must_be_usable(stage: Stage, labs: Labs, typed: str, hint: str) -> None:
    labs.append(model := Patterns())
    await play(model, "subscribe", wanted=typed)
    assert model.hint.startswith(hint)
    await play(model, "publish", channel=typed)
    assert model.hint.startswith(hint)
    assert (model.state.brought, model.state.published) == ({}, {})


async def test_4_a_pop_loses_the_job_of_the_dead_and_a_move_keeps_it(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Line())
    await press(model, *["Push an order"] * 4, "Kill ann")
    assert model.frames[-1].headline == "order-1 died with ann: nobody has it."
    await press(model, "Finish bob", "Take with=BLMOVE", "Finish carol", "Push an order")
    assert model.frames[-1].headline == "order-5 went to carol, who had waited longest."
    await press(model, "Kill carol")
    assert model.frames[-1].headline == "carol died, and order-5 is still in the list orders:carol."
    shows(
        model,
        """
        who sends        shop
        the broker       orders        the queue
                         orders:ann
                         orders:bob
                         orders:carol  [order-5]
                         packed        [✓ order-2] [✓ order-3]
        who receives     ann           dead
                         bob           works: [▸ order-4]
                         carol         dead
        what came of it  lost          [✕ order-1]
        shop → orders: 5
        □ held by the broker   ▸ in a client's hands   ✓ received or done   ✕ lost or missed
        """,
    )
    await press(model, "Finish bob", "Sweep")
    assert model.state.hands == {"bob": "order-5"}
    assert model.frames[-1].headline == "Swept: order-5 went to bob, who had waited longest."
    await press(model, "Finish bob", "Restart bob")
    assert model.hint == "bob is alive."
    assert model.summary() == (
        "Pushed 5: 0 in the queue, 0 in the workers' lists, 0 in hand, 4 packed, 1 lost. "
        "ann dead; bob waits with BLMOVE, place 1 in line; carol dead."
    )


async def test_4_its_story_can_be_played_by_its_primary_acts(stage: Stage, labs: Labs) -> None:
    labs.append(model := Line())
    pressed = []
    while (act := model.primary()) and len(pressed) < 20:
        pressed.append("Take with=BLMOVE" if act == "Take with" else act)
        await press(model, pressed[-1])
    assert pressed == [
        *["Push an order"] * 4,
        "Kill ann",
        "Take with=BLMOVE",
        "Finish bob",
        "Kill bob",
        "Sweep",
    ]
    assert model.is_finished()
    assert model.finding().number == "BLPOP lost 1 → BLMOVE lost 0"


async def test_4_its_goals_may_be_reached_in_another_order(stage: Stage, labs: Labs) -> None:
    labs.append(model := Line())
    await press(model, "Take with=BLMOVE", "Push an order", "Kill ann", "Sweep")
    assert reached(model) == [False, False, True, True, True]
    await press(model, "Take with=BLPOP", "Finish bob", "Push an order", "Kill carol")
    assert reached(model) == [False, True, True, True, True]
    await press(model, "Push an order", "Push an order")
    assert model.is_finished()
    assert model.finding().number == "BLPOP lost 1 → BLMOVE lost 0"


async def test_4_goes_on_by_itself_until_there_is_enough(stage: Stage, labs: Labs) -> None:
    labs.append(model := Line())
    while act := model.next_act():
        await press(model, act)
    assert (len(model.state.sent), model.state.lost) == (ENOUGH, [])
    assert len(model.state.packed) >= ENOUGH - 2


async def test_4_who_waited_longest_is_served_first_also_after_a_change(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Line())
    await press(model, "Push an order", "Finish ann", "Take with=BLMOVE")
    assert list(model.state.line) == ["bob", "carol", "ann"]
    await press(model, "Push an order", "Push an order")
    assert model.state.hands == {"bob": "order-2", "carol": "order-3"}
    assert model.state.own["bob"] == ["order-2"]
    await press(model, "Kill bob", "Restart bob")
    assert list(model.state.line) == ["ann", "bob"]
    await press(model, "Sweep")
    assert model.hint == "Nobody is dead: there is nothing to sweep."


async def test_4_a_worker_killed_in_line_takes_nothing(stage: Stage, labs: Labs) -> None:
    labs.append(model := Line())
    await press(model, "Kill ann", "Push an order")
    assert (model.state.hands, model.state.lost) == ({"bob": "order-1"}, [])
    await press(model, "Kill ann")
    assert model.hint == "ann is dead already."
    await press(model, "Finish ann")
    assert model.hint == "ann has no job to finish."


async def test_4_shows_what_the_broker_holds(stage: Stage, labs: Labs) -> None:
    labs.append(model := Line())
    await press(model, *["Push an order"] * 4)
    await stage.client("stranger").delete("lab:4:orders")
    await model.do(model.look)
    assert model.state.lost == ["order-4"]


async def test_5_a_reader_that_comes_after_the_trim_has_missed(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await play(
        model, "add", "add", "add", "read_on", "add", "search", gap=5, start_at=10, end_at=30
    )
    await play(model, "trim_before", "add", "trim_to_newest", "read_on", keep=3)
    await play(model, "read_on", reader="bob")
    shows(
        model,
        """
        held          [15 s] [20 s] [25 s]
        trimmed       [- 5 s] [- 10 s]
        ann           cursor at 25 s, read 5, to come 0, missed 0
        bob           cursor at 25 s, read 3, to come 0, missed 2
        10 s to 30 s  [✓ 10 s] [✓ 15 s] [✓ 20 s] 3 in this range
        □ held by the broker   ✓ received or done   - trimmed
        """,
    )
    await play(model, "rewind")
    assert model.state.to_come("bob") == [15, 20, 25]
    await play(model, "search", start_at=31)
    assert model.hint == "The range ends before it begins."


async def test_5_the_axis_has_an_end(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await play(model, *["add"] * (END // 20), gap=20)
    assert (model.hint, len(model.state.held)) == ("", 12)
    await play(model, "add")
    assert (model.hint, len(model.state.held)) == ("The axis is full: start over.", 12)


async def test_5_shows_what_the_broker_holds(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await play(model, "add", "add")
    await stage.client("stranger").xtrim("lab:5:visits", maxlen=1, approximate=False)
    await play(model, "look")
    assert (model.state.held, model.state.trimmed) == ([10], [5])


POISONED = ["Add an order", "Add poison", "Add an order", "Take next ann", "Finish ann"]


async def test_6_poison_kills_three_times_and_is_set_aside(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, *POISONED, "Take next ann", "Finish ann")
    assert model.frames[-1].headline == "poison-2 has killed ann. It is still pending for ann."
    shows(
        model,
        """
        who sends        shop
        the broker       orders        [order-1] [poison-2] ‹packing› [order-3]
                         dead
        who receives     ann           dead: [poison-2]
                         bob           alive
        what came of it  acknowledged  [✓ order-1]
        □ held by the broker   ✓ received or done   ‹name› has read to here
        """,
    )
    await press(model, "Claim idle bob")
    assert model.hint == "Nothing has been idle for 30 seconds: let a minute pass."
    await press(model, "A minute passes", "Claim idle bob", "Finish bob", "Restart bob")
    assert [tuple(line)[:3] for line in model.state.pending] == [("2-0", "bob", 3)]
    assert reached(model) == [True, True, True, False, False]
    await press(model, "Finish bob", "Restart bob")
    assert model.frames[-1].headline == "poison-2 was handed over 4 times: bob sets it aside."
    await press(model, "Take next bob", "Finish bob")
    shows(
        model,
        """
        who sends        shop
        the broker       orders        [order-1] [poison-2] [order-3] ‹packing›
                         dead          [! poison-2]
        who receives     ann           dead
                         bob           alive
        what came of it  acknowledged  [✓ order-1] [✓ order-3]
        □ held by the broker   ✓ received or done   ! set aside   ‹name› has read to here
        """,
    )
    assert model.is_finished()
    assert model.finding().number == "deaths 3 → and then 0"


async def test_6_its_goals_may_be_reached_by_restarts_alone(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, "Add poison", "Take next bob", *["Finish bob", "Restart bob"] * 3)
    assert reached(model) == [False, True, True, True, True]
    await press(model, "Add an order", "Add an order")
    assert model.is_finished()


async def test_6_a_worker_that_restarts_gets_its_own_entries_back(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, "Add an order", "Take next ann", "Kill ann")
    assert model.frames[-1].headline == "ann is dead. order-1 stays pending for ann."
    assert model.state.hands["ann"] == []
    await press(model, "Take next ann")
    assert model.hint == "ann is dead: restart ann first."
    await press(model, "Restart ann", "Finish ann")
    assert (model.state.pending, model.state.acknowledged) == ([], ["1-0"])
    await press(model, "Take next ann")
    assert model.hint == "There is nothing new: add an order first."
    await press(model, "Finish ann")
    assert model.hint == "ann has nothing in hand."
    await press(model, "Restart ann")
    assert model.hint == "ann is alive."


async def test_6_a_claimed_entry_leaves_the_hands_of_the_slow_one(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, "Add an order", "Take next ann", "A minute passes")
    assert "alive: [▸ order-1, idle]" in write(model.stage())
    await press(model, "Claim idle bob")
    assert model.state.hands == {"ann": [], "bob": ["1-0"]}


async def test_6_shows_what_the_broker_holds(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, "Add an order", "Take next ann")
    await stage.client("stranger").xack("lab:6:orders", "packing", "1-0")
    await play(model, "look")
    assert model.state.acknowledged == ["1-0"]


@pytest.mark.parametrize("nodes", SIZES)
async def test_7_a_publish_crosses_every_link_of_its_node(labs: Labs, nodes: str) -> None:
    labs.append(model := Bus())
    await press(model, f"Nodes={nodes}", "Publish 10 B")
    others = [n for n in model.state.nodes if n != "B"]
    assert len(others) == int(nodes) - 1
    assert model.state.links == {("B", other): 10 for other in others}
    assert (model.state.counted, model.state.published) == (0, {"B": 10})


async def test_7_a_listener_hears_wherever_it_is_and_a_sharded_publish_stays(labs: Labs) -> None:
    labs.append(model := Bus())
    await press(model, "Subscribe A", "Publish 10 B")
    assert model.frames[-1].headline == (
        "PUBLISH on B: the replies counted 0; 20 crossed the bus; 10 were heard."
    )
    shows(
        model,
        """
        who sends        shop           sent 10, replies counted 0
        the broker       A
                         B              sent 20 over the bus
                         C
        who receives     listener on A  heard 10
        shop → B: 10
        B → A: 10
        B → C: 10
        A → listener on A: 10
        """,
    )
    await press(model, "With=SPUBLISH", "Publish 10 B")
    moved = "B refuses with MOVED: the channel's slot 11798 lives on C."
    assert model.hint == moved
    await press(model, "Subscribe B")
    assert model.hint == moved
    await press(model, "Subscribe C", "Publish 10 C")
    assert model.state.on_the_bus == 20
    assert model.state.heard == {("A", "PUBLISH"): 10, ("C", "SPUBLISH"): 10}
    await press(model, "Subscribe C")
    assert model.hint == "Somebody listens on C already."


async def test_7_who_listens_plainly_on_the_owner_may_listen_sharded_too(labs: Labs) -> None:
    labs.append(model := Bus())
    await press(model, "Subscribe C", "With=SPUBLISH", "Subscribe C", "Publish 10 C")
    assert model.state.heard == {("C", "PUBLISH"): 0, ("C", "SPUBLISH"): 10}
    await press(model, "With=PUBLISH", "Publish 10 A")
    assert model.state.heard == {("C", "PUBLISH"): 10, ("C", "SPUBLISH"): 10}


async def test_7_the_bus_costs_more_with_every_node(labs: Labs) -> None:
    labs.append(model := Bus())
    await press(model, "Subscribe A", "Publish 10 B", "Nodes=12", "Subscribe A", "Publish 10 B")
    assert reached(model) == [True, True, True, False]
    assert len(model.state.nodes) == MOST
    await press(model, "With=SPUBLISH", "Publish 10 B")
    assert model.primary() == f"Subscribe {model.state.owner}"
    await press(model, model.primary())
    await press(model, model.primary())
    assert model.is_finished()
    assert model.finding().number == "PUBLISH 110 → SPUBLISH 0 on the bus"


async def test_8_what_each_design_loses_and_does_twice(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "The worker dies=in 1 of 4 tries", *["Run once"] * 2)
    assert model.frames[-1].headline == (
        "Run 2: whoever makes try 2 dies. Lost: Publish 3. Twice: Move 1, Group 1."
    )
    shows(
        model,
        """
        what came of it  Pop      lost 3, twice 0: [✕ lost 3] [✓ fine] 4 deaths in 24 tries
                         Move     lost 0, twice 1: [✓ fine] [2x twice 1] 4 deaths in 28 tries
                         Publish  lost 10, twice 0: [✕ lost 7] [✕ lost 3] 3 deaths in 16 tries
                         Group    lost 0, twice 1: [✓ fine] [2x twice 1] 4 deaths in 28 tries
        ✓ received or done   ✕ lost or missed   2x duplicate
        """,
    )


async def test_8_its_score_says_what_the_broker_counted(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "The worker dies=in 1 of 2 tries", *["Run once"] * 3)
    async with model.asker() as asker:
        for name in NAMES:
            for run in model.state.runs:
                done = await asker.hgetall(f"lab:8:{name}:{run.seed}:done")
                assert len(run.outcomes[name].lost) == run.jobs - len(done)
                assert len(run.outcomes[name].twice) == sum(int(n) > 1 for n in done.values())


async def test_8_another_luck_begins_another_score(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "Run once", "Run once")
    assert [(o.tries, o.deaths) for o in model.state.runs[1].outcomes.values()] == [(12, 0)] * 4
    assert not any(o.lost or o.twice for o in model.state.runs[1].outcomes.values())
    await press(model, "The worker dies=in 1 of 4 tries")
    assert model.state.runs == []
    assert reached(model) == [True, False, False, False]
    await press(model, "Run ten times", "Jobs=3", "Run once")
    assert model.state.jobs == 3
    assert reached(model) == [True, True, True, False]


async def test_8_no_design_comes_through_many_runs(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "Run once", "The worker dies=in 1 of 4 tries", *["Run ten times"] * 2)
    assert len(model.state.runs) == MANY
    assert model.is_finished()
    assert model.finding().number == "designs without a fault: 0 of 4"
    await press(model, "Jobs=5")
    assert model.finding().number == "designs without a fault: 0 of 4", "the question stays"


async def test_8_the_worst_luck_ends(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "Jobs=3", "The worker dies=in 1 of 2 tries", "Run ten times")
    for run in model.state.runs:
        assert not run.outcomes["Move"].lost
        assert not run.outcomes["Group"].lost


async def test_8_goes_on_by_itself_until_there_is_enough(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "Jobs=1")
    while act := model.next_act():
        await press(model, act)
    assert len(model.state.runs) == MOST_RUNS


def test_8_the_same_luck_is_the_same_and_more_deaths_include_fewer() -> None:
    assert deaths(25, 3) == deaths(25, 3) != deaths(25, 4)
    assert deaths(10, 3).items() <= deaths(40, 3).items()


OWN, SHARED = "Design=move to one's own list", "Design=move to a shared list"


async def test_9_who_dies_with_a_popped_job_loses_it(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, "Next step ann", "Dies here ann")
    assert model.frames[-1].headline == "job-1 died with ann: nobody has it."
    await press(model, "Next step bob", "Next step bob")
    shows(
        model,
        """
        the broker       orders
        who receives     ann       dead, next: start again
                         bob       next: LPOP
        what came of it  handled   [✓ job-2]
                         lost      [✕ job-1]
                         schedule  ann, ann dies, bob, bob
        ✓ received or done   ✕ lost or missed
        """,
    )
    await press(model, "Next step bob")
    assert model.frames[-1].headline == "bob: LPOP. Nothing was left, and it has returned."
    assert model.summary().endswith("ann dead, next: start again; bob has returned.")
    await press(model, "Next step bob")
    assert model.hint == "bob has returned: let the other go on."
    await press(model, "Dies here ann")
    assert model.hint == "ann is dead already: its next step starts it again."


async def test_9_a_dead_worker_finds_its_own_list_again(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, OWN, "Next step ann", "Next step ann", "Dies here ann")
    assert model.frames[-1].headline == "ann died, and job-1 is still in the list taken:ann."
    assert model.state.taken == {"taken:ann": ["job-1"], "taken:bob": []}
    await press(model, *["Next step ann"] * 4)
    assert (model.state.handled, model.state.lost, model.state.twice) == (["job-1"], [], [])
    await press(model, *["Next step bob"] * 3)
    assert reached(model) == [False, True, False]


async def test_9_a_shared_list_doubles_though_nobody_dies(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, SHARED, *["Next step ann"] * 3, *["Next step bob"] * 2)
    assert model.frames[-1].headline == "bob: handle job-1. It is done for the second time."
    shows(
        model,
        """
        the broker       orders    [job-2]
                         taken     [job-1]
        who receives     ann       next: LREM job-1
                         bob       next: LREM job-1
        what came of it  handled   [✓ job-1] [2x job-1]
                         lost
                         schedule  ann, ann, ann, bob, bob
        □ held by the broker   ✓ received or done   2x duplicate
        """,
    )
    assert reached(model) == [False, False, True]


async def test_9_goes_on_from_an_earlier_moment(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, OWN, "Next step ann", "Next step ann")
    there, number = model.stage(), model.frames[-1].number
    await press(model, "Dies here ann", "Next step ann")
    await model.go_on_from(number)
    await play(model, "look")
    assert model.stage() == there
    async with model.asker() as asker:
        assert await asker.lrange("lab:9:taken:ann", 0, -1) == ["job-1"]
    await press(model, "Next step ann")
    assert model.state.handled == ["job-1"], "another way"
    await model.go_on_from(1)
    await play(model, "look")
    assert (model.design, model.state.queue) == ("pop", ["job-1", "job-2"])
    with pytest.raises(NotPossible, match="too long ago"):
        await model.go_on_from(99)


async def test_no_lab_is_disturbed_by_another(stage: Stage, labs: Labs) -> None:
    line, board = Line(), Board()
    labs += [line, board]
    await press(board, "Add an order", "Take next ann")
    await play(line, "push", "kill")
    await press(board, "Kill ann")
    await line.close()
    await press(board, "Restart ann", "Finish ann")
    assert board.state.acknowledged == ["1-0"]
