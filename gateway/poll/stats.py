"""How punctual a bus is, in a few integers."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

EDGES_NS = tuple(round(ms * 1e6) for ms in (0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 7, 10, 20, 50, 100, 500))


class PollStats:
    """Counts since the poller started. Lateness is from a poll's deadline to the call that sends its
    request.
    """

    __slots__ = ("busy_ns", "failed", "late", "late_ns", "overruns", "polls", "probes", "worst_ns")

    def __init__(self) -> None:
        self.polls = 0
        self.overruns = 0  # deadlines that passed unserved because the bus was busy
        self.probes = 0
        self.worst_ns = 0
        self.late_ns = 0  # of all polls together
        self.busy_ns = 0  # that polls have taken
        self.failed: Counter[tuple[str, str]] = Counter()  # polls without values, by device and why
        self.late = [0] * (len(EDGES_NS) + 1)  # polls later than EDGES_NS[i - 1] and at most EDGES_NS[i]

    def sent(self, late_ns: int) -> None:
        """A poll went out that much after its deadline."""
        self.polls += 1
        self.late_ns += late_ns
        self.late[bisect_left(EDGES_NS, late_ns)] += 1
        self.worst_ns = max(self.worst_ns, late_ns)

    def add(self, other: PollStats) -> None:
        """Take another bus's counts in."""
        self.polls += other.polls
        self.overruns += other.overruns
        self.probes += other.probes
        self.worst_ns = max(self.worst_ns, other.worst_ns)
        self.late_ns += other.late_ns
        self.busy_ns += other.busy_ns
        self.failed += other.failed
        self.late = [ours + theirs for ours, theirs in zip(self.late, other.late, strict=True)]

    def quantile_ns(self, share: float) -> int:
        """The edge below which that share of polls was late; the worst one where no edge is above it.

        >>> stats = PollStats()
        >>> for late_ms in (0.05,) * 98 + (3, 700): stats.sent(round(late_ms * 1e6))
        >>> stats.quantile_ns(0.5), stats.quantile_ns(0.99), stats.quantile_ns(1.0)
        (100000, 3000000, 700000000)
        """
        rank, seen = share * self.polls, 0
        for edge, count in zip(EDGES_NS, self.late, strict=False):
            seen += count
            if seen >= rank:
                return min(edge, self.worst_ns) if count else edge
        return self.worst_ns
