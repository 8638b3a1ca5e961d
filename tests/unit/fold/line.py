"""A virtual line: one press with a clock that the test moves, its inputs made as a driver would."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from gateway.folding.foldstate import State, Step
from gateway.layout import Field
from gateway.model import Entry, Event, Input, Instant, Quality, Reading, Scan, Setting, Tick
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from gateway.site import AlarmLimit, Bus, Characteristic, Device, Group, Point, Sampling, ScanPoint, Site

CELL = "hall/line1/press1"
WALL_NS = 1_800_000_000_000_000_000
S = 1_000_000_000


def point(name: str, kind: str = "float32", **options) -> Point:
    field = Field(kind, words=options.pop("words", 0), order=options.pop("order", ""))
    return Point(name, f"{CELL}/{name}", field, **options)


def characteristic(name: str, tag: str, method: str = "imr", **options) -> Characteristic:
    options = {"params": {"center": 50.0, "sigma": 1.0}, "key": (), "sampling": Sampling(), **options}
    options["key"] = tuple(f"{CELL}/{key}" for key in options["key"])
    return Characteristic(name, f"{CELL}/{tag}", method, reaction="look at the mould", **options)


def site(
    points: Sequence[Point],
    rows: Sequence[Characteristic] = (),
    limits: Sequence[AlarmLimit] = (),
    *,
    other: Sequence[Point] = (),
    stale_s: float = 5.0,
) -> Site:
    """Group press1/fast with `points`, and press1/slow with `other` where there are any."""
    groups = [Group("press1/fast", "press1", S, tuple(points), round(stale_s * S))]
    if other:
        groups.append(Group("press1/slow", "press1", 10 * S, tuple(other), 60 * S))
    device = Device("press1", "bus1", "press", 1, CELL, tuple(groups))
    scan_points = (
        ScanPoint("box", CELL, "open"),
        ScanPoint("hopper", CELL, "open", "material"),
        ScanPoint("hopper-out", CELL, "close", "material"),
        ScanPoint("store", "hall/store/rack", "move"),
        ScanPoint("box-out", CELL, "close"),
    )
    return Site(
        "plant", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), (device,), scan_points, tuple(rows),
        tuple(limits),
    )  # fmt: skip


def at(seconds: float) -> Instant:
    boottime = round(seconds * S)
    return Instant(WALL_NS + boottime, boottime, 1)


def reading(
    seconds: float, *values: float, quality: Sequence[int] = (), group: str = "press1/fast", raw=()
) -> Reading:
    kinds = np.array(quality or [0] * len(values), dtype=np.uint8)
    numbers = np.where(kinds >= Quality.BAD, np.nan, np.array(values, dtype=np.float64))
    return Reading(group, at(seconds), 0, numbers, kinds, np.array(raw, dtype=np.uint16))


def scan(seconds: float, code: str, place: str = "box", **options) -> Scan:
    return Scan(place, at(seconds), code, **options)


def tick(seconds: float) -> Tick:
    return Tick(at(seconds))


def start(seconds: float = 0.0, stopped: float | None = None) -> Setting:
    return Setting("start", at(seconds), {"stopped_ns": None if stopped is None else at(stopped).time_ns})


def acknowledge(seconds: float, alarm: str) -> Entry:
    return Entry("acknowledge", at(seconds), "17", {"alarm": alarm})


def config(seconds: float, new: Site) -> Setting:
    return Setting("config", at(seconds), {"site": to_plain(new), "hash": ""})


class Run:
    """A fold with what it told; `run(...)` folds inputs and gives the events of these alone."""

    def __init__(self, made_for: Site | Pipeline, *, started: bool = True) -> None:
        self.pipeline = Pipeline(made_for) if isinstance(made_for, Site) else made_for
        self.state: State = self.pipeline.start()
        self.records: list[Input] = []
        self.events: list[Event] = []
        if started:
            self(start())

    def step(self, given: Input) -> Step:
        step = self.pipeline.step(self.state, given)
        self.state = step.state
        if step.record is not None:
            self.records.append(step.record)
        self.events += step.events
        return step

    def __call__(self, *given: Input) -> list[Event]:
        return [event for each in given for event in self.step(each).events]

    def quality(self, given: Reading) -> list[int]:
        """Judged quality of a reading that is folded now."""
        record = self.step(given).record
        assert isinstance(record, Reading)
        return [int(quality) for quality in record.quality]


def kinds(events: Iterable[Event]) -> list[str]:
    """Each event in a word or two: "alarm signal active", "lot opened L1", "missed_shots", "signal WE1"."""
    words = {
        "Signal": lambda e: f"signal {'+'.join(e.rules)}",
        "AlarmChanged": lambda e: f"alarm {e.kind} {e.state}",
        "LotChanged": lambda e: f"lot {e.change} {e.lot}",
        "Noted": lambda e: e.kind,
    }
    return [words[type(event).__name__](event) for event in events]
