"""Lab 4: workers who wait in line at a queue, and die with a job in their hands."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redis.asyncio import Redis

from ...labs.acts import Act, Choice, Control, Finding, Goal
from ...labs.model import Lab
from ...stage.model import Link, Place, Stage, Token
from ...waiting import until

WORKERS = ("ann", "bob", "carol")
OWN_LISTS = [f"orders:{name}" for name in WORKERS]
COMMANDS = ("BLPOP", "BLMOVE")
ORDINALS = ("1st", "2nd", "3rd")
SWITCHED = {
    "BLPOP": "BLPOP keeps no copy.",
    "BLMOVE": "With BLMOVE each worker has its own list.",
}
ENOUGH = 40  # orders; then it no longer goes on by itself
NOBODY_DEAD = "Nobody is dead: there is nothing to sweep."
SWITCH = "Switch to BLMOVE, and let a worker take an order"
REMOVE = "Finish an order taken with BLMOVE: watch LREM"
QUESTION = (
    "ann took an order with BLMOVE, packed it, and died before LREM. "
    "What happens to the order at the next sweep?"
)
ANSWERS = {
    "It returns to the queue, and somebody packs it again.": (
        "A list of one's own loses nothing, at the price of a duplicate now and then: whoever "
        "packs must notice an order that was packed before."
    ),
    "Nothing: a sweep skips what is packed already.": (
        "The sweeper moves whatever lies in a list of the dead. It does not look into packed."
    ),
    "It is removed from the list, as it is in packed.": (
        "Only LREM removes it, and ann died before that. LMOVE takes it from the list and puts it "
        "into the queue in one step."
    ),
}


Way = tuple[str, str]
"""From which place to which an order has gone."""


@dataclass(frozen=True)
class State:
    """Where every order is: what the broker holds, and what the workers have in hand."""

    sent: tuple[str, ...] = ()
    queue: list[str] = field(default_factory=list)
    own: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in WORKERS})
    packed: list[str] = field(default_factory=list)
    hands: dict[str, str] = field(default_factory=dict)
    line: dict[str, str] = field(default_factory=dict)  # who waits, in this order, and how
    dead: frozenset[str] = frozenset()
    command: str = COMMANDS[0]
    taken_with: dict[str, str] = field(default_factory=dict)
    swept: tuple[str, ...] = ()
    went: dict[Way, int] = field(default_factory=dict)  # orders so far

    @property
    def lost(self) -> list[str]:
        """List the orders that are neither in the broker nor with a living worker."""
        places = [self.queue, self.packed, self.hands.values(), *self.own.values()]
        somewhere = {order for place in places for order in place}
        return [order for order in self.sent if order not in somewhere]

    def lost_with(self, command: str) -> int:
        """Count the lost orders that were taken with this command."""
        return sum(self.taken_with.get(order) == command for order in self.lost)

    @property
    def has_moved(self) -> bool:
        """Tell whether somebody has taken an order with BLMOVE."""
        return any(end in OWN_LISTS for _, end in self.went)

    @property
    def at_risk(self) -> int:
        """Count the orders that only a worker has."""
        return len(self.hands) - self.copies

    @property
    def kept(self) -> list[str]:
        """List what lies in the lists of the dead."""
        return [order for name in sorted(self.dead) for order in self.own[name]]

    @property
    def copies(self) -> int:
        """Count the orders in hand that are in the worker's list as well."""
        return sum(order in self.own[name] for name, order in self.hands.items())


