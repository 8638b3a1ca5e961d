"""Overruns as events that cannot flood: the first at once, then one a minute that says how many."""

from __future__ import annotations

from collections import Counter

from gateway.model import Instant, Noted, Plain, Severity

EVERY_NS = 60_000_000_000
_NAMED = 5  # groups named in one event, the worst first


class Overruns:
    """Collects missed deadlines of one bus."""

    def __init__(self, bus: str) -> None:
        self._bus = bus
        self._missed: Counter[str] = Counter()
        self._worst_ns = 0
        self._since_ns: int | None = None  # boottime of the last event; None: none within the last minute

    @property
    def pending(self) -> bool:
        """Something was missed that no event has told yet."""
        return bool(self._missed)

    def missed(self, group: str, count: int, late_ns: int, at: Instant) -> Noted | None:
        """A poll passed over `count` deadlines; the event, when one is due."""
        self._missed[group] += count
        self._worst_ns = max(self._worst_ns, late_ns)
        return self._tell(at) if self._since_ns is None else self.due(at)

    def due(self, at: Instant) -> Noted | None:
        """The minute's event, when a minute is over and something was missed in it."""
        if self._since_ns is None or at.boottime_ns - self._since_ns < EVERY_NS:
            return None
        if not self._missed:
            self._since_ns = None
            return None
        return self._tell(at)

    def _tell(self, at: Instant) -> Noted:
        groups: dict[str, Plain] = dict(self._missed.most_common(_NAMED))
        since_ns = at.boottime_ns - self._since_ns if self._since_ns is not None else 0
        facts: dict[str, Plain] = {
            "missed": self._missed.total(),
            "seconds": since_ns // 1_000_000_000,  # 0: the first one, told at once
            "groups": groups,
            "groups_in_all": len(self._missed),
            "worst_late_ms": self._worst_ns // 1_000_000,
        }
        self._missed.clear()
        self._worst_ns = 0
        self._since_ns = at.boottime_ns
        return Noted(at.time_ns, "poll_overrun", self._bus, Severity.WARNING, facts)
