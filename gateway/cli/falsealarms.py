"""What the charts and anomaly checks of a journal were designed for, and what became of their alarms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.journal import JournalReader
from gateway.model import AlarmChanged, Noted, Signal
from gateway.site import Characteristic, Site

DAY_NS = 86_400_000_000_000
TOTAL = "all charts and checks"


@dataclass(slots=True)
class Row:
    """One characteristic's chart, or the anomaly checks of a device."""

    name: str
    arl0: float | None = None  # samples between false alarms, by design; None: not designed
    per_day: float | None = None  # samples; None: not known, such as by a counter
    designed: float | None = None  # false alarms a day, by design
    signals: int = 0  # of a device: anomalies told
    alarms: int = 0  # raised by them
    assignable: int = 0
    false: int = 0
    unknown: int = 0  # answered, without a class
    unanswered: int = 0

    def plain(self, days: float) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "chart": self.name,
            "arl0": self.arl0,
            "samples_per_day": self.per_day,
            "designed_per_day": self.designed,
            "false_per_day": self.false / days if days > 0 else None,
            "signals": self.signals,
            "alarms": self.alarms,
            "assignable": self.assignable,
            "false": self.false,
            "unknown": self.unknown,
            "unanswered": self.unanswered,
        }


def rows_of(reader: JournalReader, t0: int, t1: int) -> tuple[list[Row], float]:
    """A row per characteristic of the plan in force, per device that is watched for anomalies, and per any other that
    spoke; and how many days they are of.
    """
    site = reader.site()
    rows = {row.id: _designed(row, site) for row in site.characteristics} if site else {}
    for device in site.devices if site else ():
        if device.anomaly is not None:
            name = _watched(device.name)
            rows[name] = Row(name, designed=device.anomaly.alarms_per_day)
    newest: dict[str, AlarmChanged] = {}
    for numbered in reader.events_between(t0, t1, ("Signal", "AlarmChanged", "Noted")):
        event = numbered.event
        if isinstance(event, Signal):
            row = rows.setdefault(event.characteristic, Row(event.characteristic))
            row.signals += 1
            row.arl0 = event.arl0 or row.arl0
        elif isinstance(event, Noted):
            if event.kind == "anomaly":
                name = _watched(event.facts.get("device"))
                rows.setdefault(name, Row(name)).signals += 1
        elif isinstance(event, AlarmChanged) and event.kind in ("signal", "anomaly"):
            held = newest.setdefault(event.alarm, event)
            if event.version > held.version:  # not by time: a clock may have been stepped
                newest[event.alarm] = event
    for alarm in newest.values():
        name = alarm.subject if alarm.kind == "signal" else _watched((alarm.facts or {}).get("device"))
        _count(rows.setdefault(name, Row(name)), alarm)
    for row in rows.values():
        if row.arl0 and row.per_day:
            row.designed = row.per_day / row.arl0
    low, high = reader.span() or (0, 0)
    return list(rows.values()), max(min(high, t1) - max(low, t0), 0) / DAY_NS


def _watched(device: object) -> str:
    """The name of a device's row: a space is in no characteristic's name."""
    return f"anomaly {device}"


def total(rows: Iterable[Row]) -> Row:
    """All of them; the design of those that have one."""
    whole = Row(TOTAL)
    for row in rows:
        whole.signals += row.signals
        whole.alarms += row.alarms
        whole.assignable += row.assignable
        whole.false += row.false
        whole.unknown += row.unknown
        whole.unanswered += row.unanswered
        if row.designed is not None:
            whole.designed = (whole.designed or 0.0) + row.designed
    return whole


def _count(row: Row, alarm: AlarmChanged) -> None:
    facts = alarm.facts or {}
    row.alarms += 1
    if "acknowledged_by" not in facts:
        row.unanswered += 1
    elif facts.get("cause_class") == "assignable":
        row.assignable += 1
    elif facts.get("cause_class") == "false":
        row.false += 1
    else:
        row.unknown += 1


def _designed(row: Characteristic, site: Site) -> Row:
    return Row(row.id, row.design.arl0 if row.design else None, _per_day(row, site))


def _per_day(row: Characteristic, site: Site) -> float | None:
    """Samples a day, as the plan says or as the sampling has it."""
    sampling = row.sampling
    if sampling.per_day > 0:
        return sampling.per_day
    period_ns = sampling.period_ns
    if sampling.every == "reading":
        groups = (
            group for group in site.groups().values() if any(point.tag == row.tag for point in group.points)
        )
        period_ns = next((group.period_ns for group in groups), 0)
    elif sampling.every != "time":
        return None
    return DAY_NS / period_ns / max(sampling.size, 1) if period_ns > 0 else None
