"""A line that runs for weeks in a moment: its readings as a journal, and books of its own that know no meters.

Everything that moves is a whole number of grams; the books add integers. Meters show what they weigh exactly, or with
an error that the test plants.
"""

from __future__ import annotations

import asyncio
import random
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.layout import Field
from gateway.model import (
    Block,
    Event,
    Input,
    Instant,
    Noted,
    NumberedEvent,
    NumberedInput,
    Plain,
    Quality,
    Reading,
    Scan,
    Setting,
    Severity,
)  # fmt: skip
from gateway.plain import to_plain
from gateway.shifts import week_span
from gateway.site import Bus, Device, Dose, Group, Meter, Point, ScanPoint, Shifts, Site, Vessel
from tests.unit.journal.plant import Dice

LINE = "hall/line1"
HOUR_NS = 3_600_000_000_000
WEEK = "2026-W46"
FLOAT, COUNT = Field("float64"), Field("uint32")


def _group(device: str, **points: tuple[Field, str]) -> Group:
    rows = tuple(
        Point(name, f"{LINE}/{device}/{name}", form, uom=uom) for name, (form, uom) in points.items()
    )
    return Group(f"{device}/slow", device, 60_000_000_000, rows, 600_000_000_000)


GROUPS = (
    _group("silo", level=(FLOAT, "kg"), total=(FLOAT, "kg")),
    _group("blender", cycles=(COUNT, ""), virgin=(FLOAT, "g"), regrind=(FLOAT, "g")),
    _group(
        "press", shots=(COUNT, ""), good=(COUNT, ""), shot=(FLOAT, "g"), part=(FLOAT, "g"), state=(COUNT, "")
    ),
    _group("mill", total=(COUNT, "g"), bin=(FLOAT, "kg")),
)


def site(**changes: object) -> Site:
    """A truck weigher fills the silo; blender, press and mill close the circle; bags go into the hopper."""
    tag = f"{LINE}/{{}}/{{}}".format
    vessels = (
        Vessel(
            "silo", f"{LINE}/silo", "silo", "fifo", 5000.0, level=tag("silo", "level"), level_sigma_kg=1.0
        ),
        Vessel("hopper", f"{LINE}/blender", "hopper", "fifo", 20.0, keeps_kg=20.0, source="silo"),
        Vessel("bin", f"{LINE}/mill", "bin", "mixed", 300.0, level=tag("mill", "bin"), level_sigma_kg=0.5),
        Vessel("press_hopper", f"{LINE}/press", "hopper", "mixed", 12.0, keeps_kg=12.0),
        Vessel("granulator", f"{LINE}/mill", "bin", "mixed"),
    )
    doses = (
        Dose(tag("blender", "virgin"), "hopper", 0.002),
        Dose(tag("blender", "regrind"), "bin", 0.002),
    )
    meters = (
        Meter("truck", f"{LINE}/silo", "totalizer", "silo/slow", tag("silo", "total"), targets=("silo",), sigma_kg=2.0),
        Meter(
            "blend", f"{LINE}/blender", "batch", "blender/slow", tag("blender", "cycles"), targets=("press_hopper",),
            doses=doses,
        ),
        Meter(
            "shots", f"{LINE}/press", "shots", "press/slow", tag("press", "shots"), "press_hopper", sigma_kg=0.0005,
            mass=tag("press", "shot"), part=tag("press", "part"), parts=4, good=tag("press", "good"), rest="granulator",
        ),
        Meter(
            "belt", f"{LINE}/mill", "totalizer", "mill/slow", tag("mill", "total"), "granulator", ("bin",),
            sigma_kg=0.004, ground=True,
        ),
    )  # fmt: skip
    devices = tuple(Device(g.device, "bus1", "m", 1, f"{LINE}/{g.device}", (g,)) for g in GROUPS)
    points = (
        ScanPoint("bag", f"{LINE}/blender", "open", "material", into="hopper", kg=25.0),
        ScanPoint("box", f"{LINE}/press", "open"),
        ScanPoint("pack", f"{LINE}/packing", "move"),
        ScanPoint("gate", f"{LINE}/packing", "close", ships=True),
    )
    cells = tuple(f"{LINE}/{name}" for name in ("silo", "blender", "press", "mill", "packing"))
    made = Site(
        "plant", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), devices, points, cells=cells,
        vessels=vessels, meters=meters, shifts=Shifts(),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type] # fields of a site


@dataclass
class Books:
    """Grams, by store and kind of stream; and what the meters show."""

    grams: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (week, store, kind)
    stock: dict[str, int] = field(
        default_factory=lambda: {"silo": 5_000_000, "bin": 300_000, "press_hopper": 12_000, "granulator": 0}
    )
    shown: dict[str, float] = field(
        default_factory=lambda: {
            "truck": 0, "cycles": 0, "virgin": 0, "regrind": 0, "shots": 0, "good": 0, "shot": 0, "part": 20, "belt": 0,
            "state": 1,
        }
    )  # fmt: skip

    def move(self, week: str, source: str, out: str, target: str, into: str, grams: int) -> None:
        for store, kind, sign in ((source, out, -1), (target, into, 1)):
            if store:
                key = (week, store, kind)
                self.grams[key] = self.grams.get(key, 0) + grams
                self.stock[store] += sign * grams


