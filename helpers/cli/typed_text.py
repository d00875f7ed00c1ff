"""Find the lines that were entered in a text area of a page."""

from __future__ import annotations


class TypedText:
    """Follow a text area, in which each line break means Enter.

    The page tells its text, not its keys, a while after they were pressed, and several at once.
    What we write into it meanwhile would undo them: so entered lines stay where they are, above the
    line that is typed, and we write only when a key asks for it.
    """

    def __init__(self) -> None:
        self.text = ""
        self._entered = 0  # how many of its line breaks have been seen
        self._former = ""  # what stood there before we wrote: the page may not know it yet

    @property
    def line(self) -> str:
        """The line that is typed but not entered."""
        return self.text.rpartition("\n")[2]

    def follow(self, text: str) -> list[str]:
        """Take the new text of the page, and return the lines that were entered."""
        before, self.text = self.text, text
        is_late = text.startswith(self._former) and text != f"{before}\n"
        seen = self._former.count("\n") if self._former and is_late else self._entered
        self._former = ""
        self._entered = text.count("\n")
        if self._entered <= seen:
            return []
        place = _place_of_break(before, text)
        if place is None or place == len(before):
            return text.split("\n")[seen : self._entered]
        begin = before.rfind("\n") + 1
        if place <= begin:  # a line that was entered before is only pulled apart
            return []
        self.write(f"{before}\n")  # Enter in the middle of a line enters all of it
        return [before[begin:]]

    def write(self, text: str) -> None:
        """Put a text in place of what stands there."""
        self._former = self.text[: self.text.rfind("\n") + 1]
        self.text = text
        self._entered = text.count("\n")


def _place_of_break(before: str, after: str) -> int | None:
    """Return where a line break, and nothing else, was put into a text."""
    pairs = enumerate(zip(before, after, strict=False))
    place = next((at for at, (old, new) in pairs if old != new), len(before))
    return place if after == f"{before[:place]}\n{before[place:]}" else None
