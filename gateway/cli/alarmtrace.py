"""`lotwatch trace --alarm`: the lots of a drift alarm, where they went, and what is in them that was not before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gateway.cli.massshow import lines_of, percent
from gateway.cli.output import Code, Exit
from gateway.cli.stored import iso, near
from gateway.journal import JournalReader
from gateway.journal.changed import Drift, Shift, drift_of, first_told, shifts
from gateway.journal.exposure import Exposures, Held
from gateway.journal.spread import Spread
from gateway.views.masses import held_plain, made_plain

_UNITS = ("box", "pallet", "shipment")
_AS_SCANNED = "no lot with a mass was made at its cell: the alarm names lots as they were scanned"


class Told(NamedTuple):
    """What there is to say."""

    plain: dict[str, Any]
    lines: list[str]


def alarm_trace(readers: Sequence[JournalReader], alarm: str, exposures: Exposures, least: float) -> Told:
    """An alarm that nobody knows ends the command with code 1."""
    known = first_told(readers, alarm)
    if known is None:
        ids = {each.alarm for reader in readers for each in reader.alarms(closed=True)}
        raise Exit(Code.FINDINGS, f"no alarm {alarm} here{near(alarm, ids)}")
    reader, newest, first_ns = known
    drift = drift_of(reader, newest, first_ns, exposures.bounds()[readers.index(reader)])
    moved = shifts(exposures, drift, least)
    units = _units(exposures, drift, least)
    return Told(_plain(drift, moved, units), _lines(drift, moved, units))


def _units(exposures: Exposures, drift: Drift, least: float) -> list[Held]:
    """Boxes, pallets and shipments that hold any of the lots made since; of each the largest share is told."""
    made_here = {made.lot for made in drift.after}
    found: dict[str, Held] = {}
    for made in drift.after:
        for held in Spread(exposures, made.lot, least).holders():
            name = held.made.lot
            if held.made.kind not in _UNITS or name in made_here:
                continue
            if name not in found or held.share.high > found[name].share.high:
                found[name] = held
    return sorted(found.values(), key=lambda held: (held.made.time_ns, held.made.lot))


def _plain(drift: Drift, moved: Sequence[Shift], units: Sequence[Held]) -> dict[str, Any]:
    change = drift.change
    return {
        "alarm": drift.alarm.alarm,
        "tag": drift.alarm.tag,
        "state": drift.alarm.state,
        "since": iso(drift.since_ns),
        "change": None if change is None else {"from": iso(change.from_ns), "to": iso(change.to_ns)},
        "lots": [made_plain(made) for made in drift.after],
        "scanned": list(drift.alarm.lots),
        "units": [held_plain(held) for held in units],
        "before": [made.lot for made in drift.before],
        "changed": [
            {"source": each.source, "before": each.before._asdict(), "after": each.after._asdict()}
            for each in moved
        ],
    }


def _lines(drift: Drift, moved: Sequence[Shift], units: Sequence[Held]) -> list[str]:
    alarm, change = drift.alarm, drift.change
    lines = [f"{alarm.alarm}  {alarm.tag}, {alarm.state}: {alarm.reaction}".rstrip(": ")]
    if change is None:
        lines.append(f"nothing estimated when it began; the alarm came at {iso(drift.since_ns)}")
    else:
        lines.append(
            f"began at {iso(change.time_ns)}, between {iso(change.from_ns)} and {iso(change.to_ns)} (90 %)"
        )
    if not drift.after:
        return [*lines, f"({_AS_SCANNED})", *(f"  {lot}" for lot in alarm.lots)]
    lines.append(f"{len(drift.after)} lots were made there since then")
    lines += [
        f"  {made.lot}  {made.kind}, {made.kg:.3f} kg, {iso(made.time_ns)[:19]}Z" for made in drift.after
    ]
    lines.append(f"{len(units)} boxes, pallets and shipments hold any of them; the most of one:")
    lines += lines_of([held_plain(held) for held in units])
    if not drift.before:
        return [*lines, "no lot was made there before it began: there is nothing to compare with"]
    lines.append(f"sources, in these lots and in the {len(drift.before)} before them:")
    if not moved:
        lines.append("  none changed")
    for each in moved:
        lines.append(f"  {each.source}  {percent(each.before._asdict())} -> {percent(each.after._asdict())}")
    return lines
