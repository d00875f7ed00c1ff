"""Give equal things equal labels, and others others."""

from __future__ import annotations

from collections import defaultdict


class Labels:
    """Numbers for things, by their kind, in the sequence in which they come."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def of(self, kind: str, what: str) -> str:
        """Return the kind and the number of a thing."""
        return f"{kind}-{self._number(kind, what)}"

    def own(self, label: str, what: str, between: str = "") -> str:
        """Return the label; only another thing that would have the same gets a number."""
        number = self._number(label, what)
        return label if number == 1 else f"{label}{between}{number}"

    def _number(self, kind: str, what: str) -> int:
        seen = self._seen[kind]
        return seen.setdefault(what, len(seen) + 1)
