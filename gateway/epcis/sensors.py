"""What the readings and charts of a lot's stay say, as an EPCIS sensor event. Pure.

It is an event of its own (business step sensor_reporting), beside those of the lot: readings are thinned out one day,
and the ids of the lot's own events must not change with them (docs/decisions/0057).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.epcis.names import Names
from gateway.epcis.shapes import Event, finished, number, split
from gateway.epcis.times import stamp
from gateway.epcis.units import measured

ALARM, ERROR = "ALARM_CONDITION", "ERROR_CONDITION"


@dataclass(frozen=True, slots=True)
class Summary:
    """One tag over one stay of a lot. Numbers are of its good readings, in the tag's uom."""

    tag: str
    uom: str
    count: int  # of readings that are not bad
    bad: int
    low: float = 0.0
    high: float = 0.0
    mean: float = 0.0
    sdev: float = 0.0  # of the sample; 0 for one reading
    signalled: bool = False  # a chart or a limit found a special cause in it


def of_stay(
    lot: str, cell: str, from_ns: int, to_ns: int, found: Sequence[Summary], names: Names
) -> list[Event]:
    """One ObjectEvent at the end of the stay; none without readings."""
    reports = [report for each in found if (report := _report(each, names))]
    if not reports:
        return []
    things, classes = split([(names.lot(lot), None)])
    metadata = {"startTime": stamp(from_ns), "endTime": stamp(to_ns)}
    event: Event = {
        "type": "ObjectEvent", "epcList": things, "quantityList": classes, "action": "OBSERVE",
        "bizStep": "sensor_reporting", "disposition": "in_progress", "readPoint": {"id": names.cell(cell)},
        "sensorElementList": [{"sensorMetadata": metadata, "sensorReport": reports}],
    }  # fmt: skip
    return [finished(event, to_ns, to_ns)]


def _report(each: Summary, names: Names) -> dict[str, Any]:
    if not each.count and not each.bad:
        return {}
    kind, uom = measured(each.uom)
    report: dict[str, Any] = {"type": kind, "deviceID": names.object(each.tag)}
    if each.signalled:
        report["exception"] = ALARM
    elif not each.count:
        report["exception"] = ERROR
    if each.count:
        report |= {
            "minValue": number(each.low), "maxValue": number(each.high), "meanValue": number(each.mean),
            "sDev": number(each.sdev),
        }  # fmt: skip
    if uom:
        report["uom"] = uom
    return report | {"lotwatch:count": each.count, "lotwatch:bad": each.bad}
