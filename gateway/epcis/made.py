"""A lot that is whole (LotMade) as EPCIS events: what was made of what, and what it then was part of. Pure.

A lot without inputs came from outside: it is received under its supplier's key, or commissioned under ours. One that
holds others without changing them is aggregated; every other is a transformation, in kilograms. Orders and deliveries
among its facts give a TransactionEvent, a bin, tag or device an AssociationEvent, a shipment an ObjectEvent more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from gateway.epcis.links import DOMAIN
from gateway.epcis.names import Epc, Names
from gateway.epcis.shapes import Event, finished, ids, in_error, number, quantity, split
from gateway.model import LotMade

TRANSACTIONS = {
    "order": "po", "work_order": "prodorder", "delivery": "desadv", "invoice": "inv", "certificate": "cert",
}  # fmt: skip
"""Facts of a lot that refer to a business transaction, and the type of it (CBV 2.0, 7.3)."""
CARRIERS = ("bin", "tag", "device")
"""Facts that name what the lot is carried in or measured by."""
_DATES = {"expiry": "cbvmda:itemExpirationDate", "best_before": "cbvmda:bestBeforeDate"}
_NAMED = {*TRANSACTIONS, *CARRIERS, *_DATES, "supplier", "customer", "supplier_lot", "lot_number"}
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)
_STEPS = {"pallet": "packing", "shipment": "loading", "box": "packing"}


def of_made(
    made: LotMade, names: Names, recorded_ns: int | None = None, before: LotMade | None = None
) -> list[Event]:
    """The events of one version. `before`: the version that it amends; what is no longer so is declared wrong first."""
    recorded = made.time_ns if recorded_ns is None else recorded_ns
    new = [finished(event, made.time_ns, recorded) for event in _told(made, names)]
    if before is None:
        return new
    known = set(ids(new))
    old = [finished(event, before.time_ns, recorded) for event in _told(before, names)]
    wrong = [
        in_error(
            each,
            recorded,
            [one["eventID"] for one in new if one["type"] == each["type"]] or ids(new)[:1],
            "incorrect_data",
            made.reason,
        )
        for each in old
        if each["eventID"] not in known
    ]
    return wrong + new


def _told(made: LotMade, names: Names) -> list[Event]:
    lot = names.lot(made.lot, made.kind)
    where = {"readPoint": {"id": names.cell(made.cell)}, "bizLocation": {"id": names.place(made.cell)}}
    if not made.cell:
        where = {}
    facts = made.facts
    events = [_first(made, lot, names, where)]
    things, classes = split([(lot, made.kg)])
    events += [
        {
            "type": "AssociationEvent", "parentID": names.object(carrier), "childEPCs": things,
            "childQuantityList": classes, "action": "ADD", **where, "lotwatch:carrier": word,
        }
        for word in CARRIERS if (carrier := _text(facts, word))
    ]  # fmt: skip
    references = _references(facts, names)
    if references:
        events.append(
            {
                "type": "TransactionEvent", "bizTransactionList": references, "epcList": things,
                "quantityList": classes, "action": "ADD", **where,
            }
        )  # fmt: skip
    if made.kind == "shipment":
        parties = _parties(facts, names)
        events.append(
            {
                "type": "ObjectEvent", "epcList": things, "quantityList": classes, "action": "OBSERVE",
                "bizStep": "shipping", "disposition": "in_transit", **_point(where),
                "bizTransactionList": references, **parties,
            }
        )  # fmt: skip
    return events


def _first(made: LotMade, lot: Epc, names: Names, where: Mapping[str, Any]) -> Event:
    """The event that the lot comes from."""
    ours = _ours(made, names)
    things, classes = split([(lot, made.kg)])
    if not made.inputs:
        if lot.uri.startswith(DOMAIN):  # named by somebody else, who commissioned it
            return {
                "type": "ObjectEvent", "epcList": things, "quantityList": classes, "action": "OBSERVE",
                "bizStep": "receiving", "disposition": "in_progress", **where,
                **_parties(made.facts, names), **ours, **_master(made, names),
            }  # fmt: skip
        return {
            "type": "ObjectEvent", "epcList": things, "quantityList": classes, "action": "ADD",
            "bizStep": "commissioning", "disposition": "active", **where, **_parties(made.facts, names),
            "ilmd": _master(made, names), **ours,
        }  # fmt: skip
    inner = [(names.lot(name), kg) for name, kg in _amounts(made).items()]
    inner_things, inner_classes = split(inner)
    if made.aggregated:
        return {
            "type": "AggregationEvent", "parentID": names.thing(made.lot), "childEPCs": inner_things,
            "childQuantityList": inner_classes, "action": "ADD", "bizStep": _STEPS.get(made.kind, "packing"),
            "disposition": "in_progress", **where, **ours,
        }  # fmt: skip
    return {
        "type": "TransformationEvent", "inputEPCList": inner_things, "inputQuantityList": inner_classes,
        "outputEPCList": things, "outputQuantityList": classes,
        "bizStep": "commissioning" if lot.thing else "creating_class_instance", "disposition": "active",
        **where, "ilmd": _master(made, names), **ours,
    }  # fmt: skip


def _amounts(made: LotMade) -> dict[str, float | None]:
    """Kilograms by input; None where a vessel's mixing is not known, and so the two solutions differ."""
    amounts: dict[str, dict[str, float]] = {}
    for each in made.inputs:
        ways = amounts.setdefault(each.lot, {"fifo": 0.0, "mixed": 0.0})
        for way in (each.mixing,) if each.mixing else ("fifo", "mixed"):
            ways[way] = ways.get(way, 0.0) + each.kg
    return {
        lot: ways["fifo"] if number(ways["fifo"]) == number(ways["mixed"]) else None
        for lot, ways in amounts.items()
    }


