"""Refused frames as events that cannot flood: the first at once, then one a minute that says how many. Pure."""

from __future__ import annotations

from collections import Counter

from gateway.model import Instant, Noted, Plain, Severity

EVERY_NS = 60_000_000_000
_SHOWN = 32  # bytes of the last refused frame, in the event


class Refusals:
    """Counts what a reader sent that was no code, by reason."""

    def __init__(self, point: str) -> None:
        self._point = point
        self.total = 0
        self._reasons: Counter[str] = Counter()
        self._told_ns: int | None = None

    def refuse(self, data: bytes, reason: str, at: Instant) -> Noted | None:
        """One more; the event, when one is due."""
        self.total += 1
        self._reasons[reason] += 1
        if self._told_ns is not None and at.boottime_ns - self._told_ns < EVERY_NS:
            return None
        reasons: dict[str, Plain] = dict(self._reasons)
        facts: dict[str, Plain] = {
            "reason": reason,
            "refused": self._reasons.total(),  # since the last event
            "reasons": reasons,
            "bytes": data[:_SHOWN].hex(" "),
        }
        self._reasons.clear()
        self._told_ns = at.boottime_ns
        return Noted(at.time_ns, "scan_refused", self._point, Severity.WARNING, facts)
