"""What a key holds."""

from typing import Any, TypeVar

from ._fakeredis import CommandItem, Database
from .arguments import WRONG_TYPE, fail

Kind = TypeVar("Kind")


def item_at(db: Database, key: bytes) -> CommandItem:
    """Look up a key that has no fixed place among its command's arguments."""
    return CommandItem(key, db, item=db.get(key))


def value_of(item: CommandItem, kind: type[Kind]) -> Kind | None:
    """Return the value if it is of this kind, None for no value; another kind is an error."""
    value: Any = item.value
    if value is not None and not isinstance(value, kind):
        fail(WRONG_TYPE)
    return value
