"""Which records of a replica a database still has to get. Pure; seconds are of a steady clock.

Rule 1: what a database accepted counts as held only when its kind says that it is on the disk by then; a database
that falls over before is given those again.  Rule 2: records go in order, up to the first hole of the replica: a
hole may hide a change of the config. A hole that stays for `PATIENCE_S` is stepped over, and filled later.
"""

from __future__ import annotations

from collections import deque

from gateway.journal.intervals import Interval, IntervalSet

PATIENCE_S = 120.0


class Feed:
    """One stream of one replica."""

    def __init__(self, durable_after_s: float, held: IntervalSet, done: int) -> None:
        self._delay = durable_after_s
        self._held = held
        self._sent = IntervalSet.of([(1, done)] if done else [])  # accepted, be it on the disk or not
        self._durable = IntervalSet.of([(1, done)] if done else [])
        self._young: deque[tuple[float, Interval]] = deque()
        self._prefix, self._since_s = -1, 0.0

        self._lost = IntervalSet()

    def add(self, first: int, last: int) -> None:
        """The replica holds these now."""
        if len(self._lost):
            self._found(first, last)
        self._held.add(first, last)

    def lose(self, first: int, last: int) -> None:
        """These are known lost: nobody waits for what of them the replica does not hold."""
        for run in self._held.missing(first, last):
            for numbers in (self._lost, self._held, self._sent, self._durable):
                numbers.add(*run)

    def _found(self, first: int, last: int) -> None:
        """What was given up and came after all is owed like any other."""
        late = [run for low, high in self._lost.intervals() for run in _both((first, last), (low, high))]
        if late:
            came = IntervalSet.of(late)
            self._lost = _without(self._lost, came)
            self._sent, self._durable = _without(self._sent, came), _without(self._durable, came)

    def owed(self, limit: int, now_s: float) -> Interval | None:
        """The oldest run of at most `limit` held records, before the hole, that the database has not accepted."""
        upto = self._barrier(now_s)
        for low, high in self._held.intervals():
            if low > upto:
                break
            for first, last in self._sent.missing(low, min(high, upto)):
                return first, min(last, first + limit - 1)
        return None

    def _barrier(self, now_s: float) -> int:
        prefix, last = self._held.prefix(), self._held.last()
        if prefix != self._prefix or prefix == last:
            self._prefix, self._since_s = prefix, now_s
        return last if now_s - self._since_s >= PATIENCE_S else prefix

    def accept(self, first: int, last: int, now_s: float) -> None:
        """The database took them."""
        self._sent.add(first, last)
        if self._delay > 0:
            self._young.append((now_s + self._delay, (first, last)))
        else:
            self._durable.add(first, last)

    def fell(self) -> None:
        """The database went away: what it had not on the disk for sure is owed again."""
        self._young.clear()
        self._sent = IntervalSet.of(self._durable.intervals())

    def oldest(self) -> float | None:
        """When the first was accepted of those that are not on the disk for sure."""
        return self._young[0][0] - self._delay if self._young else None

    def young(self) -> list[Interval]:
        """What is accepted, and not on the disk for sure."""
        return [run for _, run in self._young]

    def ripe(self, now_s: float) -> bool:
        """Whether something accepted is old enough to be on the disk, if the database has run since."""
        return bool(self._young) and self._young[0][0] <= now_s

    def ripen(self, now_s: float) -> None:
        """The database has run since: what is old enough is on its disk."""
        while self.ripe(now_s):
            self._durable.add(*self._young.popleft()[1])

    def durable(self) -> int:
        """The n for which 1..n are all durably in the database."""
        return self._durable.prefix()


def _without(numbers: IntervalSet, these: IntervalSet) -> IntervalSet:
    return IntervalSet.of(run for each in numbers.intervals() for run in these.missing(*each))


def _both(one: Interval, other: Interval) -> list[Interval]:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return [(low, high)] if low <= high else []
