"""Where a program stands, and what may happen next: its lives, its broker, the time, what is left.

A situation is all that what comes next depends on, and nothing else. So two ways that lead to the
same situation have the same future, which need be explored only once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

from .brokers import Brokers, Holding, Output, Said
from .life import Arrival, Ask, Bytes, Given, Moment, Role
from .loop import BEGINNING, Clock
from .memory import Lives
from .novelty import NEW, OLD
from .program import KEEPER, OBSERVER, SENDER, WORKERS, Program
from .steps import STUCK, Event, Happened, Passed, Told

HOUR = 3600.0  # seconds that pass once nothing happens any more
SPINS = 3
"""How often a client may see the same again while others wait for their turn."""

PATIENCE, MORE_PATIENCE = 6, 36
"""How stale all is before all are at rest: while exploring, and in peace."""

STALE, HARDLY_NEW = 3, 1
"""How much staler it gets when time passes with nothing new, or with other numbers only."""


class Living(NamedTuple):
    """A life in a situation."""

    moment: Moment
    spins: int = 0  # how many of its latest steps brought nothing that was not known


@dataclass(eq=False, slots=True)
class Situation:
    """All that the future of a program depends on."""

    day: str  # explored; then, in peace: keeper, again, observer
    now: float
    holding: Holding
    living: tuple[Living, ...]
    crashes: int  # that may still happen
    losses: int
    handled: tuple[str, ...]
    doubled: tuple[str, ...]
    starts: tuple[int, ...]  # how often each worker was started
    promised: tuple[str, ...]
    news: int  # how new what anybody has learned since time passed last is
    stale: int  # how much time has passed for nothing, in a row

    def key(self) -> tuple[Any, ...]:
        """Return the same for two situations that have the same future."""
        return _parts(self)


_parts = attrgetter(*(part.name for part in fields(Situation)))


class End(NamedTuple):
    """What a schedule came to."""

    lost: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    stuck: str = ""
    endless: bool = False
    broken: bool = False
    round_of: Moment | None = None  # who goes round without end


class Choice(NamedTuple):
    """What happens next: whose step, and what becomes of it."""

    who: Role
    where: int  # among the steps of that life that wait
    fate: str  # goes, dies, dies inside, loses; where nobody chooses: begins, time, rests
    ask: Ask | None = None
    heir: str = ""  # the name under which whoever died is started again


class Move(NamedTuple):
    """One thing that may happen, and where it leads."""

    choice: Choice
    to: Situation | End
    events: tuple[Event, ...]
    given: tuple[tuple[Role, Given | None], ...]  # to whom, and what


class Went(NamedTuple):
    """What came of a step."""

    holding: Holding  # what the broker holds then
    outputs: tuple[Output, ...]
    given: Given
    arrival: Arrival
    happened: Happened


class Ends(Exception):
    """The end of a schedule before its time."""

    def __init__(self, stuck: str, moment: Moment | None = None) -> None:
        super().__init__(stuck)
        self.moment = moment


BEGIN, TIME, REST = [
    Choice(Role("(time)", "", 0, 0), 0, fate) for fate in ("begins", "time", "rests")
]


@dataclass
class World:
    """A program, with the memory of what its lives and its broker did.

    Where it does not `recognise`, it takes nothing for what it has seen before.
    """

    program: Program
    clock: Clock = field(default_factory=Clock)
    recognise: bool = True

    def __post_init__(self) -> None:
        self.lives = Lives(self.program, self.clock, self.recognise)
        self.brokers = Brokers(self.clock, self.recognise)
        self.went: dict[tuple[Any, ...], Went] = {}  # by all that a step depends on

    def close(self) -> None:
        """End everything. What was found is untied, so that it goes without a collection."""
        self.lives.close()
        self.brokers.close()
        self.went.clear()

    def begin(self) -> Move:
        """Return where everything begins."""
        program = self.program
        situation = Situation(
            day="explored",
            now=BEGINNING,
            holding=self.brokers.first(program.given),
            living=(),
            crashes=program.crashes,
            losses=program.lost_replies,
            handled=(),
            doubled=(),
            starts=(0,) * program.workers,
            promised=(),
            news=OLD,
            stale=0,
        )
        return _Scene(self, situation).move(BEGIN)

    def moves(self, situation: Situation) -> list[Move]:
        """List where all that may happen leads; in peace that is one thing."""
        return [self.move(situation, choice) for choice in self.choices(situation)]

    def move(self, situation: Situation, choice: Choice) -> Move:
        """Let one of the things that may happen do so; return where that leads."""
        return _Scene(self, situation).move(choice)

    def choices(self, situation: Situation) -> list[Choice]:
        """List what may happen, before any of it does; always in the same sequence."""
        waiting = [life for life in situation.living if life.moment.asks]
        fresh = [life for life in waiting if life.spins < SPINS]
        ends = self.next_timer(situation) is None
        if not waiting or not (fresh or ends):  # all go round: time must pass
            return [REST if ends or self._at_rest(situation) else TIME]
        fresh = fresh or waiting[:1]
        goes = [choice for life in fresh for choice in _steps(life.moment)]
        if situation.day != "explored":
            return goes[:1]
        return [*goes, *(c for life in fresh for c in self._accidents(situation, life.moment))]

    def _accidents(self, situation: Situation, moment: Moment) -> Iterator[Choice]:
        first = moment.asks[0]
        if situation.crashes and moment.role.mortal and moment.taken:
            for fate in ("dies", "dies inside") if first.handles else ("dies",):
                for heir in self._heirs(situation, moment.role):
                    yield Choice(moment.role, 0, fate, first, heir)
        if situation.losses:
            for where, ask in enumerate(moment.asks):
                if not ask.handles:
                    yield Choice(moment.role, where, "loses", ask)

    def _heirs(self, situation: Situation, role: Role) -> list[str]:
        """List under which names whoever dies is started again: its own, and one that is new."""
        if situation.starts[WORKERS.index(role.name)] >= self.program.lives:
            return [""]
        return [role.name, *WORKERS[len(situation.starts) :][:1]]

    def _at_rest(self, situation: Situation) -> bool:
        """Tell whether those who go on only ask the same again and again, as time passes."""
        patience = PATIENCE if situation.day == "explored" else MORE_PATIENCE
        return situation.stale >= patience and all(
            life.moment.reads or life.moment.asked_again
            for life in situation.living
            if not life.moment.done
        )

    def next_timer(self, situation: Situation) -> float | None:
        """Return when somebody goes on without being given a turn."""
        timers = [life.moment.timer for life in situation.living]
        return min((t for t in (*timers, situation.holding.timer) if t is not None), default=None)


def _steps(moment: Moment) -> list[Choice]:
    return [Choice(moment.role, n, "goes", ask) for n, ask in enumerate(moment.asks)]


class _Scene(Situation):
    """A situation while something happens in it."""

    def __init__(self, world: World, situation: Situation) -> None:
        super().__init__(*_parts(situation))
        self.world, self.program = world, world.program
        self.events: list[Event] = []
        self.given: list[tuple[Role, Given | None]] = []
        self.result: Any = None

    def move(self, choice: Choice) -> Move:
        """Let something happen; return where that leads."""
        try:
            end = getattr(self, ACTS[choice.fate])(choice) or self._observed()
            to: Situation | End = end or Situation(*_parts(self))
        except Ends as ends:
            self.events.append(Told(STUCK, str(ends)))
            to = self._end(str(ends), ends.moment)
        return Move(choice, to, tuple(self.events), tuple(self.given))

    def begin(self, choice: Choice) -> None:
        """Start the sender and the workers."""
        self._start(Role(SENDER, "send", 1, self.now))
        for name in self.program.names:
            self._hire(name)

    def go(self, choice: Choice) -> None:
        """Let a step have its turn."""
        life, ask = self._life(choice.who), choice.ask
        assert ask, "it is a step that goes"
        anew = ask.handles and self._note_handled(ask.commands[0][1])
        self.losses -= choice.fate == "loses"
        step = (life.moment, choice.where, choice.fate, anew, self.holding, self.now)
        went = self.world.went.get(step)
        if went is None:
            went = self.world.went[step] = self._went(life.moment, choice, ask, anew)
        self.holding = went.holding
        self.events.append(went.happened)
        self._note_arrival(life, went.given, went.arrival)
        self._tell_others(choice.who, went.outputs)

    def _went(self, moment: Moment, choice: Choice, ask: Ask, anew: bool) -> Went:
        """Find out what comes of a step."""
        outputs: tuple[Output, ...] = ()
        if not ask.handles:
            connection = ((choice.who, ask.connection),)
            greeting = moment.greetings[ask.connection]
            outputs = self._say(Said("command", self.now, connection, greeting, ask.data))
        given = Given(choice.fate, self.now, choice.where, _of(choice.who, outputs), anew)
        after = self.world.lives.then(moment, given)
        happened = Happened(choice.who.name, ask, choice.fate, after.answered, after.answer)
        return Went(self.holding, outputs, given, after, happened)

    def die(self, choice: Choice) -> None:
        """End a worker as a power cut does, and start it again."""
        assert choice.ask, "it dies at a step"
        self.crashes -= 1
        self.events.append(Happened(choice.who.name, choice.ask, choice.fate))
        self._bury(self._life(choice.who))
        if choice.heir:
            self._hire_again(choice.who.name, choice.heir)

    def pass_time(self, choice: Choice, seconds: float = 0.0) -> None:
        """Let time pass: so much, or until something happens."""
        timer = self.world.next_timer(self)
        until = self.now + seconds if seconds else max(self.now, timer or self.now)
        self.stale = self._staler()
        self.news = OLD
        self.living = _unspun(self.living)
        if until > self.now:
            self.events.append(Passed(until - self.now))
        self.now = until
        if self.holding.timer is not None and self.holding.timer <= until:
            self._tell_others(None, self._say(Said("time", until)))
        for life in self.living:
            due = self._current(life)
            if due and due.moment.timer is not None and due.moment.timer <= until:
                self._give(due, Given("time", until))

    def _staler(self) -> int:
        if self.news == NEW:
            return 0
        explored = self.day == "explored"
        return self.stale + (HARDLY_NEW if self.news and explored else STALE)

    def rest(self, choice: Choice) -> End | None:
        """Go on to the next day, in which only one thing is tried; or come to the end."""
        day = self.day
        if day == "explored":
            self.pass_time(choice, HOUR)
            if self.program.rescue:
                self._new_day("keeper", Role(KEEPER, "rescue", 1, self.now))
                return None
        if day in ("explored", "keeper"):
            self._must_be_done(KEEPER)
            self._new_day("again")
            return None
        if day == "again":
            self._must_be_done(SENDER)
            if self.program.holds:
                self._new_day("observer", Role(OBSERVER, "holds", 1, self.now))
                return None
        else:
            self._must_be_done(OBSERVER)
        return self._end()

    def _new_day(self, day: str, starts: Role | None = None) -> None:
        self.day, self.news, self.stale = day, OLD, 0
        anew = self.world.lives.anew  # whoever begins anew may ask the same again
        self.living = tuple([Living(anew(life.moment)) for life in self.living])
        if starts:
            self._start(starts)
        if day == "again":
            there = {life.moment.role.name for life in self.living if not life.moment.done}
            for name in WORKERS[: len(self.starts)]:
                if name not in there:
                    self._hire(name)

    def _observed(self) -> End | None:
        if self.day == "observer" and self._find(OBSERVER) is None:
            return self._end(broken=not self.result)
        return None

    def _must_be_done(self, name: str) -> None:
        life = self._find(name)
        if life and not life.moment.done:
            raise Ends(f"{name} waits for ever")

    def _end(self, stuck: str = "", moment: Moment | None = None, broken: bool = False) -> End:
        promised = self.promised
        if sender := self._find(SENDER):
            promised = sender.moment.promised
        lost = () if self.program.holds else tuple(j for j in promised if j not in self.handled)
        sequence = self.handled if self.program.in_sequence else ()
        return End(lost, self.doubled, sequence, stuck, moment is not None, broken, moment)

    def _note_handled(self, job: str) -> bool:
        """Note that a job was handled; return whether it was for the first time."""
        if job in self.handled:
            self.doubled = tuple(sorted({*self.doubled, job}))
            return False
        self.handled = (*self.handled, job)
        if not self.program.in_sequence:
            self.handled = tuple(sorted(self.handled))
        return True

    def _say(self, said: Said) -> tuple[Output, ...]:
        self.holding, outputs = self.world.brokers.then(self.holding, said)
        return outputs

    def _tell_others(self, who: Role | None, outputs: tuple[Output, ...]) -> None:
        if not outputs or all(whose is who for (whose, _), _ in outputs):
            return
        for life in self.living:
            role = life.moment.role
            if role != who and (heard := _of(role, outputs)) and (current := self._current(life)):
                self._give(current, Given("hears", self.now, 0, heard))

    def _give(self, life: Living, given: Given) -> None:
        """Give something to a life, and see to what comes of it."""
        self._note_arrival(life, given, self.world.lives.then(life.moment, given))

    def _note_arrival(self, life: Living, given: Given, arrival: Arrival) -> None:
        self.given.append((life.moment.role, given))
        spins = 0 if arrival.news else min(SPINS, life.spins + arrival.replied)
        self._arrive(arrival, spins, self.living.index(life))

    def _arrive(self, arrival: Arrival, spins: int, place: int) -> None:
        moment = arrival.at
        role = moment.role
        living = (*self.living[:place], Living(moment, spins), *self.living[place + 1 :])
        self.living = _unspun(living) if arrival.news else living
        self.news = max(self.news, arrival.news)
        if arrival.told:
            self.events += [Told(role.name, what) for what in arrival.told]
        if moment.goes_round:
            raise Ends("it goes round without end", moment)
        if arrival.closed:
            self._hang_up(role, arrival.closed)
        if moment.failed and role.mortal and moment.done:
            self._bury(self._life(role))
            if self.starts[WORKERS.index(role.name)] < self.program.lives:
                self._hire_again(role.name, role.name)
        elif moment.over:
            self._leave(moment)

    def _leave(self, moment: Moment) -> None:
        """Forget whoever has finished; what came of it stays."""
        if moment.role.act == "send":
            self.promised = moment.promised
        if moment.role.act == "holds":
            self.result = moment.result
        self._bury(self._life(moment.role))

    def _bury(self, life: Living) -> None:
        self.living = tuple([other for other in self.living if other is not life])
        self._hang_up(life.moment.role, tuple(range(len(life.moment.greetings))))

    def _hang_up(self, role: Role, numbers: tuple[int, ...]) -> None:
        known = [(role, n) for n in numbers if (role, n) in self.holding.connections]
        if known:
            outputs = self._say(Said("closed", self.now, tuple(known)))
            self._tell_others(role, outputs)

    def _hire(self, name: str) -> None:
        place = WORKERS.index(name)
        starts = [*self.starts, *[0] * (place + 1 - len(self.starts))]
        starts[place] += 1
        self.starts = tuple(starts)
        self._start(Role(name, "work", starts[place], self.now))

    def _hire_again(self, name: str, heir: str) -> None:
        again = "is started again" if heir == name else f"starts in the place of {name}"
        self.events.append(Told(heir, again))
        self._hire(heir)

    def _start(self, role: Role) -> None:
        arrival = self.world.lives.first(role)
        self.given.append((role, None))
        self.living += (Living(arrival.at),)
        self._arrive(arrival, 0, len(self.living) - 1)

    def _life(self, role: Role) -> Living:
        return next(
            life for life in self.living if life.moment.role is role or life.moment.role == role
        )

    def _current(self, life: Living) -> Living | None:
        """Return where a life stands now, which may have come further meanwhile, or None."""
        role = life.moment.role
        return next((life for life in self.living if life.moment.role == role), None)

    def _find(self, name: str) -> Living | None:
        return next((life for life in self.living if life.moment.role.name == name), None)


ACTS = {
    "begins": "begin",
    "goes": "go",
    "loses": "go",
    "dies": "die",
    "dies inside": "die",
    "time": "pass_time",
    "rests": "rest",
}


def _unspun(living: tuple[Living, ...]) -> tuple[Living, ...]:
    return tuple([Living(life.moment) if life.spins else life for life in living])


def _of(role: Role, outputs: tuple[Output, ...]) -> Bytes:
    return tuple([(number, data) for (whose, number), data in outputs if whose == role])
