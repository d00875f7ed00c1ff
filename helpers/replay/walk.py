"""Go through a record event by event, and note after each one what is where.

What holds the lists, the streams and the groups is what `flow()` has as well: `helpers.record`
follows them. Here is what it does not need: in whose hands a message is, and which connections are
no more.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from heapq import merge

from embedded_redis import matches

from ..record import STRANGER, Command, Delivery, Record, Step, Waiting, printable, tell
from ..record.database import Act, Database
from ..record.garbage import uncollected
from ..record.holdings import Holdings
from ..record.story import Telling, acts_of
from ..record.stream_words import full
from ..record.traffic import Closing
from .beats import CHANNEL, CLIENT, KEY, PATTERN, Beat, Copy, End, GroupState, Heard, Key, Move
from .brought import (
    MOVES,
    elements_in,
    entries_in,
    entry_text,
    given_to_group,
    put_into,
    with_identities,
)
from .endings import answered_later, closings_of

KEPT = 8
"""So many copies are kept in each client's hands, the latest."""


def beats_of(record: Record, since: int = 0) -> list[Beat]:
    """Return what was where after each event of a record, from the event of this order on."""
    with uncollected():
        return list(Walk(record, since).beats())


class Walk:
    """A way through one record."""

    def __init__(self, record: Record, since: int) -> None:
        self._record, self._since = record, since
        self._told = {step.command.order: step for step in tell(record)}
        self._telling = Telling()
        self._waits: list[tuple[int, Step]] = []  # database and step
        self._texts: dict[tuple[Key, str], str] = {}
        self._hands: dict[str, deque[Copy]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._handed: Counter[str] = Counter()
        self._open: dict[int, str] = {}  # clients, by connection
        self._gone: set[int] = set()
        self._moves: list[Move] = []
        self._unheard = ("", "")
        self._answered_later = answered_later(record)
        self._targets: set[Key] = set()  # of what cannot be followed
        self._killed, self._closings = closings_of(record)

    def beats(self) -> Iterator[Beat]:
        """Give the events from the chosen one on."""
        steps = self._telling.begin([with_identities(c) for c in self._record.commands])
        acts = deque(acts_of(steps))
        others = deque(self._others())
        for step in steps:
            now = step.command.order
            yield from self._meanwhile(others, now)
            self._open.setdefault(step.command.connection, step.command.client)
            if acts and acts[0].steps[-1] is step:
                self._carry_out(acts.popleft())
                for closing in self._killed.get(now, ()):
                    self._close(closing.connection)
            yield from self._beat(now, step.command.client, self._told[now])
        yield from self._meanwhile(others, None)

    def _others(self) -> Iterator[Step | Closing]:
        """Give what happened beside the commands, in sequence."""
        strange = [s for s in self._told.values() if s.command.client == STRANGER]
        return merge(strange, self._closings, key=_order)

    def _meanwhile(self, others: deque[Step | Closing], until: int | None) -> Iterator[Beat]:
        """Give what happened before a command was sent, or before the end of the record."""
        over = [step for _, step in self._waits if _is_before(step.command.ended, until)]
        events: list[Step | Closing] = sorted(over, key=_end)
        beside = []
        while others and _is_before(_order(others[0]), until):
            beside.append(others.popleft())
        for event in sorted([*events, *beside], key=lambda e: _end(e) if e in over else _order(e)):
            if isinstance(event, Closing):
                yield from self._closed(event)
            elif event in over:
                yield from self._gave_up(event)
            else:
                self._publish(event)
                yield from self._beat(event.command.order, STRANGER, event)

    def _closed(self, closing: Closing) -> Iterator[Beat]:
        if closing.connection in self._open and closing.connection not in self._gone:
            self._close(closing.connection)
            yield from self._beat(closing.order, closing.client, words="connection closed")

    def _close(self, connection: int) -> None:
        self._gone.add(connection)
        self._telling.messages.end(connection)
        self._waits = [w for w in self._waits if w[1].command.connection != connection]

    def _gave_up(self, step: Step) -> Iterator[Beat]:
        """End a wait that nobody in the record ended."""
        command = step.command
        waits = [(number, s) for number, s in self._waits if s is step]
        if not waits:  # its connection was closed just before
            return
        self._waits.remove(waits[0])
        if command.lost:
            self._close(command.connection)
        self._hand_over(step, waits[0][0], [])
        words = f"{command.name} no longer waits: {_outcome(command)}"
        yield from self._beat(command.ended, command.client, words=words)

    # What the commands did.

    def _carry_out(self, act: Act) -> None:
        acknowledged = list(self._acknowledged(act))
        before = [step for database in self._databases() for step in database.waiting]
        number = self._telling.carry_out(act)
        database = self._telling.databases[number]
        taken = [(m.key, e) for m in database.held.moves if not m.came for e in m.what]
        for step in act.steps:
            self._note(step, number, act.certain)
        for step in act.steps:
            if self._has_waited(step):
                self._waits.append((number, step))
            elif act.certain:
                self._hand_over(step, number, taken)
        for step in [s for s in before if s not in database.waiting]:
            self._serve(step, number, taken)
        for copy, client in acknowledged:
            self._put(client, copy)

    def _databases(self) -> Iterable[Database]:
        return self._telling.databases.values()

    def _serve(self, step: Step, number: int, taken: list[tuple[str, str]]) -> None:
        """End a wait in this database that an act has ended."""
        if (number, step) in self._waits:
            self._waits.remove((number, step))
            self._hand_over(step, number, taken)

    def _has_waited(self, step: Step) -> bool:
        """Tell whether a command waited; one that fails did if a later one was answered before."""
        command = step.command
        if isinstance(step.reply, Exception) and not step.queued:
            is_blocking = Waiting(command.client, command.words).is_blocked
            return is_blocking and self._answered_later[command.order] < command.ended
        return step.waited and self._told[command.order].waited

    def _acknowledged(self, act: Act) -> Iterator[tuple[Copy, str]]:
        """Give the entries that an act acknowledges, each with the consumer who holds it."""
        for command in (step.command for step in act.steps):
            if command.name != "XACK" or isinstance(command.reply, Exception):
                continue
            number, (stream, name) = self._number_of(command), command.words[1:3]
            group = self._telling.databases[number].held.groups.get((stream, name))
            for entry in map(full, command.words[3:]):
                if group and (consumer := group.pending.get(entry)):
                    yield self._entry((number, stream), entry, pending_in(stream, name)), consumer

    def _note(self, step: Step, number: int, certain: bool) -> None:
        """Take over what a command put somewhere or published; an uncertain one may have moved."""
        command = step.command
        if not certain:
            if command.name in MOVES:
                self._targets.add((number, command.words[2]))
            return
        for key, count in put_into(command, step.reply):
            self._moves.append(Move(client(command), (KEY, (number, key)), count))
        if command.name == "XADD" and isinstance(step.reply, str):
            self._texts[(number, command.words[1]), step.reply] = entry_text(command)
        if command.name in ("RENAME", "RENAMENX") and not isinstance(step.reply, Exception):
            self._targets.add((number, command.words[2]))
        if command.name in ("PUBLISH", "SPUBLISH") and isinstance(step.reply, int):
            self._publish(self._told[command.order])

    def _hand_over(self, step: Step, number: int, taken: list[tuple[str, str]]) -> None:
        """Give a client what it was answered with."""
        command, reply = step.command, step.reply
        for key, text in elements_in(command, reply):
            element = next((e for k, e in taken if k == key and e == text), text)
            if (key, element) in taken:
                taken.remove((key, element))
            self._hand_element(command, (number, key), element)
        for stream, entry in entries_in(command, reply):
            copy = self._entry((number, stream), entry, f"to {command.client}")
            self._receive(command.client, copy)
        for stream, consumer, count in given_to_group(command, reply):
            self._moves.append(Move((KEY, (number, stream)), (CLIENT, consumer), count))

    def _hand_element(self, command: Command, key: Key, element: str) -> None:
        identity = getattr(element, "identity", f"{key[1]}.{command.order}.{element}")
        if command.name in MOVES:
            names = command.words[2]
            self._moves.append(Move((KEY, key), (KEY, (key[0], names))))
            identity += f" to {command.client} by {command.order}"
        self._receive(command.client, Copy(identity, str(element), (KEY, key)))

    def _entry(self, where: Key, entry: str, way: str) -> Copy:
        text = self._texts.get((where, entry), entry)
        return Copy(f"{where[1]}.{entry} {way}", text, (KEY, where))

    def _publish(self, step: Step) -> None:
        """Give a message to each who listens; those who have not read it yet are known too."""
        command = step.command
        _, channel, text = command.words
        self._moves.append(Move(client(command), (CHANNEL, channel)))
        read = deque(step.deliveries)
        listeners = [] if command.client == STRANGER else list(self._hearing(command, channel))
        for (kind, name), connection in listeners:
            receiver = self._open.get(connection, "")
            found = _first(read, receiver, kind, name)
            self._hear(command.order, receiver, (kind, name), text, connection, found)
        for delivery in read:
            heard = delivery.kind, delivery.pattern or delivery.source
            self._hear(command.order, delivery.receiver, heard, text, delivery.seen, True)
        if not listeners and not read and not step.reply:
            self._unheard = channel, text

    def _hearing(self, command: Command, channel: str) -> Iterator[tuple[Heard, int]]:
        exact = "smessage" if command.name == "SPUBLISH" else "message"
        for heard, connections in self._telling.messages.listeners().items():
            kind, name = heard
            is_pattern = exact == "message" and kind == "pmessage"
            by_pattern = is_pattern and matches(name.encode(), channel.encode())
            if by_pattern or heard == (exact, channel):
                yield from ((heard, connection) for connection in connections)

    def _hear(
        self, order: int, receiver: str, heard: Heard, text: str, number: int, is_read: bool
    ) -> None:
        kind, name = heard
        identity = f"message {order} to {receiver} {number} by {kind} {name}"
        source = (PATTERN if kind == "pmessage" else CHANNEL, name)
        self._receive(receiver, Copy(identity, text, source, is_read))

    def _receive(self, receiver: str, copy: Copy) -> None:
        self._moves.append(Move(copy.source, (CLIENT, receiver)))
        self._put(receiver, copy)

    def _put(self, receiver: str, copy: Copy) -> None:
        hands = self._hands[receiver]
        for old in [c for c in hands if c.identity == copy.identity]:
            hands.remove(old)
        hands.append(copy)
        self._handed[receiver] += 1

    def _number_of(self, command: Command) -> int:
        return self._telling.selected.get(command.connection, command.db)

    # What is where.

    def _beat(
        self, order: int, client: str, step: Step | None = None, words: str = ""
    ) -> Iterator[Beat]:
        """Give an event that is to be shown, with what is where after it."""
        moves, self._moves = self._moves, []
        unheard, self._unheard = self._unheard, ("", "")
        if order < self._since:
            return
        beat = Beat(order, client, step, words, moves=moves, unheard=unheard)
        for number, database in self._telling.databases.items():
            targets = {key for n, key in self._targets if n == number}
            _hold(beat, number, database.held, targets)
        beat.waits = [step for _, step in self._waits]
        beat.listeners = {
            heard: tuple(self._open.get(c, "") for c in connections)
            for heard, connections in self._telling.messages.listeners().items()
        }
        beat.hands = {name: tuple(hands) for name, hands in self._hands.items()}
        beat.handed = dict(self._handed)
        living = {name for c, name in self._open.items() if c not in self._gone}
        beat.closed = frozenset(self._open.values()) - living
        beat.texts = self._texts
        yield beat


def _hold(beat: Beat, number: int, held: Holdings, targets: set[str]) -> None:
    unknown = held.unknown
    for key in targets & unknown - held.lists.keys() - held.streams.keys():
        beat.lists[number, key] = None
    for key, elements in held.lists.items():
        beat.lists[number, key] = None if key in unknown else tuple(elements)
    for key, entries in held.streams.items():
        beat.streams[number, key] = None if key in unknown else tuple(entries)
    for stream, readers in held.readers.items():
        if stream in held.streams and stream not in unknown:
            beat.readers |= {((number, stream), who): at for who, at in readers.items()}
    for name, group in held.groups.items():
        state = GroupState(group.last, {**group.pending})
        beat.groups[(number, *name)] = None if name in unknown else state


def pending_in(stream: str, group: str) -> str:
    """Name what distinguishes a pending entry from the one that the stream keeps."""
    return f"pending in {stream}/{group}"


def client(command: Command) -> End:
    """Name the place of a client that has sent a command."""
    return CLIENT, command.client


def _first(read: deque[Delivery], receiver: str, kind: str, name: str) -> bool:
    """Find the delivery of a message that a listener has read, and take it out."""
    for delivery in read:
        heard = delivery.kind, delivery.pattern or delivery.source
        if delivery.receiver == receiver and heard == (kind, name):
            read.remove(delivery)
            return True
    return False


def _is_before(order: int, until: int | None) -> bool:
    return order > 0 and (until is None or order < until)


def _order(event: Step | Closing) -> int:
    return event.order if isinstance(event, Closing) else event.command.order


def _end(step: Step | Closing) -> int:
    return step.order if isinstance(step, Closing) else step.command.ended


def _outcome(command: Command) -> str:
    if isinstance(command.reply, Exception):
        return f"error: {printable(str(command.reply))}"
    return command.lost or ("answered" if command.reply else "nil")
