"""The story of each lab, on every broker: what the learner does, and what the picture then says."""

import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from textwrap import dedent
from typing import Any

import pytest
from redis.crc import key_slot
from redis.exceptions import ResponseError

from helpers.labs.acts import Act
from helpers.labs.model import Lab
from helpers.lessons import lessons, part
from helpers.lessons.l01.lab import TwoCopies
from helpers.lessons.l02.lab import Channel
from helpers.lessons.l03.lab import Patterns
from helpers.lessons.l04.lab import ENOUGH, Line
from helpers.lessons.l05.lab import END, ENTRIES, SHORT, History
from helpers.lessons.l06.lab import Board
from helpers.lessons.l07.lab import MOST, SIZES, Bus
from helpers.lessons.l08.lab import MANY, MOST_RUNS, NAMES, Crash, deaths
from helpers.lessons.l09.lab import DESIGNS, JOBS, Schedule
from helpers.lessons.l10.lab import LEASE, Timeline
from helpers.lessons.l11.lab import TaskLibrary
from helpers.lessons.l11.protocols import DAY, HOUR, MINUTE, PROTOCOLS, span
from helpers.stage.model import Link, Place
from helpers.stage.plain import plain
from helpers.stage.text import write
from helpers.stage.words import words_of
from tools.stories import PRESSES

from ..stage import EVERY_ENGINE, TWO_ENGINES, Stage, staged

stage = staged(EVERY_ENGINE)
two = staged(TWO_ENGINES)  # for what a lab makes of replies: each story is led on every engine
Labs = list[Lab]
EACH = pytest.mark.parametrize("number", lessons())


@pytest.fixture
async def labs() -> AsyncIterator[Labs]:
    """Close the labs of a test at its end."""
    opened: Labs = []
    yield opened
    for model in opened:
        await model.close()


async def press(model: Lab, *presses: str) -> None:
    """Do the acts of these names; `Label=value` sets something. None may go wrong."""
    for name in presses:
        label, is_setting, value = name.partition("=")
        if is_setting:
            await model.choose(setting_of(model, label), value)
        else:
            await model.press(name)
        assert model.problem == "", name
        assert flaws(model) == [], name


def setting_of(model: Lab, label: str) -> str:
    """Return what the control of this label sets."""
    settings = [c for c in model.controls() if not isinstance(c, Act)]
    return next(c.setting for c in settings if c.label == label)


def reached(model: Lab) -> list[bool]:
    """Tell which goals are reached."""
    return [goal.is_reached for goal in model.told_goals()]


def shows(model: Lab, expected: str) -> None:
    """Compare what the stage says, without its title."""
    expected = dedent(expected).strip("\n")
    assert aligned(write(model.stage()).partition("\n")[2]) == aligned(expected)


def aligned(text: str) -> str:
    """Return lines whose columns are two spaces apart: how wide they are is tested elsewhere."""
    return "\n".join(re.sub("  +", "  ", line.strip()) for line in text.splitlines())


def flaws(model: Lab) -> list[str]:
    """List what no page could show: a message in two places, a link to nowhere, an unknown act."""
    seen, controls = model.stage(), model.acts()
    names = [place.name for place in seen.places]
    identities = [token.identity for place in seen.places for token in place.tokens]
    known = [c.name if isinstance(c, Act) else c.label for c in controls]
    ends = {end for link in seen.links for end in (link.start, link.end)}
    told_twice = [Counter(names), Counter(identities), Counter(known)]
    return [
        *(name for counted in told_twice for name, count in counted.items() if count > 1),
        *({control.place for control in controls} - {"", *names}),
        *(ends - set(names)),
        *({goal.act for goal in model.goals()} - set(known)),
    ]


def said(model: Lab) -> str:
    """Return what came of the last act, as it stands above the stage."""
    return model.frames[-1].headline


def place(model: Lab, name: str) -> Place:
    [found] = [place for place in model.stage().places if place.name == name]
    return found


def texts(model: Lab, name: str) -> list[str]:
    """List the messages of a place."""
    return [words_of(token) for token in place(model, name).tokens]


def where(model: Lab) -> dict[str, str]:
    """Say in which place each message is, by its identity."""
    return {token.identity: p.name for p in model.stage().places for token in p.tokens}


# What is grey at the end of each story: whatever would do nothing, or could not be done.
GREY = {
    "1": "Add a late service",
    "2": "Subscribe ann, Subscribe bob",
    "3": "",
    "4": "Finish ann, Kill bob, Restart ann, Restart carol, Finish bob",
    "5": "",
    "6": "Take next ann, Work on it ann, Claim idle ann, Kill ann, "
    "Work on it bob, Restart bob, A minute passes",
    "7": "Subscribe D",
    "8": "",
    "9": "",
    "10": "Turn the clock 10 s, Move what is due, Replay a dead letter, "
    "Take ann, Finish ann, Handler raises ann, Heartbeat ann, Claim idle ann, Restart ann, "
    "Take bob, Finish bob, Handler raises bob, Heartbeat bob, Claim idle bob, Restart bob",
    "11": "Next step ann, Kill ann, Next step bob, Start bob",
}


@EACH
async def test_what_makes_no_sense_is_grey_says_why_and_does_nothing(
    two: Stage, labs: Labs, number: str
) -> None:
    labs.append(model := part(number, "lab").LAB())
    for name in PRESSES[number].split(", "):
        grey = [c for c in model.controls() if isinstance(c, Act) and c.why_not]
        before, moments = model.stage(), len(model.frames)
        for act in grey:
            await press(model, act.name)
            assert model.hint == act.why_not
            assert (model.stage(), len(model.frames)) == (before, moments)
        await press(model, name)
    assert {act.name for act in model.acts() if isinstance(act, Act) and act.why_not} == set(
        filter(None, GREY[number].split(", "))
    )


# The same goals in another sequence, and the number that then stands there.
SHUFFLED = {
    "1": (
        "Send an order, Add a late service, Send an order, Everybody reads",
        "stats got 0 of 1 from its list, 1 of 1 from the stream",
    ),
    "2": (
        "Subscribe bob, Publish, Unsubscribe bob, Publish, Subscribe bob, Subscribe ann, Publish",
        "bob missed 1 of 3",
    ),
    "3": (
        "Pattern=m*, Subscribe to pattern bob, Subscribe to pattern bob, Pattern=*-1, "
        "Subscribe to pattern bob, Subscribe to channel bob, Publish, Subscribe to channel ann, "
        "Publish",
        "1 message, 4 deliveries to 2 clients",
    ),
    "4": (
        "Take with=BLMOVE, Push an order, Kill ann, Sweep, Take with=BLPOP, Finish bob, "
        "Push an order, Kill carol, Push an order, Push an order",
        "BLPOP: 1 lost, 1 at risk. BLMOVE: 0 lost.",
    ),
    "5": (
        "Add an entry, Add an entry, Read on bob, Add an entry, Trim, Add an entry, "
        "Rewind bob, Read on bob, Read on ann",
        "ann has read 2 of 4 entries, bob 4 of 4",
    ),
    "6": (
        "Add poison, Take next bob, Work on it bob, Restart bob, Work on it bob, Restart bob, "
        "Add an order, Add an order",
        "2 deaths, then none",
    ),
    "7": (
        "Nodes=12, With=SPUBLISH, Publish 10 A, Subscribe D, Publish 10 D, With=PUBLISH, "
        "Subscribe C, Publish 10 D, Publish 10 C",
        "10 sent, on the bus: PUBLISH 110, SPUBLISH 0",
    ),
    "8": (
        "The worker dies=in 1 of 2 tries, Run ten times, Run ten times, The worker dies=never, "
        "Run once",
        "Designs with 0 lost and 0 twice: 0 of 4",
    ),
    "9": (
        "Design=one list for all, Next step bob, Next step bob, Next step ann, "
        "Next step bob, Next step ann, "
        "Design=a list per worker, Next step bob, Next step bob, "
        "Dies here bob, Next step bob, Next step bob, Next step bob, Next step bob, "
        "Next step bob, Next step bob, "
        "Next step bob, Next step bob, Design=pop, Next step bob, Dies here bob",
        "Lost and twice: pop 1 and 0 · a list per worker 0 and 0 · one list for all 0 and 1",
    ),
    "10": (
        "Add a job due in 10 s, Turn the clock 10 s, Move what is due, Take bob, "
        "Turn the clock 10 s, Heartbeat bob, Turn the clock 10 s, Handler raises bob, "
        "Turn the clock 10 s, Move what is due, Take ann, Handler raises ann, "
        "Turn the clock 10 s, Turn the clock 10 s, Move what is due, Take bob, Kill bob, "
        "Turn the clock 10 s, Turn the clock 10 s, Claim idle ann, Handler raises ann, "
        "Replay a dead letter, Take ann, Finish ann",
        "3 failures in 50 s, then a dead letter · 0 lost · 0 done twice",
    ),
    "11": (
        "Library=RQ, Send a job, Next step ann, Kill ann, Start ann, An hour passes, "
        "Library=Celery acks_late, Send a job, Next step ann, Next step ann, Start bob, Kill ann, "
        "A minute passes, An hour passes, A minute passes, "
        "Next step bob, Next step bob, Next step bob, Kill bob, Start ann, A day passes, "
        "Next step ann, Next step ann, Next step ann, "
        "Library=Celery, Send a job, Send a job, Next step ann, Kill ann",
        "Celery: 1 lost · acks_late: back after 1 h, 1 more than once · RQ: 1 failed",
    ),
}


def test_every_table_has_each_lab_and_no_other() -> None:
    tables = {"GREY": GREY, "SHUFFLED": SHUFFLED, "PRESSES of tools/stories.py": PRESSES}
    differs = {name: sorted({*lessons()} ^ {*table}) for name, table in tables.items()}
    assert not any(differs.values()), f"labs that are missing, or too many: {differs}"


async def led(model: Lab) -> list[str]:
    """Do the primary act until the story is at its end; return what was done."""
    done: list[str] = []
    while (act := model.primary()) and len(done) < 40:
        done.append(act if act not in CHOSEN else f"{act}={CHOSEN[act](model)}")
        await press(model, done[-1])
    return done


CHOSEN: dict[str, Callable[[Any], str]] = {
    "Pattern": lambda patterns: "m*" if patterns.pattern == "mail-*" else "*",
    "Nodes": lambda bus: str(MOST),
    "Take with": lambda line: "BLMOVE" if reached(line)[1] else "BLPOP",
    "With": lambda bus: "PUBLISH" if bus.way == "SPUBLISH" else "SPUBLISH",
    "The worker dies": lambda crash: "in 1 of 4 tries",
    "Design": lambda schedule: DESIGNS[reached(schedule).index(False)],
    "Library": lambda lab: LIBRARIES[reached(lab).index(False)],
}
LIBRARIES = ("Celery", "Celery acks_late", "Celery acks_late", "RQ")
"""What is chosen or typed where a story goes on with that."""


