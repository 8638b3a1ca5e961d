"""What was decided about a lot (held, released, suspect, a result) as EPCIS events. Pure."""

from __future__ import annotations

from typing import Any

from gateway.epcis.names import Names
from gateway.epcis.shapes import Event, finished, number, split
from gateway.model import Noted, Plain

_UNAVAILABLE = ["unavailable"]
DECISIONS: dict[str, dict[str, Any]] = {
    "lot_held": {
        "bizStep": "holding", "disposition": "non_sellable_other", "persistentDisposition": {"set": _UNAVAILABLE},
    },
    "lot_released": {
        "bizStep": "other", "disposition": "active", "persistentDisposition": {"unset": _UNAVAILABLE},
    },
    "lot_suspect": {"bizStep": "other", "disposition": "unknown"},
    "lot_result": {"bizStep": "inspecting"},
}  # fmt: skip
"""By kind of event: business step and disposition. A lot that left and is suspect has a disposition nobody knows."""
_VERDICTS = {"inside": "conformant", "outside": "non_conformant"}
_SAID = ("by", "about", "reason", "result", "verdict", "low", "high")


def of_noted(noted: Noted, names: Names, recorded_ns: int | None = None) -> list[Event]:
    """One ObjectEvent, or none where the event is not about a lot. Operators stay at home."""
    if noted.kind not in DECISIONS or not noted.subject:
        return []
    facts = noted.facts
    things, classes = split([(names.lot(noted.subject, str(facts.get("lot_kind") or "")), None)])
    event: Event = {
        "type": "ObjectEvent", "epcList": things, "quantityList": classes, "action": "OBSERVE",
        **DECISIONS[noted.kind],
    }  # fmt: skip
    if noted.kind == "lot_result" and (verdict := _VERDICTS.get(str(facts.get("verdict")))):
        event["disposition"] = verdict
    if cell := str(facts.get("cell") or ""):
        event |= {"readPoint": {"id": names.cell(cell)}, "bizLocation": {"id": names.place(cell)}}
    event["lotwatch:decision"] = noted.kind
    for word in (*_SAID, "value"):
        if (value := _plain(facts.get(word))) is not None:
            event[f"lotwatch:{word}"] = value
    return [finished(event, noted.time_ns, noted.time_ns if recorded_ns is None else recorded_ns)]


def _plain(value: Plain) -> str | float | int | None:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0:
        return number(value)
    return None
