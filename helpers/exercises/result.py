"""What a check and a hint say, as text and as HTML."""

from __future__ import annotations

from . import look
from .verdict import Difference

PRINTED = "Your code printed:"
MOST_LINES = 12  # of what it printed
LONGEST_LINE = 200


class CheckResult:
    """The verdict on an answer. `printed` is what the answer printed; `then` is what comes next."""

    def __init__(
        self,
        verdict: str | Exception,
        passed: bool = False,
        printed: str = "",
        then: str = "",
    ) -> None:
        self.passed = passed
        self.printed = printed
        self.then = then
        differs = verdict if isinstance(verdict, Difference) else None
        self._sentence = " ".join((differs.what if differs else str(verdict)).split())
        self._values = differs.values if differs else {}
        self._advice = differs.advice if differs else ""

    @property
    def word(self) -> str:
        """Passed, or Not yet."""
        return "Passed" if self.passed else "Not yet"

    def __repr__(self) -> str:
        width = max(map(len, self._values), default=0)
        lines = [f"{self.word}: {self._sentence}"]
        lines += [f"  {label:{width}}  {value}" for label, value in self._values.items()]
        lines += filter(None, [self._advice, self.then])
        if shown := _shortened(self.printed):
            lines += [PRINTED, *(f"  {line}" for line in shown.splitlines())]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        colour, mark = (
            (look.RIGHT, look.MARK_RIGHT) if self.passed else (look.WRONG, look.MARK_WRONG)
        )
        inside = [look.words(self._sentence)]
        if self._values:
            inside.append(look.beside(self._values))
        inside += [look.line(text) for text in (self._advice, self.then) if text]
        if shown := _shortened(self.printed):
            inside.append(look.printed(PRINTED, shown))
        return look.box(colour, mark, f"{self.word}:", *inside)


class HintText(str):
    """A hint, shown without quotation marks."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        word, colon, text = self.partition(": ")
        return look.box(look.HINT, look.MARK_HINT, word + colon, look.words(text))


def _shortened(printed: str) -> str:
    """Return the first lines of what was printed; a check runs an answer several times."""
    lines = [
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …"
        for line in printed.strip("\n").splitlines()
    ]
    left = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"… and {left} more lines"] if left > 0 else [])])
