"""The mass balance of a site: `Mass` folds readings, scans and entries that are about kilograms. Pure.

Readings of one meter come in the order of their wire time; those of two meters may come a poll late to each other, and
what that may change is in the uncertainty of what moved (`contents`, `batches`, `shots`). A box is whole once its press
was read after it left, so no shot of it can still be on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from gateway.genealogy import from_composition
from gateway.lots import Lots, product_at
from gateway.mass import batches, entries, feeders, followed, scales, scans, shots, totals
from gateway.mass.contents import Content
from gateway.mass.cycles import Values
from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap
from gateway.mass.renamed import settled
from gateway.mass.rows import Amount, Gauge, Rows
from gateway.mass.values import MassState, MeterState
from gateway.model import Entry, Event, GroupId, LotMade, Plain, Quality, Reading, Scan, Severity
from gateway.site import ScanPoint, Site, Vessel

_LEVEL_SIGMAS = 3.0
_ALWAYS = frozenset({"scale", "totalizer", "totals", "feeder"})
"""Kinds of meter of which every reading counts; the others move when their count does."""


class Moved(NamedTuple):
    """What one input did: the new state, what is to be told, and lots whose shares do not sum to 1."""

    state: MassState
    events: tuple[Event, ...] = ()
    broken: tuple[tuple[str, float], ...] = ()


class Mass:
    """The vessels and meters of one site. A site without any costs nothing."""

    def __init__(self, site: Site) -> None:
        self._rows = Rows.of(site)
        self.metered: frozenset[GroupId] = frozenset(self._rows.gauges) | frozenset(self._rows.levels)
        self._scanned = {
            point.name
            for point in site.scan_points
            if point.into or point.makes or point.ships or point.role == "product"
        }

    def start(self) -> MassState:
        return MassState()

    def begun(self, state: MassState, time_ns: int) -> Moved:
        """A run or a config begins: vessels that are new are taken as full as the config says."""
        state, rows = _timeless(state, time_ns), self._rows
        new = [row for name, row in rows.vessels.items() if name not in state.vessels]
        gone = [name for name in state.vessels if name not in rows.vessels]
        if not new and not gone:
            return Moved(state)
        desk = Desk(rows, state, time_ns)
        for name in gone:
            kg = desk.vessels.pop(name).kg
            desk.noted("vessel_gone", name, Severity.WARNING, kg=kg, reason="not in the config any more")
        for row in new:
            desk.vessels[row.name] = Content()
            if row.opening_kg:
                desk.fill(row.name, _opening(desk, row))
        return _moved(desk)

    def reading(self, state: MassState, given: Reading, lots: Lots) -> Moved:
        """Fold a reading of a group in `metered`. Only values of good quality move anything."""
        time_ns = given.at.time_ns
        numbers: tuple[float | None, ...] = tuple(given.values.tolist())
        if given.quality.any():  # 0 is good
            good = (given.quality == Quality.GOOD).tolist()
            numbers = tuple(value if yes else None for value, yes in zip(numbers, good, strict=True))
        values = Values(time_ns, numbers, given.at)
        if self._idle(state, given.group, values, lots):
            return Moved(self._seen(state, given.group, values))
        desk = Desk(self._rows, state, time_ns)
        for gauge in self._rows.gauges.get(given.group, ()):
            self._gauged(desk, gauge, values, lots)
        shots.settle(
            desk,
            time_ns,
            lambda cell, at_ns: product_at(lots, cell, at_ns),
            lambda cell, lot, at_ns: _end(lots, cell, lot, at_ns),
        )
        for row, amount in self._rows.levels.get(given.group, ()):
            _level(desk, row, amount, values)
        return _moved(desk)

    def scanned(self, state: MassState, given: Scan, lots: Lots) -> Moved:
        """Fold a scan, after the lots have heard of it."""
        point = self._rows.points.get(given.point)
        if point is None or given.point not in self._scanned or not self._about(point):
            return Moved(state)
        desk = Desk(self._rows, state, given.at.time_ns)
        scans.scanned(desk, point, given)
        if point.role == "product" and point.action != "close":
            _too_late(desk, point, given, lots)
        return _moved(desk)

    def entered(self, state: MassState, given: Entry) -> Moved | None:
        """Fold an entry; None where it is not about mass."""
        desk = Desk(self._rows, state, given.at.time_ns)
        return _moved(desk) if entries.entered(desk, given) else None

    def restated(self, state: MassState, events: Sequence[Event]) -> MassState:
        """Later versions of lots were told: what is made of them from now on goes by these."""
        for event in events:
            if isinstance(event, LotMade):
                state = settled(state, event)
        vectors, whole = dict(state.vectors), dict(state.whole)
        for event in events:
            if isinstance(event, LotMade) and event.lot in vectors:
                vectors[event.lot] = from_composition(event.composition)
                if (held := whole.get(event.lot)) is not None:
                    whole[event.lot] = replace(held, version=event.version)
        return replace(state, vectors=vectors, whole=whole)

    def _about(self, point: ScanPoint) -> bool:
        return bool(self._rows.vessels) or bool(point.into or point.makes or point.ships)

    def _idle(self, state: MassState, group: GroupId, values: Values, lots: Lots) -> bool:
        """Whether nothing has moved: most readings of a meter are between two cycles."""
        if group in self._rows.levels or state.waiting or state.pressed:
            return False
        for gauge in self._rows.gauges.get(group, ()):
            meter, seen = gauge.meter, state.meters.get(gauge.meter.name)
            if meter.kind in _ALWAYS or seen is None:
                return False
            count = values.numbers[gauge.count.place]
            if count is not None and count != seen.count:
                return False
            open_lots = state.products.get(meter.cell) if meter.kind == "shots" else None
            if open_lots and any(lot != product_at(lots, meter.cell, values.time_ns) for lot in open_lots):
                return False
        return True

    def _seen(self, state: MassState, group: GroupId, values: Values) -> MassState:
        """The counts stand where they stood, until now."""
        meters = dict(state.meters)
        for gauge in self._rows.gauges.get(group, ()):
            if values.numbers[gauge.count.place] is not None:
                name = gauge.meter.name
                meters[name] = meters[name].until(values.time_ns)
        return state.with_meters(meters)

    def _gauged(self, desk: Desk, gauge: Gauge, values: Values, lots: Lots) -> None:
        name = gauge.meter.name
        state = desk.meters.get(name, MeterState())
        if gauge.meter.kind == "batch":
            state = batches.batch(desk, gauge, state, values)
        elif gauge.meter.kind == "shots":
            state = shots.shots(desk, gauge, state, values)
        elif gauge.meter.kind == "scale":
            state = scales.weighed(
                desk, gauge, state, values, lambda cell, time_ns: product_at(lots, cell, time_ns)
            )
        elif gauge.meter.kind == "totals":
            state = followed.by_totals(desk, gauge, state, values)
        elif gauge.meter.kind == "feeder":
            state = feeders.fed(desk, gauge, state, values)
        else:
            state = totals.total(
                desk, gauge, state, values, lambda cell: _material(lots, cell, values.time_ns)
            )
        desk.meters[name] = state
        if desk.waiting and state.seen_ns == values.time_ns:
            desk.settle(name)


def _timeless(state: MassState, time_ns: int) -> MassState:
    """Wall time was stepped back: when what is in the boxes fell, the old time says, which means nothing now."""
    products = {}
    for cell, lots in state.products.items():
        ahead = any(each.to_ns > time_ns for product in lots.values() for each in product.portions)
        products[cell] = {lot: product.timeless() for lot, product in lots.items()} if ahead else lots
    return state if products == state.products else replace(state, products=products)


def _too_late(desk: Desk, point: ScanPoint, given: Scan, lots: Lots) -> None:
    """A box that came and went before its scan was told: its parts are in another lot, which is whole by now."""
    for stay in lots.product.get(point.cell, ()):
        if stay.code == given.code and stay.from_ns == given.at.time_ns and stay.to_ns is not None:
            presses = (name for name in desk.rows.presses if desk.rows.meters[name].cell == point.cell)
            seen = max((desk.meters[name].seen_ns for name in presses if name in desk.meters), default=-1)
            if stay.to_ns <= seen:
                facts: dict[str, Plain] = {"from_ns": stay.from_ns, "to_ns": stay.to_ns, "point": point.name}
                desk.noted("scan_too_late", stay.lot, Severity.WARNING, **facts)


def _moved(desk: Desk) -> Moved:
    return Moved(desk.state(), tuple(desk.events), tuple(desk.broken))


def _opening(desk: Desk, row: Vessel) -> Heap:
    """What was in a vessel when it was first seen: a source, of which some may have been ground before."""
    lot = row.opening_lot or desk.name(f"opening:{row.name}")
    bought = desk.bring(lot, row.opening_kg, 0.0, row.cell, {"opening": True, "vessel": row.name})
    ground_kg = row.opening_kg * row.opening_regrind
    if not ground_kg:
        return (bought,)
    part = (bought._replace(kg=ground_kg),)
    regrind = desk.make(desk.name(f"opening-regrind:{row.name}"), "regrind", row.cell, part, ground=True)
    left = row.opening_kg - ground_kg
    return (regrind, bought._replace(kg=left)) if left > 0.0 else (regrind,)


def _level(desk: Desk, row: Vessel, amount: Amount, values: Values) -> None:
    """What a vessel's own scale says, beside what was metered in and out of it: told when they part or agree again."""
    shown = values.kg(amount)
    if shown is None or not row.level_sigma_kg:
        return
    held = desk.vessels.get(row.name, Content()).kg + sum(
        meter.pending.kg
        for gauges in desk.rows.gauges.values()
        for gauge in gauges
        if gauge.meter.targets[:1] == (row.name,)
        and (meter := desk.meters.get(gauge.meter.name)) is not None
        and meter.pending is not None
    )
    was = desk.level_off.get(row.name, False)
    near = _LEVEL_SIGMAS * row.level_sigma_kg
    off = shown - held
    now = abs(off) > (near / 2 if was else near)
    if now == was:
        return
    desk.level_off[row.name] = now
    facts: dict[str, Plain] = {
        "level_kg": shown, "held_kg": held, "off_kg": off, "sigma_kg": row.level_sigma_kg,
    }  # fmt: skip
    if now:
        desk.noted("level_differs", row.name, Severity.WARNING, **facts)
    else:
        desk.noted("level_agrees", row.name, Severity.INFO, **facts)


def _end(lots: Lots, cell: str, lot: str, time_ns: int) -> int:
    for stay in reversed(lots.product.get(cell, ())):
        if stay.lot == lot:
            return time_ns if stay.to_ns is None else min(stay.to_ns, time_ns)
        if not lot and stay.from_ns <= time_ns:
            return stay.from_ns
    return time_ns


def _material(lots: Lots, cell: str, time_ns: int) -> str:
    for stay in reversed(lots.material.get(cell, ())):
        if stay.covers(time_ns):
            return stay.lot
    return ""