def _ours(made: LotMade, names: Names) -> Event:
    """What EPCIS has no field for: kind, version, kilograms with their uncertainty."""
    ours: Event = {
        "lotwatch:kind": made.kind, "lotwatch:version": made.version, "lotwatch:kg": number(made.kg),
        "lotwatch:sigmaKg": number(made.sigma_kg),
    }  # fmt: skip
    if made.ground:
        ours["lotwatch:ground"] = True
    if made.inputs:
        ours["lotwatch:inputs"] = [
            {
                "lotwatch:lot": names.lot(each.lot).uri, "lotwatch:kg": number(each.kg),
                "lotwatch:sigmaKg": number(each.sigma_kg),
                **({"lotwatch:mixing": each.mixing} if each.mixing else {}),
            }
            for each in made.inputs
        ]  # fmt: skip
    return ours


def _master(made: LotMade, names: Names) -> Event:
    """Instance and lot master data: what stays true of the lot."""
    facts, composition = made.facts, made.composition
    master: Event = {}
    if made.inputs or not names.lot(made.lot).uri.startswith(DOMAIN):  # else its key says it
        master["cbvmda:lotNumber"] = (
            _text(facts, "lot_number") or _text(facts, "supplier_lot") or _batch(made.lot)
        )
    master |= {name: _text(facts, word) for word, name in _DATES.items() if _text(facts, word)}
    shares = [1 - row[0] for row in composition.passes if row]
    if shares:
        master["lotwatch:regrindShareLow"] = number(max(min(shares), 0.0))
        master["lotwatch:regrindShareHigh"] = number(min(max(shares), 1.0))
        master["lotwatch:regrindShareSigma"] = number(composition.regrind_sigma)
    if composition.recycled:
        master["lotwatch:recycledContentLow"] = number(min(composition.recycled))
        master["lotwatch:recycledContentHigh"] = number(max(composition.recycled))
    for word, value in facts.items():
        if word not in _NAMED and _WORD.fullmatch(word) and isinstance(value, (str, int, float)):
            master[f"lotwatch:{word}"] = value if isinstance(value, str) else _plain(value)
    return {name: value for name, value in master.items() if value not in ("", None)}


def _batch(lot: str) -> str:
    """The number by which people call a lot: of one with a GTIN what stands behind it."""
    gtin, _, batch = lot.partition(":")
    return unquote(batch) if len(gtin) == 14 and gtin.isdigit() and batch else lot


def _plain(value: float) -> float | int | bool | None:
    if isinstance(value, bool):
        return value
    return number(value) if value - value == 0 else None  # neither nan nor infinite


def _references(facts: Mapping[str, Any], names: Names) -> list[dict[str, str]]:
    return [
        {"type": kind, "bizTransaction": names.transaction(_text(facts, word))}
        for word, kind in TRANSACTIONS.items()
        if _text(facts, word)
    ]


def _parties(facts: Mapping[str, Any], names: Names) -> Event:
    said: Event = {}
    if supplier := _text(facts, "supplier"):
        said["sourceList"] = [{"type": "possessing_party", "source": names.party(supplier)}]
    if customer := _text(facts, "customer"):
        said["destinationList"] = [{"type": "possessing_party", "destination": names.party(customer)}]
    return said


def _point(where: Mapping[str, Any]) -> Event:
    """Of what has left: where it was read, and no place where it is now."""
    return {name: value for name, value in where.items() if name == "readPoint"}


def _text(facts: Mapping[str, Any], word: str) -> str:
    value = facts.get(word)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value).strip()


__all__ = ["CARRIERS", "TRANSACTIONS", "of_made", "quantity"]
