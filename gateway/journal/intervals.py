"""A set of whole numbers as closed intervals: which records of a stream are held.

>>> held = IntervalSet.of([(1, 3), (6, 9)])
>>> held.add(4, 4)
[(1, 4)]
>>> held.missing(1, 12)
[(5, 5), (10, 12)]
>>> held.prefix(), 7 in held
(4, True)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

Interval = tuple[int, int]


class IntervalSet:
    """Disjoint intervals, none touching the next, in order."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    @classmethod
    def of(cls, intervals: Iterable[Interval]) -> IntervalSet:
        made = cls()
        for first, last in intervals:
            made.add(first, last)
        return made

    def add(self, first: int, last: int) -> list[Interval]:
        """Put first..last in; the one interval they ended up in, or none when all were there already."""
        low = bisect_left(self._lasts, first - 1)
        high = bisect_right(self._firsts, last + 1)
        if low < high:
            if self._firsts[low] <= first and last <= self._lasts[low]:
                return []
            first, last = min(first, self._firsts[low]), max(last, self._lasts[high - 1])
        self._firsts[low:high] = [first]
        self._lasts[low:high] = [last]
        return [(first, last)]

    def __contains__(self, number: int) -> bool:
        place = bisect_left(self._lasts, number)
        return place < len(self._lasts) and self._firsts[place] <= number

    def around(self, number: int) -> Interval:
        """The interval that a number is in. Raises KeyError."""
        place = bisect_left(self._lasts, number)
        if place == len(self._lasts) or self._firsts[place] > number:
            raise KeyError(number)
        return self._firsts[place], self._lasts[place]

    def missing(self, first: int, last: int) -> list[Interval]:
        """What of first..last is not in, as intervals."""
        out = []
        for place in range(bisect_left(self._lasts, first), len(self._lasts)):
            if self._firsts[place] > last:
                break
            if first < self._firsts[place]:
                out.append((first, self._firsts[place] - 1))
            first = self._lasts[place] + 1
        if first <= last:
            out.append((first, last))
        return out

    def prefix(self) -> int:
        """The n for which 1..n are all in; 0 when 1 is not."""
        return self._lasts[0] if self._firsts and self._firsts[0] <= 1 else 0

    def last(self) -> int:
        """The greatest number in; 0 when empty."""
        return self._lasts[-1] if self._lasts else 0

    def intervals(self) -> list[Interval]:
        return list(zip(self._firsts, self._lasts, strict=True))

    def __len__(self) -> int:
        """How many numbers are in."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)