@EACH
async def test_the_primary_act_leads_through_a_story(stage: Stage, labs: Labs, number: str) -> None:
    labs.append(model := part(number, "lab").LAB())
    assert await led(model) == PRESSES[number].split(", ")
    assert model.is_finished()


@EACH
async def test_the_goals_may_be_reached_in_another_sequence(
    two: Stage, labs: Labs, number: str
) -> None:
    labs.append(model := part(number, "lab").LAB())
    shuffled, finding = SHUFFLED[number]
    *before, last = shuffled.split(", ")
    await press(model, *before)
    assert not model.is_finished()
    await press(model, last)
    assert model.is_finished()
    assert model.finding().number == finding


@EACH
@pytest.mark.parametrize("seed", range(2))
async def test_whatever_was_done_before_the_primary_acts_lead_to_the_end(
    two: Stage, labs: Labs, number: str, seed: int
) -> None:
    labs.append(model := part(number, "lab").LAB())
    acts = [control.name for control in model.acts() if isinstance(control, Act)]
    await press(model, *random.Random(seed).choices(acts, k=12))
    await led(model)
    assert model.is_finished(), [goal.words for goal in model.told_goals() if not goal.is_reached]


@EACH
async def test_a_run_by_itself_goes_well_and_ends(two: Stage, labs: Labs, number: str) -> None:
    labs.append(model := part(number, "lab").LAB())
    done: list[str] = []
    while (act := model.next_act()) and len(done) < 100:
        await press(model, act)
        assert model.hint == ""
        done.append(act)
    assert (10 < len(done) < 100) if type(model).next_act is not Lab.next_act else not done