class Line(Lab):
    """A lab: push orders to workers who wait, and kill one in the middle of a job.

    Follows https://redis.io/docs/latest/commands/blpop/ and
    https://redis.io/docs/latest/commands/blmove/
    """

    number = 4
    title = "Workers who wait in line"
    command = COMMANDS[0]
    state: State

    def begin(self) -> None:
        self.command = COMMANDS[0]
        self.state = State()
        self.headline = "Three workers share one queue. Push the first order."
        self._sent: list[str] = []
        self._hands: dict[str, str] = {}
        self._line: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._dead: set[str] = set()
        self._taken_with: dict[str, str] = {}
        self._swept: list[str] = []
        self._went: Counter[Way] = Counter()

    def acts(self) -> list[Control]:
        push = Act("Push an order", self.push, "shop", spoken="Push an order")
        take_with = Choice("Take with", "command", COMMANDS, self.switch)
        workers = [act for name in WORKERS for act in self._acts_of(name)]
        why_not = "" if self.state.dead else NOBODY_DEAD
        sweep = Act("Sweep", self.sweep, "sweeper", spoken="Sweep", why_not=why_not)
        return [take_with, push, *workers, sweep]

    def _acts_of(self, name: str) -> Iterator[Act]:
        dead, idle = name in self.state.dead, name not in self.state.hands
        killed, alive = f"{name} is dead already." * dead, f"{name} is alive." * (not dead)
        no_job = f"{name} has no job to finish." * idle
        yield Act("Finish", partial(self.finish, name), name, why_not=no_job)
        yield Act("Kill", partial(self.kill, name), name, danger=True, why_not=killed)
        yield Act("Restart", partial(self.restart, name), name, why_not=alive)

    async def open(self) -> None:
        for name in WORKERS:
            await self._get_in_line(name)

    async def push(self) -> None:
        """Push the next order."""
        order = f"order-{len(self._sent) + 1}"
        waited = len(self._line)
        self._sent.append(order)
        self._went["shop", "orders"] += 1
        await self.client("shop").rpush(self.key("orders"), order)
        await self._settle()
        self.headline = f"{order} {self._whereabouts(order, waited)}."

    async def finish(self, name: str) -> None:
        """Let a worker pack its order, acknowledge it, and get in line again."""
        order, client = self._hands.pop(name), self.client(name)
        has_copy = order in self.state.own[name]
        await client.rpush(self.key("packed"), order)
        self._went[name, "packed"] += 1
        if has_copy:
            await client.lrem(self._own(name), 1, order)
        await self._get_in_line(name)
        removed = f", then LREM removed it from orders:{name}" * has_copy
        waits, where = ("", "there") if has_copy else (" and got in line", f"in orders:{name}")
        self.headline = f"{name} packed {order}{removed}{self._goes_on(name, waits, where)}."

    async def kill(self, name: str) -> None:
        """Kill a worker; what it only had in memory is gone."""
        await self._leave_line(name)
        await self.drop(name)
        self.headline = self._epitaph(name, self._hands.pop(name, ""))
        self._dead.add(name)

    def _epitaph(self, name: str, order: str) -> str:
        if not order:
            return f"{name} died in line. No order was in its hands, so none is lost."
        if order in self.state.own[name]:
            return f"{name} died, and {order} is still in the list orders:{name}."
        return f"{order} died with {name}: nobody has it."

    async def restart(self, name: str) -> None:
        """Start a worker again; it gets in line behind the others."""
        self._dead.discard(name)
        await self._get_in_line(name)
        left = " and ".join(self.state.own[name])
        still = f" {left} still in orders:{name}." * bool(left)
        goes_on = self._goes_on(name, " in line", f"in orders:{name}")
        self.headline = f"{name} is back{goes_on}.{still}"

    async def sweep(self) -> None:
        """Bring what lies in the lists of the dead back to the front of the queue."""
        swept: dict[str, str] = {}  # the list of each order
        for name in sorted(self._dead):
            orders = self._own(name), self.key("orders"), "RIGHT", "LEFT"
            while order := await self.client("sweeper").lmove(*orders):
                swept[str(order)] = f"orders:{name}"
                self._went[f"orders:{name}", "orders"] += 1
                await self._settle()
        self._swept += swept
        self.headline = f"Swept: {self._told_of(swept)}"

    def _told_of(self, swept: dict[str, str]) -> str:
        """Say what a sweep has brought back, and who has taken it."""
        if not swept:
            return "the lists of the dead are empty."
        lists = " and ".join(dict.fromkeys(swept.values()))
        what = next(iter(swept)) if len(swept) == 1 else f"{len(swept)} orders"
        took = [f"{name} took {order}" for name, order in self._hands.items() if order in swept]
        who = ", ".join(took) or "Nobody is free to take"
        return f"{what} went from {lists} back to the queue. {who}."

    def _whereabouts(self, order: str, waited: int) -> str:
        for name, held in self._hands.items():
            if held == order:
                why = "who had waited longest" if waited > 1 else "the only one in line"
                copy = f"; BLMOVE left a copy in orders:{name}" * (self._took(name) == "BLMOVE")
                return f"went to {name}, {why}{copy}"
        return "waits in the queue, because nobody is free"

    def _goes_on(self, name: str, waits: str, where: str) -> str:
        """Say what a worker has taken, and where the copy is; `waits` if it has nothing yet."""
        if name not in self._hands:
            return waits
        command = self._took(name)
        copy = f" and left a copy {where}" * (command == "BLMOVE")
        return f". {command} handed {name} {self._hands[name]}{copy}"

    def _took(self, name: str) -> str:
        """Return the command with which a worker took what it has in hand."""
        return self._taken_with[self._hands[name]]

    async def switch(self) -> None:
        """Let those who wait get in line again, in the same order, with the other command."""
        for name, (command, _) in list(self._line.items()):
            if command != self.command:
                await self._leave_line(name)
                await self.drop(name)
                await self._get_in_line(name)
        self.headline = (
            f"{SWITCHED[self.command]} Waiting workers use it now, busy ones from the next order."
        )

    async def _get_in_line(self, name: str) -> None:
        self._line[name] = self.command, self.start(self._wait(name, self.command))
        await self._settle()

    async def _leave_line(self, name: str) -> None:
        if name in self._line:
            _, task = self._line.pop(name)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _wait(self, name: str, command: str) -> None:
        client, orders = self.client(name), self.key("orders")
        reply: Any
        if command == "BLPOP":
            reply = await client.blpop(orders)
        else:
            reply = [orders, await client.blmove(orders, self._own(name), 0, "LEFT", "RIGHT")]
        self._hands[name] = reply[1]
        self._went["orders", name] += 1
        if command == "BLMOVE":
            self._went["orders", f"orders:{name}"] += 1
        self._taken_with[reply[1]] = command

    async def _settle(self) -> None:
        """Return once each worker in line is blocked, as the broker says, or has its order."""
        async with self.asker() as asker:

            async def all_are_served_or_wait() -> bool:
                blocked = {c["name"] for c in await asker.client_list() if "b" in c["flags"]}
                for name in [name for name, (_, task) in self._line.items() if task.done()]:
                    self._line.pop(name)
                return all(self.named(name) in blocked for name in self._line)

            await until(all_are_served_or_wait, 5, lambda: "the workers to take or to wait")

    def _own(self, name: str) -> str:
        return self.key(f"orders:{name}")

    async def look(self) -> None:
        async with self.asker() as asker:
            self.state = State(
                sent=tuple(self._sent),
                queue=await _elements(asker, self.key("orders")),
                own={name: await _elements(asker, self._own(name)) for name in WORKERS},
                packed=await _elements(asker, self.key("packed")),
                hands=dict(self._hands),
                line={name: command for name, (command, _) in self._line.items()},
                dead=frozenset(self._dead),
                command=self.command,
                taken_with=dict(self._taken_with),
                swept=tuple(self._swept),
                went=dict(self._went),
            )

    def stage(self) -> Stage:
        state = self.state
        lost = [Token(order, order, "lost") for order in state.lost]
        empty = "" if state.queue else "empty"
        places = [
            Place("shop", "client", "sends"),
            Place("sweeper", "client", "sends", note="sweeps the lists of the dead"),
            Place("orders", "list", "broker", _held(state.queue), "the queue", empty),
            *self._own_lists(),
            Place("packed", "list", "broker", [Token(o, o, "done") for o in state.packed]),
            *(Place(name, "client", "receives", **self._worker(name)) for name in WORKERS),
            Place("lost", "outcome", "after", lost),
        ]
        return Stage(self.title, places, list(self._links()))

    def _links(self) -> Iterator[Link]:
        """Join the queue with who waits at it, and each place with where its orders went."""
        state = self.state
        for name, command in state.line.items():
            yield Link("orders", name, words=f"waits with {command}")
        # What is new is seen to come along the last link to its place: to the queue from the shop.
        for start, end in sorted(state.went, key=lambda way: way[0] not in OWN_LISTS):
            if end not in state.line:
                yield Link(start, end, state.went[start, end], state.hands.get(end, ""))

    def _own_lists(self) -> Iterator[Place]:
        for name in WORKERS:
            is_used = self.state.own[name] or ("orders", f"orders:{name}") in self.state.went
            if self.state.command == "BLMOVE" or is_used:
                yield Place(f"orders:{name}", "list", "broker", _held(self.state.own[name]))

    def _worker(self, name: str) -> dict[str, Any]:
        """Return what a worker has and does: what is in its own list as well is a copy in hand."""
        order = self.state.hands.get(name)
        copy = f"→{name}" if order in self.state.own[name] else ""
        hand = [Token(order + copy, order, "hand")] if order else []
        return {"tokens": hand, "state": self._is(name)}

    def _is(self, name: str) -> str:
        state = self.state
        if name in state.dead:
            return "dead"
        if name in state.line:
            return f"waits, {ORDINALS[list(state.line).index(name)]} in line"
        if name in state.hands:
            return f"works, took with {state.taken_with[state.hands[name]]}"
        return "starts with the first press"

    def goals(self) -> list[Goal]:
        state, push = self.state, "Push an order"
        safe = state.swept and not set(state.swept) & set(state.lost)
        to_sweep = "Sweep" if state.kept else self._way_to("Kill", "BLMOVE")
        return [
            Goal("Push four orders for three workers", len(state.sent) > 3, push),
            Goal(
                "Kill a worker at work: its order is lost",
                bool(state.lost),
                self._way_to("Kill", "BLPOP"),
            ),
            Goal(SWITCH, state.has_moved, self._way_to("Kill", "BLMOVE")),
            Goal("Kill that worker, then sweep: the order is back", bool(safe), to_sweep),
            Goal(REMOVE, self._has_removed(), self._way_to("Finish", "BLMOVE")),
        ]

    def _has_removed(self) -> bool:
        """Tell whether an order that was taken with BLMOVE is packed, and off its worker's list."""
        return any(self.state.taken_with.get(order) == "BLMOVE" for order in self.state.packed)

    def _way_to(self, then: str, command: str) -> str:
        """Name the act that leads to a worker who took with a command, and `then` do this to it."""
        state, has_copy = self.state, command == "BLMOVE"
        took = [
            name for name, order in state.hands.items() if has_copy == (order in state.own[name])
        ]
        if took:
            return f"{then} {took[0]}"
        if state.command != command:
            return "Take with"
        if state.line:
            return "Push an order"
        can_restart = state.dead and then == "Finish"
        return f"Restart {min(state.dead)}" if can_restart else self._busy()

    def _busy(self) -> str:
        """Name the act that lets somebody who works get in line again."""
        return next((f"Finish {name}" for name in self.state.hands), f"Restart {WORKERS[0]}")

    def finding(self) -> Finding:
        before, now = map(self.state.lost_with, COMMANDS)
        risk = f", {self.state.at_risk} at risk" if self.state.at_risk else ""
        number = f"BLPOP: {before} lost{risk}. BLMOVE: {now} lost."
        return Finding(number, QUESTION, ANSWERS)

    def next_act(self) -> str:
        """Push while fewer than two work, else let the one finish who began first."""
        state = self.state
        if len(state.sent) >= ENOUGH or len(state.dead) == len(WORKERS):
            return ""
        return f"Finish {next(iter(state.hands))}" if len(state.hands) > 1 else "Push an order"

    def summary(self) -> str:
        state = self.state
        if not state.sent:
            return "Pushed 0: the queue is empty."
        copies, in_lists = state.copies, sum(map(len, state.own.values()))
        also = f" ({copies} also in the worker's own list)" if copies else ""
        counts = {
            "in the queue": len(state.queue),
            f"in hand{also}": len(state.hands),
            "only in a worker's list": in_lists - copies,
            "packed": len(state.packed),
            "lost": len(state.lost),
        }
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"Pushed {len(state.sent)}: {told}."


def _held(orders: list[str]) -> list[Token]:
    return [Token(order, order) for order in orders]


async def _elements(asker: Redis, key: str) -> Any:
    return await asker.lrange(key, 0, -1)


LAB = Line
