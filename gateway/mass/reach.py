"""Where material goes that comes in at a scan point: vessels in the order in which it gets there, and cells. Pure."""

from __future__ import annotations

from typing import NamedTuple

from gateway.lots.paths import Paths
from gateway.site import Meter, ScanPoint, Site


class Reach(NamedTuple):
    """What a scan point feeds."""

    vessels: tuple[str, ...]
    cells: tuple[str, ...]


def reach(site: Site, point: ScanPoint) -> Reach:
    """Vessels filled by it, by what is drawn from those, and so on; the cells of all, and those that flows lead to."""
    first = [point.into] if point.into else _fed_at(site, point.cell)
    found = dict.fromkeys(name for name in first if any(row.name == name for row in site.vessels))
    cells = dict.fromkeys(Paths.of(site.flows).below(point.cell))
    todo = list(found)
    for name in todo:
        cells |= dict.fromkeys(row.cell for row in site.vessels if row.name == name)
        onward = [row.name for row in site.vessels if row.source == name]
        for meter in site.meters:
            if name in _drawn(meter):
                cells[meter.cell] = None
                onward += [*meter.targets, *([meter.rest] if meter.rest else [])]
        todo += [each for each in dict.fromkeys(onward) if each not in found]
        found |= dict.fromkeys(onward)
    return Reach(tuple(found), tuple(cells))


def _fed_at(site: Site, cell: str) -> list[str]:
    """Vessels that a meter at the cell fills from outside."""
    return [
        name for meter in site.meters if meter.cell == cell and not meter.source for name in meter.targets
    ]


def _drawn(meter: Meter) -> tuple[str, ...]:
    return (meter.source, *(dose.vessel for dose in meter.doses))
