"""What a process may take with it: answers that it had, and that its disk had no chance to keep before it died.

Rule 1: a process that is killed loses no more than a commit window of answers.  Rule 2: the window counts anew from
each write or sync that the disk refused it: a disk that worked for a window in between has kept the answer.  Rule 3: a
process that ends in good order loses nothing.  An answer of a time at which no process ran has no excuse: nobody
listened, so none was due.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SLACK_NS = 1_000_000_000  # a commit that begins when its window is over, on a slow disk
MOMENT_NS = 250_000_000  # an answer that comes while a process that was told to end lets go of its lines


@dataclass(frozen=True, slots=True)
class Lived:
    """A process: virtual nanoseconds at which it began and ended, and whether it was told to end, and did so."""

    began_ns: int
    ended_ns: int
    in_order: bool


class Excuse:
    """`window_ns`: of the commit profile. `refused_ns`: when the disk refused a write or a sync, in order."""

    def __init__(self, lives: Sequence[Lived], refused_ns: Sequence[int], window_ns: int) -> None:
        self._lives, self._refused_ns = lives, refused_ns
        self._window_ns = window_ns + SLACK_NS
        self._began_ns = array("q", (life.began_ns for life in lives))

    def holds(self, came_ns: int) -> bool:
        """Whether an answer that came then may be lost."""
        place = bisect_right(self._began_ns, came_ns) - 1
        if place < 0 or came_ns > self._lives[place].ended_ns:
            return False
        life = self._lives[place]
        if life.in_order:
            return life.ended_ns - came_ns <= MOMENT_NS
        refused_ns = self._refused_ns
        first, last = bisect_right(refused_ns, came_ns), bisect_right(refused_ns, life.ended_ns)
        steps = [came_ns, *refused_ns[first:last], life.ended_ns]
        return all(end - begin <= self._window_ns for begin, end in pairwise(steps))
