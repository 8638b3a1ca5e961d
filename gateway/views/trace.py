"""What a lot is made of and who holds it, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from gateway.journal import JournalReader
from gateway.journal.anytrace import reachable
from gateway.journal.exposure import Exposures, Held
from gateway.journal.genealogy import Trace, trace
from gateway.journal.spread import Spread
from gateway.views.lot import window_plain
from gateway.views.masses import held_plain, made_plain, sources_plain, totals_plain
from gateway.views.moments import iso

UNITS = ("box", "pallet", "shipment")
"""What leaves the site, and what people ask for when they ask where something went."""

_SCANNED = "as scanned: a link says that it was there in time, not how much of it went in"


@dataclass(frozen=True)
class Asked:
    """What to tell of a lot."""

    ways: tuple[bool, ...]  # forward or not
    least: float
    kinds: Sequence[str] | None
    links: bool  # the legal set too
    upto: tuple[int, ...]  # by journal
    first: int | None = None  # forward only so many that were closed first, and no totals then
    scans: bool = True  # links as scanned, also of a lot whose masses are known


def told(readers: Sequence[JournalReader], lot: str, asked: Asked) -> dict[str, Any]:
    """Both ways, or one of them, by mass where it is known and by scans where it is not."""
    exposures = Exposures([reader.made for reader in readers], asked.upto)
    made = exposures.made(lot)
    by_mass = made is not None or any(
        reader.made.children(lot, upto) for reader, upto in zip(readers, asked.upto, strict=True)
    )
    found: dict[str, Any] = {
        "basis": "mass" if by_mass else "scans",
        "note": None if by_mass else _SCANNED,
        "mass": made_plain(made) if made else None,
        "at": [
            {
                "site": reader.identity.site,
                "kg": here.kg,
                "closed": iso(here.time_ns),
                "version": here.version,
            }
            for reader, upto in zip(readers, asked.upto, strict=True)
            if (here := reader.made.made(lot, upto)) is not None
        ],
    }
    for forward in asked.ways:
        way: dict[str, Any] = (
            plain(trace(readers, lot, forward=forward)) if asked.scans or not by_mass else {}
        )
        if forward and by_mass:
            held = holders(exposures, lot, asked)
            if asked.first is not None:
                way["whole"] = held.whole
            if held.whole:
                way["totals"] = totals_plain(held.lots)
            way["holders"] = [held_plain(each) for each in held.lots]
        elif made is not None:
            way["sources"] = sources_plain(exposures, made, asked.least) if made.inputs else []
            way["rest"] = exposures.rest(lot)
        if asked.links:
            reached = reachable(readers, lot, forward=forward, upto=asked.upto)
            way["any"] = {"count": len(reached.lots), "kinds": dict(reached.kinds), "lots": reached.lots}
        found["forward" if forward else "backward"] = way
    return found


class Holders(NamedTuple):
    """Lots that hold another one, in the order of their times."""

    lots: list[Held]
    whole: bool  # False: there may be more


def holders(exposures: Exposures, lot: str, asked: Asked) -> Holders:
    """Lots that hold the lot; where it is asked for some first ones, nobody looks behind those."""
    made = exposures.made(lot)
    if made is not None and made.inputs:
        spread = Spread(exposures, lot, asked.least)
        if asked.first is None:
            found = [held for held in spread.holders() if _wanted(held, asked)]
            return Holders(sorted(found, key=_by_time), whole=True)
        return _first_made(spread, asked, asked.first)
    every = exposures.holders(lot, asked.least, asked.kinds)
    found = list(every if asked.first is None else islice(every, asked.first))
    whole = asked.first is None or len(found) < asked.first or next(every, None) is None
    return Holders(sorted(found, key=_by_time), whole)


def _first_made(spread: Spread, asked: Asked, most: int) -> Holders:
    """A late scan may take out what was found, so it is looked through anew whenever there may be enough."""
    enough = most
    for found in spread.steps():
        if len(found) > enough:  # one more than wanted: there are more
            wanted = [held for held in found.values() if _wanted(held, asked)]
            if len(wanted) > most:
                return Holders(sorted(wanted, key=_by_time)[:most], whole=False)
            enough = len(found) + most - len(wanted)
    wanted = [held for held in spread.holders() if _wanted(held, asked)]
    return Holders(sorted(wanted, key=_by_time), whole=True)


def _wanted(held: Held, asked: Asked) -> bool:
    return asked.kinds is None or held.made.kind in asked.kinds


def _by_time(held: Held) -> tuple[int, str]:
    return held.made.time_ns, held.made.lot


def plain(trace: Trace) -> dict[str, Any]:
    """A trace as JSON has it."""
    lots = [
        {
            "lot": node.lot,
            "depth": node.depth,
            "known": node.known,
            "windows": [window_plain(window) for window in node.windows],
        }
        for node in trace.nodes
    ]
    return {"lots": lots, "links": [{"parent": parent, "child": child} for parent, child in trace.links]}
