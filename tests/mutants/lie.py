"""One small lie about Redis: which function of the broker tells it, and which rule it breaks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from inspect import getdoc
from typing import Any

from embedded_redis.engine._fakeredis import SimpleError

DOCUMENTATION = "https://redis.io/docs/latest/"


@dataclass(frozen=True)
class Lie:
    """A function put in the place of another one, `attribute` of `place`."""

    name: str
    rule: str  # what is true of Redis, and not of a broker that tells this lie
    page: str  # where Redis documents it
    lesson: str  # the number of the lesson that is tried first
    waits: bool  # whether it is noticed only when a wait ends
    place: Any
    attribute: str
    teller: Callable[..., Any]
    breakdowns: list[str] = field(default_factory=list)  # errors that Redis would not answer

    def tell(self) -> None:
        """Let every broker of this process tell the lie, from now on and for good."""
        truth = getattr(self.place, self.attribute)

        @wraps(truth)  # with the mark that makes a method a command
        def told(*arguments: Any, **options: Any) -> Any:
            try:
                return self.teller(truth, *arguments, **options)
            except SimpleError:
                raise
            except Exception as error:  # a lie that breaks the broker is no lie about Redis
                self.breakdowns.append(f"{type(error).__name__}: {error}")
                raise

        setattr(self.place, self.attribute, told)


LIES: dict[str, Lie] = {}


def lie(
    place: Any, attribute: str, page: str, *, lesson: str, waits: bool = False
) -> Callable[[Callable], Callable]:
    """Note a function as a lie: its name says the lie, its docstring the rule that it breaks.

    It is called in place of `attribute` of `place`, with the true function in front.
    """

    def note(teller: Callable) -> Callable:
        name = teller.__name__.replace("_", "-")
        assert name not in LIES, f"there are two lies called {name}"
        where = (DOCUMENTATION + page, lesson, waits, place, attribute)
        LIES[name] = Lie(name, getdoc(teller) or "", *where, teller)
        return teller

    return note