class Line:
    """Time goes on hour by hour; what happens in an hour is one batch, some shots, some grinding."""

    def __init__(self, seed: int, given: Site | None = None, first: str = WEEK) -> None:
        self.site, self.chance = given or site(), random.Random(seed)
        self.books, self.inputs = Books(), list[Input]()
        self.events: list[Event] = []
        self.now = week_span(self.site.shifts, first).from_ns
        self.weeks = [first]
        self.inputs.append(Setting("config", self._at(), {"site": to_plain(self.site), "hash": "1"}))
        self.read()

    def hours(self, week: str, hours: int, *, diverted_g: int = 0, bags: int = 0) -> None:
        """`diverted_g`: of what was dosed as virgin, so much an hour went elsewhere out of the silo."""
        books, dice = self.books, self.chance
        for hour in range(hours):
            self.now += HOUR_NS // 2
            if hour < bags:
                self.bag(week)
            virgin, regrind = dice.randrange(6_000, 9_000), dice.randrange(2_000, 3_000)
            books.move(week, "silo", "dosed", "press_hopper", "moved_in", virgin)
            books.move(week, "bin", "dosed", "press_hopper", "moved_in", regrind)
            books.stock["silo"] -= diverted_g
            books.shown["virgin"], books.shown["regrind"] = virgin, regrind
            books.shown["cycles"] += 1
            shot = virgin + regrind  # the press takes what the blender gave
            parts = min(4, (shot // 20)) * 20
            good = dice.choice((4, 4, 4, 3))
            books.shown["shots"] += 1
            books.shown["good"] += good
            books.shown["shot"] = shot
            rest = shot - good * 20
            del parts
            books.move(week, "press_hopper", "dosed", "", "", shot)
            books.grams[week, "granulator", "moved_in"] = (
                books.grams.get((week, "granulator", "moved_in"), 0) + rest
            )
            books.stock["granulator"] += rest
            ground = dice.randrange(0, min(books.stock["granulator"], 3_500) + 1)
            books.move(week, "granulator", "moved_out", "bin", "ground", ground)
            books.shown["belt"] = (books.shown["belt"] + ground) % 2**32
            if dice.random() < 0.02:
                truck = dice.randrange(500, 900) * 1000
                books.move(week, "", "", "silo", "received", truck)
                books.shown["truck"] += truck / 1000
            self.now += HOUR_NS // 2 - 1_000_000_000
            self.read()
            self.now += 1_000_000_000

    def bag(self, week: str) -> None:
        self.books.move(week, "", "", "silo", "received", 25_000)
        self.inputs.append(Scan("bag", self._at(), f"]C10109506000134352215{len(self.inputs)}\x1d10LOT7"))

    def read(self) -> None:
        """One reading of every group, now."""
        shown, stock = self.books.shown, self.books.stock
        rows = {
            "silo/slow": (stock["silo"] / 1000 - 0.0, shown["truck"]),
            "blender/slow": (shown["cycles"], shown["virgin"], shown["regrind"]),
            "press/slow": (shown["shots"], shown["good"], shown["shot"], shown["part"], shown["state"]),
            "mill/slow": (shown["belt"], stock["bin"] / 1000),
        }
        for group in GROUPS:
            self.inputs.append(reading(group, self._at(), rows[group.id]))

    def noted(self, kind: str, subject: str, **facts: Plain) -> None:
        self.events.append(Noted(self.now, kind, subject, Severity.INFO, facts))

    def _at(self) -> Instant:
        return Instant(self.now, self.now, 1)

    def written(self, folder: Path) -> JournalReader:
        return written(folder, self.inputs, self.events)


def reading(group: Group, at: Instant, values: tuple[float, ...]) -> Reading:
    """As a device would answer: words, big-endian."""
    raw = b"".join(
        struct.pack(">d", value) if point.field.type == "float64" else struct.pack(">I", int(value))
        for point, value in zip(group.points, values, strict=True)
    )
    words = np.frombuffer(raw, dtype=">u2").astype(np.uint16)
    quality = np.full(len(values), np.uint8(Quality.GOOD))
    return Reading(group.id, at, 0, np.array(values, dtype=np.float64), quality, words)


def written(folder: Path, inputs: list[Input], events: list[Event]) -> JournalReader:
    """A journal of all that; what was noted by hand comes with the last block."""

    async def write() -> None:
        journal = Journal.open(folder, site="plant", gateway="gw1", clock=VirtualClock(), entropy=Dice(1))
        numbered = [NumberedInput(seq, each) for seq, each in enumerate(inputs, 1)]
        told = [NumberedEvent(seq, len(inputs), each) for seq, each in enumerate(events, 1)]
        for at in range(0, len(numbered), 4000):
            last = at + 4000 >= len(numbered)
            await journal.commit(Block(tuple(numbered[at : at + 4000]), tuple(told if last else ())))
        journal.close()

    asyncio.run(write())
    return JournalReader(folder)
