"""What every EPCIS event of ours has, in one order, and the id that its content gives it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.epcis.names import Epc
from gateway.epcis.prehash import hash_id
from gateway.epcis.times import stamp
from gateway.epcis.vocabulary import CONTEXT, NAMESPACE

Event = dict[str, Any]
OURS = {"lotwatch": NAMESPACE}
OUR_CONTEXT: list[Any] = [CONTEXT, OURS]
_DIGITS = 9
_FIRST = ("eventID", "type", "eventTime", "eventTimeZoneOffset", "recordTime")


def finished(event: Event, time_ns: int, recorded_ns: int) -> Event:
    """The event with its times and its id; empty members are left out."""
    said = {name: value for name, value in event.items() if value not in ("", None, [], {})}
    said |= {"eventTime": stamp(time_ns), "eventTimeZoneOffset": "+00:00"}
    said |= {"recordTime": stamp(recorded_ns), "eventID": hash_id(said, OURS)}
    return {name: said.pop(name) for name in _FIRST} | said


def in_error(event: Event, declared_ns: int, corrective: Iterable[str], reason: str, why: str = "") -> Event:
    """The same event, declared to be wrong (EPCIS 2.0, 7.4.1.3): it keeps its id."""
    declaration: dict[str, Any] = {"declarationTime": stamp(declared_ns), "reason": reason}
    if corrected := list(corrective):
        declaration["correctiveEventIDs"] = corrected
    if why:
        declaration["lotwatch:reason"] = why
    return event | {"recordTime": stamp(declared_ns), "errorDeclaration": declaration}


def number(value: float) -> float | int:
    """A number in nine digits: the same text, and so the same id, on every machine."""
    said = float(f"{value:.{_DIGITS}g}")
    return int(said) if said.is_integer() and abs(said) < 2**53 else said


def quantity(epc: Epc, kg: float | None) -> dict[str, Any]:
    """Kilograms of a class (UN/CEFACT Recommendation 20: KGM); without a number where it is not known."""
    made: dict[str, Any] = {"epcClass": epc.uri}
    if kg is not None and 0 < kg < math.inf:
        made |= {"quantity": number(kg), "uom": "KGM"}
    return made


def split(members: Iterable[tuple[Epc, float | None]]) -> tuple[list[str], list[dict[str, Any]]]:
    """Things, each once, and classes with their kilograms."""
    things: dict[str, None] = {}
    classes: list[dict[str, Any]] = []
    for epc, kg in members:
        if epc.thing:
            things[epc.uri] = None
        else:
            classes.append(quantity(epc, kg))
    return list(things), classes


def ids(events: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(event["eventID"]) for event in events]
