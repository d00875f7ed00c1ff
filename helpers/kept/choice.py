"""Choose what a picture shows of a record, and say what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..picture.rows import Note
from ..record import Record, Remark, Step
from .views import texts_in

MOST_NAMED = 6  # names of commands in the row that says what is left out


@dataclass(frozen=True)
class Choice:
    """What is shown; where nothing is said, everything.

    `commands` are names, the others patterns as of a shell: `about` of anything that a command
    says or brings, `clients` of who sends or receives, `without` of names and of anything said.
    """

    commands: Sequence[str] = ()
    about: Sequence[str] = ()
    clients: Sequence[str] = ()
    without: Sequence[str] = ()

    def takes(self, step: Step) -> bool:
        """Tell whether a step is shown."""
        name = step.command.name
        said = [name, *step.command.words[1:], *texts_in(step.reply)]
        reached = [step.command.client, *(delivery.receiver for delivery in step.deliveries)]
        return (
            (not self.commands or name in self.commands)
            and (not self.about or _any(said, self.about))
            and (not self.clients or _any(reached, self.clients))
            and not _any(said, self.without)
        )

    def remarks(self, record: Record) -> list[Remark]:
        """Give the remarks to show: chosen by who they are about, and by what they say."""
        return [
            remark
            for remark in record.remarks
            if (not self.clients or _any([remark.client], self.clients))
            and (not self.about or _any([remark.what], self.about))
        ]

    def parted(self, steps: Sequence[Step]) -> tuple[list[Step], list[Note]]:
        """Give the steps to show, and a note that says how many others there are."""
        shown = [step for step in steps if self.takes(step)]
        hidden = Counter(step.command.name for step in steps if not self.takes(step))
        if not hidden:
            return shown, []
        return shown, [(steps[-1].command.order + 1, "", _told(hidden))]


def _any(words: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(word, pattern) for word in words for pattern in patterns)


def _told(hidden: Counter[str]) -> str:
    most = hidden.most_common(MOST_NAMED)
    told = ", ".join(f"{count} {name}" for name, count in most)
    rest = hidden.total() - sum(count for _, count in most)
    others = f", {rest} other{'s' * (rest > 1)}" if rest else ""
    return f"… left out: {told}{others} …"
