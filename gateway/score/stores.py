"""Stores of a site, and the metered streams that come into them and go out of them. Pure.

A store is a set of vessels between which nothing is weighed: those that are kept filled from one another, and those
that one blender fills by turns. Every stream crosses the edge of a store, is weighed by one meter, and has one kind:

    in    received, ground, moved_in        out    dosed, scrapped, moved_out

`dosed` is all that a blender or a press takes; `moved` is what a totalizer, a blender or a press hands from one store
to another and what a press gives back (runners, rejects). Stocktakes and scrap are of the vessel that they name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.site import Meter, Site, Vessel
from gateway.site.score import Store

IN = ("received", "ground", "moved_in")
OUT = ("dosed", "scrapped", "moved_out")


@dataclass(frozen=True, slots=True)
class Stream:
    """What one meter says goes in or out of one store."""

    store: str
    kind: str  # of IN or OUT
    meter: str  # or the scan point where bags are emptied
    part: int  # of a meter: which of its amounts, see `gateway.score.metered`
    share: float = 1.0  # of that amount
    vessel: str = ""

    @property
    def sign(self) -> int:
        return 1 if self.kind in IN else -1


def stores_of(site: Site) -> tuple[Store, ...]:
    """As configured; else what belongs together by what is weighed."""
    if site.score.stores:
        return site.score.stores
    root = {vessel.name: vessel.name for vessel in site.vessels}

    def find(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    def join(names: Iterable[str]) -> None:
        first, *rest = [find(name) for name in names]
        for other in rest:
            root[find(other)] = find(first)

    for vessel in site.vessels:
        if vessel.source in root:
            join((vessel.source, vessel.name))
    for meter in site.meters:
        if meter.kind == "batch" and meter.targets:
            join(meter.targets)
    members: dict[str, list[Vessel]] = {}
    for vessel in site.vessels:
        members.setdefault(find(vessel.name), []).append(vessel)
    return tuple(
        Store(name, name, vessels[0].cell.rpartition("/")[0], tuple(each.name for each in vessels))
        for name, vessels in members.items()
    )


def streams_of(site: Site, stores: tuple[Store, ...]) -> tuple[Stream, ...]:
    """Every stream over the edge of a store; what stays inside one is none."""
    of = {vessel: store.name for store in stores for vessel in store.vessels}
    made: list[Stream] = []
    for meter in site.meters:
        made += _totalizer(meter, of) if meter.kind == "totalizer" else ()
        made += _batch(meter, of) if meter.kind == "batch" else ()
        made += _shots(meter, of) if meter.kind == "shots" else ()
    made += [
        Stream(of[point.into], "received", point.name, -1, vessel=point.into)
        for point in site.scan_points
        if point.into in of
    ]
    return tuple(made)


def _totalizer(meter: Meter, of: dict[str, str]) -> list[Stream]:
    source, target = of.get(meter.source, ""), of.get(meter.targets[0], "") if meter.targets else ""
    if source and source == target:
        return []
    made = []
    if source:  # what turned to dust on the way left the store all the same
        made.append(Stream(source, "moved_out", meter.name, 0, 1.0 / (1.0 - meter.loss), meter.source))
    if target:
        kind = "ground" if meter.ground else "moved_in" if meter.source else "received"
        made.append(Stream(target, kind, meter.name, 0, vessel=meter.targets[0]))
    return made


def _batch(meter: Meter, of: dict[str, str]) -> list[Stream]:
    target = of.get(meter.targets[0], "") if meter.targets else ""
    made = []
    for at, dose in enumerate(meter.doses):
        store = of.get(dose.vessel, "")
        if store == target:
            continue
        if store:
            made.append(Stream(store, "dosed", meter.name, at, vessel=dose.vessel))
        if target:
            made.append(Stream(target, "moved_in", meter.name, at, vessel=meter.targets[0]))
    return made


def _shots(meter: Meter, of: dict[str, str]) -> list[Stream]:
    """Part 0 is what the shots took, part 1 what of it did not become good parts."""
    source, rest = of.get(meter.source, ""), of.get(meter.rest, "")
    made = [Stream(source, "dosed", meter.name, 0, vessel=meter.source)] if source else []
    if rest and rest != source:
        made.append(Stream(rest, "moved_in", meter.name, 1, vessel=meter.rest))
    return made