async def test_1_a_late_service_finds_history_in_the_stream_only(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await press(model, *["Send an order"] * 2, "Everybody reads")
    assert said(model) == "Reading emptied the lists. The stream kept the orders."
    await press(model, "Add a late service")
    assert said(model) == "A new service, stats, has joined. Its list is empty; the stream holds 2."
    assert place(model, "stats").state == "has not read"
    assert "never in for-stats" not in write(model.stage()), "it has not looked there yet"
    assert [place(model, name).note for name in ("mail", "stats")] == ["reads on after id 2-0", ""]
    await press(model, "Everybody reads")
    assert said(model) == "stats got 0 from its list, and 2 from the stream."
    assert model.is_finished()
    assert model.finding().number == "stats got 0 of 2 from its list, 2 of 2 from the stream"
    await press(model, "Send an order")
    assert model.summary() == (
        "Sent 3; each list holds 1, the stream holds 3. "
        "Read from list and stream: mail 2 and 2, stock 2 and 2, stats 0 and 2."
    )
    shows(
        model,
        """
        who sends        shop                 3 sent
        the broker       for-mail             list: [order-3]
                         for-stock            list: [order-3]
                         for-stats            list: [order-3]
                         orders               stream: [order-1] [order-2] [order-3]
        who receives     mail                 2 from list, 2 from stream: [✓ order-1 from list] [✓ order-2 from list] [✓ order-1 from stream] [✓ order-2 from stream] reads on after id 2-0
                         stock                2 from list, 2 from stream: [✓ order-1 from list] [✓ order-2 from list] [✓ order-1 from stream] [✓ order-2 from stream] reads on after id 2-0
                         stats                nothing from list, 2 from stream: [✓ order-1 from stream] [✓ order-2 from stream] reads on after id 2-0
        the outcome      never in for-stats   order-1 and order-2 were sent before stats joined
        shop → for-mail: 3
        for-mail → mail: 2
        orders → mail: 2
        shop → for-stock: 3
        for-stock → stock: 2
        orders → stock: 2
        shop → for-stats: 1
        orders → stats: 2
        shop → orders: 3
        □ held by the broker   ✓ received or done
        """,  # noqa: E501
    )
    assert not place(model, "orders").cursors, "a plain reader's cursor is its own"
    assert Link("orders", "stats", 2) in model.stage().links
    await press(model, "Add a late service")
    assert model.hint == "stats is here already: let it read."


async def test_1_nobody_is_late_before_the_first_order(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await press(model, "Add a late service")
    assert model.hint == "Nobody is late yet: send an order first."
    assert model.summary() == "Nothing sent yet: the lists and the stream are empty."
    await press(model, "Everybody reads")
    assert said(model) == "There is nothing new for anybody."
    assert place(model, "mail").state == "nothing from list, nothing from stream"


async def test_1_what_came_before_a_service_is_not_lost(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await press(model, "Send an order")
    assert model.goals()[0].words == "Send two orders (1 of 2)"
    await press(model, *["Send an order"] * 4)
    assert model.goals()[0].words == "Send two orders (2 of 2)"
    await press(model, "Add a late service", "Send an order")
    assert model.summary() == (
        "Sent 6; for-mail holds 6, for-stock holds 6, for-stats holds 1, the stream holds 6."
    )
    await stage.client("stranger").lpop("lab:1:for-stats")
    await press(model, "Everybody reads")
    told = "order-1, order-2, order-3 and 2 more were sent before stats joined"
    assert place(model, "never in for-stats").note == told
    assert texts(model, "gone from for-stats") == ["✕ order-6"]


async def test_1_one_order_before_a_service_was_sent(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await press(model, "Send an order", "Add a late service", "Send an order", "Everybody reads")
    assert place(model, "never in for-stats").note == "order-1 was sent before stats joined"
    assert place(model, "stats").state == "1 from list, 2 from stream"


async def test_1_an_order_keeps_its_identity_on_its_way(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await press(model, "Send an order")
    waits = where(model)
    await press(model, "Everybody reads")
    got = where(model)
    moved = {name: (waits[name], got[name]) for name in waits if waits[name] != got[name]}
    assert moved == {
        "order-1→mail": ("for-mail", "mail"),
        "order-1→stock": ("for-stock", "stock"),
    }


async def test_1_shows_what_the_broker_holds(stage: Stage, labs: Labs) -> None:
    labs.append(model := TwoCopies())
    await press(model, "Send an order")
    stranger = stage.client("stranger")
    await stranger.rpush("lab:1:for-mail", "from-outside")
    await stranger.lpop("lab:1:for-stock")
    await stranger.delete("lab:1:orders")
    await model.do(model.look)
    shows(
        model,
        """
        who sends        shop                   1 sent
        the broker       for-mail               list: [order-1] [from-outside]
                         for-stock              list
                         orders                 stream
        who receives     mail                   has not read
                         stock                  has not read
        the outcome  gone from for-stock    [✕ order-1]
        shop → for-mail: 2
        shop → orders: 1
        □ held by the broker   ✕ lost or missed
        """,
    )
    await press(model, "Everybody reads")
    assert reached(model) == [False, False, False, False]


async def test_2_whoever_is_not_subscribed_misses_what_is_published(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Channel())
    assert model.summary() == "Nothing published yet. Subscribed now: 0."
    await press(model, "Publish")
    assert said(model) == "PUBLISH returned 0: news-1 reached nobody, and is gone."
    await press(model, "Subscribe ann")
    assert said(model) == "ann is subscribed from now on. news-1 does not come."
    await press(model, "Subscribe bob", "Publish")
    assert said(model) == "PUBLISH returned 2: news-2 reached 2 subscribers."
    await press(model, "Unsubscribe ann")
    assert said(model) == (
        "ann has unsubscribed, and will miss whatever is published before the next SUBSCRIBE."
    )
    await press(model, "Publish")
    assert reached(model) == [True, True, True, False, True]
    await press(model, "Subscribe ann")
    assert said(model) == "ann is subscribed again. news-1 and news-3 do not come."
    assert Link("channel news", "ann", 0, is_open=True) in model.stage().links, (
        "nothing came by this one yet"
    )
    await press(model, "Unsubscribe bob", "Publish")
    shows(
        model,
        """
        who sends        shop                [→ news-1 to 0] [→ news-2 to 2] [→ news-3 to 1] [→ news-4 to 1]
        the broker       channel news        1 subscribed: keeps nothing
        who receives     ann                 subscribed: [✓ news-2] [✓ news-4]
                         bob                 not subscribed: [✓ news-2] [✓ news-3]
        the outcome      missed by ann       [✕ news-1] [✕ news-3]
                         missed by bob       [✕ news-1] [✕ news-4]
        shop → channel news: 4
        channel news → ann: 1
        → sent   ✓ received or done   ✕ lost or missed
        """,  # noqa: E501
    )
    assert model.summary() == (
        "Published 4. ann received 2, missed 2; bob received 2, missed 2. Subscribed now: 1."
    )
    assert model.is_finished()
    assert model.finding().number == "ann missed 2 of 4"
    assert model.finding().question == "Who can still give ann news-1 and news-3?"
    assert next(iter(model.finding().answers)) == "Nobody, unless the shop saved them elsewhere"
    assert model.stage().links == [
        Link("shop", "channel news", 4),
        Link("channel news", "ann", 1, is_open=True),
    ]
    await press(model, "Unsubscribe bob")
    assert model.hint == "bob is not subscribed."
    await press(model, "Subscribe ann")
    assert model.hint == "ann is subscribed already."


async def test_2_a_subscription_after_which_nothing_was_missed(stage: Stage, labs: Labs) -> None:
    labs.append(model := Channel())
    await press(model, "Subscribe ann")
    assert said(model) == "ann is subscribed from now on."
    await press(model, "Publish", "Unsubscribe ann", "Subscribe ann")
    assert said(model) == "ann is subscribed again."


async def test_2_of_many_missed_messages_the_first_are_named(stage: Stage, labs: Labs) -> None:
    labs.append(model := Channel())
    await press(model, "Subscribe ann", "Publish", "Unsubscribe ann", "Publish")
    await press(model, "Subscribe ann", "Publish")
    assert "Nobody, unless the shop saved it elsewhere" in model.finding().answers
    await press(model, "Unsubscribe ann", *["Publish"] * 4, "Subscribe ann")
    few = "news-2, news-4, news-5 and 2 more"
    assert said(model) == f"ann is subscribed again. {few} do not come."
    assert model.finding().question == f"Who can still give ann {few}?"


async def test_2_counts_as_the_broker_counts(stage: Stage, labs: Labs) -> None:
    labs.append(model := Channel())
    stranger = stage.client("stranger").pubsub()
    await stranger.subscribe("lab:2:news")
    await stranger.get_message(timeout=5)
    await press(model, "Publish")
    assert (model.state.replies, model.state.subscriptions) == ({"news-1": 1}, 1)
    assert reached(model) == [False] * 5
    await press(model, "Subscribe ann")
    await stage.client("other").publish("lab:2:news", "from-outside")
    await model.do(model.look)
    assert model.state.received["ann"] == ["from-outside"]
    assert reached(model) == [False] * 5
    await stranger.aclose()


async def test_3_each_further_subscription_that_fits_brings_the_message_again(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Patterns())
    assert model.summary() == "Nothing published yet; nobody is subscribed."
    await press(model, "Subscribe to pattern ann", "Subscribe to channel ann")
    assert model.summary() == (
        "Nothing published yet. ann has 2 subscriptions; bob has 0 subscriptions."
    )
    await press(model, "Publish")
    assert said(model) == "PUBLISH returned 2: one message to mail-1, 2 deliveries, all to ann."
    assert reached(model) == [True, True, False, False, False]
    await press(model, "Pattern=m*", "Subscribe to pattern ann", "Publish")
    assert reached(model) == [True, True, False, True, False]
    assert model.finding().answers["One: Redis removes the duplicates"].endswith("all 3 copies.")
    await press(model, r"Pattern=mail-\*", "Subscribe to pattern bob")
    await press(model, "Channel=mail-*", "Publish")
    assert said(model) == (
        "PUBLISH returned 3: one message to mail-*, 3 deliveries (2 to ann, 1 to bob)."
    )
    await press(model, "Channel=post", "Publish")
    assert said(model) == "PUBLISH returned 0: one message to post, 0 deliveries."
    shows(
        model,
        r"""
        who sends        shop             4 published: [→ hello 1: 2 deliveries] [→ hello 2: 3 deliveries] [→ hello 3: 3 deliveries] [→ hello 4: 0 deliveries]
        the broker       pattern mail-*   1 subscribed
                         channel mail-1   1 subscribed
                         pattern m*       1 subscribed
                         pattern mail-\*  1 subscribed
        who receives     ann              3 subscriptions: [✓ hello 1 via mail-1] [again hello 1 via mail-*] [✓ hello 2 via mail-1] [again hello 2 via m*] [again hello 2 via mail-*] [✓ hello 3 via m*] [again hello 3 via mail-*]
                         bob              1 subscription: [✓ hello 3 via mail-\*]
        the outcome  reached nobody   [✕ hello 4 to post]
        pattern mail-* → ann: 3
        channel mail-1 → ann: 2
        pattern m* → ann: 2
        pattern mail-\* → bob: 1
        shop → pattern mail-*: fits
        shop → channel mail-1: named
        shop → pattern m*: fits
        shop → pattern mail-\*: fits
        → sent   ✓ received or done   ✕ lost or missed   again duplicate
        """,  # noqa: E501
    )
    assert Link("shop", "pattern m*", 2, "fits") in model.stage().links
    assert reached(model) == [True, True, False, True, True]
    assert model.summary() == (
        "In all: 4 published, 8 deliveries (7 to ann, 1 to bob). "
        "ann has 3 subscriptions and got 4 duplicates; bob has 1 subscription."
    )


async def test_3_what_came_stays_after_all_subscriptions_are_given_up(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Patterns())
    await press(model, *["Subscribe to channel ann"] * 2, "Subscribe to channel bob", "Publish")
    await press(model, "Unsubscribe from all ann")
    assert model.state.counts == {"ann": 0, "bob": 1}
    assert place(model, "ann").state == "0 subscriptions"
    assert texts(model, "ann") == ["✓ hello 1 via mail-1"]
    assert model.finding().number == "1 message, 2 deliveries to 2 clients"
    assert Link("channel mail-1", "ann", 1) not in model.stage().links
    await press(model, "Subscribe to channel ann")
    assert said(model) == "SUBSCRIBE returned 1: ann has 1 subscription."
    assert Link("channel mail-1", "ann", 0, is_open=True) in model.stage().links, (
        "nothing came by this one yet"
    )
    await press(model, "Unsubscribe from all bob", "Unsubscribe from all bob")
    assert model.hint == "bob has no subscription."


async def test_3_a_client_gets_messages_in_sequence_and_a_channel_comes_before_a_pattern(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Patterns())
    await press(model, "Subscribe to pattern ann", "Publish", "Channel=mail-2", "Publish")
    await press(model, "Subscribe to channel ann", "Publish")
    assert texts(model, "ann") == [
        "✓ hello 1 via mail-*",
        "✓ hello 2 via mail-*",
        "✓ hello 3 via mail-2",
        "again hello 3 via mail-*",
    ]
    log = [words for words in model.frames[-1].sent if "└" in words]
    assert [" by mail-*" in words for words in log] == [False, True]
    assert model.summary() == (
        "In all: 3 published, 4 deliveries, all to ann. "
        "ann has 2 subscriptions and got 1 duplicate; bob has 0 subscriptions."
    )


async def test_3_box_and_log_have_the_same_sequence_of_patterns(stage: Stage, labs: Labs) -> None:
    labs.append(model := Patterns())
    for pattern in ("mail-*", "*", "m*"):
        await press(model, f"Pattern={pattern}", "Subscribe to pattern ann")
    await press(model, "Publish")
    log = [words.rpartition(" by ")[2] for words in model.frames[-1].sent if "└" in words]
    box = [words.rpartition(" via ")[2] for words in texts(model, "ann")]
    assert box == log == ["*", "m*", "mail-*"]


async def test_3_the_same_subscription_counts_once(stage: Stage, labs: Labs) -> None:
    labs.append(model := Patterns())
    await press(model, "Channel= mail-1 ", "Subscribe to channel ann", "Subscribe to channel ann")
    assert said(model) == (
        "SUBSCRIBE returned 1: still 1, the same subscription does not count twice."
    )
    assert place(model, "ann").state == "still 1 subscription"
    assert model.primary() == "Subscribe to pattern ann"
    assert not any(reached(model)), "whether one more copy comes is seen after the next PUBLISH"
    await press(model, "Publish")
    assert (model.state.counts["ann"], model.state.published["hello 1"]) == (1, ("mail-1", 1))
    assert reached(model) == [False, False, True, False, False]
    await press(model, "Subscribe to pattern ann")
    assert place(model, "ann").state == "2 subscriptions"


async def test_3_tells_apart_who_else_is_subscribed(stage: Stage, labs: Labs) -> None:
    labs.append(model := Patterns())
    outside = stage.client("outside").pubsub()
    await outside.psubscribe("*-1")
    await outside.get_message(timeout=5)
    await press(model, "Publish")
    assert said(model) == (
        "PUBLISH returned 1: one message to mail-1, 1 delivery, outside this lab."
    )
    await press(model, "Subscribe to pattern ann", "Publish")
    assert said(model) == (
        "PUBLISH returned 2: one message to mail-1, 2 deliveries (1 to ann, 1 outside this lab)."
    )
    assert model.summary().startswith(
        "In all: 2 published, 3 deliveries (1 to ann, 2 outside this lab). ann has 1 subscription;"
    )
    assert reached(model) == [False] * 5
    await outside.aclose()


@pytest.mark.parametrize(("typed", "hint"), [("  ", "Type a name first."), ("x" * 31, "Take a")])
async def test_3_a_name_must_be_usable(stage: Stage, labs: Labs, typed: str, hint: str) -> None:
    labs.append(model := Patterns())
    for name in ("Subscribe to channel ann", "Subscribe to pattern bob", "Publish"):
        await press(model, f"Channel={typed}", f"Pattern={typed}", name)
        assert model.hint.startswith(hint)
    assert (model.state.brought, model.state.published) == ({}, {})


async def test_4_a_pop_loses_the_job_of_the_dead_and_a_move_keeps_it(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Line())
    await press(model, *["Push an order"] * 4, "Kill ann")
    assert model.frames[-1].headline == "order-1 died with ann: nobody has it."
    assert model.summary() == "Pushed 4: 1 in the queue, 2 in hand, 1 lost."
    await press(model, "Finish bob")
    assert said(model) == "bob packed order-2. BLPOP handed bob order-4."
    await press(model, "Take with=BLMOVE", "Finish carol")
    assert said(model) == "carol packed order-3 and got in line."
    await press(model, "Push an order")
    assert said(model) == (
        "order-5 went to carol, the only one in line; BLMOVE left a copy in orders:carol."
    )
    await press(model, "Kill carol")
    assert model.frames[-1].headline == "carol died, and order-5 is still in the list orders:carol."
    shows(
        model,
        """
        who sends        shop
                         sweeper       sweeps the lists of the dead
        the broker       orders        the queue: empty
                         orders:ann
                         orders:bob
                         orders:carol  [order-5]
                         packed        [✓ order-2] [✓ order-3]
        who receives     ann           dead
                         bob           works, took with BLPOP: [▸ order-4]
                         carol         dead
        the outcome  lost          [✕ order-1]
        shop → orders: 5
        orders → ann: 1
        orders → bob: order-4
        orders → carol: 2
        bob → packed: 1
        carol → packed: 1
        orders → orders:carol: 1
        □ held by the broker   ▸ in a client's hands   ✓ received or done   ✕ lost or missed
        """,
    )
    assert model.summary() == ("Pushed 5: 1 in hand, 1 only in a worker's list, 2 packed, 1 lost.")
    await press(model, "Finish bob", "Sweep")
    assert model.state.hands == {"bob": "order-5"}
    assert said(model) == (
        "Swept: order-5 went from orders:carol back to the queue. bob took order-5."
    )
    assert Link("orders:carol", "orders", 1) in model.stage().links
    assert model.stage().links[-1].start != "orders:carol", "new orders come from the shop"
    assert model.summary() == (
        "Pushed 5: 1 in hand (1 also in the worker's own list), 3 packed, 1 lost."
    )
    assert place(model, "bob").state == "works, took with BLMOVE"
    await press(model, "Finish bob")
    assert said(model) == "bob packed order-5, then LREM removed it from orders:bob."
    await press(model, "Restart bob")
    assert model.hint == "bob is alive."
    assert model.summary() == "Pushed 5: 4 packed, 1 lost."


async def test_4_says_what_a_move_has_left_and_what_a_sweep_has_found(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Line())
    assert model.summary() == "Pushed 0: the queue is empty."
    assert (place(model, "orders").state, place(model, "orders").note) == ("the queue", "empty")
    await press(model, "Take with=BLMOVE")
    assert said(model) == (
        "With BLMOVE each worker has its own list. "
        "Waiting workers use it now, busy ones from the next order."
    )
    await press(model, *["Push an order"] * 5, "Finish ann")
    assert said(model) == (
        "ann packed order-1, then LREM removed it from orders:ann. "
        "BLMOVE handed ann order-4 and left a copy there."
    )
    await press(model, "Kill ann", "Kill bob", "Sweep")
    assert said(model) == (
        "Swept: 2 orders went from orders:ann and orders:bob back to the queue. "
        "Nobody is free to take."
    )
    assert model.state.queue == ["order-2", "order-4", "order-5"]
    await press(model, "Take with=BLPOP")
    assert said(model).startswith("BLPOP keeps no copy. Waiting workers use it now,")
    await press(model, "Restart bob")
    assert said(model) == "bob is back. BLPOP handed bob order-2."
    assert place(model, "orders:bob").tokens == []
    await press(model, "Kill carol", "Restart carol")
    assert said(model) == (
        "carol is back. BLPOP handed carol order-4. order-3 still in orders:carol."
    )
    await press(model, "Sweep")
    assert said(model) == "Swept: the lists of the dead are empty."


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
        "Restart ann",
        "Finish ann",
    ]
    assert model.is_finished()
    assert model.finding().number == "BLPOP: 1 lost, 1 at risk. BLMOVE: 0 lost."


async def test_4_its_goals_may_be_reached_in_another_order(stage: Stage, labs: Labs) -> None:
    labs.append(model := Line())
    await press(model, "Take with=BLMOVE", "Push an order", "Kill ann", "Sweep")
    assert reached(model) == [False, False, True, True, False]
    await press(model, "Take with=BLPOP", "Finish bob", "Push an order", "Kill carol")
    assert reached(model) == [False, True, True, True, True]
    await press(model, "Push an order", "Push an order")
    assert model.is_finished()
    assert model.finding().number == "BLPOP: 1 lost, 1 at risk. BLMOVE: 0 lost."


@pytest.mark.parametrize(
    "before",
    [
        "Kill ann, Kill bob, Kill carol",
        "Take with=BLMOVE, Push an order, Push an order, Push an order",
        "Take with=BLMOVE, Push an order, Push an order, Push an order, Take with=BLPOP",
        "Take with=BLMOVE, Push an order, Kill ann, Kill bob, Kill carol, Restart ann",
    ],
)
async def test_4_an_order_can_be_lost_and_swept_after_all(
    stage: Stage, labs: Labs, before: str
) -> None:
    labs.append(model := Line())
    await press(model, *before.split(", "))
    await led(model)
    assert model.is_finished()


async def test_4_its_counts_add_up_whatever_is_done(stage: Stage, labs: Labs) -> None:
    labs.append(model := Line())
    acts = [control.name for control in model.acts() if isinstance(control, Act)]
    chosen = random.Random(4)
    for _ in range(40):
        await press(model, chosen.choice([*acts, *["Push an order"] * 4, "Take with=BLMOVE"]))
        pushed, *counts = re.findall(r"\d+(?! also)", model.summary())
        assert int(pushed) == sum(map(int, counts)), model.summary()


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
    assert place(model, "ann").state == "waits, 1st in line"


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
    await press(model, *["Add an entry"] * 3)
    assert said(model) == (
        "Entry added at 60 s by the lab's clock: its id, 60000-0, "
        "begins with that time in milliseconds."
    )
    await press(model, "Read on ann")
    assert said(model) == "ann got 3 entries, 20 s to 60 s; reading removed none."
    await press(model, "Add an entry", "Keep the newest=2", "Trim")
    assert said(model) == "2 entries trimmed that bob had not read."
    assert model.summary() == (
        "Added 4: 2 held, 2 trimmed. ann has read 3, 1 to come; bob has read 0, 2 to come, "
        "2 missed."
    )
    await press(model, "Read on bob")
    assert said(model) == "bob got 2 entries, 60 s to 80 s."
    shows(
        model,
        """
        who sends        shop              4 added
        the broker       visits            stream: [- 20 s] [- 30 s] [60 s] ‹ann› [80 s] ‹bob›
        who receives     ann               own cursor: 60 s: [✓ 20 s] [✓ 30 s] [✓ 60 s]
                         bob               own cursor: 80 s: [✓ 60 s] [✓ 80 s]
        the outcome  never read by bob  [✕ 20 s] [✕ 30 s]
        shop → visits: 4
        visits → ann: 3
        visits → bob: 2
        □ held by the broker   ✓ received or done   ✕ lost or missed   - trimmed   ‹name› has read to here
        """,  # noqa: E501
    )
    assert [(c.name, c.at) for c in place(model, "visits").cursors] == [
        ("ann", 60 / SHORT),
        ("bob", 80 / SHORT),
    ]
    assert reached(model) == [True, True, True, True, False]
    await press(model, "Rewind ann")
    assert place(model, "ann").state == "at the start again"
    assert not model.is_finished()
    await press(model, "Read on ann")
    assert texts(model, "ann") == ["✓ 20 s", "✓ 30 s", "again 60 s", "✓ 80 s"]
    assert model.is_finished()
    assert model.finding().number == "ann has read 4 of 4 entries, bob 2 of 4"
    assert "2 entries are missing" in model.finding().question
    await press(model, "Trim")
    assert model.hint == "There are no more than 2: nothing was trimmed."


async def test_5_says_who_had_not_read_how_many_of_the_trimmed(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await press(model, "Add an entry", "Read on ann", "Add an entry", "Keep the newest=0", "Trim")
    assert said(model) == (
        "2 entries trimmed; ann had not read 1 of them, bob had not read 2 of them."
    )
    await press(model, "Add an entry", "Trim")
    assert said(model) == "1 entry trimmed that ann and bob had not read."
    await press(model, "Add an entry", "Read on ann")
    assert said(model) == "ann got 1 entry, 80 s."
    await press(model, "Read on bob", "Trim")
    assert said(model) == "1 entry trimmed, read by everybody."


async def test_5_the_axis_grows(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await press(model, *["Add an entry"] * 5)
    assert place(model, "visits").axis[-1] == (1, "90 s")
    assert place(model, "visits").tokens[-1].at == 1
    await press(model, "Add an entry")
    assert place(model, "visits").axis[-1] == (1, "240 s")
    assert place(model, "visits").tokens[-1].at == 120 / END


async def test_5_a_rewind_sends_nothing_and_reads_twice(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await press(model, "Rewind ann")
    assert model.hint == "ann is at the beginning."
    await press(model, "Add an entry", "Read on ann")
    sent = len(model.record.commands)
    await press(model, "Rewind ann")
    assert (len(model.record.commands), model.state.to_come("ann")) == (sent, [20])
    await press(model, "Read on ann", "Read on ann")
    assert said(model) == "There is nothing new for ann."
    assert texts(model, "ann") == ["again 20 s"]
    assert not reached(model)[-1], "nothing was trimmed before it read again"


async def test_5_the_axis_has_an_end(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await press(model, *["Add an entry"] * ENTRIES)
    assert (model.hint, model.state.held[-1]) == ("", END)
    await press(model, "Add an entry")
    assert (model.hint, len(model.state.held)) == ("The axis is full: start over.", ENTRIES)


async def test_5_shows_what_the_broker_holds(stage: Stage, labs: Labs) -> None:
    labs.append(model := History())
    await press(model, "Add an entry", "Add an entry")
    await stage.client("stranger").xtrim("lab:5:visits", maxlen=1, approximate=False)
    await model.do(model.look)
    assert (model.state.held, model.state.trimmed) == ([30], [20])
    assert texts(model, "visits") == ["- 20 s", "30 s"]
    assert texts(model, "never read by ann") == texts(model, "never read by bob") == ["✕ 20 s"]


POISONED = ["Add an order", "Add poison", "Add an order", "Take next ann", "Work on it ann"]


async def test_6_poison_kills_twice_and_is_set_aside(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, *POISONED, "Take next ann", "Work on it ann")
    assert said(model) == (
        "poison-2 has killed ann: death 1, delivered once. It stays pending for ann."
    )
    shows(
        model,
        """
        who sends        shop
        the broker       orders        [· order-1] [▹ poison-2] ‹packing› [order-3]
                         pending: ann  delivery 1: [poison-2]
                         pending: bob
                         dead-letters
        who receives     ann           dead
                         bob           alive
        the outcome  done  [✓ order-1]
        shop → orders: 3
        orders → ann: 2
        □ held by the broker   ▹ given to a worker   · acknowledged, still in the stream   ✓ received or done   ‹name› has read to here
        """,  # noqa: E501
    )
    await press(model, "Claim idle bob")
    assert model.hint == "Nothing has been idle for a minute: let one pass."
    await press(model, "A minute passes")
    assert said(model) == (
        "The lab sets the idle time of poison-2 to 60 s, so a claim will take it."
    )
    assert place(model, "pending: ann").state == "delivery 1, idle"
    await press(model, "Claim idle bob")
    assert said(model) == "bob has claimed poison-2 from ann: delivery 2."
    assert model.stage().links[-1] == Link("pending: ann", "bob", 1)
    await press(model, "Work on it bob")
    assert said(model) == (
        "poison-2 has killed bob: death 2, delivered 2 times. It stays pending for bob."
    )
    assert [tuple(line)[:3] for line in model.state.pending] == [("2-0", "bob", 2)]
    assert (texts(model, "pending: ann"), texts(model, "ann")) == ([], []), "claimed from the dead"
    assert texts(model, "pending: bob") == ["poison-2"]
    assert place(model, "pending: bob").state == "delivery 2"
    assert reached(model) == [True, True, True, False, False]
    await press(model, "Restart bob")
    assert said(model) == (
        "Delivery 3, and 3 is the limit: bob sets poison-2 aside in dead-letters and acknowledges "
        "it."
    )
    assert [line for line in model.frames[-1].sent if "XREADGROUP" in line and " 0" in line]
    assert model.stage().links[-1] == Link("bob", "dead-letters", 1)
    assert "1 done, 1 set aside" in model.summary()
    await press(model, "Take next bob", "Work on it bob")
    assert said(model) == "bob has acknowledged order-3: the group is done with it."
    shows(
        model,
        """
        who sends        shop
        the broker       orders        [· order-1] [· poison-2] [· order-3] ‹packing›
                         pending: ann
                         pending: bob
                         dead-letters  [! poison-2]
        who receives     ann           dead
                         bob           alive
        the outcome  done  [✓ order-1] [✓ order-3]
        shop → orders: 3
        orders → ann: 2
        pending: ann → bob: 1
        pending: bob → bob: 1
        bob → dead-letters: 1
        orders → bob: 1
        · acknowledged, still in the stream   ✓ received or done   ! set aside   ‹name› has read to here
        """,  # noqa: E501
    )
    assert model.is_finished()
    assert model.finding().number == "2 deaths, then none"


async def test_6_says_of_several_how_often_each_was_delivered(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    assert said(model) == (
        "ann and bob are the group packing: each order goes to one of them at a time."
    )
    await press(model, *["Add an order"] * 5, "Take next ann")
    assert said(model) == "ann was given order-1, delivery 1: it is pending for ann."
    await press(model, "Kill ann", "Restart ann", "Take next ann", "A minute passes")
    assert place(model, "pending: ann").state == "deliveries 2, 1; 2 idle"
    assert "the idle time of order-1 and order-2 to 60 s, so a claim will take them" in said(model)
    await press(model, *["Take next ann"] * 2)
    assert place(model, "pending: ann").state == "deliveries 1 to 2; 2 idle"
    await press(model, "Claim idle ann")
    assert said(model) == (
        "Delivery 3, and 3 is the limit: ann sets order-1 aside in dead-letters and acknowledges "
        "it."
    )
    await press(model, "Kill bob", "Restart bob")
    assert said(model) == "bob is back, asks for what is pending for bob: nothing."
    setting_up = [line for line in model.frames[1].sent if "XGROUP" in line]
    assert all(line.startswith("setup ") for line in setting_up) and len(setting_up) == 3


async def test_6_says_of_several_from_whom_they_were_claimed(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, *["Add an order"] * 2, *["Take next ann"] * 2, "A minute passes")
    await press(model, "Claim idle ann")
    assert said(model) == "ann has claimed order-1 and order-2 from ann."


async def test_6_its_goals_may_be_reached_by_restarts_alone(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, "Add poison", "Take next bob", *["Work on it bob", "Restart bob"] * 2)
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
    await press(model, "Restart ann", "Work on it ann")
    assert (model.state.pending, model.state.done) == ([], ["1-0"])
    await press(model, "Take next ann")
    assert model.hint == "There is nothing new: add an order first."
    await press(model, "Work on it ann")
    assert model.hint == "ann has nothing in hand."
    await press(model, "Restart ann")
    assert model.hint == "ann is alive."


async def test_6_a_claimed_entry_leaves_the_hands_of_the_slow_one(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, "Add an order", "Take next ann", "A minute passes")
    assert texts(model, "ann") == ["▸ order-1"]
    assert place(model, "pending: ann").state == "delivery 1, idle"
    await press(model, "Claim idle bob")
    assert place(model, "pending: bob").state == "delivery 2"
    assert model.state.hands == {"ann": [], "bob": ["1-0"]}


async def test_6_shows_what_the_broker_holds(stage: Stage, labs: Labs) -> None:
    labs.append(model := Board())
    await press(model, "Add an order", "Take next ann")
    await stage.client("stranger").xack("lab:6:orders", "packing", "1-0")
    await model.do(model.look)
    assert model.state.done == ["1-0"]


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
        "Node B sent all 10 to the 2 other nodes: 20 on the bus. 1 listener heard 10. "
        "Each reply counts only node B's own: 0."
    )
    shows(
        model,
        """
        who sends        shop
        the cluster      A
                         B
                         C
        who receives     listener on A  heard 10 of the last 10
        shop → B: 10
        B → A: 10
        B → C: 10
        A → listener on A: 10
        """,
    )
    await press(model, "With=SPUBLISH")
    assert said(model) == (
        "SPUBLISH: only the node that owns the channel's slot carries it. Nothing sent yet."
    )
    assert joins(model) == {("A", "listener on A"): 0}, "what went before is drawn no longer"
    await press(model, "Publish 10 B")
    owner = "the channel belongs to node A, which holds slot 5161."
    assert said(model) == f"Node B refuses the first SPUBLISH: {owner} The other 9 were not sent."
    assert Link("shop", "B", 1, "✕ MOVED: to A") in model.stage().links
    await press(model, "Subscribe B")
    assert said(model) == f"Node B refuses SSUBSCRIBE: {owner}"
    assert place(model, "sharded listener on B").state == "refused: go to node A"
    assert Link("sharded listener on B", "B", 1, "✕ MOVED: to A") in model.stage().links
    await press(model, "Subscribe A")
    assert joins(model) == {("A", "listener on A"): 0, ("A", "sharded listener on A"): 0}
    await press(model, "Publish 10 A")
    assert said(model) == (
        "SPUBLISH on node A: 0 crossed the bus; "
        "the sharded listener on A heard 10, the listener on A none."
    )
    assert place(model, "listener on A").state == "heard 0 of the last 10: it used SUBSCRIBE"
    assert joins(model) == {
        ("shop", "A"): 10,
        ("A", "sharded listener on A"): 10,
        ("A", "listener on A"): 0,
    }
    assert model.state.on_the_bus == 20
    assert model.state.heard == {("A", "PUBLISH"): 10, ("A", "SPUBLISH"): 10}
    await press(model, "Subscribe A")
    assert model.hint == "Somebody listens on node A already."


async def test_7_a_refusal_names_both_nodes_and_the_slot_that_every_cluster_names(
    labs: Labs,
) -> None:
    labs.append(model := Bus())
    await press(model, "With=SPUBLISH", "Publish 10 B", "Subscribe C")
    refused = "MOVED 5161 (the address of node A)"
    assert [frame.sent for frame in model.frames[-2:]] == [
        [f"shop to B  SPUBLISH news hello   → error from node B: {refused}"],
        [f"sharded listener on C  SSUBSCRIBE news   → error from node C: {refused}"],
    ]
    assert key_slot(b"news") == 5161, "what CLUSTER KEYSLOT says of the name in the log"


def joins(model: Lab) -> dict[tuple[str, str], int]:
    """Say what joins which places, and how many messages went there."""
    return {(link.start, link.end): link.count for link in model.stage().links}


async def test_7_a_headline_counts_who_heard(labs: Labs) -> None:
    labs.append(model := Bus())
    await press(model, "Publish 10 A")
    assert "Nobody heard them. Each reply counts only node A's own: 0." in said(model)
    await press(model, "Subscribe A", "Subscribe B", "Publish 10 A")
    assert "2 listeners heard 20 in all. Each reply counts only node A's own: 1." in said(model)
    await press(model, "With=SPUBLISH", "Publish 10 A")
    assert said(model).endswith("the listener on A none, the listener on B none.")
    await press(model, "Subscribe A", "Publish 10 A")
    assert said(model) == (
        "SPUBLISH on node A: 0 crossed the bus; 10 counted by the replies, 10 heard."
    )
    await press(model, "With=PUBLISH")
    assert said(model) == "PUBLISH: every node takes it, and sends it to all the others."
    assert place(model, "sharded listener on A").state == "heard 10 of the last 10"


async def test_7_nothing_is_told_of_a_cluster_that_is_gone(labs: Labs) -> None:
    labs.append(model := Bus())
    await press(model, "Subscribe A", "Publish 10 B", "Nodes=12")
    assert model.stage().links == []
    assert [place.name for place in model.stage().places if place.state] == []
    last, now = model.frames[-2:]
    told = plain([last, now])[1]["stage"]["places"]
    assert [place["name"] for place in told if place["hasChanged"]] == []


async def test_7_who_listens_plainly_on_the_owner_may_listen_sharded_too(labs: Labs) -> None:
    labs.append(model := Bus())
    await press(model, "Subscribe A", "With=SPUBLISH", "Subscribe A", "Publish 10 A")
    assert model.state.heard == {("A", "PUBLISH"): 0, ("A", "SPUBLISH"): 10}
    await press(model, "With=PUBLISH", "Publish 10 B")
    assert model.state.heard == {("A", "PUBLISH"): 10, ("A", "SPUBLISH"): 10}


async def test_7_the_bus_costs_more_with_every_node(labs: Labs) -> None:
    labs.append(model := Bus())
    await press(model, "Subscribe A", "Publish 10 B", "Nodes=12", "Subscribe A", "Publish 10 B")
    assert reached(model) == [True, True, True, False, False]
    assert len(model.state.nodes) == MOST
    await press(model, "Publish 10 A")
    assert (model.state.rounds[-1].crossed, model.state.rounds[-1].counted) == (110, 10)
    assert not any(start == "B" for start, _ in joins(model)), "B has sent nothing this time"
    await press(model, "With=SPUBLISH", "Publish 10 B")
    assert model.primary() == f"Subscribe {model.state.owner}"
    await press(model, model.primary())
    await press(model, model.primary())
    assert model.is_finished()
    assert model.finding().number == "10 sent, on the bus: PUBLISH 110, SPUBLISH 0"


async def test_8_the_log_shows_of_each_design_where_its_worker_first_died(labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "The worker dies=in 1 of 4 tries", "Run once", "Run once")
    log = "\n".join(model.frames[-1].sent)
    assert re.findall(r"^(\S+), around the first (\w+) \(\d of \d+ rows\):", log, re.M) == [
        (name, "death") for name in NAMES
    ]
    own = dict(zip(NAMES, re.split(r"^\w+, around .*$", log, flags=re.M)[1:], strict=True))
    told = "team  dies after the work, in try 2"
    assert {name: part.count(told) for name, part in own.items()} == dict.fromkeys(NAMES, 1)
    after = {name: part.split(told)[1] for name, part in own.items()}
    assert "LPOP Pop:2" in after["Pop"].splitlines()[1]
    assert "LMOVE Move:2:team Move:2 RIGHT LEFT" in after["Move"].splitlines()[1]
    assert "SUBSCRIBE Publish:2" in after["Publish"].splitlines()[1]
    assert re.search(r"HINCRBY Group:2:done job-2 1 +→ 2", after["Group"]), "done twice"


async def test_8_the_log_of_a_run_knows_nothing_of_one_with_the_same_number(labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "The worker dies=in 1 of 4 tries", "Run once", "The worker dies=never")
    assert model.frames[-1].sent == (), "nothing was sent"
    await press(model, "Run once")
    log = "\n".join(model.frames[-1].sent)
    assert "dies" not in log
    assert log.count("around the first job (8 of ") == len(NAMES)


async def test_8_the_log_of_a_run_that_failed_shows_what_was_sent(
    labs: Labs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_born(design: Any) -> None:
        raise ResponseError("it did not work")

    labs.append(model := Crash())
    for number, before in enumerate((0, 1), 1):
        with monkeypatch.context() as patch:
            patch.setattr(model, "_born", not_born)
            await model.press("Run once")
        assert model.problem == "ResponseError: it did not work"
        assert [line.split("  →")[0].rstrip() for line in model.frames[-1].sent] == [
            f"shop  DEL Pop:{number} Pop:{number}:team Pop:{number}:done"
        ]
        assert len(model.state.runs) == before
        model.problem = ""
        await model.press("Run once")


@pytest.mark.parametrize(("jobs", "act", "run"), [(1, "Run ten times", 10), (40, "Run once", 1)])
async def test_8_the_log_is_short_whatever_is_run(
    labs: Labs, jobs: int, act: str, run: int
) -> None:
    labs.append(model := Crash())
    await press(model, f"Jobs={jobs}", "The worker dies=in 1 of 2 tries", act)
    sent = model.frames[-1].sent
    assert sent[0] == f"Run {run}:"
    assert len(sent) <= 1 + 9 * len(NAMES)
    below = [line for line in sent if line.startswith("  └─▶")]
    assert all(sent[sent.index(line) - 1].startswith("shop  PUBLISH") for line in below)


async def test_8_what_each_design_loses_and_does_twice(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "The worker dies=in 1 of 4 tries", *["Run once"] * 2)
    assert model.frames[-1].headline == (
        "Run 2: death after the work in try 2. Lost: Publish 3. Twice: Move 1, Group 1."
    )
    shows(
        model,
        """
        the outcome  Pop      deaths before the work: 3 (lost the job); after it: 1 (no harm): lost ██ 3 twice 0 LPOP: once taken, gone
                         Move     deaths before the work: 3 (nothing lost, done later); after it: 1 (1 job done twice): lost 0 twice █ 1 [again run 2: job-2] a second list keeps it until LREM
                         Publish  deaths before the work: 2 (lost the job and those waiting); after it: 1 (lost those waiting): lost █████ 10 twice 0 [✕ run 2: job-3] [✕ run 2: job-4] [✕ run 2: job-5] sent to whoever listens
                         Group    deaths before the work: 3 (nothing lost, done later); after it: 1 (1 job done twice): lost 0 twice █ 1 [again run 2: job-2] pending until XACK
        ✕ lost or missed   again duplicate
        """,  # noqa: E501
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
    outcomes = list(model.state.runs[1].outcomes.values())
    assert [(o.tries, o.early, o.late) for o in outcomes] == [(12, 0, 0)] * 4
    assert not any(o.lost or o.twice for o in outcomes)
    await press(model, "The worker dies=in 1 of 4 tries")
    assert model.state.runs == []
    assert said(model) == (
        "Totals cleared, because the odds changed. The worker dies in 1 of 4 tries."
    )
    await press(model, "The worker dies=in 1 of 2 tries", "The worker dies=in 1 of 4 tries")
    assert said(model) == "The worker dies in 1 of 4 tries.", "there were none to clear"
    assert reached(model) == [True, False, False, False]
    await press(model, "Run ten times")
    assert model.goals()[-1].words.endswith("(10 of 20)")
    await press(model, "Jobs=3")
    assert said(model).startswith("Totals cleared, because the number of jobs changed.")
    await press(model, "Run once")
    assert model.state.jobs == 3
    assert reached(model) == [True, True, True, False]


async def test_8_no_design_comes_through_many_runs(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "Run once", "The worker dies=in 1 of 4 tries", *["Run ten times"] * 2)
    assert len(model.state.runs) == MANY
    assert said(model) == (
        "After 20 runs: Pop and Publish lost jobs, Move and Group did jobs twice. "
        "None is at 0 and 0."
    )
    assert model.is_finished()
    assert model.finding().number == "Designs with 0 lost and 0 twice: 0 of 4"
    await press(model, "Jobs=5")
    assert model.finding().number == "Designs with 0 lost and 0 twice: 0 of 4", "the question stays"


async def test_8_what_the_deaths_did_adds_up(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "The worker dies=in 1 of 2 tries", "Run ten times")
    outcomes = {name: [run.outcomes[name] for run in model.state.runs] for name in NAMES}
    assert sum(o.early for o in outcomes["Pop"]) == sum(len(o.lost) for o in outcomes["Pop"])
    for name in ("Move", "Group"):
        twice = sum(len(o.twice) for o in outcomes[name])
        assert sum(o.late for o in outcomes[name]) > twice
        assert f"({twice} jobs done twice, some more often)" in place(model, name).state


async def test_8_while_nobody_dies_all_is_well(stage: Stage, labs: Labs) -> None:
    labs.append(model := Crash())
    await press(model, "Jobs=1", "Run ten times")
    assert said(model) == "After 10 runs: every design has done each job once."


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


OWN, SHARED = "Design=a list per worker", "Design=one list for all"


async def test_9_who_dies_with_a_popped_job_loses_it(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, "Next step ann")
    assert said(model) == ("Two jobs are put into orders. ann takes job-1 (LPOP).")
    assert model.stage().links == [Link("orders", "ann", 1, "LPOP")]
    await press(model, "Dies here ann")
    assert said(model) == "ann died holding job-1: it is lost."
    assert model.stage().links == []
    await press(model, "Next step bob", "Next step bob")
    shows(
        model,
        """
        the broker       orders
        who receives     ann       dead, will start again
                         bob       next: LPOP
        the outcome  handled   [✓ job-2 by bob]
                         lost      [✕ job-1]
        ✓ received or done   ✕ lost or missed
        """,
    )
    await press(model, "Next step bob")
    assert model.frames[-1].headline == (
        "bob asks for a job (LPOP). Nothing is left, so it returns."
    )
    assert model.summary() == (
        "Steps so far: ann takes · ann dies · bob takes · bob handles · bob takes. "
        "2 jobs: 0 in orders, 0 begun, 1 handled, 1 lost."
    )
    await press(model, "Next step bob")
    assert model.hint == "bob has returned: let the other go on."
    await press(model, "Dies here ann")
    assert model.hint == "ann is dead already: its next step starts it again."


async def test_9_a_dead_worker_finds_its_own_list_again(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, OWN, "Next step ann", "Next step ann", "Dies here ann")
    assert model.frames[-1].headline == "ann died holding job-1: it is still in taken:ann."
    assert model.state.taken == {"taken:ann": ["job-1"], "taken:bob": []}
    await press(model, *["Next step ann"] * 4)
    assert (model.state.handled, model.state.lost, model.state.twice) == (["job-1"], [], [])
    await press(model, *["Next step bob"] * 3)
    assert reached(model) == [False, False, False], "job-2 is still in bob's list"
    await press(model, "Next step bob")
    assert reached(model) == [False, True, False]


async def test_9_a_death_without_a_job_rescues_none(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, OWN, "Dies here bob", *["Next step ann"] * 8)
    assert model.state.handled == list(JOBS)
    assert reached(model) == [False, False, False]


async def test_9_a_command_is_explained_once(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    told = []
    for name in (OWN, *["Next step ann"] * 6):
        await press(model, name)
        told.append(said(model))
    assert told[1:] == [
        "ann looks into taken:ann (LINDEX 0: reads the first, takes nothing out): nothing there.",
        "ann takes job-1 (LMOVE: off the left end of orders, onto the right end of taken:ann).",
        "ann handles job-1.",
        "ann removes job-1 from taken:ann (LREM 1: the first entry that is job-1).",
        "ann looks into taken:ann (LINDEX): nothing there.",
        "ann takes job-2 (LMOVE).",
    ]


async def test_9_who_finds_a_job_is_told_whose_it_is(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    found = "bob finds job-1 in taken and thinks it left behind."
    await press(model, SHARED, *["Next step ann"] * 2, "Next step bob")
    assert said(model) == f"{found} ann is still working on it."
    await press(model, "Restart this design", *["Next step ann"] * 3, "Next step bob")
    assert said(model) == f"{found} ann has handled it already."
    await press(model, "Restart this design", *["Next step ann"] * 2, "Dies here ann")
    await press(model, "Next step bob")
    assert said(model) == "bob looks into taken (LINDEX): job-1 is there."


@pytest.mark.parametrize("design", DESIGNS)
async def test_9_after_a_restart_the_jobs_are_new_ones(
    stage: Stage, labs: Labs, design: str
) -> None:
    labs.append(model := Schedule())
    await press(model, f"Design={design}", "Next step ann", "Next step ann", "Dies here ann")
    before = where(model)
    await press(model, "Restart this design")
    assert texts(model, "orders") == list(JOBS)
    assert not before.keys() & where(model).keys()


async def test_9_the_finding_counts_what_came_of_it(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, "Next step ann", "Next step bob", "Dies here ann", "Dies here bob")
    assert model.finding().number == (
        "Lost and twice: pop 2 and 0 · a list per worker 0 and 0 · one list for all 0 and 0"
    )
    await press(model, "Restart this design", SHARED, *["Next step ann"] * 3)
    await press(model, *["Next step bob"] * 2, OWN)
    assert model.finding().number == (
        "Lost and twice: pop 2 and 0 · a list per worker 0 and 0 · one list for all 0 and 1"
    )


async def test_9_who_dies_after_the_work_does_it_again_and_has_not_brought_both_home(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Schedule())
    await press(model, OWN, *["Next step ann"] * 3, "Dies here ann", *["Next step ann"] * 3)
    assert model.state.twice == ["job-1"]
    await press(model, *["Next step bob"] * 3)
    assert set(model.state.handled) == set(JOBS)
    assert reached(model) == [False, False, False], "the finding says that none was done twice"
    assert model.state.told[2:4] == ("ann handles", "ann dies")
    headlines = [frame.headline for frame in model.frames]
    assert "ann died after handling job-1, before LREM: it is still in taken:ann." in headlines


async def test_9_a_shared_list_doubles_though_nobody_dies(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, SHARED, *["Next step ann"] * 3, *["Next step bob"] * 2)
    assert model.frames[-1].headline == "bob handles job-1. It is handled for the second time."
    shows(
        model,
        """
        the broker       orders    [job-2]
                         taken     [job-1]
        who receives     ann       next: LREM job-1
                         bob       next: LREM job-1
        the outcome  handled   [✓ job-1 by ann]
                         handled again  [again job-1 by bob]
                         lost
        □ held by the broker   ✓ received or done   again duplicate
        """,
    )
    assert reached(model) == [False, False, True]


async def test_9_goes_on_from_an_earlier_moment(stage: Stage, labs: Labs) -> None:
    labs.append(model := Schedule())
    await press(model, OWN, "Next step ann", "Next step ann")
    there, number = model.stage(), model.frames[-1].number
    await press(model, "Dies here ann", "Next step ann")
    await model.resume(number)
    assert (model.stage(), said(model)) == (
        there,
        f"Back at press {number - 1}: two new jobs, and the same steps again.",
    )
    async with model.asker() as asker:
        assert await asker.lrange("lab:9:taken:ann", 0, -1) == ["job-1"]
    await press(model, "Next step ann")
    assert model.state.handled == ["job-1"], "another way"
    await model.resume(1)
    assert (model.design, model.state.queue) == ("pop", ["job-1", "job-2"])
    await model.resume(99)
    assert model.hint == "That moment is not known any more."


DUE = ["Add a job due in 10 s", "Turn the clock 10 s", "Move what is due"]
LATER = ["Turn the clock 10 s"]


async def test_10_a_job_fails_comes_back_later_each_time_and_is_given_up(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Timeline())
    await press(model, *DUE[:2])
    assert said(model) == "Now 10 s. order-1 is due: the mover has to ask."
    await press(model, DUE[2])
    assert said(model) == (
        "The mover has moved order-1: into orders and out of later, in one MULTI."
    )
    assert model.stage().links == (Link("later", "orders", 1, "XADD + ZREM"),)
    await press(model, "Take ann", "Handler raises ann")
    assert said(model) == (
        "Failure 1 of order-1: due again in 10 s. XACK, HSET and ZADD in one MULTI."
    )
    assert (model.state.later, model.state.pending) == ({"order-1": 20}, ())
    await press(model, *LATER, "Move what is due", "Take bob", "Handler raises bob", *LATER)
    assert said(model) == "Now 30 s. Nothing new is due before 40 s, when order-1 is."
    shows(
        model,
        """
        who sends     shop
                      mover
        the broker    later        now 30 s: ‹now› [40 s order-1]
                      orders       [· order-1] [· order-1] ‹packing›
                      pending
                      failures     [order-1: 2]
                      orders:dead
        who receives  ann          alive
                      bob          alive
        the outcome   done
        □ held by the broker   · acknowledged, still in the stream   ‹name› has read to here   ‹now› is the time
        """,  # noqa: E501
    )
    await press(model, *LATER, "Move what is due", "Take ann", "Handler raises ann")
    assert said(model) == ("Failure 3 of order-1: a dead letter. XACK, HDEL and XADD in one MULTI.")
    assert texts(model, "orders:dead") == ["! order-1"]
    assert reached(model) == [True, True, True, False, False]
    await press(model, "Replay a dead letter")
    assert (model.state.failures, model.state.dead_letters) == ({}, {})
    await press(model, "Take ann", "Finish ann")
    assert said(model) == "ann has finished order-1: XACK and HDEL, one MULTI."
    assert texts(model, "done") == ["✓ order-1 by ann"]
    assert reached(model) == [True, True, True, False, True]
    assert model.finding().number == (
        "3 failures in 30 s, then a dead letter · 0 lost · 0 done twice"
    )


async def test_10_time_is_an_axis_on_which_now_stays_and_jobs_come_near(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Timeline())
    await press(model, "Add a job due in 10 s")
    later = place(model, "later")
    assert ([t.at for t in later.tokens], later.cursors[0].at) == ([0.333], 0)
    await press(model, *LATER, *LATER, *LATER)
    later = place(model, "later")
    assert ([t.at for t in later.tokens], later.cursors[0].at) == ([0], 0.333), "overdue"
    assert [label for _, label in later.axis] == ["20 s", "30 s", "40 s", "50 s"]
    assert said(model) == "Now 30 s. What is due waits for the mover."


async def test_10_who_shows_no_sign_of_life_is_robbed_though_it_works(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := Timeline())
    await press(model, *DUE, "Take ann", *LATER, "Claim idle bob")
    assert model.hint == f"Nothing has been idle for {LEASE} s."
    await press(model, *LATER)
    assert said(model) == "Now 30 s. order-1 is idle for 20 s: others may claim."
    await press(model, "Claim idle bob")
    assert said(model) == (
        "bob has claimed order-1 from ann, who is still working on it: delivery 2."
    )
    assert place(model, "ann").note == "claimed by bob"
    await press(model, "Heartbeat ann")
    assert model.hint == "order-1 is not pending for ann any more."
    await press(model, "Finish ann")
    assert said(model) == (
        "ann has finished order-1: XACK and HDEL, one MULTI. It was pending for bob."
    )
    assert place(model, "bob").note == "not pending any more"
    await press(model, "Finish bob")
    assert said(model).endswith("It was not pending. It is done twice.")
    assert texts(model, "done") == ["✓ order-1 by ann", "again order-1 by bob"]
    assert model.summary().endswith("1 done, 1 of them twice.")


async def test_10_a_heartbeat_keeps_a_job_and_counts_no_delivery(stage: Stage, labs: Labs) -> None:
    labs.append(model := Timeline())
    await press(model, *DUE, "Take ann", "Heartbeat ann")
    assert model.hint == "order-1 has been idle for 0 s."
    await press(model, *LATER, "Heartbeat ann")
    assert said(model) == (
        "ann claims its own order-1: idle for 0 s again. JUSTID counts no delivery."
    )
    await press(model, *LATER)
    assert reached(model) == [True, False, False, True, False]
    [line] = model.state.pending
    assert (line.worker, line.deliveries, line.idle) == ("ann", 1, 10)


async def test_10_two_movers_in_two_commands_double_a_job(stage: Stage, labs: Labs) -> None:
    labs.append(model := Timeline())
    await press(model, *DUE[:2], "Move with=two commands")
    assert said(model) == "Two movers at the same time: both read later, then XADD, then ZREM."
    await press(model, DUE[2])
    assert said(model) == ("order-1 came into orders twice: both movers had read before any ZREM.")
    assert texts(model, "orders") == ["order-1", "again order-1"]
    assert [line.split("→")[-1].strip() for line in model.frames[-1].sent if "ZREM" in line] == [
        "1",
        "0",
    ]
    await press(model, "Take ann", "Take bob", "Finish ann", "Finish bob")
    assert (model.state.twice, model.state.lost) == (["order-1"], [])


async def test_10_what_the_dead_had_stays_pending_and_is_claimed(stage: Stage, labs: Labs) -> None:
    labs.append(model := Timeline())
    await press(model, *DUE, "Take ann", "Kill ann")
    assert said(model) == "ann is dead. order-1 stays pending for ann."
    await press(model, "Restart ann")
    assert said(model) == "ann is back, with nothing in hand. order-1 is still pending for ann."
    await press(model, *LATER, *LATER, "Claim idle ann")
    assert said(model) == "ann has claimed order-1, pending under its own name: delivery 2."
    await press(model, *LATER, *LATER, "Kill ann", "Claim idle bob")
    assert said(model) == (
        "bob has claimed order-1 from ann, who is not working on it: delivery 3."
    )
    await press(model, "Kill bob", "Kill bob")
    assert model.hint == "bob is dead already."


@pytest.mark.parametrize("seed", range(3))
async def test_10_what_it_says_is_what_the_broker_holds_whatever_is_done(
    stage: Stage, labs: Labs, seed: int
) -> None:
    labs.append(model := Timeline())
    chosen, began = random.Random(seed), time.monotonic()
    for _ in range(60):
        useful = [c.name for c in model.acts() if isinstance(c, Act) and not c.why_not]
        ways = ["Move with=one MULTI", "Move with=two commands"]
        await press(model, name := chosen.choice([*useful, *useful, *useful, *ways]))
        assert model.hint == "", name
        assert 0 < len(said(model)) <= 110, said(model)
        held = await broker_of_10(model)
        assert [int(n) for n in re.findall(r"(\d+) (?:in|new|pend)", model.summary())] == held
        assert model.state.lost == []
        await idle_times_agree(model, began)


async def broker_of_10(model: Lab) -> list[int]:
    """Count what waits, is new, is pending and is given up, as the broker says."""
    async with model.asker() as asker:
        [group] = await asker.xinfo_groups("lab:10:orders")
        new = await asker.xrange("lab:10:orders", min=f"({group['last-delivered-id']}")
        return [
            await asker.zcard("lab:10:later"),
            len(new),
            group["pending"],
            await asker.xlen("lab:10:orders:dead"),
        ]


async def idle_times_agree(model: Any, began: float) -> None:
    """Compare for whom entries are pending, and for how long: by the lab's clock, which stands.

    The broker's goes on: since the test began, as long as the test has taken.
    """
    async with model.asker() as asker:
        lines = await asker.xpending_range("lab:10:orders", "packing", "-", "+", 100)
    taken = 1000 * (time.monotonic() - began)
    assert [(line.entry, line.worker) for line in model.state.pending] == [
        (line["message_id"], line["consumer"]) for line in lines
    ]
    for told, line in zip(model.state.pending, lines, strict=True):
        assert 0 <= line["time_since_delivered"] - 1000 * told.idle <= taken + 1


async def ann_is_killed(model: TaskLibrary, library: str, steps: int) -> str:
    """Send a job, kill ann after so many steps, and start bob; return what came of the kill."""
    await press(model, f"Library={library}", "Send a job", *["Next step ann"] * steps, "Kill ann")
    epitaph = said(model)
    await press(model, "Start bob")
    return epitaph


async def bob_does_what_there_is(model: TaskLibrary) -> None:
    """Let bob go on until nothing is left for him to do."""
    useful = [c for c in model.acts() if isinstance(c, Act) and c.name == "Next step bob"]
    while not useful[0].why_not and len(model.frames) < 100:
        await press(model, "Next step bob")
        useful = [c for c in model.acts() if isinstance(c, Act) and c.name == "Next step bob"]


# What becomes of a job whose worker is killed after so many steps, and when it is back.
FATES: dict[str, list[str]] = {
    "Celery": ["lost", "1 h", "lost", "packed"],
    "Celery acks_late": ["lost", "1 h", "1 h, twice", "packed"],
    "RQ": ["failed", "failed", "packed and failed", "packed"],
    "RQ + Retry": ["10 min", "10 min", "10 min, twice", "packed"],
    "Dramatiq": ["13 min 30 s", "13 min 30 s, twice", "packed"],
    "taskiq list": ["lost", "packed"],
    "taskiq stream": ["not", "packed and not", "packed"],
    "streaQ": ["1 d", "1 d, twice", "packed"],
}


@pytest.mark.parametrize("library", PROTOCOLS)
async def test_11_every_library_and_every_moment_of_a_kill(
    stage: Stage, labs: Labs, library: str
) -> None:
    labs.append(model := TaskLibrary())
    found = []
    for steps in range(1, len(FATES[library]) + 1):
        await ann_is_killed(model, library, steps)
        await press(model, "A day passes")
        await bob_does_what_there_is(model)
        found.append(fate(model))
    assert found == FATES[library]


def fate(model: TaskLibrary) -> str:
    """Say in a few words what has become of the only job."""
    state = model.state
    if state.lost:
        return "lost"
    if state.returns:
        return span(state.returns[0].seconds) + ", twice" * bool(state.twice)
    rest = ["packed"] * bool(state.effects) + ["failed"] * bool(state.failed)
    return " and ".join([*rest, *["not"] * bool(state.left)])


async def test_11_the_default_of_celery_loses_a_job(stage: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    await press(model, "Send a job")
    assert said(model) == "order-1 waits in celery: LPUSH."
    await press(model, "Next step ann")
    assert said(model) == "ann took order-1: BRPOP. The broker holds no copy of it yet."
    await press(model, "Next step ann")
    assert said(model) == (
        "ann copied order-1 into unacked and its time into unacked_index: one MULTI."
    )
    await press(model, "Next step ann")
    assert said(model) == "ann acknowledged order-1 before packing it: no copy is left."
    await press(model, "Kill ann")
    assert said(model) == "ann is dead. order-1 is lost: not packed, and the broker has no copy."
    shows(
        model,
        """
        who sends     shop           with Celery
        the broker    celery
                      unacked
                      unacked_index
        who receives  ann            dead
                      bob            not started
        the outcome   packed
                      lost           [✕ order-1]
        ✕ lost or missed
        """,
    )
    assert reached(model) == [True, False, False, False]
    await press(model, "Start bob", "A day passes")
    assert said(model) == "Now 1 d. order-1 stays lost: the broker has no copy."


async def test_11_acks_late_brings_it_back_after_an_hour_and_may_do_it_twice(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := TaskLibrary())
    epitaph = await ann_is_killed(model, "Celery acks_late", 2)
    assert epitaph == "ann is dead. order-1 is not packed, and stays in unacked."
    await press(model, "A minute passes")
    assert said(model) == (
        "Now 1 min. order-1 stays in unacked. The look that finds it comes in 59 min."
    )
    await press(model, "An hour passes")
    assert said(model) == (
        "Now 1 h 1 min. bob looked: order-1 is back in celery, 1 h after the kill."
    )
    assert model.stage().links == (Link("unacked", "celery", 1, "HGET, then RPUSH"),)
    await press(model, *["Next step bob"] * 3)
    assert said(model) == "bob packed order-1. The broker still has it in unacked."
    assert reached(model) == [False, True, False, False]
    await press(model, "Kill bob", "Start ann", "A day passes", *["Next step ann"] * 3)
    assert said(model) == (
        "ann packed order-1 for the second time. The broker still has it in unacked."
    )
    assert texts(model, "packed") == ["✓ order-1 by bob", "again order-1 by ann"]
    assert reached(model) == [False, True, True, False]
    await press(model, "Next step ann")
    assert said(model) == "ann acknowledged order-1 after packing it."
    assert model.summary() == (
        "Now 1 d 1 h. Sent 1: 0 waiting, 0 in hand, 0 left by the dead, "
        "1 packed, 1 of them twice, 0 lost."
    )


async def test_11_nobody_looks_while_nobody_runs(stage: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    await press(model, "Library=Celery acks_late", "Send a job", *["Next step ann"] * 2)
    await press(model, "Kill ann", "A day passes")
    assert said(model) == "Now 1 d. order-1 stays in unacked: nobody is running who could look."
    await press(model, "Start bob")
    assert said(model) == (
        "bob is running. bob looked: order-1 is back in celery, 1 d after the kill."
    )


async def test_11_the_clock_never_goes_back(two: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    await press(model, "Library=Dramatiq", "Send a job", "Next step ann", "Kill ann")
    await press(model, "A day passes", "Start bob")
    assert said(model) == "bob is running. order-1 stays in acks."
    await press(model, "An hour passes")
    assert said(model) == (
        "Now 1 d 1 h. bob looked: order-1 is back in queue, 1 d 12 min after the kill, on average."
    )


async def test_11_a_long_job_is_done_twice_with_acks_late_though_nobody_dies(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := TaskLibrary())
    await press(model, "Library=Celery acks_late", "Send a job", *["Next step ann"] * 2)
    await press(model, "Start bob", "An hour passes")
    assert said(model) == (
        "Now 1 h. ann looked: order-1 is back in celery, though ann still has it."
    )
    await press(model, *["Next step bob"] * 3, "Next step ann")
    assert (model.state.twice, model.state.returns) == (["order-1"], ())
    await press(model, "Next step ann")
    assert said(model) == "ann acknowledged order-1, whose copy was gone, after packing it."
    await press(model, "Kill ann")
    assert said(model) == "ann is dead. Nothing was in hand."


LEFT_OUT = {"Dramatiq": " Not played here: Dramatiq stops a job after 10 min.", "streaQ": ""}


@pytest.mark.parametrize("library", LEFT_OUT)
async def test_11_a_heartbeat_keeps_a_long_job(two: Stage, labs: Labs, library: str) -> None:
    labs.append(model := TaskLibrary())
    await press(model, f"Library={library}", "Send a job", *["Next step ann"] * 2, "Start bob")
    await press(model, "A minute passes", "An hour passes", "A day passes")
    told = f"Now 1 d 1 h. Who is at work has renewed its lease.{LEFT_OUT[library]}"
    assert said(model) == told
    assert (model.state.left, model.state.waiting, model.state.failed) == ([], [], [])
    bob = next(c for c in model.acts() if isinstance(c, Act) and c.name == "Next step bob")
    assert bob.why_not == "queue has nothing new."


STOPPED = "Now 1 h 2 min. order-1 ran for 180 s, the time limit, and was stopped: it is "


async def test_11_rq_stops_a_long_job_which_has_failed(two: Stage, labs: Labs) -> None:
    """As measured: a lease that is renewed does not keep a job that takes too long."""
    labs.append(model := TaskLibrary())
    await press(model, "Library=RQ", "Send a job", *["Next step ann"] * 2)
    await press(model, *["A minute passes"] * 2)
    assert said(model) == "Now 2 min. Who is at work has renewed its lease."
    await press(model, "An hour passes")
    assert said(model) == f"{STOPPED}failed."
    assert (texts(model, "wip"), texts(model, "failed")) == ([], ["! order-1"])
    assert model.stage().links == (Link("wip", "failed", 1, "ZADD"),)
    assert place(model, "ann").state == "next: BLMOVE"
    assert reached(model)[-1] is False, "nobody was killed"
    await press(model, "Send a job", *["Next step ann"] * 3)
    assert said(model) == "ann packed order-2. The broker still has it in wip."


async def test_11_rq_retries_a_long_job_until_it_has_failed(two: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    await press(model, "Library=RQ + Retry", "Send a job", *["Next step ann"] * 2)
    await press(model, *["A minute passes"] * 2, "An hour passes")
    assert said(model) == f"{STOPPED}back in queue."
    for _ in range(3):
        await press(model, *["Next step ann"] * 2, "An hour passes")
    assert texts(model, "failed") == ["! order-1"]
    assert (model.state.effects, model.state.lost) == ((), [])


async def test_11_rq_says_that_a_failed_job_was_packed(two: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    await ann_is_killed(model, "RQ", 3)
    await press(model, "An hour passes")
    assert said(model) == (
        "Now 1 h. bob cleaned up at 10 min: order-1 is failed, though it was packed."
    )


async def test_11_a_third_time_is_not_twice(two: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    await press(model, "Library=Celery acks_late", "Send a job", *["Next step ann"] * 3)
    for times in ("second", "third", "4th"):
        await press(model, "Kill ann", "Start ann", "A day passes", *["Next step ann"] * 3)
        assert said(model).startswith(f"ann packed order-1 for the {times} time.")
        often = "twice" if times == "second" else "more than once"
        assert f"1 packed, 1 of them {often}, " in model.summary()


async def test_11_rq_finds_the_job_of_the_dead_and_does_not_run_it(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := TaskLibrary())
    epitaph = await ann_is_killed(model, "RQ", 2)
    assert epitaph == "ann is dead. order-1 is not packed, and stays in wip."
    assert texts(model, "wip") == ["90 s order-1"]
    await press(model, "A minute passes", "A minute passes")
    assert said(model) == (
        "Now 2 min. order-1 stays in wip. The look that finds it comes in 8 min."
    )
    await press(model, "An hour passes")
    assert said(model) == (
        "Now 1 h 2 min. bob cleaned up at 10 min: order-1 is failed, and not run."
    )
    assert (texts(model, "wip"), texts(model, "failed")) == ([], ["! order-1"])
    assert reached(model) == [False, False, False, True]


async def test_11_taskiq_claims_from_a_stream_only_after_a_new_job(
    stage: Stage, labs: Labs
) -> None:
    labs.append(model := TaskLibrary())
    await ann_is_killed(model, "taskiq stream", 1)
    await press(model, "A day passes")
    assert said(model) == (
        "Now 1 d. order-1 stays in pending. Nobody claims: taskiq does so only after a new job."
    )
    await press(model, "Send a job", *["Next step bob"] * 4)
    assert said(model) == "bob claimed order-1, idle for 1 d: XAUTOCLAIM."
    assert model.stage().links == (Link("pending", "bob", 1, "XAUTOCLAIM"),)
    await press(model, *["Next step bob"] * 3)
    assert said(model) == "bob found nothing idle for 10 min: XAUTOCLAIM."
    assert texts(model, "packed") == ["✓ order-2 by bob", "✓ order-1 by bob"]


async def test_11_a_started_process_is_another_consumer(stage: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    await press(model, "Library=streaQ", "Send a job", "Next step ann", "Kill ann", "Start ann")
    assert texts(model, "pending") == ["order-1 ann 0 s"]
    assert place(model, "ann").tokens == []
    await press(model, "A minute passes", "Next step ann")
    assert texts(model, "pending") == ["order-1 ann-2 0 s"]
    assert said(model) == "ann claimed order-1, idle for 1 min: XAUTOCLAIM."


async def test_11_another_library_finds_an_empty_broker(stage: Stage, labs: Labs) -> None:
    labs.append(model := TaskLibrary())
    for library in PROTOCOLS:
        await press(model, "Send a job", "Next step ann", "A minute passes", f"Library={library}")
        assert said(model) == f"{library}: an empty queue, and ann. The clock stands at 0 s."
        assert (model.state.sent, model.state.now, model.state.lost) == (0, 0, [])
        async with model.asker() as asker:
            keys = await asker.keys("lab:11:*")
        assert len(keys) == ("stream" in library or library == "streaQ"), "the group's stream"


@pytest.mark.parametrize("library", PROTOCOLS)
@pytest.mark.parametrize("seed", range(2))
async def test_11_no_job_is_forgotten_and_every_headline_says_something(
    two: Stage, labs: Labs, library: str, seed: int
) -> None:
    labs.append(model := TaskLibrary())
    await press(model, f"Library={library}", "Send a job")
    chosen = random.Random(f"{library} {seed}")
    for _ in range(60):
        useful = [c.name for c in model.acts() if isinstance(c, Act) and not c.why_not]
        await press(model, name := chosen.choice(useful))
        assert model.hint == "", name
        assert 0 < len(said(model)) <= 110, said(model)
        state = model.state
        jobs = {f"order-{number}" for number in range(1, state.sent + 1)}
        hands = {hold.job for hold in state.hands.values()}
        done = {effect.job for effect in state.effects}
        places = [state.waiting, state.left, state.failed, state.lost, hands, done]
        assert set().union(*places) == jobs, name
        assert not set(state.lost) & (hands | done | set(state.waiting))
        if library in ("RQ", "RQ + Retry", "Dramatiq", "taskiq stream", "streaQ"):
            assert state.lost == [], name


def test_11_times_are_told_in_two_units() -> None:
    times = (0, 45, MINUTE, 90, HOUR, HOUR + 1, DAY + HOUR + MINUTE, 2 * DAY)
    assert [span(time) for time in times] == [
        "0 s",
        "45 s",
        "1 min",
        "90 s",
        "1 h",
        "1 h 1 s",
        "1 d 1 h",
        "2 d",
    ]


async def test_no_lab_is_disturbed_by_another(stage: Stage, labs: Labs) -> None:
    line, board = Line(), Board()
    labs += [line, board]
    await press(board, "Add an order", "Take next ann")
    await press(line, "Push an order", "Kill ann")
    await press(board, "Kill ann")
    await line.close()
    await press(board, "Restart ann", "Work on it ann")
    assert board.state.done == ["1-0"]
