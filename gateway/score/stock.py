"""How much was in a store at an instant, and how well that is known: counted, weighed by load cells, or kept filled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gateway.journal import JournalReader
from gateway.model import Noted, Quality
from gateway.score.facts import number
from gateway.score.flows import Flows
from gateway.score.stores import Stream
from gateway.site import KILOGRAMS, Site, Vessel
from gateway.site.score import Store

HOUR_NS = 3_600_000_000_000
NEAR_NS = 36 * HOUR_NS
"""A stocktake counts for an instant that is no further away; what was metered in between is reckoned in."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Of one vessel or one whole store at an instant."""

    kg: float
    sigma_kg: float
    how: str  # "counted", "level", "kept", "opening", with + between those of several vessels
    seqs: tuple[int, ...] = ()  # of the stocktakes


def stock_at(
    flows: Flows, store: Store, streams: tuple[Stream, ...], edge_ns: int, first_ns: int
) -> tuple[Stock | None, tuple[str, ...]]:
    """What the store held, or None with the vessels that nobody knows of. `first_ns`: of the journal's readings."""
    site = flows.site
    rows = {vessel.name: vessel for vessel in site.vessels}
    parts: list[Stock] = []
    unknown: list[str] = []
    for name in store.vessels:
        vessel = rows.get(name)
        if vessel is None:
            continue
        mine = tuple(each for each in streams if each.store == store.name and root(rows, each.vessel) == name)
        found = (
            _counted(flows, vessel, mine, edge_ns)
            or _level(flows.reader, site, vessel, max(edge_ns, first_ns + 1))
            or _opening(site, vessel, edge_ns, first_ns)
            or _kept(flows, vessel, streams, edge_ns)
        )
        if found is None:
            unknown.append(name)
        else:
            parts.append(found)
    if unknown or not parts:
        return None, tuple(unknown)
    how = "+".join(dict.fromkeys(each.how for each in parts))
    return Stock(
        sum(each.kg for each in parts), math.hypot(*(each.sigma_kg for each in parts)), how,
        tuple(seq for each in parts for seq in each.seqs),
    ), ()  # fmt: skip


def root(rows: dict[str, Vessel], name: str) -> str:
    """The vessel whose content changes when this one is drawn from: a kept one is filled up at once."""
    seen = set[str]()
    while name in rows and rows[name].source and rows[name].keeps_kg and name not in seen:
        seen.add(name)
        name = rows[name].source
    return name


def _counted(flows: Flows, vessel: Vessel, streams: tuple[Stream, ...], edge_ns: int) -> Stock | None:
    near = [
        (abs(event.time_ns - edge_ns), seq, event)
        for seq, _, event in flows.reader.events_between(edge_ns - NEAR_NS, edge_ns + NEAR_NS, ["stocktake"])
        if isinstance(event, Noted) and event.subject == vessel.name
    ]
    if not near:
        return None
    _, seq, event = min(near, key=lambda each: each[:2])
    kg, var = number(event, "kg"), number(event, "sigma_kg") ** 2
    low, high = min(event.time_ns, edge_ns), max(event.time_ns, edge_ns)
    direction = 1 if event.time_ns < edge_ns else -1
    moved = [flows.flowed(each, low, high) for each in streams]
    moved += flows.scrapped((vessel.name,), vessel.name, low, high)
    for each in moved:
        kg += direction * each.stream.sign * each.kg
        var += each.sigma_kg**2
    return Stock(kg, math.sqrt(var), "counted", (seq,))


def _level(reader: JournalReader, site: Site, vessel: Vessel, edge_ns: int) -> Stock | None:
    """The newest good value of its load cells in the hour before; of a journal that begins, the first one."""
    if not vessel.level:
        return None
    series = reader.readings(vessel.level, edge_ns - HOUR_NS, edge_ns)
    good = np.flatnonzero(series.quality == Quality.GOOD)
    if not len(good):
        return None
    uom = next(
        (p.uom for group in site.groups().values() for p in group.points if p.tag == vessel.level), "kg"
    )
    return Stock(float(series.numbers()[good[-1]]) * KILOGRAMS.get(uom, 1.0), vessel.level_sigma_kg, "level")


def _opening(site: Site, vessel: Vessel, edge_ns: int, first_ns: int) -> Stock | None:
    """When the journal begins, a vessel has in it what the config says."""
    if edge_ns > first_ns or not vessel.opening_kg:
        return None
    return Stock(vessel.opening_kg, _give(site, vessel.opening_kg), "opening")


def _kept(flows: Flows, vessel: Vessel, streams: tuple[Stream, ...], edge_ns: int) -> Stock | None:
    """It is anywhere within `keeps_within` of what it is kept at.

    Filled by batches, within two of them: one that is called for, and one that is under way.
    """
    if not vessel.keeps_kg:
        return None
    batch_kg = 0.0
    for name in {
        meter.name for meter in flows.site.meters if meter.kind == "batch" and vessel.name in meter.targets
    }:
        if any(each.meter == name for each in streams):
            found = flows.meter(name, edge_ns - HOUR_NS, edge_ns)
            batch_kg += sum(each.kg for each in found.sums) / found.cycles if found.cycles else 0.0
    sigma = max(_give(flows.site, vessel.keeps_kg), 2.0 * batch_kg / math.sqrt(3.0))
    return Stock(vessel.keeps_kg, sigma, "kept")


def _give(site: Site, kg: float) -> float:
    """Nobody weighs it: anywhere within `keeps_within` of it, either way, alike (GUM 4.3.7)."""
    return kg * site.score.keeps_within / math.sqrt(3.0)
