"""From a scan to what it means for the lots: the point's action, the code's lot, and what is odd about it. Pure.

An RFID tag that left closes its lot where the point opens lots: there presence is membership (a bin under its
antenna). At a point that moves or closes, the tag has done its work by being seen, and leaving says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.codes.identify import Refused, lot_of
from gateway.lots.book import REPEATED, scan
from gateway.lots.paths import NO_PATHS, Paths
from gateway.lots.stays import Lots, Stay
from gateway.model import Event, Noted, Plain, Scan, Severity
from gateway.site import ScanPoint

LATE_NS = 2_000_000_000
"""A scan this much older than the newest wire time folded is late: samples were given lots without it."""


def take(
    lots: Lots, points: Mapping[str, ScanPoint], taken: Scan, newest_ns: int, paths: Paths = NO_PATHS
) -> tuple[Lots, tuple[Event, ...]]:
    """Fold one scan. `newest_ns` is the newest wire time that was folded before."""
    point = points.get(taken.point)
    if point is None:
        return lots, (_noted(taken, "scan_refused", Severity.WARNING, reason="unknown scan point"),)
    action = _action(point, taken)
    if not action:
        return lots, ()
    found = lot_of(taken.code, taken.symbology)
    if isinstance(found, Refused):
        return lots, (
            _noted(taken, "scan_refused", Severity.WARNING, reason=found.message, refused=found.code),
        )
    used_up_ns = taken.at.time_ns + point.lasts_ns if point.lasts_ns else None
    stay = Stay(found.lot, taken.code, taken.at.time_ns, used_up_ns=used_up_ns)
    told = scan(lots, action, point.cell, point.role, stay, paths)
    if told.outcome == REPEATED:
        return lots, (_noted(taken, "scan_repeated", Severity.INFO, lot=found.lot),)
    if told.outcome:
        severity = Severity.INFO if taken.phase == "left" else Severity.WARNING
        return lots, (_noted(taken, "scan_refused", severity, lot=found.lot, reason=told.outcome),)
    late_ns = newest_ns - taken.at.time_ns
    if late_ns >= LATE_NS:
        late = _noted(taken, "scan_late", Severity.INFO, lot=found.lot, late_seconds=late_ns / 1e9)
        return told.lots, (late, *told.events)
    return told.lots, told.events


def _action(point: ScanPoint, taken: Scan) -> str:
    if taken.phase != "left":
        return point.action
    return "close" if point.action == "open" else ""


def _noted(taken: Scan, kind: str, severity: Severity, **facts: Plain) -> Noted:
    return Noted(taken.at.time_ns, kind, taken.point, severity, {"code": taken.code, **facts})
