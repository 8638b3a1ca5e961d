"""How much of the daemon's time the backlog may have: the loop is also that of the drivers. Pure; times in ns.

Rule: of any stretch of time at least a fifth is free of backlog, in pieces that a poll can use; and it is left after
each message whose turn it is, which is some milliseconds at most. Live records are not held up: they have no cap.
"""

from __future__ import annotations

WORK_NS = 8_000_000  # then a rest: shorter ones a loop cannot sleep
REST = 4  # a rest is a fourth of the work before it


class Pace:
    """One for a connection."""

    def __init__(self) -> None:
        self._spent_ns = 0

    def rest(self, spent_ns: int) -> int:
        """So long something of the backlog took; how long to rest now, most often not at all."""
        self._spent_ns += max(spent_ns, 0)
        if self._spent_ns < WORK_NS:
            return 0
        rest, self._spent_ns = self._spent_ns // REST, 0
        return rest
