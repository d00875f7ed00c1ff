"""Data for a trial: other names, texts and numbers each time."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

HUNDREDS, MANY = 150, 350  # things in a large scene
_numbers = itertools.count(1)


class Inventions:
    """What a seed invents; without a seed the data are those that everybody is shown."""

    def __init__(self, number: int, seed: int | None = None) -> None:
        self.number = number  # 1 to 3: which accident happens
        self.random = Random(number if seed is None else seed)
        self._is_secret = seed is not None

    def invent(self, word: str, count: int) -> list[str]:
        """Invent names such as order-17, all different, in no order.

        In the trial whose data nobody is shown they have one to five digits.
        """
        if not self._is_secret:
            return [f"{word}-{number}" for number in self.random.sample(range(10, 100), count)]
        numbers: set[int] = set()
        while len(numbers) < count:
            numbers.add(self.random.randrange(10 ** self.random.randint(1, 5)))
        return [f"{word}-{number}" for number in self.random.sample(sorted(numbers), count)]

    def texts(self, word: str, count: int) -> list[str]:
        """Invent texts of every shape, all different: spaces, signs, letters of other languages.

        Of several, one has spaces around it and capitals in it, for answers that tidy up.
        """
        shapes = (
            "{word} {number}",
            "{number}",
            "{word}-{number}: a, b; c",
            "주문 {number} ✓",
            "{word}:{number}",
            "'{number}' \"{word}\"",
        )
        numbers = self.random.sample(range(1, 10_000), count)
        texts = [self.random.choice(shapes).format(word=word, number=each) for each in numbers]
        if count > 1:
            texts[numbers[0] % count] = f" {word.title()}  {numbers[0]} "
        return texts

    def never_seen(self, word: str, count: int) -> list[str]:
        """Invent names that no trial had before, for answers that remember from check to check."""
        return [f"{word}-{number}" for number in itertools.islice(_numbers, count)]

    def many(self, word: str, most: int = MANY) -> list[str]:
        """Invent hundreds of texts, so that no answer reads or keeps all of them by chance."""
        return self.texts(word, self.random.randint(HUNDREDS, most))

    def shuffled(self, fields: dict[Any, Any]) -> dict[Any, Any]:
        """Return the same fields in another sequence."""
        return dict(self.random.sample(list(fields.items()), len(fields)))

    def secret(self, limit: int) -> int:
        """Return a number below a limit, and 0 in trials whose data may be shown and copied."""
        return self.random.randrange(1, limit) if self._is_secret else 0
