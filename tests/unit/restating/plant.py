"""A small plant on a journal: bags into a hopper, a press that makes boxes of it, a gate. The test moves its clock."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Self

import numpy as np

from gateway.app_start import begin
from gateway.clock import VirtualClock
from gateway.door.offline import answered_all
from gateway.fold import Fold
from gateway.journal import Journal, JournalReader
from gateway.layout import Field
from gateway.model import AlarmChanged, Block, Entry, Event, Input, Instant, LotMade, Noted, Reading, Scan
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from gateway.recorder import Recorder
from gateway.site import (
    Bus,
    Device,
    Flow,
    Group,
    LotRule,
    Material,
    Meter,
    Point,
    ResultLimit,
    ScanPoint,
    Site,
    Vessel,
)
from tests.unit.journal.plant import Dice

S = 1_000_000_000
MIN = 60 * S
PRESS, PACKING = "hall/line1/press1", "hall/line1/packing"
RULE = LotRule("boxes", max_regrind=1.0, apart=(("pp", "pa"),), trace=0.05)


def site(*rules: LotRule, late_min: int = 0) -> Site:
    shots = Point("shots", f"{PRESS}/shots", Field("uint32"))
    device = Device(
        "press1", "bus1", "press", 1, PRESS, (Group("press1/fast", "press1", S, (shots,), 3600 * S),)
    )
    points = (
        ScanPoint("bags", PRESS, "open", "material", into="hopper", kg=10.0, late_after_ns=late_min * MIN),
        ScanPoint("box", PRESS, "open"),
        ScanPoint("gate", PACKING, "close", ships=True),
        ScanPoint("rack", PACKING, "move"),
    )
    press = Meter(
        "press", PRESS, "shots", "press1/fast", f"{PRESS}/shots", "hopper", mass_kg=1.0, part_kg=1.0
    )
    return Site(
        "plant", "gw1", (Bus("bus1", "modbus.tcp", "h:1"),), (device,), points, flows=(Flow(PRESS, PACKING),),
        cells=(PRESS, PACKING), materials=(Material("pp", ("PP-*",)), Material("pa", ("PA-*",))),
        lot_rules=rules or (RULE,), result_limits=(ResultLimit("mfr", ("pp",), (), 18.0, 24.0),),
        vessels=(Vessel("hopper", PRESS, "hopper", "fifo"),), meters=(press,),
    )  # fmt: skip


class Works:
    """The plant while its gateway runs; `events` is all that it told."""

    def __init__(self, folder: Path, made: Site | None = None) -> None:
        self.folder, self.site = folder, made or site()
        self.clock = VirtualClock()
        self.events: list[Event] = []
        self.inputs: list[Input] = []
        self.shot = 0

    def __enter__(self) -> Self:
        self.journal = Journal.open(
            self.folder, site="plant", gateway="gw1", clock=self.clock, entropy=Dice()
        ).__enter__()
        self.start = begin(self.journal, self.site, self.clock)
        self.recorder = Recorder(
            self.start.fold, self.journal, self.clock, last=self.start.last, profile="disk",
            committed=self._committed,
        )  # fmt: skip
        self.recorder.stop()
        self._flush(*self.start.settings)
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()

    def _committed(self, block: Block) -> None:
        self.inputs += [given for _, given in block.inputs]
        self.events += [event for _, _, event in block.events]

    def _flush(self, *inputs: Input) -> list[Event]:
        before = len(self.events)
        for each in inputs:
            self.recorder.take(each)
        asyncio.run(self.recorder.run())
        return self.events[before:]

    def now(self, minutes: float = 0.0) -> Instant:
        """Now, or so many minutes ago."""
        here, ago = self.clock.now(), round(minutes * MIN)
        return Instant(here.time_ns - ago, here.boottime_ns - ago, here.clock_id)

    def wait(self, minutes: float) -> None:
        asyncio.run(self.clock.advance(minutes * 60))

    def scan(self, point: str, code: str, late: float = 0.0) -> list[Event]:
        return self._flush(Scan(point, self.now(late), code))

    def shots(self, count: int, minutes: float = 1.0) -> list[Event]:
        """So many kilograms through the press, one in six seconds."""
        self.wait(minutes + count / 10)
        readings = [self._reading(count / 10)]
        for left in range(count - 1, -1, -1):
            self.shot += 1
            readings.append(self._reading(left / 10))
        return self._flush(*readings)

    def _reading(self, ago: float) -> Reading:
        raw = np.array([self.shot >> 16, self.shot & 0xFFFF], dtype=np.uint16)
        values, quality = np.array([float(self.shot)]), np.zeros(1, np.uint8)
        return Reading("press1/fast", self.now(ago), 0, values, quality, raw)

    def box(self, code: str, kg: int) -> list[Event]:
        """A box is put under the press, and filled; the one before is whole then."""
        return [*self.scan("box", code), *self.shots(kg)]

    def says(self, kind: str, operator: str = "17", /, **body) -> list[Event]:
        return self._flush(Entry(kind, self.now(), operator, body))

    def enters(self, *inputs: Input) -> list[Event]:
        """Any other inputs."""
        return self._flush(*inputs)

    def settle(self) -> list[Event]:
        """Whatever the fold ordered is looked up and answered."""
        before = len(self.events)
        answered_all(self.folder, self.site, self.start, self.recorder)
        return self.events[before:]

    def made(self, lot: str) -> LotMade:
        """Its newest version, by the journal's tables."""
        with JournalReader(self.folder) as reader:
            found = reader.made.made(lot)
        assert found is not None, lot
        return found

    def shares(self, lot: str) -> dict[str, float]:
        """By source, of the newest version."""
        held = self.made(lot).composition
        return dict(zip(held.sources, held.shares[0], strict=True))

    @property
    def held(self) -> set[str]:
        return set(self.start.fold.state.holds.held)

    def replayed(self) -> None:
        """Folding what was recorded tells the same and comes to the same state."""
        fold, told = Fold(Pipeline(self.site)), list[Event]()
        for given in self.inputs:
            told += fold.take(given).events
        assert [to_plain(each) for each in told] == [to_plain(each) for each in self.events]
        assert to_plain(fold.state) == to_plain(self.start.fold.state)


def words(events: list[Event]) -> list[str]:
    """Each event in a word or two; lots that came in are left out."""
    out = []
    for event in events:
        match event:
            case AlarmChanged():
                out.append(f"alarm {event.kind} {event.state}")
            case Noted():
                out.append(f"{event.kind} {event.subject}")
            case LotMade() if event.version > 1 and event.reason != "more_came":
                out.append(f"{event.reason} {event.lot} v{event.version}")
            case _:
                pass
    return out
