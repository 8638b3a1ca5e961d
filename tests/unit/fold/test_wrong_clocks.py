"""Order, intervals and gaps go by boottime: whatever wall time does, a silence or gap is as long as it was.

The wall clock is the real `SystemClock` on a machine whose clock is late, set by a year, or begins in 1970.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from gateway.clock import SystemClock
from gateway.model import ClockRow, Noted, Setting, Tick
from gateway.plain import to_plain
from tests.unit.fold.line import WALL_NS, Run, S, kinds, point, reading, site

YEAR = 365 * 86_400 * S
STEPS = {
    "a year on": (WALL_NS, YEAR),
    "a year back": (WALL_NS, -YEAR),
    "1970, then NTP": (3600 * S, WALL_NS - 3600 * S),
    "late NTP": (WALL_NS - 90 * S, 90 * S),
}


class Machine:
    """A computer whose wall clock is set by hand."""

    def __init__(self, wall_ns: int) -> None:
        self.up_ns, self.offset_ns, self.kept = S, wall_ns - S, False

    def boot_id(self) -> str:
        return "boot"

    def boottime_ns(self) -> int:
        return self.up_ns

    def wall_ns(self) -> int:
        return self.up_ns + self.offset_ns


class Line:
    """One group, read now and then under the machine's clock."""

    def __init__(self, wall_ns: int) -> None:
        self.machine, self.run = Machine(wall_ns), Run(site([point("x")], stale_s=5))
        self.clock = SystemClock(machine=self.machine, synchronised=lambda: self.machine.kept)
        self.row = self.clock.row()
        self.run(Setting("clock", self.clock.now(), to_plain(self.row)))

    def after(self, seconds: float, *, read: bool = True) -> list[str]:
        """What is told when that much time has passed, and a tick and perhaps a reading came."""
        self.machine.up_ns += round(seconds * S)
        told = []
        if (row := self.clock.row()) != self.row:
            self.row = row
            told += self.run(Setting("clock", self.clock.now(), to_plain(row)))
        told += self.run(Tick(self.clock.now()))
        if read:
            told += self.run(replace(reading(0, 1.0), at=self.clock.now()))
        return [each for each in kinds(told) if each.startswith(("alarm", "gap"))]

    def set(self, by_ns: int) -> None:
        self.machine.offset_ns += by_ns
        self.machine.kept = True


@pytest.mark.parametrize("name", STEPS)
def test_a_step_makes_no_silence_and_hides_none(name: str) -> None:
    wall_ns, by_ns = STEPS[name]
    line = Line(wall_ns)
    assert [line.after(1) for _ in range(3)] == [[]] * 3
    line.set(by_ns)
    assert [line.after(1) for _ in range(3)] == [[]] * 3, "nothing was silent"
    assert line.after(4.9, read=False) == []
    line.set(-by_ns)
    assert line.after(0.2, read=False) == ["alarm stale active"], "5 s by boottime, a step within"
    assert line.after(1) == ["alarm stale returned"]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_a_row_that_says_whether_time_is_confirmed(name: str) -> None:
    wall_ns, by_ns = STEPS[name]
    line = Line(wall_ns)
    first = line.row
    assert not first.synchronised, "nobody keeps it: time unconfirmed"
    before = line.clock.now()
    line.set(by_ns)
    line.after(2)
    after = line.clock.now()
    assert (line.row.clock_id, line.row.boot_id) == (first.clock_id + 1, first.boot_id)
    assert line.row.synchronised
    assert after.boottime_ns - before.boottime_ns == 2 * S
    assert after.time_ns - before.time_ns == 2 * S + by_ns


@pytest.mark.parametrize("by_ns", [YEAR, -YEAR, 0])
def test_a_gap_over_a_step_is_as_long_as_it_was(by_ns: int) -> None:
    line = Line(WALL_NS)
    stopped = line.clock.now()
    line.machine.up_ns += 60 * S
    line.set(by_ns)
    row = line.clock.row()
    body = {"stopped_ns": stopped.time_ns, "stopped_seconds": 60.0}
    told = line.run(Setting("start", line.clock.now(), body))
    [gap] = [each for each in told if isinstance(each, Noted) and each.kind == "gap"]
    assert gap.facts["seconds"] == 60.0
    assert isinstance(row, ClockRow)


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"])
def test_summer_time_moves_nothing(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Wall time is UTC: with another zone, or at its change, no row begins."""
    clock = SystemClock(synchronised=lambda: True)
    row = clock.row()
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert clock.row() is row
    finally:
        monkeypatch.undo()
        time.tzset()
