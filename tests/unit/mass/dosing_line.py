"""A blender that shows totals alone, a feeder on its hopper's weight, a belt: a site, and readings by second."""

from __future__ import annotations

from gateway.layout import Field
from gateway.site import Bus, Device, Dose, Group, Meter, Point, Site, Vessel
from gateway.site.material import CountUnit

from .small_line import LINE, S

WSB = ("system_type", "cycles", "total_1", "total_2", "serial")
TENTHS, GRAMS = 2, 9
MEASURED_IN = (CountUnit(2.0, 1e-4), CountUnit(9.0, 1e-3))


def _group(device: str, *points: tuple[str, str, str]) -> Group:
    rows = tuple(Point(name, f"{LINE}/{device}/{name}", Field(kind), uom=uom) for name, kind, uom in points)
    return Group(f"{device}/fast", device, S, rows, 60 * S)


GROUPS = (
    _group("wsb", *((name, "uint32" if name.startswith("total") else "uint16", "") for name in WSB)),
    _group("feeder", ("weight", "float32", "kg")),
    _group("belt", ("total", "uint16", "kg")),
)


def dosing_site() -> Site:
    cells = {group.device: f"{LINE}/{group.device}" for group in GROUPS}
    devices = tuple(
        Device(group.device, "bus1", group.device, 1, cells[group.device], (group,)) for group in GROUPS
    )
    vessels = (
        Vessel("virgin", cells["wsb"], "hopper", "fifo", 1000.0, "RESIN"),
        Vessel("regrind", cells["wsb"], "bin", "mixed", 1000.0, "OLD", 1.0),
        Vessel("colour", cells["feeder"], "hopper", "fifo", 20.0, "MB-1"),
        Vessel("drum", cells["feeder"], "bin", "fifo", 500.0, "MB-2"),
        Vessel("silo", cells["belt"], "silo", "fifo", 5000.0, "RESIN-2"),
        Vessel("press", cells["wsb"], "hopper", "mixed"),
    )
    tag = LINE + "/{}/{}"
    meters = (
        Meter(
            "wsb", cells["wsb"], "totals", "wsb/fast", tag.format("wsb", "cycles"), targets=("press",),
            doses=(
                Dose(tag.format("wsb", "total_1"), "virgin", 0.001),
                Dose(tag.format("wsb", "total_2"), "regrind", 0.001),
            ),
            unit=tag.format("wsb", "system_type"), units=MEASURED_IN, serial=tag.format("wsb", "serial"),
            largest_kg=2.5, fastest_ns=8 * S,
        ),
        Meter(
            "feeder", cells["feeder"], "feeder", "feeder/fast", tag.format("feeder", "weight"), "colour", ("press",),
            sigma_kg=0.002, most_kg_h=60.0, window_ns=30 * S, refilled_from="drum",
        ),
        Meter(
            "belt", cells["belt"], "totalizer", "belt/fast", tag.format("belt", "total"), "silo", ("virgin",),
            most_kg_h=3600.0,
        ),
    )  # fmt: skip
    return Site(
        "plant", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), devices, (), cells=tuple(cells.values()),
        vessels=vessels, meters=meters,
    )  # fmt: skip
