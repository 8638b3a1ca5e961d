"""What of one stream the broker has: acknowledged, on its way, refused; and so what is to be read from the journal.

Pure. A parcel is a run of seqs taken for sending; while it is open nobody else takes them. Time is boottime.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from gateway.journal.intervals import Interval, IntervalSet


class Ledger:
    """One stream of one broker."""

    def __init__(self) -> None:
        self.last = 0  # newest committed seq
        self._acked = IntervalSet()
        self._parcels: dict[int, Interval] = {}
        self._next = 0
        self._refused: list[tuple[Interval, int]] = []

    def prefix(self) -> int:
        """The n for which 1..n are all acknowledged."""
        return self._acked.prefix()

    def resume(self, prefix: int) -> None:
        """1..prefix need not be sent."""
        if prefix > 0:
            self._acked.add(1, prefix)

    def lose(self, lost: Iterable[Interval]) -> int:
        """These were acknowledged, and lost behind the broker: owe them again. How many records that makes."""
        before, gone = len(self._acked), IntervalSet.of(lost)
        kept = [run for first, last in self._acked.intervals() for run in gone.missing(first, last)]
        self._acked = IntervalSet.of(kept)
        return before - len(self._acked)

    def take(self, first: int, last: int) -> int:
        """Open a parcel of first..last; its number."""
        self._next += 1
        self._parcels[self._next] = (first, last)
        return self._next

    def close(self, parcel: int) -> None:
        """Nothing of the parcel is on its way any more: what was not acknowledged is owed again."""
        self._parcels.pop(parcel, None)

    def close_all(self) -> None:
        """The link is gone."""
        self._parcels.clear()

    def acknowledge(self, seqs: Iterable[int]) -> None:
        """The broker has them."""
        for first, last in runs(seqs):
            self._acked.add(first, last)

    def refuse(self, seqs: Iterable[int], until_ns: int) -> None:
        """The broker said no: not again before that instant."""
        self._refused.extend(((first, last), until_ns) for first, last in runs(seqs))

    def owed(self, limit: int, now_ns: int) -> Interval | None:
        """The oldest run of at most `limit` committed seqs: not acknowledged, not on their way, not refused."""
        self._refused = [each for each in self._refused if each[1] > now_ns]
        first = self._acked.prefix() + 1
        if first > self.last:
            return None
        away = IntervalSet.of(self._parcels.values())
        for (low, high), _ in self._refused:
            away.add(low, high)
        for low, high in self._acked.missing(first, self.last):
            for start, end in away.missing(low, high):
                return start, min(end, start + limit - 1)
        return None

    def behind(self) -> int:
        """How many committed records are not acknowledged."""
        return self.last - len(self._acked)


def runs(seqs: Iterable[int]) -> list[Interval]:
    """Ascending seqs as closed intervals.

    >>> runs([1, 2, 3, 7, 9, 10])
    [(1, 3), (7, 7), (9, 10)]
    """
    ordered = list(seqs)
    if not ordered:
        return []
    starts = [ordered[0], *(later for earlier, later in pairwise(ordered) if later != earlier + 1)]
    ends = [*(earlier for earlier, later in pairwise(ordered) if later != earlier + 1), ordered[-1]]
    return list(zip(starts, ends, strict=True))
