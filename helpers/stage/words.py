"""The words on a stage: what its text, its picture and its page have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..picture.text import fit
from .model import MARKS, Cursor, Link, Mark, Place, Side, Stage, Token

MOST_TOKENS = 24
"""A place with more messages shows the first and the last, and says how many are between them."""

MANY_ALIKE = 4  # links of one place with the same words
LONGEST = 24  # characters of a message or a name

SIDES: dict[Side, str] = {
    "sends": "who sends",
    "broker": "the broker",
    "receives": "who receives",
    "after": "the outcome",
}


@dataclass(frozen=True)
class Piece:
    """A message, or words between messages."""

    words: str
    token: Token | None = None
    readers: Sequence[str] = ()  # who has read up to here,
    past: int = 0  # past so many messages

    @property
    def mark(self) -> Mark | None:
        """Return how the message looks; words have no mark."""
        return MARKS[self.token.mark] if self.token else None


def name_of(place: Place) -> str:
    """Shorten the name of a place."""
    return fit(place.name, LONGEST)


def words_of(token: Token) -> str:
    """Write a message without its frame."""
    return f"{MARKS[token.mark].sign} {fit(token.text, LONGEST)}".strip()


def few(tokens: Sequence[Token]) -> tuple[Sequence[Token], int, Sequence[Token]]:
    """Return the first messages, how many are left out after them, and the last ones."""
    half = MOST_TOKENS // 2
    if len(tokens) <= MOST_TOKENS:
        return tokens, 0, ()
    return tokens[:half], len(tokens) - MOST_TOKENS, tokens[-half:]


def left_out(count: int) -> str:
    """Say how many messages are not shown."""
    return f"… {count} more …"


def pieces(place: Place) -> list[Piece]:
    """Return the messages of a place in their sequence, with the cursors between them."""
    first, missing, _ = few(place.tokens)
    cursors, found = readers(place) if place.tokens else {}, []
    times = {_passed(place, cursor): cursor.name for cursor in place.cursors if cursor.is_time}
    for past in range(len(place.tokens) + 1):
        if place.tokens and past in times:
            found.append(Piece(f"‹{times[past]}›"))
        if past in cursors:
            found.append(Piece(f"‹{', '.join(cursors[past])}›", readers=cursors[past], past=past))
        if missing and past == len(first):
            found.append(Piece(left_out(missing)))
        if past < len(place.tokens) and not 0 <= past - len(first) < missing:
            token = place.tokens[past]
            found.append(Piece(words_of(token), token))
    return found


def readers(place: Place) -> dict[int, list[str]]:
    """Name who has read so many of the messages, for each such number."""
    found: dict[int, list[str]] = {}
    for cursor in place.cursors:
        if not cursor.is_time:
            found.setdefault(_passed(place, cursor), []).append(cursor.name)
    return found


def _passed(place: Place, cursor: Cursor) -> int:
    """Count the messages that a cursor has passed: on an axis those that stand before it."""
    if cursor.at is None:
        return min(cursor.past, len(place.tokens))
    return sum(token.at is not None and token.at <= cursor.at for token in place.tokens)


def signs(stage: Stage) -> list[str]:
    """Say what each sign means that is on the stage."""
    used = {token.mark for place in stage.places for token in place.tokens}
    said = [f"{m.sign or '□'} {m.means}" for name, m in MARKS.items() if name in used]
    cursors = [cursor for place in stage.places if place.tokens for cursor in place.cursors]
    said += ["‹name› has read to here"] * any(not cursor.is_time for cursor in cursors)
    return said + [f"‹{cursor.name}› is the time" for cursor in cursors if cursor.is_time]


def readers_words(names: Sequence[str], past: int) -> str:
    """Say who has read up to here, past so many messages."""
    if not past:
        return f"{', '.join(names)}: at the beginning"
    return f"{', '.join(names)} {'have' if len(names) > 1 else 'has'} read to here"


def link_words(links: Sequence[Link], told: Callable[[Link], str] | None = None) -> list[str]:
    """Say who sent what to whom, a line a link; what one sent alike to many is one line.

    `told` says what went along a link, where that is more than its amount.
    """
    said = [(told or amount)(link) for link in links]
    alike: dict[tuple[str, str], list[str]] = {}
    for link, what in zip(links, said, strict=True):
        alike.setdefault((link.start, what), []).append(link.end)
    lines: dict[str, None] = {}  # in their sequence, each once
    for link, words in zip(links, said, strict=True):
        ends = alike[link.start, words]
        many = len(ends) >= MANY_ALIKE
        what = f"{', '.join(ends)}: {words} each" if many else f"{link.end}: {words}"
        lines[f"{link.start} → {what}"] = None
    return list(lines)


def amount(link: Link) -> str:
    """Say what went along a link, or what it is when nothing did."""
    if link.words or not link.count:
        return link.words or "subscribed"
    return f"{link.count:,}"
