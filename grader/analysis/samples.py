"""Examples of what students wrote, of any number of answers in little memory."""

from __future__ import annotations

import hashlib

_KEPT = 256


class Sample:
    """Distinct texts with how often each came, in memory for at most 256 of them.

    Kept are the texts whose hashes are smallest. A text that is kept at the end was kept from its
    first time on, so its count is exact; and which are kept depends on the texts alone, not on the
    order in which they came.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._hashes: dict[str, bytes] = {}
        self._largest: str | None = None  # what goes next, once there are too many
        self.total = 0

    def add(self, text: str) -> None:
        self.total += 1
        if text in self._counts:
            self._counts[text] += 1
            return
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if len(self._counts) == _KEPT:
            largest = self._largest or max(self._hashes, key=self._hashes.__getitem__)
            self._largest = largest
            if digest > self._hashes[largest]:
                return
            del self._counts[largest], self._hashes[largest]
            self._largest = None
        self._counts[text], self._hashes[text] = 1, digest

    def commonest(self, most: int) -> tuple[tuple[str, int], ...]:
        """At most so many texts with their counts, the commonest first, then by their text."""
        ordered = sorted(self._counts.items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0]))
        return tuple(ordered[:most])
