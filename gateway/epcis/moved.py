"""A lot that was opened, moved, linked or closed at a cell (LotChanged) as EPCIS events. Pure."""

from __future__ import annotations

from gateway.epcis.names import Names
from gateway.epcis.shapes import Event, finished, split
from gateway.model import LotChanged

STEPS = {"opened": "arriving", "moved": "arriving", "linked": "other", "closed": "departing"}
"""What a change at a cell is as a business step (CBV 2.0, 7.1)."""


def of_changed(changed: LotChanged, names: Names, recorded_ns: int | None = None) -> list[Event]:
    """One ObjectEvent. After it the lot is at the cell, unless it left: then nobody knows where."""
    things, classes = split([(names.lot(changed.lot), None)])
    event: Event = {
        "type": "ObjectEvent", "epcList": things, "quantityList": classes, "action": "OBSERVE",
        "bizStep": STEPS.get(changed.change, "other"), "disposition": "in_progress",
    }  # fmt: skip
    if changed.cell:
        event["readPoint"] = {"id": names.cell(changed.cell)}
        if changed.change != "closed":
            event["bizLocation"] = {"id": names.place(changed.cell)}
    event["lotwatch:change"], event["lotwatch:role"] = changed.change, changed.role
    event["lotwatch:parents"] = [names.lot(parent).uri for parent in dict.fromkeys(changed.parents)]
    return [finished(event, changed.time_ns, changed.time_ns if recorded_ns is None else recorded_ns)]
