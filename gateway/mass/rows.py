"""A site's vessels and meters, compiled: which value of which poll group is how many kilograms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from gateway.mass.counters import range_of
from gateway.metering.feeder import Feeder
from gateway.metering.totalizer import Limits
from gateway.model import GroupId
from gateway.site import KILOGRAMS, Group, Meter, Point, ScanPoint, Site, Vessel

_LATE_POLLS = 3.0  # a total that comes later than so many periods may have been cleared and grown again


def in_kg(point: Point) -> float | None:
    """What a value of the point is multiplied by to be kilograms; None: it is no mass."""
    return KILOGRAMS.get(point.uom)


@dataclass(frozen=True, slots=True)
class Amount:
    """A value of the group that is kilograms, or a number that the config gives instead."""

    place: int = -1  # in the group; -1: `fixed`
    factor: float = 1.0
    fixed: float = 0.0
    step: float = 1.0  # of the point's number: how much one count of the device is


@dataclass(frozen=True, slots=True)
class Gauge:
    """A meter and where its values are."""

    meter: Meter
    count: Amount
    around: float  # where the count begins again; 0: never
    amounts: tuple[Amount, ...] = ()  # of batch: one a dose; of shots: the shot's, one part's
    good: int = -1  # place of the count of good parts
    good_around: float = 0.0
    unit: int = -1  # place of the number that says what totals are counted in
    serial: int = -1  # ... that names the device
    limits: Limits = field(default_factory=Limits)  # of what is followed by `gateway.metering`
    feeder: Feeder | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """What the mass balance of a site goes by."""

    site: str
    vessels: Mapping[str, Vessel] = field(default_factory=dict)
    gauges: Mapping[GroupId, tuple[Gauge, ...]] = field(default_factory=dict)
    levels: Mapping[GroupId, tuple[tuple[Vessel, Amount], ...]] = field(default_factory=dict)
    points: Mapping[str, ScanPoint] = field(default_factory=dict)
    meters: Mapping[str, Meter] = field(default_factory=dict)
    feeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by vessel: totalizers that fill it
    draws: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by vessel: meters that draw from it
    fills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by vessel: blenders that fill it
    presses: tuple[str, ...] = ()  # meters that count shots
    packs: bool = False  # whether any scan says that a lot goes onto a pallet, or leaves

    @classmethod
    def of(cls, site: Site) -> Rows:
        groups = site.groups()
        gauges: dict[GroupId, list[Gauge]] = {}
        for meter in site.meters:
            if meter.group in groups:
                gauges.setdefault(meter.group, []).append(_gauge(meter, groups[meter.group]))
        levels: dict[GroupId, list[tuple[Vessel, Amount]]] = {}
        tags = {point.tag: group for group in groups.values() for point in group.points}
        for vessel in site.vessels:
            if vessel.level in tags:
                group = tags[vessel.level]
                levels.setdefault(group.id, []).append((vessel, _amount(group, vessel.level)))

        def by_vessel(*kinds: str) -> dict[str, tuple[str, ...]]:
            found = {
                vessel.name: tuple(
                    m.name for m in site.meters if m.kind in kinds and vessel.name in m.targets
                )
                for vessel in site.vessels
            }
            return {name: meters for name, meters in found.items() if meters}

        return cls(
            site.site,
            {vessel.name: vessel for vessel in site.vessels},
            {name: tuple(found) for name, found in gauges.items()},
            {name: tuple(found) for name, found in levels.items()},
            {point.name: point for point in site.scan_points},
            {meter.name: meter for meter in site.meters},
            by_vessel("totalizer", "feeder"),
            {
                vessel.name: tuple(
                    meter.name
                    for meter in site.meters
                    if vessel.name
                    in {meter.source, meter.refilled_from, *(dose.vessel for dose in meter.doses)}
                )
                for vessel in site.vessels
            },
            by_vessel("batch", "totals"),
            tuple(meter.name for meter in site.meters if meter.kind == "shots"),
            any(point.ships or (point.into and point.role == "product") for point in site.scan_points),
        )


def _amount(group: Group, tag: str, fixed: float = 0.0) -> Amount:
    for place, point in enumerate(group.points):
        if point.tag == tag:
            return Amount(place, in_kg(point) or 1.0, step=float(Fraction(point.field.scale)))
    return Amount(fixed=fixed)


def _gauge(meter: Meter, group: Group) -> Gauge:
    by_tag = {point.tag: (place, point) for place, point in enumerate(group.points)}
    place, point = by_tag[meter.tag]
    weighs = meter.kind in {"totalizer", "scale", "feeder"}
    factor = (in_kg(point) or 1.0) if weighs else 1.0
    amounts: tuple[Amount, ...] = ()
    if meter.kind in {"batch", "totals"}:
        amounts = tuple(_amount(group, dose.tag) for dose in meter.doses)
    elif meter.kind == "shots":
        amounts = (_amount(group, meter.mass, meter.mass_kg), _amount(group, meter.part, meter.part_kg))
    good, of_good = by_tag.get(meter.good, (-1, None))
    counted = by_tag[meter.doses[0].tag][1] if meter.kind == "totals" else point
    counts = float(Fraction(counted.field.scale)) if meter.unit else 1.0
    limits = Limits(
        range_of(counted.field) / counts, range_of(point.field) if meter.kind == "totals" else 0.0,
        meter.largest_kg or math.inf, meter.fastest_ns / 1e9, meter.most_kg_h or math.inf,
        _LATE_POLLS * group.period_ns / 1e9,
    )  # fmt: skip
    feeder = None
    if meter.kind == "feeder":
        feeder = Feeder(
            meter.sigma_kg,
            meter.window_ns / 1e9,
            meter.most_kg_h or math.inf,
            meter.empty_kg,
            meter.refill_kg,
        )
    return Gauge(
        meter, Amount(place, factor, step=counts), factor * range_of(point.field), amounts, good,
        range_of(of_good.field) if of_good is not None else 0.0, by_tag.get(meter.unit, (-1, None))[0],
        by_tag.get(meter.serial, (-1, None))[0], limits, feeder,
    )  # fmt: skip
