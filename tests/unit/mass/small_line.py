"""A line small enough to reckon by hand: silo, blender of two doses, press, granulator, scale; its inputs by second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gateway.layout import Field
from gateway.mass import Mass, MassState
from gateway.model import Entry, Event, Input, Instant, LotMade, Noted, Quality, Reading, Scan
from gateway.pipeline import Pipeline
from gateway.site import Bus, Device, Dose, Group, Meter, Point, ScanPoint, Site, Vessel

LINE = "hall/line1"
WALL_NS = 1_800_000_000_000_000_000
S = 1_000_000_000


def _group(device: str, *points: tuple[str, str, str]) -> Group:
    rows = tuple(Point(name, f"{LINE}/{device}/{name}", Field(kind), uom=uom) for name, kind, uom in points)
    return Group(f"{device}/fast", device, S, rows, 60 * S)


GROUPS = (
    _group("silo", ("filled", "uint16", "kg"), ("level", "float32", "t")),
    _group("blender", ("cycles", "uint16", ""), ("virgin", "float32", "kg"), ("regrind", "float32", "kg")),
    _group(
        "press",
        ("shots", "uint16", ""),
        ("shot", "float32", "g"),
        ("part", "float32", "g"),
        ("good", "uint16", ""),
    ),
    _group("mill", ("ground", "uint16", "kg")),
    _group("scale", ("mass", "float32", "kg")),
)


def site(*, mixing: str = "mixed", hopper_from_silo: bool = True, scanned_into: str = "") -> Site:
    """Virgin from a silo by a hopper of 10 kg, regrind from a bin; a press hopper of 20 kg of that mixing."""
    cells = {
        name: f"{LINE}/{name}" for name in ("silo", "blender", "press", "mill", "scale", "pallets", "gate")
    }
    devices = tuple(
        Device(group.device, "bus1", group.device, 1, cells[group.device], (group,)) for group in GROUPS
    )
    keeps = (10.0, "silo") if hopper_from_silo else (0.0, "")
    vessels = (
        Vessel(
            "silo",
            cells["silo"],
            "silo",
            "fifo",
            100.0,
            "RESIN-1",
            level=f"{LINE}/silo/level",
            level_sigma_kg=1.0,
        ),
        Vessel("hopper", cells["blender"], "hopper", "fifo", 10.0, "RESIN-0", 0.0, *keeps),
        Vessel("bin", cells["mill"], "bin", "mixed", 50.0, "OLD", 1.0),
        Vessel("feed", cells["press"], "hopper", mixing, 20.0, "FEED", 0.0, 20.0),
        Vessel("scrap", cells["mill"], "bin", "mixed"),
    )
    tag = LINE + "/{}/{}"
    meters = (
        Meter("truck", cells["silo"], "totalizer", "silo/fast", tag.format("silo", "filled"), targets=("silo",)),
        Meter(
            "blender", cells["blender"], "batch", "blender/fast", tag.format("blender", "cycles"), targets=("feed",),
            doses=(
                Dose(tag.format("blender", "virgin"), "hopper", 0.01),
                Dose(tag.format("blender", "regrind"), "bin", 0.01),
            ),
        ),
        Meter(
            "press", cells["press"], "shots", "press/fast", tag.format("press", "shots"), "feed", sigma_kg=0.01,
            mass=tag.format("press", "shot"), part=tag.format("press", "part"), parts=4,
            good=tag.format("press", "good"), rest="scrap",
        ),
        Meter(
            "mill", cells["mill"], "totalizer", "mill/fast", tag.format("mill", "ground"), "scrap", ("bin",),
            ground=True, slice_kg=1.0, loss=0.1,
        ),
        Meter("scale", cells["scale"], "scale", "scale/fast", tag.format("scale", "mass"), sigma_kg=0.02, tare_kg=1.0),
    )  # fmt: skip
    points = (
        ScanPoint("bag", cells["blender"], "open", "material", into=scanned_into or "hopper"),
        ScanPoint("delivery", cells["silo"], "open", "material"),
        ScanPoint("box", cells["press"], "open"),
        ScanPoint("weigh", cells["scale"], "move"),
        ScanPoint("pallet", cells["pallets"], "open", makes="pallet"),
        ScanPoint("stack", cells["scale"], "close", into="pallet"),
        ScanPoint("gate", cells["gate"], "close", ships=True),
    )
    return Site(
        "plant", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), devices, points, cells=tuple(cells.values()),
        vessels=vessels, meters=meters,
    )  # fmt: skip


def at(seconds: float) -> Instant:
    return Instant(WALL_NS + round(seconds * S), round((1000 + seconds) * S), 1)


def read(seconds: float, device: str, *values: float, bad: Sequence[int] = ()) -> Reading:
    """All values of a device; `bad` are the places that were not read."""
    quality = np.array([Quality.NO_ANSWER if i in bad else 0 for i in range(len(values))], dtype=np.uint8)
    numbers = np.where(quality == 0, np.array(values, dtype=np.float64), np.nan)
    return Reading(f"{device}/fast", at(seconds), 0, numbers, quality, np.zeros(2 * len(values), np.uint16))


def scan(seconds: float, point: str, code: str) -> Scan:
    return Scan(point, at(seconds), code)


def entry(seconds: float, what: str, /, **body: object) -> Entry:
    return Entry(what, at(seconds), "17", body)  # type: ignore[arg-type]


class Run:
    """A fold of a small line; calling it folds inputs and gives the events of these alone."""

    def __init__(self, made_for: Site) -> None:
        self.pipeline = Pipeline(made_for)
        self.state = self.pipeline.start()
        self.events: list[Event] = []

    def __call__(self, *inputs: Input) -> list[Event]:
        before = len(self.events)
        for each in inputs:
            step = self.pipeline.step(self.state, each)
            self.state = step.state
            self.events += step.events
        return self.events[before:]

    @property
    def mass(self) -> MassState:
        return self.state.mass

    def kg(self, vessel: str) -> float:
        return self.mass.vessels[vessel].kg


def made(events: Sequence[Event], kind: str) -> list[LotMade]:
    return [event for event in events if isinstance(event, LotMade) and event.kind == kind]


def noted(events: Sequence[Event], kind: str) -> list[Noted]:
    return [event for event in events if isinstance(event, Noted) and event.kind == kind]


def shares(lot: LotMade, row: int = 0) -> dict[str, float]:
    return dict(zip(lot.composition.sources, lot.composition.shares[row], strict=True))


__all__ = ["Mass", "Run", "at", "entry", "made", "noted", "read", "scan", "shares", "site"]
